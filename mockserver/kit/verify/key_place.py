"""Where a server takes the key, if it refuses it where the contract says.

A key that is refused everywhere may be a wrong one, which is no verdict. But one that is let in at another
place is a good one, and so the server breaks its contract.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlencode

from mockserver.contract.carriage import Carriage, carriage, places_in_words
from mockserver.contract.demanded import demanded
from mockserver.contract.model import Operation
from mockserver.kit.checks.base import Breach, Check, check, examine
from mockserver.kit.examples import unknown_id
from mockserver.kit.traffic import contract_locations
from mockserver.kit.traffic.answer_templates import GOING_WELL
from mockserver.kit.traffic.call import Call
from mockserver.kit.traffic.credentials import is_denied
from mockserver.kit.traffic.exchange import digest
from mockserver.kit.traffic.history import History
from mockserver.kit.verify.context import Context, PlannedCall, StageSkipped
from mockserver.kit.verify.target import ServerUnderTest

_FREE: Final = ("models", "list", "model", "read")
"""Roles that nobody charges for, those first whose answer says most."""
_USUAL: Final = (
    ("authorization", "Bearer "),
    ("authorization", ""),
    ("x-api-key", ""),
    ("authorization", "Key "),
    ("authorization", "Token "),
    ("api-key", ""),
)
"""Headers that services take keys in, and what stands before the key."""
_NAME: Final = re.compile(r"\b[A-Za-z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)+\b")
_OF_KEYS: Final = ("key", "token", "auth")
_MOST_NAMED: Final = 3
"""Headers named by the server that are tried."""
_LONGEST_NAME: Final = 40
_LONGEST_TEXT: Final = 4000
"""Characters of a refusal that are read."""
_LET_IN: Final = GOING_WELL | {"unknown", "unknown-model"}
"""Cases of answers to a caller who is known."""


def _taken_in(header: str) -> Check:
    """The check of an answer to a request with the key in another header, where the documented one failed."""

    @check("auth.place", "A key is taken at the place that the contract names.")
    def place(call: Call, history: History) -> Iterator[Breach]:
        assert call.operation is not None
        assert call.operation.credential is not None
        if _is_let_in(call):
            documented = places_in_words(call.operation.credentials)
            clause = contract_locations.scheme(call.contract, call.operation)
            actual = f"refused there, and answered {call.exchange.status} with the key in {header}"
            yield Breach(f"that a key is taken as {documented}", actual, clause)

    return place


def denial_of(target: ServerUnderTest) -> str:
    """How every request with the key was refused, in a few words; empty where one was let in or none came."""
    # A submit that got no answer says nothing of the key.
    calls = [call for call in target.full_history().calls if call.exchange.caller and call.exchange.status]
    if not calls or not all(map(is_denied, calls)):
        return ""
    if {call.exchange.status for call in calls} <= {401, 403}:
        return "answered with 401 or 403"
    return "answered as one whose key is refused"


class KeyStage:
    """Asks an operation with the key at its documented place, without it, and at other places until one lets
    it in. It comes after the stages that were chosen, where they were refused."""

    name = "key"
    title = "other places for the key, as it was refused"
    free = True

    def plan(self, context: Context) -> list[PlannedCall]:
        """Nothing that a plan could know. Raises StageSkipped where no free operation takes a key."""
        if _secured(context) is None:
            raise StageSkipped("no operation that is free takes a key")
        return []

    def run(self, context: Context) -> None:
        """Ask, until the key is let in."""
        target, operation = context.target, _secured(context)
        assert operation is not None
        refused = _ask(context, operation, target.key, carriage(operation, target.key))
        if not is_denied(refused) or not is_denied(_ask(context, operation, None, Carriage({}, {}))):
            return
        for name, before in _places(refused):
            elsewhere = Carriage({name: f"{before}{target.key}"}, {})
            call = _ask(context, operation, target.key, elsewhere)
            findings = examine(call, target.history, [_taken_in(f"{name}: {before}KEY")])
            target.findings.add(findings)
            if findings:
                return


def _secured(context: Context) -> Operation | None:
    """An operation that takes the key, and that nobody charges for."""
    for role in _FREE:
        for operation in context.operations(role):
            if operation.credential is not None:
                return operation
    return None


def _ask(context: Context, operation: Operation, key: str | None, carried: Carriage) -> Call:
    """Ask for what every caller may know, or for a job that is not there. The key is in `carried`."""
    contract, target = context.contract, context.target
    path: dict[str, str] = {}
    query = demanded(contract, operation, "query")
    if operation.key is not None:
        place, name = operation.key
        named = context.models[0] if operation.role == "model" else unknown_id(contract)
        (path if place == "path" else query)[name] = named
    where = carried.url(target.path(operation, path) + (f"?{urlencode(query)}" if query else ""))
    headers = {**demanded(contract, operation, "header"), **carried.headers}
    return target.send(operation.method, where, headers, b"", caller=digest(key))


def _places(refused: Call) -> Iterator[tuple[str, str]]:
    """Headers other than the documented one, those that the refusal names first; each with what stands
    before the key."""
    assert refused.operation is not None
    assert refused.operation.credential is not None
    documented = [each for each in refused.operation.credential.whole if each.place == "header"]
    known = {(each.name.decode(), f"{each.scheme.capitalize()} ".lstrip()) for each in documented}
    names = {name for name, _ in known}
    named = [(name, "") for name in _named(refused) if name not in names]
    for entry in dict.fromkeys((*named, *_USUAL)):
        if entry not in known:
            yield entry


def _named(refused: Call) -> list[str]:
    """Header names that a refusal has in its body and that sound like keys, as `send the header X-Key`."""
    text = refused.exchange.response_body.decode("utf-8", "replace")[:_LONGEST_TEXT]
    names = (name.lower() for name in _NAME.findall(text) if len(name) <= _LONGEST_NAME)
    return list(dict.fromkeys(name for name in names if any(part in name for part in _OF_KEYS)))[:_MOST_NAMED]


def _is_let_in(call: Call) -> bool:
    """Whether an answer is one to a caller who is known: what was asked for, or that it is not there."""
    return not is_denied(call) and any(
        answer.when in _LET_IN
        and (answer.schema is None or answer.schema.is_valid(call.response_json))
        and not call.mismatches(answer.when)
        for answer in call.answers
    )
