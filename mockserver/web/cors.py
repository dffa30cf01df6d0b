"""Pages of other origins in browsers: what --cors allows them, and what is told where they are refused.

Starlette's middleware gives no route's own methods, exposes a fixed list of headers, and leaves an answer
without `Origin` bare, which a browser's cache then gives to a page. So these few headers are ours.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, MutableMapping, Sequence
from typing import Any, Final

from mockserver.engine.message import Header, Response, problem
from mockserver.escapes import plain_line
from mockserver.web.wire import Scope, Send, send_response, server_address

_MAX_AGE: Final = b"600"
"""Seconds for which a browser need not ask again."""
_MOST_ORIGINS: Final = 100
"""Origins that are logged: a stranger may send any number."""
_LONGEST: Final = 300
_NAMES: Final = re.compile(rb"[A-Za-z0-9!#$%&'*+.^_`|~, -]{0,4096}")
_METHOD: Final = re.compile(rb"[A-Za-z-]{1,20}")
_READABLE: Final = frozenset(
    {b"cache-control", b"content-language", b"content-length", b"content-type", b"expires", b"last-modified"}
)
"""Headers that a page may read anyway (Fetch, CORS-safelisted response-header names)."""
_VARY: Final = b"origin, access-control-request-method, access-control-request-headers"
_log = logging.getLogger("mockserver")


class OpenSend:
    """Sends an answer with headers that let a page read it, where it `exposes` those of its own, too."""

    def __init__(self, send: Send, allowed: Sequence[Header], *, exposes: bool) -> None:
        self._send = send
        self._allowed = allowed
        self._exposes = exposes
        # By this name a fault finds the connection that it is to break.
        self.__self__ = getattr(send, "__self__", None)

    async def __call__(self, message: MutableMapping[str, Any]) -> None:
        """Send one message."""
        if message["type"] == "http.response.start":
            message = {**message, "headers": self._opened(message.get("headers", ()))}
        await self._send(message)

    def _opened(self, headers: Sequence[Header]) -> list[Header]:
        names = sorted({name.lower() for name, _ in headers} - _READABLE) if self._exposes else []
        exposed = [(b"access-control-expose-headers", b", ".join(names))] if names else []
        return [*headers, *self._allowed, *exposed]


class Cors:
    """Stands before the provider and media routes. `methods` gives those of a path, none if it is unknown."""

    def __init__(self, origins: Sequence[str], methods: Callable[[str], Sequence[str]]) -> None:
        self._origins = frozenset(origin.encode() for origin in origins)
        self._any = b"*" in self._origins
        self._methods = methods
        self._logged: set[bytes] = set()

    async def meet(self, scope: Scope, send: Send) -> Send | None:
        """How the answer is sent; None where the request was a preflight, which is answered then."""
        origin = _header(scope, b"origin")
        if origin is None:
            return self._opened(send, None) if self._origins else send
        preflight = scope["method"] == "OPTIONS" and _header(scope, b"access-control-request-method")
        if not (self._any or origin in self._origins) and origin != server_address(scope).encode():
            self._log_once(origin)
            if preflight:
                await send_response(self._opened(send, None) if self._origins else send, _refusal(origin))
                return None
            return self._opened(send, None) if self._origins else send
        if preflight and self._origins:
            await send_response(send, self._allowance(scope, origin))
            return None
        return self._opened(send, origin) if self._origins else send

    def _own(self, origin: bytes | None) -> list[Header]:
        """The headers about the origin. With `*` every answer has them, as caches give one to everybody."""
        if self._any:
            return [(b"access-control-allow-origin", b"*")]
        if origin is None:
            return [(b"vary", b"origin")]
        return [(b"access-control-allow-origin", origin), (b"vary", b"origin")]

    def _opened(self, send: Send, origin: bytes | None) -> Send:
        return OpenSend(send, self._own(origin), exposes=self._any or origin is not None)

    def _allowance(self, scope: Scope, origin: bytes) -> Response:
        """The answer to a preflight: the route's methods, and every header that the page wants to send."""
        methods = [method.encode() for method in self._methods(scope["raw_path"].decode("latin-1"))]
        wanted = _header(scope, b"access-control-request-method") or b""
        if not methods and _METHOD.fullmatch(wanted):
            # The page shall be able to read that there is no such path.
            methods = [wanted]
        headers = [*self._own(origin), (b"access-control-allow-methods", b", ".join(methods))]
        names = _header(scope, b"access-control-request-headers")
        if names and _NAMES.fullmatch(names):
            headers.append((b"access-control-allow-headers", names))
        if _header(scope, b"access-control-request-private-network") == b"true":
            headers.append((b"access-control-allow-private-network", b"true"))
        headers += [(b"access-control-max-age", _MAX_AGE), (b"vary", _VARY)]
        return Response(204, headers)

    def _log_once(self, origin: bytes) -> None:
        if origin in self._logged or len(self._logged) >= _MOST_ORIGINS:
            return
        self._logged.add(origin)
        shown = _shown(origin)
        _log.warning("a page of %s may not read what it is answered; --cors %s allows it", shown, shown)


def _header(scope: Scope, wanted: bytes) -> bytes | None:
    for name, value in scope["headers"]:
        if name == wanted:
            return bytes(value)
    return None


def _shown(origin: bytes) -> str:
    return plain_line(origin[:_LONGEST].decode("latin-1"))


def _refusal(origin: bytes) -> Response:
    shown = _shown(origin)
    detail = (
        f"a page of {shown} asks whether it may call this server, and it may not; start the server with"
        f" --cors {shown}, or in a test with serve(cors={shown!r})"
    )
    return problem(403, "Pages of this origin are not allowed", detail)
