"""Where a link may lead: an endpoint elsewhere must not send us into our own network.

Links and redirects come from the endpoint. The host of each is looked up once, and the connection goes to an
address that was checked: no spelling, second lookup or redirect leads anywhere else.
"""

from __future__ import annotations

import socket
from collections.abc import Sequence
from contextlib import suppress
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final
from urllib.parse import urlsplit

from mockserver.kit.traffic.exchange import NOT_FOLLOWED
from mockserver.kit.verify.address import is_loopback

Address = IPv4Address | IPv6Address
_SHARED: Final = IPv4Network("100.64.0.0/10")
"""Between a provider and its customers' routers (RFC 6598)."""
_EMBEDDING: Final = tuple(map(IPv6Network, ("64:ff9b::/96", "64:ff9b:1::/48", "::/96")))
"""IPv6 networks whose addresses end with an IPv4 address that they lead to (RFC 6052, 8215, 4291)."""
_PORTS: Final = {"http": 80, "https": 443}


class ForbiddenLink(Exception):
    """A link leads where it must not; the text says where, and begins with NOT_FOLLOWED."""


class LinkPolicy:
    """The addresses to which links of the endpoint at `url` may lead.

    Those are public ones, the endpoint's own host and port, and addresses of the kind that the endpoint has
    itself. A name that leads to this machine, other than localhost, does not make it an endpoint of this
    machine.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = parts.port or _PORTS.get(parts.scheme.lower(), 0)
        self._own = (_plain(host), port)
        self._near = is_loopback(url)
        self._kinds: frozenset[str] | None = None

    def addresses(self, host: str, port: int) -> Sequence[str]:
        """The addresses of a host that a link leads to. Raises ForbiddenLink, and OSError if it has none."""
        addresses = resolve(host, port)
        if (_plain(host), port) == self._own:
            return addresses
        for address in addresses:
            kind = kind_of(address)
            if kind and kind not in self._own_kinds():
                where = host if host == address else f"{host[:100]!r} is {address}, which"
                raise ForbiddenLink(f"{NOT_FOLLOWED}{where} is a {kind} address, and the endpoint has none")
        return addresses

    def _own_kinds(self) -> frozenset[str]:
        """The kinds of the endpoint's own addresses, looked up when first needed."""
        if self._kinds is None:
            kinds: set[str] = set()
            with suppress(OSError):
                kinds = set(map(kind_of, resolve(*self._own))) - {"loopback"}
            self._kinds = frozenset(kinds | {"loopback"} if self._near else kinds)
        return self._kinds


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host, each once. Raises OSError if it has none."""
    try:
        entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:
        raise OSError(f"{host[:100]!r} is not a host: {error}") from None
    return list(dict.fromkeys(str(entry[4][0]) for entry in entries))


def kind_of(text: str) -> str:
    """The kind of an address that is not public: `loopback`, `private`, ...; empty for a public one."""
    address = _innermost(ip_address(text.partition("%")[0]))
    if address.is_unspecified:
        return "unspecified"
    if address.is_loopback:
        return "loopback"
    if address.is_link_local:
        return "link-local"
    if address.is_multicast:
        return "multicast"
    if address in _SHARED:
        return "shared"
    return "" if address.is_global else "private"


def _innermost(address: Address) -> Address:
    """The IPv4 address that an IPv6 address leads to, if it does."""
    if isinstance(address, IPv4Address):
        return address
    for inner in (address.ipv4_mapped, address.sixtofour):
        if inner is not None:
            return inner
    if address.teredo is not None:
        return address.teredo[1]
    embeds = any(address in network for network in _EMBEDDING)
    if embeds and int(address) > 1:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def _plain(host: str) -> str:
    """A host in the form in which hosts are compared."""
    return host.strip("[]").lower().rstrip(".")
