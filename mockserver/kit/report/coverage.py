"""How much of a contract a history exercised, and what it did not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

from mockserver.contract.model import Contract
from mockserver.contract.pointer import ABSENT
from mockserver.contract.promise import MessageRow, promise
from mockserver.kit.findings.run import CoveragePart
from mockserver.kit.strategies.near_misses import every_near_miss
from mockserver.kit.traffic.call import Call
from mockserver.kit.traffic.history import History


def coverage(history: History) -> tuple[CoveragePart, ...]:
    """Operations, answers, fields asked and answered, rules broken one at a time, states and steps seen.

    Whatever was asked without an answer does not count, nor does what the contract does not know.
    """
    contract, calls = history.contract, [one for one in history.calls if one.exchange.status]
    promised = promise(contract)
    return (
        _part("operations", contract.operations, (call.operation.id for call in calls if call.operation)),
        _part("answers", _answers(contract), _answered(calls)),
        _part("request fields", _named(promised.requests), _asked(calls)),
        _part("answer fields", _named(_own(promised.answers)), _told(calls)),
        _part("keywords", _rules(contract), _broken(calls)),
        _part("states", contract.states, _states(history)),
        _part("steps", _steps(contract), _stepped(history)),
    )


def _part(name: str, every: Iterable[str], seen: Iterable[str]) -> CoveragePart:
    reached = set(seen)
    known = dict.fromkeys(every)
    return CoveragePart(
        name,
        tuple(one for one in known if one in reached),
        tuple(one for one in known if one not in reached),
    )


def _answers(contract: Contract) -> Iterator[str]:
    for one in contract.operations.values():
        node = contract.document["paths"][one.path][one.method.lower()]
        yield from (f"{one.id} {status}" for status in node.get("responses", {}))


def _answered(calls: Iterable[Call]) -> Iterator[str]:
    return (f"{call.operation.id} {call.exchange.status}" for call in calls if call.operation)


def _own(messages: Iterable[MessageRow]) -> list[MessageRow]:
    """Answers of operations; what callbacks say is no answer."""
    return [one for one in messages if not all(user.startswith("callback") for user in one.used)]


def _named(messages: Iterable[MessageRow]) -> Iterator[str]:
    for message in messages:
        yield from (f"{message.title} {field.name}" for field in message.fields if field.place != "header")


def _asked(calls: Iterable[Call]) -> Iterator[str]:
    for call in calls:
        if call.operation is not None and not call.violations:
            sent = [] if call.sent is ABSENT else list(_fields(call.sent))
            given = [*call.parameters.get("path", {}), *call.parameters.get("query", {})]
            yield from (f"{call.operation.id} {name}" for name in (*sent, *given))


def _told(calls: Iterable[Call]) -> Iterator[str]:
    """Fields of answers, under the title of the message that the contract's reader gives them."""
    titles: dict[str, str] = {}
    for call in calls:
        if call.operation is None or call.answered is ABSENT:
            continue
        if not titles:
            titles = _titles(call.contract)
        title = titles.get(f"{call.operation.id} {call.exchange.status}")
        if title is not None:
            yield from (f"{title} {name}" for name in _fields(call.answered))


def _titles(contract: Contract) -> dict[str, str]:
    return {user: message.title for message in promise(contract).answers for user in message.used}


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
    return (_rule(miss.asked.operation, miss.pointer, miss.keyword) for miss in every_near_miss(contract))


def _broken(calls: Iterable[Call]) -> Iterator[str]:
    for call in calls:
        if call.operation is not None and len(call.violations) == 1 and call.violations[0].place == "body":
            yield _rule(call.operation.id, call.violations[0].pointer, call.violations[0].keyword)


def _rule(operation: str, pointer: str, keyword: str) -> str:
    return f"{operation} {re.sub(r'/[0-9]+(?=/|$)', '/*', pointer) or '/'} {keyword}"


def _steps(contract: Contract) -> Iterator[str]:
    return (f"{word.word} → {after}" for word in contract.states.values() for after in word.next)


def _states(history: History) -> Iterator[str]:
    for story in history.jobs.values():
        yield from (one.state for _, one in story.sightings if one.state)


def _stepped(history: History) -> Iterator[str]:
    for story in history.jobs.values():
        states = [one.state for _, one in story.sightings if one.state]
        yield from (f"{before} → {after}" for before, after in pairwise(states))
