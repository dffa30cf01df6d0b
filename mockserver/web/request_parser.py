"""httptools' parser of requests, which ignores an offer to change the protocol and loses nothing with it."""

from __future__ import annotations

from array import array
from typing import Final, Protocol

from httptools import HttpParserUpgrade, HttpRequestParser

Headers = list[tuple[bytes, bytes]]
_OFFER: Final = frozenset({b"upgrade", b"http2-settings"})
"""Headers that are the offer; `Connection` names them, and may name others."""


class ParsedInto(Protocol):
    """Who is told what was parsed: uvicorn's protocol."""

    url: bytes
    headers: Headers


class RequestParser(HttpRequestParser):
    """Tells of a request with an offer (`Upgrade: h2c`, as Java's client makes) as if there were none.

    A server may ignore an offer (RFC 9110, 7.8). httptools takes what comes next for the other protocol,
    so the body would be lost. The head is fed once more without the offer, then the body. What is told while
    `should_upgrade()` holds is the first reading, which is to be left alone. `CONNECT` stays as it is.
    """

    def __init__(self, protocol: ParsedInto) -> None:
        self._protocol = protocol
        self._begin()

    def _begin(self) -> None:
        """Be as new: a parser that has read an offer beside `Connection: close` takes nothing any more."""
        super().__init__(self._protocol)
        # As uvicorn has it: what follows a request that asks to close is left unread, not refused.
        self.set_dangerous_leniencies(lenient_data_after_close=True)

    def feed_data(self, data: bytes | bytearray | memoryview | array[int]) -> None:
        """Parse bytes. Raises HttpParserError where they are no HTTP, and HttpParserUpgrade for `CONNECT`."""
        while data:
            try:
                super().feed_data(data)
            except HttpParserUpgrade as offer:
                if self.get_method() == b"CONNECT":
                    raise
                data = data[offer.args[0] :]
                self._feed_head()
            else:
                return

    def _feed_head(self) -> None:
        """Feed the head that was just read without the offer; the request keeps all its headers."""
        headers = self._protocol.headers
        version = self.get_http_version().encode()
        lines = [b"%s %s HTTP/%s" % (self.get_method(), self._protocol.url, version)]
        lines += [b"%s: %s" % header for header in without_offer(headers)]
        self._begin()
        super().feed_data(b"\r\n".join(lines) + b"\r\n\r\n")
        self._protocol.headers[:] = headers


def without_offer(headers: Headers) -> Headers:
    """The headers (names in lower case) that a request has beside an offer to change the protocol."""
    plain = []
    for name, value in headers:
        if name == b"connection":
            options = [option.strip() for option in value.split(b",")]
            value = b", ".join(option for option in options if option.lower() not in _OFFER)
        if name not in _OFFER and (value or name != b"connection"):
            plain.append((name, value))
    return plain
