"""Whose request it was, without the key: the only place where a recorded key is looked at."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from mockserver.kit.traffic.exchange import REDACTED, Exchange, digest
from mockserver.terms import Headers

KEYS: Final = ("authorization", "x-api-key", "api-key")
"""Headers in which a key arrives; the first that is there says who asked."""
_SECRET: Final = frozenset({*KEYS, "proxy-authorization", "cookie", "set-cookie", "x-mock-token"})
_VEILED: Final = re.compile(
    r"\s*$|[\[<{*].*|\.\.\.|x{3,}$|(redacted|filtered|hidden|masked|removed|secret|censored|dummy)\b.*",
    re.IGNORECASE | re.DOTALL,
)
_SHORTEST: Final = 8
"""Shorter keys could be any word of a body."""


def caller_of(headers: Headers) -> str | None:
    """12 hexadecimal digits for a key, empty where none was sent, None where the record hides it."""
    for name in KEYS:
        for header, value in headers:
            if header.lower() == name:
                key = _key(value)
                return None if _VEILED.match(key) else digest(key)
    return ""


def _key(value: str) -> str:
    scheme, space, key = value.strip().partition(" ")
    return key.strip() if space and scheme.isalpha() else value.strip()


def named(exchanges: Sequence[Exchange], *, complete: bool) -> list[Exchange]:
    """The exchanges with their callers, where they have none yet, and without keys.

    A record is `complete` if it never leaves a header out. Of another, in which nobody ever sends a key,
    nobody can say who sent one: browsers and recorders strip them.
    """
    told = complete or any(caller_of(one.request_headers) != "" for one in exchanges)
    keys = {key for one in exchanges for key in _keys(one.request_headers)}
    secrets = sorted(keys, key=lambda key: (-len(key), key))
    return [_veil(one, secrets, told=told) for one in exchanges]


def _keys(headers: Headers) -> Iterator[str]:
    for name, value in headers:
        key = _key(value)
        if name.lower() in KEYS and len(key) >= _SHORTEST and not _VEILED.match(key):
            yield key


def _veil(one: Exchange, secrets: Sequence[str], *, told: bool) -> Exchange:
    caller = one.caller if one.caller is not None or not told else caller_of(one.request_headers)
    return one._replace(
        caller=caller,
        url=_without(one.url, secrets),
        request_headers=_hidden(one.request_headers, secrets),
        request_body=_cleaned(one.request_body, secrets),
        response_headers=_hidden(one.response_headers, secrets),
        response_body=_cleaned(one.response_body, secrets),
    )


def _hidden(headers: Headers, secrets: Sequence[str]) -> Headers:
    return tuple(
        (name, _veiled(value) if name.lower() in _SECRET else _without(value, secrets))
        for name, value in headers
    )


def _veiled(value: str) -> str:
    scheme, space, _ = value.strip().partition(" ")
    return f"{scheme} {REDACTED}" if space and scheme.isalpha() else REDACTED


def _without(text: str, secrets: Sequence[str]) -> str:
    for secret in secrets:
        text = text.replace(secret, REDACTED)
    return text


def _cleaned(body: bytes, secrets: Sequence[str]) -> bytes:
    for secret in secrets:
        body = body.replace(secret.encode("utf-8", "surrogatepass"), REDACTED.encode())
    return body
