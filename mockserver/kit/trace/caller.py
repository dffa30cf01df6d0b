"""The caller of each recorded request, without the key: the only module that looks at recorded keys."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, Final

from mockserver.contract.model import Contract
from mockserver.errors import KitError
from mockserver.kit.trace.spellings import spellings, without_secrets
from mockserver.kit.traffic.body_limits import weight
from mockserver.kit.traffic.exchange import REDACTED, Exchange, digest
from mockserver.terms import Headers

KEYS: Final = ("authorization", "x-api-key", "api-key")
"""Headers in which a key arrives where no contract names others."""
_SECRET: Final = frozenset({*KEYS, "proxy-authorization", "cookie", "set-cookie", "x-mock-token"})
_REDACTED: Final = re.compile(
    r"\s*$|[\[<{*].*|\.\.\.|x{3,}$|(redacted|filtered|hidden|masked|removed|secret|censored|dummy)\b.*",
    re.IGNORECASE | re.DOTALL,
)
_SHORTEST: Final = 8
"""A shorter key could be any word of a body."""
_MOST_WORK: Final = 50_000_000_000
"""Bytes in which keys are looked for, each key anew: some 20 s."""


def key_headers(contracts: Iterable[Contract]) -> tuple[str, ...]:
    """The headers in which a key arrives by the security schemes of these contracts, and KEYS."""
    names: list[str] = []
    for contract in contracts:
        schemes = contract.document.get("components", {}).get("securitySchemes", {}).values()
        names += (scheme["name"].lower() for scheme in schemes if _is_header(scheme))
    return tuple(dict.fromkeys((*names, *KEYS)))


def _is_header(scheme: Mapping[str, Any]) -> bool:
    return scheme.get("type") == "apiKey" and scheme.get("in") == "header"


def caller_of(headers: Headers, names: Sequence[str] = KEYS) -> str | None:
    """12 hexadecimal digits for a key, empty if none was sent, None if the record hides it.

    The first of the headers `names` that is present names the caller.
    """
    for name in names:
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


def with_callers(
    exchanges: Sequence[Exchange], *, complete: bool, name: str = "", keys: Sequence[str] = KEYS
) -> list[Exchange]:
    """The exchanges without keys, each with its caller unless it has one. `keys` are the headers of keys.

    A record is `complete` if it never leaves a header out. If another record has no key at all, its
    callers are unknown: browsers and recorders remove keys. Raises KitError, with the `name` of the record,
    for so many keys that to look for all of them would take too long.
    """
    known = complete or any(caller_of(exchange.request_headers, keys) != "" for exchange in exchanges)
    sent = {key for exchange in exchanges for key in _keys(exchange.request_headers, keys)}
    # Longer keys first: one key may be the beginning of another.
    secrets = _Secrets(keys, tuple(sorted(sent, key=lambda key: (-len(key), key))))
    if len(secrets.spelled) * sum(map(weight, exchanges)) > _MOST_WORK:
        raise KitError(f"{name}: has {len(sent)} different keys; cut it into several files")
    return [_redact(exchange, secrets, known=known) for exchange in exchanges]


class _Secrets:
    """What a recording must not show: the keys that were sent, in the headers of these names."""

    def __init__(self, headers: Sequence[str], keys: tuple[str, ...]) -> None:
        self.headers = headers
        self.keys = keys
        self.spelled = [
            text.encode("utf-8", "surrogatepass") for text in chain.from_iterable(map(spellings, keys))
        ]


def _keys(headers: Headers, names: Sequence[str]) -> Iterator[str]:
    for name, value in headers:
        key = _key(value)
        if name.lower() in names and len(key) >= _SHORTEST and not _REDACTED.match(key):
            yield key


def _redact(exchange: Exchange, secrets: _Secrets, *, known: bool) -> Exchange:
    caller = exchange.caller
    if caller is None and known:
        caller = caller_of(exchange.request_headers, secrets.headers)
    return exchange._replace(
        caller=caller,
        url=without_secrets(exchange.url, secrets.keys),
        request_headers=_redact_headers(exchange.request_headers, secrets),
        request_body=_redact_body(exchange.request_body, secrets),
        response_headers=_redact_headers(exchange.response_headers, secrets),
        response_body=_redact_body(exchange.response_body, secrets),
    )


def _redact_headers(headers: Headers, secrets: _Secrets) -> Headers:
    return tuple((name, _redact_header(name, value, secrets)) for name, value in headers)


def _redact_header(name: str, value: str, secrets: _Secrets) -> str:
    if name.lower() not in _SECRET and name.lower() not in secrets.headers:
        return without_secrets(value, secrets.keys)
    scheme, space, _ = value.strip().partition(" ")
    if space and scheme.isalpha():
        return f"{scheme} {REDACTED}"
    return REDACTED


def _redact_body(body: bytes, secrets: _Secrets) -> bytes:
    for text in secrets.spelled:
        body = body.replace(text, REDACTED.encode())
    return body
