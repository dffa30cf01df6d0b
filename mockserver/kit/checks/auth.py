"""Keys: a request without one is refused, and no answer contains one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mockserver.contract.pointer import ABSENT
from mockserver.kit.checks.base import Breach, check
from mockserver.kit.checks.job_ids import is_unassigned_id
from mockserver.kit.traffic import contract_locations
from mockserver.kit.traffic.call import Call
from mockserver.kit.traffic.credentials import key_state, sends_json, sent_secrets
from mockserver.kit.traffic.exchange import REDACTED
from mockserver.kit.traffic.history import History
from mockserver.numerals import plural

_SHORT: Final = 8
"""A key with fewer characters may occur in a body by chance."""


def _refusal(call: Call, case: str) -> Iterator[Breach]:
    """A breach unless the call is refused for its key, or for another fault that it has."""
    status = call.exchange.status
    assert call.operation is not None
    answer = call.operation.answers["unauthenticated"]
    accepted = call.succeeded if answer.status == status else 200 <= status < 300
    if not 0 < status < 500 or (status in (answer.status, 429) and not accepted):
        return
    if accepted:
        at = contract_locations.scheme(call.contract, call.operation)
        refusal = ", a refusal by its words" if answer.status == status else ""
        yield Breach(f"{answer.status}{refusal}", f"{status} {case}", clause=at)
    elif not _has_other_faults(call):
        at = contract_locations.answer(call.contract, call.operation, "unauthenticated")
        yield Breach(f"{answer.status}", f"{status} {case}", clause=at)


def _has_other_faults(call: Call) -> bool:
    unread = call.role == "submit" and (call.request_json is ABSENT or not sends_json(call))
    return bool(call.violations) or unread or is_unassigned_id(call.contract, call.object_id)


@check("auth.required", "A request without a key gets the documented refusal.")
def required(call: Call, history: History) -> Iterator[Breach]:
    """If the operation needs a key and the record shows that there was none."""
    if key_state(call) == "none":
        yield from _refusal(call, "without a key")


@check("auth.scheme", "A key in an undocumented scheme is refused.")
def scheme(call: Call, history: History) -> Iterator[Breach]:
    """Basic in place of Bearer, or a key without any scheme."""
    if key_state(call) == "wrong":
        yield from _refusal(call, "with a key by another scheme")


@check("auth.open", "An operation that needs no key does not ask for one.")
def is_open(call: Call, history: History) -> Iterator[Breach]:
    """By the status."""
    operation = call.operation
    if operation is not None and operation.credential is None and call.exchange.status in (401, 407):
        source = contract_locations.provenance(call.contract, operation)
        yield Breach("an answer without a key", str(call.exchange.status), source=source)


@check("auth.echo", "An answer never contains the request's key.")
def echo(call: Call, history: History) -> Iterator[Breach]:
    """If the record still has the key; callbacks have no key."""
    operation = call.operation
    if operation is None or operation.credential is None:
        return
    shown = [call.exchange.response_body, *(text.encode() for _, text in call.exchange.response_headers)]
    for secret in dict.fromkeys(sent_secrets(call)):
        if len(secret) < _SHORT or REDACTED in secret:
            continue
        if any(secret.encode() in text for text in shown):
            at = contract_locations.scheme(call.contract, operation)
            yield Breach("no trace of the key", f"the key of {plural(len(secret), 'character')}", clause=at)
