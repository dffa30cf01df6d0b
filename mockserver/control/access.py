"""Access to the control plane: a client needs the token, and a Host header that names this server.

A page in a browser has neither: it is given no token, no CORS header ever allows it to read an answer,
and a name that was made to point here (DNS rebinding) arrives in the Host header.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import ipaddress
import re
from collections.abc import Iterable, Sequence
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from mockserver.control.problems import problem_response
from mockserver.settings import Settings

PUBLIC: Final = frozenset({"/__mock/health", "/"})
"""What needs no token, beside the files of the page at /: that page is the same for everybody."""
PAGE_FILES: Final = "/__mock/page/"
PAGES: Final = frozenset({"/__mock/docs", "/__mock/openapi.json"})
"""Pages for browsers: they take the token as a password too. No other path does, as a browser repeats a
password on every request that a page makes it send."""
_HOST: Final = re.compile(r"(\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9_.-]{1,253})(?::[0-9]{1,5})?")


class AccessControl:
    """The ASGI middleware in front of every route."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._token = (settings.token or "").encode()
        self._hosts = own_hosts(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, or answer 401 or 403."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if not is_own_host(headers.getlist("host"), self._hosts):
            detail = (
                f"Host {headers.get('host', '')!r} is no name of this server; --allow-host HOST allows one,"
                " in a test serve(allow_hosts=[HOST])"
            )
            await problem_response(403, "Unknown host", detail)(scope, receive, send)
        elif not (is_public(scope["path"]) or self._has_token(scope, headers)):
            await self._refuse(scope, receive, send, given=bool(read_token(headers, password=True)))
        else:
            await self._app(scope, receive, send)

    def _has_token(self, scope: Scope, headers: Headers) -> bool:
        page = scope["path"] in PAGES and scope["method"] in ("GET", "HEAD")
        given = read_token(headers, password=page)
        return bool(self._token) and hmac.compare_digest(given, self._token)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send, *, given: bool) -> None:
        detail = "send the token the server showed at its start: Authorization: Bearer TOKEN, or x-mock-token"
        if given:
            detail = f"what was sent is not this server's token; {detail}"
        response = problem_response(401, "Token needed", detail)
        scheme = "Basic" if scope["path"] in PAGES else "Bearer"
        response.headers["www-authenticate"] = f'{scheme} realm="mockserver control plane"'
        await response(scope, receive, send)


def is_public(path: str) -> bool:
    """Whether a path needs no token."""
    return path in PUBLIC or path.startswith(PAGE_FILES)


def own_hosts(settings: Settings) -> frozenset[str]:
    """The names by which a server may be called, those of loopback aside."""
    public = urlsplit(settings.public_url or "").hostname
    named = {_bare_host(host) for host in (settings.host, public or "", *settings.allow_hosts)}
    return frozenset(named - {"", "0.0.0.0", "::"})  # noqa: S104


def read_token(headers: Headers, *, password: bool = False) -> bytes:
    """The token of a request, empty where it sends none; with `password` also that of HTTP Basic."""
    named = headers.get("x-mock-token")
    if named is not None:
        return named.encode("latin-1")
    scheme, _, rest = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip().encode("latin-1")
    if scheme.lower() == "basic" and password:
        return _password(rest.strip())
    return b""


def _password(encoded: str) -> bytes:
    try:
        return base64.b64decode(encoded, validate=True).partition(b":")[2]
    except (binascii.Error, ValueError):
        return b""


def is_own_host(hosts: Sequence[str], allowed: Iterable[str]) -> bool:
    """Whether there is one Host header that names loopback or an allowed host, on whatever port.

    Only `localhost` itself and addresses in their usual spelling are loopback: any other name could
    be made to point here.
    """
    if len(hosts) != 1:
        return False
    match = _HOST.fullmatch(hosts[0])
    if match is None:
        return False
    name = _bare_host(match[1])
    return name == "localhost" or _is_loopback(name) or name in allowed


def _is_loopback(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _bare_host(host: str) -> str:
    return host.strip("[]").lower()
