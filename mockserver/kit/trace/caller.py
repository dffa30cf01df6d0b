"""The caller of each recorded request, without the key: the only module that looks at recorded keys."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from itertools import chain
from typing import Final
from urllib.parse import parse_qsl, unquote_plus

from mockserver.contract.key_places import COMMON_HEADERS, KeyPlaces, read_cookies
from mockserver.errors import KitError
from mockserver.kit.trace.spellings import spellings, without_secrets
from mockserver.kit.traffic.body_limits import weight
from mockserver.kit.traffic.exchange import REDACTED, Exchange, digest, split_url
from mockserver.terms import Headers

_USUAL: Final = KeyPlaces()
_SECRET: Final = frozenset({*COMMON_HEADERS, "proxy-authorization", "cookie", "set-cookie", "x-mock-token"})
_OF_LINKS: Final = frozenset({"token"})
"""What a link to a file carries as well, each another one."""
_REDACTED: Final = re.compile(
    r"\s*$|[\[<{*].*|\.\.\.|x{3,}$|(redacted|filtered|hidden|masked|removed|secret|censored|dummy)\b.*",
    re.IGNORECASE | re.DOTALL,
)
_SHORTEST: Final = 8
"""A shorter key could be any word of a body."""
_MOST_WORK: Final = 50_000_000_000
"""Bytes in which keys are looked for, each key anew: some 20 s."""


def caller_of(exchange: Exchange, places: KeyPlaces = _USUAL) -> str | None:
    """12 hexadecimal digits for a key, empty if none was sent, None if the record hides it.

    The first of the headers that is present names the caller, else a query parameter or cookie of a contract.
    """
    for name in _headers(places):
        if (value := exchange.request_header(name)) is not None:
            return _shown(_key(value))
    keys = chain(_in_query(exchange.url, places.named), _in_cookies(exchange.request_headers, places.cookies))
    return next(map(_shown, keys), "")


def _headers(places: KeyPlaces) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*places.headers, *COMMON_HEADERS)))


def _shown(key: str) -> str | None:
    return None if _REDACTED.match(key) else digest(key)


def _in_query(url: str, names: Container[str]) -> Iterator[str]:
    for name, value in parse_qsl(split_url(url).query, keep_blank_values=True):
        if name.lower() in names:
            yield value


def _in_cookies(headers: Headers, names: Container[str]) -> Iterator[str]:
    cookies = (value for header, value in headers if header.lower() == "cookie")
    for value in cookies:
        for name, key in read_cookies(value):
            if name.lower() in names:
                yield key.strip('"')


def _key(value: str) -> str:
    scheme, _, key = value.strip().partition(" ")
    if key and scheme.isalpha():
        return key.strip()
    return value.strip()


def with_callers(
    exchanges: Sequence[Exchange], *, complete: bool, name: str = "", keys: KeyPlaces = _USUAL
) -> list[Exchange]:
    """The exchanges without keys, each with its caller unless it has one. `keys` says where keys arrive.

    A record is `complete` if it never leaves a header out. If another record has no key at all, its
    callers are unknown: browsers and recorders remove keys. Raises KitError, with the `name` of the record,
    for so many keys that to look for all of them would take too long.
    """
    known = complete or any(caller_of(exchange, keys) != "" for exchange in exchanges)
    sent = {key for exchange in exchanges for key in _keys(exchange, keys)}
    # Longer keys first: one key may be the beginning of another.
    secrets = _Secrets(keys, tuple(sorted(sent, key=lambda key: (-len(key), key))))
    if len(secrets.spelled) * sum(map(weight, exchanges)) > _MOST_WORK:
        raise KitError(f"{name}: has {len(sent)} different keys; cut it into several files")
    return [_redact(exchange, secrets, known=known) for exchange in exchanges]


class _Secrets:
    """What a recording must not show: the keys that were sent, and what stands in these places."""

    def __init__(self, places: KeyPlaces, keys: tuple[str, ...]) -> None:
        self.places = places
        self.headers = {*_SECRET, *_headers(places)}
        self.keys = keys
        self.spelled = [
            text.encode("utf-8", "surrogatepass") for text in chain.from_iterable(map(spellings, keys))
        ]


def _keys(exchange: Exchange, places: KeyPlaces) -> Iterator[str]:
    headers = _headers(places)
    sent = chain(
        (_key(value) for name, value in exchange.request_headers if name.lower() in headers),
        _in_query(exchange.url, places.parameters - _OF_LINKS),
        _in_cookies(exchange.request_headers, places.cookies),
    )
    for key in sent:
        if len(key) >= _SHORTEST and not _REDACTED.match(key):
            yield key


def _redact(exchange: Exchange, secrets: _Secrets, *, known: bool) -> Exchange:
    caller = exchange.caller
    if caller is None and known:
        caller = caller_of(exchange, secrets.places)
    return exchange._replace(
        caller=caller,
        url=_redact_url(exchange.url, secrets),
        request_headers=_redact_headers(exchange.request_headers, secrets),
        request_body=_redact_body(exchange.request_body, secrets),
        response_headers=_redact_headers(exchange.response_headers, secrets),
        response_body=_redact_body(exchange.response_body, secrets),
    )


def _redact_url(url: str, secrets: _Secrets) -> str:
    """The URL without keys, and without what stands where one arrives, which may be too short to look for."""
    before, mark, rest = without_secrets(url, secrets.keys).partition("?")
    query, hash_mark, fragment = rest.partition("#")
    parts = (_redact_parameter(part, secrets.places.named) for part in query.split("&"))
    return f"{before}{mark}{'&'.join(parts)}{hash_mark}{fragment}"


def _redact_parameter(part: str, names: Container[str]) -> str:
    name, _, value = part.partition("=")
    if value and unquote_plus(name).lower() in names:
        return f"{name}={REDACTED}"
    return part


def _redact_headers(headers: Headers, secrets: _Secrets) -> Headers:
    return tuple((name, _redact_header(name, value, secrets)) for name, value in headers)


def _redact_header(name: str, value: str, secrets: _Secrets) -> str:
    if name.lower() not in secrets.headers:
        return without_secrets(value, secrets.keys)
    scheme, space, _ = value.strip().partition(" ")
    if space and scheme.isalpha():
        return f"{scheme} {REDACTED}"
    return REDACTED


def _redact_body(body: bytes, secrets: _Secrets) -> bytes:
    for text in secrets.spelled:
        body = body.replace(text, REDACTED.encode())
    return body
