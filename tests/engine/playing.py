"""Calls every operation of a contract's server, with legal bodies and jobs of every end."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import httpx

from mockserver.contract.legal_bodies import legal_bodies
from mockserver.contract.model import Contract, Operation
from mockserver.contract.samples import Sampler, finder
from mockserver.contract.source import builtin_root, find_providers, resolve
from mockserver.in_process import Tenant, serve

_MOST_BODIES: Final = 6
Removal = tuple[str, tuple[str, ...]]
"""A file of a contract, and the path of a key in it."""


def removals(files: dict[str, Any]) -> list[Removal]:
    """Every key that a contract's files have, but the sources of facts and what is only for readers."""
    places: list[Removal] = []
    for file, content in files.items():
        places += [(file, path) for path in _paths(content, ())]
    return places


def _paths(node: Any, at: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in items:
        if isinstance(node, dict) and key not in ("x-provenance", "description", "summary", "title", "about"):
            yield (*at, str(key))
        yield from _paths(child, (*at, str(key)))


def without(content: Any, path: Sequence[str]) -> Any:
    """A copy of a value without the key at a path."""
    copied = json.loads(json.dumps(content))
    holder = copied
    for step in path[:-1]:
        holder = holder[int(step)] if isinstance(holder, list) else holder[step]
    del holder[path[-1]]
    return copied


def broken_answers(folder: Path, contract: Contract) -> list[str]:
    """The answers with status 500 that the contract's server gives: method, path and what they say."""
    broken: list[str] = []
    replaced = [name for name in find_providers(builtin_root()) if name == contract.provider]
    for pace in ("immediate", "manual"):
        with serve(pace=pace, contracts=[folder], replace=replaced) as running, running.tenant() as tenant:
            for answer in _calls(tenant, contract):
                if answer.status_code == 500:
                    request = answer.request
                    broken.append(f"{pace}: {request.method} {request.url.path}: {answer.text[:300]}")
    return broken


def _calls(tenant: Tenant, contract: Contract) -> Iterator[httpx.Response]:
    client = httpx.Client(base_url=tenant.base(contract.provider), headers=tenant.headers(contract.provider))
    with client:
        yield from _asked(client, contract, ("list", "models", "account"), "")
        for operation in contract.operations.values():
            if operation.role == "submit":
                for body in legal_bodies(contract, operation)[:_MOST_BODIES]:
                    yield _call(client, contract, operation, "", body.body)
        for job in tenant.jobs()[:_MOST_BODIES]:
            yield from _asked(client, contract, ("read", "cancel"), job["id"])
        yield from _asked(client, contract, ("list", "model"), "")
        yield from _asked(client, contract, ("read", "cancel", "delete", "content", "model"), "nothing")


def _asked(
    client: httpx.Client, contract: Contract, roles: Sequence[str], key: str
) -> Iterator[httpx.Response]:
    for operation in contract.operations.values():
        if operation.role in roles:
            yield _call(client, contract, operation, key)


def _call(
    client: httpx.Client, contract: Contract, operation: Operation, key: str, body: Any = None
) -> httpx.Response:
    sampler = Sampler(finder(contract.document))
    methods = contract.document["paths"][operation.path]
    listed = (*methods.get("parameters", ()), *methods[operation.method.lower()].get("parameters", ()))
    path, sent = operation.path, {"query": dict[str, str](), "header": dict[str, str]()}
    for parameter in (resolve(contract.document, node) for node in listed):
        name, place = parameter["name"], parameter["in"]
        value = key if operation.key == (place, name) else str(sampler.value(parameter.get("schema", {})))
        if place == "path":
            path = path.replace(f"{{{name}}}", value or "sample")
        elif parameter.get("required") or operation.key == (place, name):
            sent[place][name] = value
    return client.request(operation.method, path, params=sent["query"], headers=sent["header"], json=body)
