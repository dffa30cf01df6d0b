"""JSON answers, changed without knowing whose they are."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from mockserver.faults.seams import Reply

JOB_KEYS = ("task_id", "generation_id", "request_id", "id")


def change(reply: Reply, how: Callable[[Any], Any]) -> None:
    """Let `how` make another document of a JSON body; a body that is no JSON stays."""
    try:
        document = json.loads(reply.body)
    except ValueError:
        return
    reply.body = dump(how(document))


def dump(document: Any) -> bytes:
    """A document as compact JSON."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def objects(document: Any) -> Iterator[dict[str, Any]]:
    """Every object in a document, the outer ones first."""
    if isinstance(document, dict):
        yield document
    inner: Iterable[Any] = document.values() if isinstance(document, dict) else ()
    for value in document if isinstance(document, list) else list(inner):
        yield from objects(value)


def id_keys(document: Any, keys: tuple[str, ...], job_id: str) -> list[tuple[dict[str, Any], str]]:
    """Where the document has the job's id: the objects and their keys.

    That is where `keys` say, else wherever the value is `job_id`, else under the first of the usual keys.
    """
    if keys:
        return [(node, key) for node in objects(document) for key in keys if key in node]
    if job_id:
        return [(node, key) for node in objects(document) for key in node if str(node[key]) == job_id]
    found = [(node, key) for key in JOB_KEYS for node in objects(document) if key in node]
    return found[:1]


def set_header(reply: Reply, name: str, value: str) -> None:
    """Give the reply a header in place of those of that name."""
    reply.headers = [entry for entry in reply.headers if entry[0] != name.encode()]
    reply.headers.append((name.encode(), value.encode("latin-1")))
