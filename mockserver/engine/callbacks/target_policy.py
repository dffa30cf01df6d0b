"""Which URLs may be called, and calling them.

A URL is checked by the addresses of its host, which are looked up once, and the connection goes to an
address that was checked: no spelling, second lookup, redirect or proxy leads anywhere else.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import quote, urlsplit

from mockserver.engine.callbacks.lookup import look_up
from mockserver.time_limit import time_limit

if TYPE_CHECKING:
    import httpx

TIMEOUT: Final = 5.0
"""Seconds for everything: the lookup, the connection, the answer."""
MAX_RESPONSE: Final = 64 * 1024
"""Bytes of a response's body that are read, and thrown away."""
MAX_URL: Final = 4096
"""Characters of a URL."""
_PORTS: Final = {"http": 80, "https": 443}
_ASCII: Final = "".join(map(chr, range(0x21, 0x7F)))

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_LOCALHOST: Final[Mapping[str, tuple[Address, ...]]] = {
    "localhost": (ipaddress.IPv6Address("::1"), ipaddress.IPv4Address("127.0.0.1"))
}
"""Needs no lookup (RFC 6761), so that no resolver delays the receivers that tests have."""


class ForbiddenTarget(Exception):
    """The URL may not be called; the text says why."""


class UnreachedTarget(Exception):
    """The URL may be called but gave no answer; the text says why."""


class CallbackTarget(NamedTuple):
    """A URL that may be called: `name` is its host in ASCII, `path` has the query."""

    scheme: str
    name: str
    port: int
    path: str
    addresses: tuple[str, ...]
    """Those of the host, checked."""
    local: bool

    @property
    def host(self) -> str:
        """The Host header."""
        name = _bracketed(self.name)
        return name if self.port == _PORTS[self.scheme] else f"{name}:{self.port}"

    def at(self, address: str) -> str:
        """The URL with an address for its host."""
        return f"{self.scheme}://{_bracketed(address)}:{self.port}{self.path}"


def _bracketed(host: str) -> str:
    """A host as it stands in a URL: an IPv6 address in brackets."""
    return f"[{host}]" if ":" in host else host


async def post(url: str, headers: Mapping[str, str], body: bytes, allow_hosts: Iterable[str] = ()) -> int:
    """POST to the URL. Returns the status of the answer. Raises ForbiddenTarget or UnreachedTarget."""
    try:
        async with time_limit(TIMEOUT):
            return await _post(await check_target(url, allow_hosts), headers, body)
    except TimeoutError:
        raise UnreachedTarget(f"no whole answer within {TIMEOUT:g} s") from None


async def check_target(url: str, allow_hosts: Iterable[str] = ()) -> CallbackTarget:
    """The target of a URL. Each of its addresses must be loopback or allowed, or its host allowed by name.

    `allow_hosts` are names and addresses. Raises ForbiddenTarget, or UnreachedTarget where the host has no
    address.
    """
    scheme, name, port, path = _read(url)
    addresses = await _resolve(name, port)
    allowed = {_plain(host) for host in allow_hosts}
    remote = [address for address in addresses if not address.is_loopback and str(address) not in allowed]
    if remote and _plain(name) not in allowed:
        host = name if str(remote[0]) == name else f"{name!r} is {remote[0]}, which"
        ways = f"--allow-host {name}, or in a test serve(allow_hosts=[{name!r}]), would allow it"
        raise ForbiddenTarget(f"{host} is not loopback; {ways}")
    local = all(address.is_loopback for address in addresses)
    return CallbackTarget(scheme, name, port, path, tuple(map(str, addresses)), local)


def _read(url: str) -> tuple[str, str, int, str]:
    """Scheme, host, port and path of a URL. Raises ForbiddenTarget."""
    if len(url) > MAX_URL or any(char <= " " or char in "\\\x7f" for char in url):
        raise ForbiddenTarget(
            f"it has more than {MAX_URL} characters, or it has blanks, control characters or backslashes"
        )
    try:
        parts = urlsplit(url)
        port = parts.port
        name = (parts.hostname or "").encode("idna").decode("ascii")
    except ValueError as error:
        raise ForbiddenTarget(f"it is not a URL: {error}") from None
    if parts.scheme not in _PORTS:
        raise ForbiddenTarget(f"{parts.scheme or 'no'} scheme; only http and https URLs are called")
    if not name or "@" in parts.netloc:
        raise ForbiddenTarget("it has no host, or a user name before the host")
    if port is None:
        port = _PORTS[parts.scheme]
    query = f"?{parts.query}" if parts.query else ""
    return parts.scheme, name, port, quote((parts.path or "/") + query, safe=_ASCII)


async def _resolve(name: str, port: int) -> list[Address]:
    """The addresses of the host, each once. Raises UnreachedTarget."""
    if name in _LOCALHOST:
        return list(_LOCALHOST[name])
    if "%" not in name:
        with contextlib.suppress(ValueError):
            return [_address(name)]
    try:
        entries = await look_up(name, port)
    except (OSError, ValueError) as error:
        raise UnreachedTarget(f"{name!r} has no address: {error}") from None
    return list(dict.fromkeys(_address(str(entry[4][0])) for entry in entries))


def _address(text: str) -> Address:
    """The address; an IPv4 address also where it is written as IPv6."""
    address = ipaddress.ip_address(text)
    return getattr(address, "ipv4_mapped", None) or address


def _plain(host: str) -> str:
    """A host in the form in which hosts are compared."""
    text = host.strip().strip("[]").lower().rstrip(".")
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        pass
    try:
        return text.encode("idna").decode("ascii")
    except ValueError:
        return text


def _import_client() -> None:
    for name in ("httpx", "httpcore"):
        import_module(name)


async def _post(target: CallbackTarget, headers: Mapping[str, str], body: bytes) -> int:
    # The first time this takes 200 ms, in which nobody else should wait.
    await asyncio.to_thread(_import_client)
    import httpx

    # On loopback a certificate proves nothing, and nobody stands between.
    options: dict[str, Any] = {"trust_env": False, "follow_redirects": False, "verify": not target.local}
    problem = "the host has no address"
    async with httpx.AsyncClient(timeout=TIMEOUT, **options) as client:
        for address in target.addresses:
            try:
                return await _send(client, target, address, headers, body)
            except httpx.ConnectError as error:
                problem = f"no connection to {address} port {target.port}: {error}"
            except (httpx.HTTPError, OSError) as error:
                raise UnreachedTarget(f"no answer: {error or type(error).__name__}") from None
    raise UnreachedTarget(problem)


async def _send(
    client: httpx.AsyncClient, target: CallbackTarget, address: str, headers: Mapping[str, str], body: bytes
) -> int:
    import httpx

    sent = {"host": target.host, "user-agent": "mockserver", "accept-encoding": "identity", **headers}
    name = {"sni_hostname": target.name.rstrip(".")}
    async with client.stream(
        "POST", target.at(address), headers=sent, content=body, extensions=name
    ) as response:
        with contextlib.suppress(httpx.HTTPError):
            await _drain(response)
        return response.status_code


async def _drain(response: httpx.Response) -> None:
    size = 0
    async with contextlib.aclosing(response.aiter_raw()) as chunks:  # type: ignore[type-var]
        async for chunk in chunks:
            size += len(chunk)
            if size > MAX_RESPONSE:
                return
