"""How a call asks: with which kind of key, and in which type of body."""

from __future__ import annotations

from typing import Final, Literal

from mockserver.kit.traffic.call import Call
from mockserver.kit.traffic.exchange import REDACTED

KeyState = Literal["none", "wrong", "given", "hidden"]
ACCOUNT_STATUSES: Final = frozenset({401, 402, 403, 429})
"""Statuses that speak of who asks, not of what is asked."""


_last: list[tuple[Call, KeyState]] = []


def key_state(call: Call) -> KeyState:
    """Which key a call shows: none, one by another scheme, one as it should be; hidden if no record tells."""
    # Every check asks it of the same call in turn.
    kept = _last[:1]
    if not kept or kept[0][0] is not call:
        kept = _last[:] = [(call, _key(call))]
    return kept[0][1]


def _key(call: Call) -> KeyState:
    credential = call.operation.credential if call.operation else None
    if credential is None:
        return "given"
    value = call.exchange.request_header(credential.header.decode())
    if value is None:
        return {"": "none", None: "hidden"}.get(call.exchange.caller, "given")  # type: ignore[return-value]
    word = value.partition(" ")[0].lower()
    return "given" if value == REDACTED or not credential.scheme or word == credential.scheme else "wrong"


def media_type(value: str | None) -> str:
    """A content type without its parameters, in lower case; empty where there is none."""
    return (value or "").partition(";")[0].strip().lower()


def sends_json(call: Call) -> bool:
    """Whether the request says that its body is JSON, or says nothing."""
    told = media_type(call.exchange.request_header("content-type"))
    return told in ("", "application/json") or told.endswith("+json")


def is_ordinary(call: Call) -> bool:
    """Whether a call asks with a key as it should, and was answered by something that works."""
    return (
        call.operation is not None
        and 0 < call.exchange.status < 500
        and key_state(call) in ("given", "hidden")
    )
