"""Coverage: which parts of a contract a history exercised, and which not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

from mockserver.contract.model import Contract
from mockserver.contract.pointer import ABSENT
from mockserver.contract.summary import MessageRow, summarize
from mockserver.kit.findings.run import CoveragePart
from mockserver.kit.strategies.near_misses import every_near_miss
from mockserver.kit.traffic.call import Call
from mockserver.kit.traffic.history import History


def coverage(history: History) -> tuple[CoveragePart, ...]:
    """Operations, answers, fields sent and received, rules broken one at a time, states, and steps.

    Requests without an answer do not count, nor does what the contract does not have.
    """
    contract = history.contract
    calls = [call for call in history.calls if call.exchange.status]
    promised = summarize(contract)
    return (
        _part("operations", contract.operations, (call.operation.id for call in calls if call.operation)),
        _part("answers", _answers(contract), _answered(calls)),
        _part("request fields", _field_names(promised.requests), _sent_fields(calls)),
        _part("answer fields", _field_names(_answer_rows(promised.answers)), _received_fields(calls)),
        _part("keywords", _rules(contract), _broken(calls)),
        _part("states", contract.states, _states(history)),
        _part("steps", _steps(contract), _steps_taken(history)),
    )


def _part(name: str, members: Iterable[str], exercised: Iterable[str]) -> CoveragePart:
    reached = set(exercised)
    distinct = dict.fromkeys(members)
    return CoveragePart(
        name,
        tuple(member for member in distinct if member in reached),
        tuple(member for member in distinct if member not in reached),
    )


def _answers(contract: Contract) -> Iterator[str]:
    for operation in contract.operations.values():
        node = contract.document["paths"][operation.path][operation.method.lower()]
        yield from (f"{operation.id} {status}" for status in node.get("responses", {}))


def _answered(calls: Iterable[Call]) -> Iterator[str]:
    return (f"{call.operation.id} {call.exchange.status}" for call in calls if call.operation)


def _answer_rows(messages: Iterable[MessageRow]) -> list[MessageRow]:
    """The answers of operations, without the callbacks."""
    return [message for message in messages if not all(user.startswith("callback") for user in message.used)]


def _field_names(messages: Iterable[MessageRow]) -> Iterator[str]:
    for message in messages:
        yield from (f"{message.title} {field.name}" for field in message.fields if field.place != "header")


def _sent_fields(calls: Iterable[Call]) -> Iterator[str]:
    for call in calls:
        if call.operation is not None and not call.violations:
            body = list(_fields(call.request_json))
            parameters = [*call.parameters.get("path", {}), *call.parameters.get("query", {})]
            yield from (f"{call.operation.id} {name}" for name in (*body, *parameters))


def _received_fields(calls: Iterable[Call]) -> Iterator[str]:
    """Fields of answers, below the title of the message that the contract has for them."""
    titles: dict[str, str] = {}
    for call in calls:
        if call.operation is None or call.response_json is ABSENT:
            continue
        if not titles:
            titles = _titles(call.contract)
        title = titles.get(f"{call.operation.id} {call.exchange.status}")
        if title is not None:
            yield from (f"{title} {name}" for name in _fields(call.response_json))


def _titles(contract: Contract) -> dict[str, str]:
    return {user: message.title for message in summarize(contract).answers for user in message.used}


def _fields(value: Any, name: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            here = f"{name}.{key}" if name else key
            yield here
            yield from _fields(inner, here)
    elif isinstance(value, list):
        for inner in value:
            yield from _fields(inner, f"{name}[]")


def _rules(contract: Contract) -> Iterator[str]:
    return (_rule(miss.request.operation, miss.pointer, miss.keyword) for miss in every_near_miss(contract))


def _broken(calls: Iterable[Call]) -> Iterator[str]:
    for call in calls:
        if call.operation is not None and len(call.violations) == 1 and call.violations[0].place == "body":
            yield _rule(call.operation.id, call.violations[0].pointer, call.violations[0].keyword)


def _rule(operation: str, pointer: str, keyword: str) -> str:
    return f"{operation} {re.sub(r'/[0-9]+(?=/|$)', '/*', pointer) or '/'} {keyword}"


def _steps(contract: Contract) -> Iterator[str]:
    return (f"{word.word} → {after}" for word in contract.states.values() for after in word.next)


def _states(history: History) -> Iterator[str]:
    for job in history.jobs.values():
        yield from (sighting.name for _, sighting in job.sightings if sighting.name)


def _steps_taken(history: History) -> Iterator[str]:
    for job in history.jobs.values():
        states = [sighting.name for _, sighting in job.sightings if sighting.name]
        yield from (f"{before} → {after}" for before, after in pairwise(states))
