"""Which URL may be called, and calling it.

A URL is judged by the addresses that its host stands for, looked up once, and the connection goes to an
address that was judged: no spelling, second lookup, redirect or proxy leads anywhere else.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import quote, urlsplit

if TYPE_CHECKING:
    import httpx

PATIENCE: Final = 5.0
"""Seconds for everything: the lookup, the connection, the answer."""
MOST_READ: Final = 64 * 1024
"""Bytes of an answer's body that are read, and thrown away."""
LONGEST: Final = 4096
_PORTS: Final = {"http": 80, "https": 443}
_ASCII: Final = "".join(map(chr, range(0x21, 0x7F)))

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class ForbiddenTarget(Exception):
    """The URL may not be called; the text says why."""


class UnreachedTarget(Exception):
    """The URL may be called and gave no answer; the text says why."""


class CallbackTarget(NamedTuple):
    """A URL that may be called: `name` its host as ASCII, `path` with the query, `addresses` judged ones."""

    scheme: str
    name: str
    port: int
    path: str
    addresses: tuple[str, ...]
    local: bool

    @property
    def host(self) -> str:
        """The Host header."""
        name = f"[{self.name}]" if ":" in self.name else self.name
        return name if self.port == _PORTS[self.scheme] else f"{name}:{self.port}"

    def at(self, address: str) -> str:
        """The URL with an address for its host."""
        host = f"[{address}]" if ":" in address else address
        return f"{self.scheme}://{host}:{self.port}{self.path}"


async def post(url: str, headers: Mapping[str, str], body: bytes, allow_hosts: Iterable[str] = ()) -> int:
    """POST to the URL and give the status of the answer. Raises Forbidden or Unreached."""
    try:
        async with asyncio.timeout(PATIENCE):
            return await _post(await judge(url, allow_hosts), headers, body)
    except TimeoutError:
        raise UnreachedTarget(f"no whole answer within {PATIENCE:g} s") from None


async def judge(url: str, allow_hosts: Iterable[str] = ()) -> CallbackTarget:
    """The target of a URL, all of whose addresses are loopback or allowed, or whose host is allowed by name.

    `allow_hosts` are names and addresses. Raises Forbidden, Unreached where the host stands for nothing.
    """
    scheme, name, port, path = _read(url)
    addresses = await _resolve(name, port)
    allowed = {_plain(host) for host in allow_hosts}
    strange = [one for one in addresses if not one.is_loopback and str(one) not in allowed]
    if strange and _plain(name) not in allowed:
        said = f"{name!r} is {strange[0]}" if str(strange[0]) != name else f"{name} is"
        raise ForbiddenTarget(f"{said}, which is not loopback; --allow-host {name} would allow it")
    local = all(one.is_loopback for one in addresses)
    return CallbackTarget(scheme, name, port, path, tuple(map(str, addresses)), local)


def _read(url: str) -> tuple[str, str, int, str]:
    """Scheme, host, port and path of a URL. Raises Forbidden."""
    if len(url) > LONGEST or any(char <= " " or char in "\\\x7f" for char in url):
        raise ForbiddenTarget(
            "it is longer than a URL should be, or holds blanks, control characters or backslashes"
        )
    try:
        parts = urlsplit(url)
        port = parts.port
        name = (parts.hostname or "").encode("idna").decode("ascii")
    except ValueError as error:
        raise ForbiddenTarget(f"it is no URL: {error}") from None
    if parts.scheme not in _PORTS:
        raise ForbiddenTarget(f"{parts.scheme or 'no'} scheme; only http and https URLs are called")
    if not name or "@" in parts.netloc:
        raise ForbiddenTarget("a URL that is called has a host, and no user name before it")
    path = quote((parts.path or "/") + (f"?{parts.query}" if parts.query else ""), safe=_ASCII)
    return parts.scheme, name, _PORTS[parts.scheme] if port is None else port, path


async def _resolve(name: str, port: int) -> list[Address]:
    """What the host stands for, each address once. Raises Unreached."""
    try:
        found = await asyncio.to_thread(socket.getaddrinfo, name, port, type=socket.SOCK_STREAM)
    except (OSError, ValueError) as error:
        raise UnreachedTarget(f"{name!r} stands for no address: {error}") from None
    return list(dict.fromkeys(_address(str(entry[4][0])) for entry in found))


def _address(text: str) -> Address:
    """The address; one of IPv4 also where it is written as one of IPv6."""
    address = ipaddress.ip_address(text)
    return getattr(address, "ipv4_mapped", None) or address


def _plain(host: str) -> str:
    """A host as it is compared."""
    text = host.strip().strip("[]").lower().rstrip(".")
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        pass
    try:
        return text.encode("idna").decode("ascii")
    except ValueError:
        return text


async def _post(target: CallbackTarget, headers: Mapping[str, str], body: bytes) -> int:
    import httpx

    # The certificate of loopback proves nothing, and nobody stands between.
    options: dict[str, Any] = {"trust_env": False, "follow_redirects": False, "verify": not target.local}
    said = "it stands for no address"
    async with httpx.AsyncClient(timeout=PATIENCE, **options) as client:
        for address in target.addresses:
            try:
                return await _send(client, target, address, headers, body)
            except httpx.ConnectError as error:
                said = f"no connection to {address} port {target.port}: {error}"
            except (httpx.HTTPError, OSError) as error:
                raise UnreachedTarget(f"no answer: {error or type(error).__name__}") from None
    raise UnreachedTarget(said)


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
            if size > MOST_READ:
                return
