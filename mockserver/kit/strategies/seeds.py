"""What a search for near misses starts from: simple valid requests, and values to put into them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple

import orjson

from mockserver.contract.model import Contract, Operation
from mockserver.kit.strategies import subschemas
from mockserver.kit.strategies.instances import from_pattern
from mockserver.kit.strategies.mutations import Mutation, Path, apply, general, paths
from mockserver.kit.strategies.pool import collect, pool
from mockserver.kit.strategies.submit_requests import SubmitRequest, body_schema, from_contract

_REQUESTS: Final = 24
_REQUESTS_OF_MODEL: Final = 100
_REQUESTS_OF_OTHERS: Final = 60
_DONORS: Final = 6
"""The most values for one place of a body."""
_LONG: Final = 120
_OFTEN: Final = 2
"""Requests after which a trait is nothing new."""


class Seeds(NamedTuple):
    """Valid requests, simplest first, and `donors`: values that bodies have, by their general path."""

    requests: list[SubmitRequest]
    donors: dict[Path, list[Any]]


def seeds(contract: Contract, model: str | None, operation: Operation) -> Seeds:
    """The seeds of one submit operation, the same in every run."""
    count = _REQUESTS if model is None else _REQUESTS_OF_MODEL
    requests = pool(contract, model, operation.id, count)
    donors = _donors([*requests, *_requests_of_others(contract, model, operation)])
    for path, text in _looked_for(contract, body_schema(contract, operation)):
        donors.setdefault(path, []).append(text)
    return Seeds(_simplified(operation, requests, donors), donors)


Mark = tuple[int, str, bool]


def mark(value: Any) -> Mark:
    """What tells the values of one place apart: length, text, whether it is a string. Pictures are long, so
    the beginning of a string will do."""
    if isinstance(value, str):
        return len(value), value[:60], True
    text = repr(value)
    return len(text), text, False


def _simplified(
    operation: Operation, requests: Iterable[SubmitRequest], donors: Mapping[Path, Sequence[Any]]
) -> list[SubmitRequest]:
    """The requests with short texts in place of long ones, if they stay valid. It takes long to read a
    picture, and a link will do where another rule is to be broken."""
    simple: dict[bytes, SubmitRequest] = {}
    for request in requests:
        body = request.body
        for path, value in list(paths(body)):
            if isinstance(value, str) and len(value) > _LONG:
                body = _shortened(operation, body, path, donors)
        simple.setdefault(orjson.dumps(body), replace(request, body=body))
    return _varied(simple[key] for key in sorted(simple, key=lambda key: (len(key), key)))


def _shortened(operation: Operation, body: Any, path: Path, donors: Mapping[Path, Sequence[Any]]) -> Any:
    assert operation.body is not None
    for donor in donors.get(general(path), ()):
        shorter = apply(body, Mutation(path, donor))
        if isinstance(donor, str) and operation.body.is_valid(shorter):
            return shorter
    return body


def _varied(requests: Iterable[SubmitRequest]) -> list[SubmitRequest]:
    """The requests that have a trait which few before them have."""
    met: Counter[Any] = Counter()
    varied = []
    for request in requests:
        traits = set(_traits(request))
        if any(met[trait] < _OFTEN for trait in traits):
            met.update(traits)
            varied.append(request)
    return varied


def _traits(request: SubmitRequest) -> Iterator[Any]:
    """The fields that a model's body has, and the values of each."""
    for path, value in paths(request.body):
        yield request.model, general(path)
        if not isinstance(value, dict | list | float):
            yield general(path), mark(value)


def _donors(requests: Iterable[SubmitRequest]) -> dict[Path, list[Any]]:
    """A few different values for each place of a body, the simplest first."""
    values: dict[Path, dict[Mark, Any]] = {}
    for request in requests:
        for path, value in paths(request.body):
            values.setdefault(general(path), {}).setdefault(mark(value), value)
    return {path: _simplest(by_mark) for path, by_mark in values.items()}


def _simplest(by_mark: Mapping[Mark, Any]) -> list[Any]:
    marks = sorted(by_mark, key=lambda known: known[:2])
    return [by_mark[known] for known in marks[:_DONORS]]


def _requests_of_others(contract: Contract, model: str | None, operation: Operation) -> list[SubmitRequest]:
    """Requests for other models, whose fields may break a rule of this one."""
    if model is None:
        return []
    requests: list[SubmitRequest] = []
    for complete in (False, True):
        strategy = from_contract(contract, operation=operation.id, complete=complete, short=True)
        requests += collect(strategy, _REQUESTS_OF_OTHERS)
    return requests


def _looked_for(contract: Contract, schema: Any) -> Iterator[tuple[Path, str]]:
    """Texts that a condition of the body looks for, and that chance seldom draws."""
    for name in subschemas.names(contract.document, [schema]):
        for pattern in subschemas.looked_for(contract.document, [schema], name):
            yield from (((name,), text) for text in collect(from_pattern(pattern), 1))
