"""The caller of each recorded request, without the key: the only module that looks at recorded keys."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from mockserver.errors import KitError
from mockserver.kit.traffic.body_limits import weight
from mockserver.kit.traffic.exchange import REDACTED, Exchange, digest
from mockserver.terms import Headers

KEYS: Final = ("authorization", "x-api-key", "api-key")
"""Headers in which a key arrives; the first that is present names the caller."""
_SECRET: Final = frozenset({*KEYS, "proxy-authorization", "cookie", "set-cookie", "x-mock-token"})
_REDACTED: Final = re.compile(
    r"\s*$|[\[<{*].*|\.\.\.|x{3,}$|(redacted|filtered|hidden|masked|removed|secret|censored|dummy)\b.*",
    re.IGNORECASE | re.DOTALL,
)
_SHORTEST: Final = 8
"""A shorter key could be any word of a body."""
_MOST_WORK: Final = 50_000_000_000
"""Bytes in which keys are looked for, each key anew: some 20 s."""


def caller_of(headers: Headers) -> str | None:
    """12 hexadecimal digits for a key, empty if none was sent, None if the record hides it."""
    for name in KEYS:
        for header, value in headers:
            if header.lower() == name:
                key = _key(value)
                return None if _REDACTED.match(key) else digest(key)
    return ""


def _key(value: str) -> str:
    scheme, _, key = value.strip().partition(" ")
    if key and scheme.isalpha():
        return key.strip()
    return value.strip()


def with_callers(exchanges: Sequence[Exchange], *, complete: bool, name: str = "") -> list[Exchange]:
    """The exchanges without keys, each with its caller unless it has one.

    A record is `complete` if it never leaves a header out. If another record has no key at all, its
    callers are unknown: browsers and recorders remove keys. Raises KitError, with the `name` of the record,
    for so many keys that to look for all of them would take too long.
    """
    known = complete or any(caller_of(exchange.request_headers) != "" for exchange in exchanges)
    keys = {key for exchange in exchanges for key in _keys(exchange.request_headers)}
    # Longer keys first: one key may be the beginning of another.
    secrets = sorted(keys, key=lambda key: (-len(key), key))
    if len(secrets) * sum(map(weight, exchanges)) > _MOST_WORK:
        raise KitError(f"{name}: has {len(secrets)} different keys; cut it into several files")
    return [_redact(exchange, secrets, known=known) for exchange in exchanges]


def _keys(headers: Headers) -> Iterator[str]:
    for name, value in headers:
        key = _key(value)
        if name.lower() in KEYS and len(key) >= _SHORTEST and not _REDACTED.match(key):
            yield key


def _redact(exchange: Exchange, secrets: Sequence[str], *, known: bool) -> Exchange:
    caller = exchange.caller
    if caller is None and known:
        caller = caller_of(exchange.request_headers)
    return exchange._replace(
        caller=caller,
        url=_redact_text(exchange.url, secrets),
        request_headers=_redact_headers(exchange.request_headers, secrets),
        request_body=_redact_body(exchange.request_body, secrets),
        response_headers=_redact_headers(exchange.response_headers, secrets),
        response_body=_redact_body(exchange.response_body, secrets),
    )


def _redact_headers(headers: Headers, secrets: Sequence[str]) -> Headers:
    return tuple((name, _redact_header(name, value, secrets)) for name, value in headers)


def _redact_header(name: str, value: str, secrets: Sequence[str]) -> str:
    if name.lower() not in _SECRET:
        return _redact_text(value, secrets)
    scheme, space, _ = value.strip().partition(" ")
    if space and scheme.isalpha():
        return f"{scheme} {REDACTED}"
    return REDACTED


def _redact_text(text: str, secrets: Sequence[str]) -> str:
    for secret in secrets:
        text = text.replace(secret, REDACTED)
    return text


def _redact_body(body: bytes, secrets: Sequence[str]) -> bytes:
    for secret in secrets:
        body = body.replace(secret.encode("utf-8", "surrogatepass"), REDACTED.encode())
    return body
