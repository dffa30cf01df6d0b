"""Hides credentials: the journal shows `[redacted]` where they arrive and wherever else they turn up.

It hides the values of the headers, query parameters and cookies in which contracts take a key, and of the
other headers and query parameters that commonly carry one. Such a value, or a key that the server was
started with, is hidden again in whatever else the exchange shows: path, headers, bodies, messages.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Final
from urllib.parse import quote, quote_plus, unquote, unquote_plus

from mockserver.contract.key_places import read_cookies
from mockserver.engine.credentials import Callers
from mockserver.engine.message import Header

REDACTED: Final = "[redacted]"
HEADERS: Final = frozenset({
    b"authorization", b"proxy-authorization", b"x-api-key", b"api-key", b"x-mock-token", b"cookie",
    b"set-cookie",
})  # fmt: skip
"""Headers whose values are never shown, besides those of the contracts."""
_SHORTEST: Final = 8
"""Shorter values are hidden where they arrive; elsewhere they could be any word."""
MAX_SECRETS: Final = 32
"""Credentials that are looked for in one exchange; of one that carries more, nothing is shown. Looking for
thousands in each of its texts would take seconds."""
_REMEMBERED: Final = 500
"""Bytes of a secret whose spellings are cached."""
_TRACE: Final = 4
"""This many bytes at the end of a cut body that begin a secret are taken for its beginning."""


class Redactor:
    """Knows where credentials arrive (`callers`), and values that are never shown (`secrets`)."""

    def __init__(self, callers: Callers | None = None, secrets: Iterable[str] = ()) -> None:
        self._callers = callers or Callers()
        self._places = self._callers.places
        named = {name.encode("utf-8", "surrogatepass") for name in self._places.headers}
        self._headers = HEADERS | self._callers.headers | named
        self._secrets = tuple(secret.encode("utf-8", "surrogatepass") for secret in secrets)

    def sender(self, headers: Sequence[Header], query: str) -> str | None:
        """The tenant whose key the request carries, whether it was admitted or not."""
        caller = self._callers.sender(headers, query)
        return caller.tenant if caller else None

    def redaction(self, headers: Sequence[Header], query: str) -> Redaction:
        """Hides the credentials of the exchange whose request has these headers and this query."""
        secrets = [*self._secrets, *self._of_query(query)]
        for name, value in headers:
            if name.lower() in self._headers:
                secrets += _parts(value)
            if name.lower() == b"cookie":
                secrets += self._of_cookies(value)
        hidden = frozenset(secret for secret in secrets if len(secret) >= _SHORTEST)
        too_many = len(hidden) > MAX_SECRETS + len(self._secrets)
        return Redaction(self._headers, self._places.parameters, None if too_many else hidden)

    def _of_query(self, query: str) -> Iterator[bytes]:
        for part in query.split("&"):
            name, _, text = part.partition("=")
            if _is_credential(name, self._places.parameters):
                yield unquote_plus(text).encode("utf-8", "surrogatepass")

    def _of_cookies(self, value: bytes) -> Iterator[bytes]:
        if not self._places.cookies:
            return
        for name, secret in read_cookies(value.decode("latin-1")):
            if name.lower() in self._places.cookies:
                yield secret.strip('"').encode("latin-1")


class Redaction:
    """Hides the credentials of one exchange; without `secrets` everything that it says."""

    def __init__(
        self, headers: frozenset[bytes], parameters: frozenset[str], secrets: frozenset[bytes] | None
    ) -> None:
        self._headers = headers
        self._parameters = parameters
        self._hides_all = secrets is None
        spelled = {spelling for secret in secrets or () for spelling in _spell(secret)}
        # The longest first: a secret that holds another one must go as a whole.
        self._spelled = sorted(spelled, key=lambda spelling: (-len(spelling), spelling))

    def content(self, content: bytes, *, cut: bool = False) -> bytes:
        """Bytes without the secrets; where `cut`, without the beginning of one at the end as well."""
        if self._hides_all:
            return REDACTED.encode() if content else content
        for spelling in self._spelled:
            content = content.replace(spelling, REDACTED.encode())
        return self._end(content) if cut else content

    def _end(self, content: bytes) -> bytes:
        for spelling in self._spelled:
            for length in range(len(spelling), _TRACE - 1, -1):
                if content.endswith(spelling[:length]):
                    return content[:-length] + REDACTED.encode()
        return content

    def text(self, text: str) -> str:
        """A text without the secrets."""
        return self.content(text.encode("utf-8", "surrogatepass")).decode("utf-8", "surrogatepass")

    def texts(self, texts: Iterable[str]) -> tuple[str, ...]:
        """Each text without the secrets."""
        return tuple(map(self.text, texts))

    def path(self, path: str) -> str:
        """An undecoded path; a segment that spells a secret in another way is hidden whole."""
        clean = self.text(path)
        if _spells_itself(clean):
            # What the whole does not betray, no segment does.
            return self._url(clean)
        return self._url("/".join(map(self._url, clean.split("/"))))

    def query(self, query: str) -> str:
        """An undecoded query without the secrets and without the values of credential parameters."""
        if not query:
            return query
        return self._url("&".join(map(self._parameter, self.text(query).split("&"))))

    def _parameter(self, part: str) -> str:
        name, equals, _ = part.partition("=")
        if equals and _is_credential(name, self._parameters):
            return f"{self._url(name)}={REDACTED}"
        return self._url(part)

    def _url(self, part: str) -> str:
        decoded = {part} if _spells_itself(part) else {unquote(part), unquote_plus(part)}
        betrays = any(self.text(plain) != plain for plain in decoded)
        return REDACTED if betrays else part

    def headers(self, headers: Iterable[Header]) -> tuple[tuple[str, str], ...]:
        """Names and values; those of credential headers hidden."""
        return tuple(
            (self._latin(name), REDACTED if name.lower() in self._headers else self._latin(value))
            for name, value in headers
        )

    def _latin(self, content: bytes) -> str:
        return self.content(content).decode("latin-1")


def _spells_itself(part: str) -> bool:
    """Whether a part of a URL means what is written."""
    return "%" not in part and "+" not in part


def _parts(value: bytes) -> list[bytes]:
    """A header's value, and what follows its scheme."""
    whole = value.strip()
    return [whole, *whole.split(None, 1)[1:]]


def _is_credential(name: str, parameters: frozenset[str]) -> bool:
    return unquote_plus(name).lower() in parameters


def _spell(secret: bytes) -> tuple[bytes, ...]:
    """A secret as it may stand in a body, a URL, a header or a message. Long ones are not remembered."""
    if len(secret) > _REMEMBERED:
        return _spellings.__wrapped__(secret)
    return _spellings(secret)


@lru_cache(maxsize=512)
def _spellings(secret: bytes) -> tuple[bytes, ...]:
    spelled = {secret, quote(secret).encode(), quote(secret, safe="").encode(), quote_plus(secret).encode()}
    for text in {secret.decode("latin-1"), secret.decode("utf-8", "surrogateescape")}:
        spelled |= {
            text.encode("utf-8", "surrogatepass"),
            text.encode("unicode_escape"),
            json.dumps(text)[1:-1].encode(),
            json.dumps(text, ensure_ascii=False)[1:-1].encode("utf-8", "surrogatepass"),
        }
    return tuple(spelled)
