"""How a request is sent: with which kind of key, and with which media type; what answers say of the key."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final, Literal

from mockserver.contract.credential import Credential
from mockserver.contract.key_places import COMMON_HEADERS, read_cookies
from mockserver.contract.pointer import ABSENT
from mockserver.kit.traffic.call import Call
from mockserver.kit.traffic.exchange import REDACTED, Exchange

KeyState = Literal["none", "wrong", "elsewhere", "given", "hidden"]
ACCOUNT_STATUSES: Final = frozenset({401, 402, 403, 429})
"""Statuses that depend on the account and not on the request."""
_DENIED: Final = frozenset({401, 403})
_DENIED_CASES: Final = frozenset(
    {"bad-credentials", "early-credentials", "expired-credentials", "forbidden", "unauthenticated"}
)
_ACCOUNT_CASES: Final = _DENIED_CASES | {
    "busy", "error", "limited", "timeout", "unavailable", "unpaid", "upstream",
}  # fmt: skip
"""Cases of a contract that depend on the account, on quotas or on the server, and not on the request."""


@lru_cache(maxsize=1)  # Every check asks it about the same call in turn.
def key_state(call: Call) -> KeyState:
    """The state of a call's key.

    `none` was sent, its scheme is `wrong`, it stands `elsewhere`, it was `given` as the contract says, or the
    record may have `hidden` it. Whether a server takes a key elsewhere as well, no contract says.
    """
    if call.operation is None or call.operation.credential is None:
        return "given"
    credentials, exchange = call.operation.credentials, call.exchange
    if not any(_sent_values(call)):
        return _unrecorded(exchange)
    return "given" if any(_is_whole(credential, exchange) for credential in credentials) else "wrong"


def sent_secrets(call: Call) -> list[str]:
    """What the request has where its operation takes a key, without the word of a scheme."""
    return [value.rpartition(" ")[2] for value in _sent_values(call)]


def _sent_values(call: Call) -> Iterator[str]:
    """What the request has at each place where its operation takes a key, each once."""
    credentials = () if call.operation is None else call.operation.credentials
    for credential in dict.fromkeys(place for each in credentials for place in each.whole):
        value = _sent_value(credential, call.exchange)
        if value is not None:
            yield value


def _is_whole(credential: Credential, exchange: Exchange) -> bool:
    """Whether a key stands wherever that credential has to be."""
    values = [(each, _sent_value(each, exchange)) for each in credential.whole]
    return all(value is not None and _has_scheme(each, value) for each, value in values)


def _sent_value(credential: Credential, exchange: Exchange) -> str | None:
    """What the request has where that credential belongs; None if nothing is there."""
    name = credential.name.decode()
    if credential.place == "header":
        return exchange.request_header(name)
    if credential.place == "query":
        return exchange.query.get(name)
    cookies = read_cookies(exchange.request_header("cookie") or "")
    return next((value for cookie, value in cookies if cookie == name), None)


def _has_scheme(credential: Credential, value: str) -> bool:
    scheme = value.partition(" ")[0].lower()
    return value == REDACTED or not credential.scheme or scheme == credential.scheme


def _unrecorded(exchange: Exchange) -> KeyState:
    """The state of a key that the record does not have where it belongs."""
    if exchange.caller == "":
        return "none"
    if any(map(exchange.request_header, COMMON_HEADERS)):
        return "elsewhere"
    return "given" if exchange.caller else "hidden"


def is_denied(call: Call) -> bool:
    """Whether an answer refuses the key, by its status or by its words."""
    return call.exchange.status in _DENIED or _has_case_in(call, _DENIED_CASES)


def is_account_case(call: Call) -> bool:
    """Whether an answer is one about the account or the server by its words, which say so also where a
    contract sends every refusal with one status."""
    return _has_case_in(call, _ACCOUNT_CASES)


def _has_case_in(call: Call, chosen: frozenset[str]) -> bool:
    if call.operation is None or call.response_json is ABSENT:
        return False
    cases = {answer.when for answer in call.answers if not any(call.mismatches(answer.when))}
    return bool(cases) and cases <= chosen


def media_type(value: str | None) -> str:
    """A content type without its parameters, in lower case; empty where there is none."""
    return (value or "").partition(";")[0].strip().lower()


def sends_json(call: Call) -> bool:
    """Whether the request declares its body as JSON, or declares nothing."""
    declared = media_type(call.exchange.request_header("content-type"))
    return declared in ("", "application/json") or declared.endswith("+json")


def sends_body(call: Call) -> bool:
    """Whether it declares its body as something that the operation takes: JSON, or a form."""
    body = None if call.operation is None else call.operation.body
    declared = media_type(call.exchange.request_header("content-type"))
    return sends_json(call) or (body is not None and declared in body.forms)


def is_ordinary(call: Call) -> bool:
    """Whether a call to a known operation had a proper key and got an answer that is no server error."""
    answered = 0 < call.exchange.status < 500
    return call.operation is not None and answered and key_state(call) in ("given", "hidden")
