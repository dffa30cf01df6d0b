"""How a request is sent: with which kind of key, and with which media type."""

from __future__ import annotations

from functools import lru_cache
from typing import Final, Literal

from mockserver.kit.traffic.call import Call
from mockserver.kit.traffic.exchange import REDACTED

KeyState = Literal["none", "wrong", "given", "hidden"]
ACCOUNT_STATUSES: Final = frozenset({401, 402, 403, 429})
"""Statuses that depend on the account and not on the request."""


@lru_cache(maxsize=1)  # Every check asks it about the same call in turn.
def key_state(call: Call) -> KeyState:
    """The state of a call's key: none, wrong scheme, given as the contract says, or hidden by the record."""
    if call.operation is None or call.operation.credential is None:
        return "given"
    credential = call.operation.credential
    value = call.exchange.request_header(credential.header.decode())
    if value is None:
        return _unrecorded(call.exchange.caller)
    scheme = value.partition(" ")[0].lower()
    if value == REDACTED or not credential.scheme or scheme == credential.scheme:
        return "given"
    return "wrong"


def _unrecorded(caller: str | None) -> KeyState:
    """The state of a key whose header is not in the record."""
    if caller is None:
        return "hidden"
    return "given" if caller else "none"


def media_type(value: str | None) -> str:
    """A content type without its parameters, in lower case; empty where there is none."""
    return (value or "").partition(";")[0].strip().lower()


def sends_json(call: Call) -> bool:
    """Whether the request declares its body as JSON, or declares nothing."""
    declared = media_type(call.exchange.request_header("content-type"))
    return declared in ("", "application/json") or declared.endswith("+json")


def is_ordinary(call: Call) -> bool:
    """Whether a call to a known operation had a proper key and got an answer that is no server error."""
    answered = 0 < call.exchange.status < 500
    return call.operation is not None and answered and key_state(call) in ("given", "hidden")
