"""Where an endpoint is, and the key that is sent there: what can be used, and what is on this machine."""

from __future__ import annotations

from contextlib import suppress
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

import httpx

from mockserver.contract.model import Contract
from mockserver.errors import SettingsError

_SCHEMES: Final = ("http", "https")


def check_url(url: str) -> None:
    """Raises SettingsError where nothing could be asked below a URL, or something other than is meant."""
    try:
        parts = urlsplit(url)
        port, plain = parts.port, httpx.URL(url)
    except (ValueError, httpx.InvalidURL) as error:
        raise SettingsError(f"{url!r} is no URL: {error}") from None
    if parts.scheme.lower() not in _SCHEMES or not plain.host or port == 0:
        raise SettingsError(f"{url!r}: expected http:// or https:// and a host")
    if parts.username is not None or parts.password is not None:
        raise SettingsError("a user and password in the URL would take the key's place: leave them out")
    if "?" in url or "#" in url:
        raise SettingsError(f"{url!r}: a base URL ends with its path: leave out what follows '?' or '#'")


def check_key(key: str | None) -> None:
    """Raises SettingsError, which does not show it, where no header can carry a key."""
    if key is not None and not (key.isascii() and key.isprintable() and key == key.strip()):
        raise SettingsError(
            "the API key holds what no header can carry: a line break or blank at its end, or a letter"
            " beyond ASCII"
        )


def is_loopback(url: str) -> bool:
    """Whether a URL leads to this machine: by an address, or by a name that is nobody else's."""
    host = ""
    with suppress(ValueError):
        host = (urlsplit(url).hostname or "").lower()
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def split_base(url: str, contract: Contract) -> tuple[str, str]:
    """A base URL as a client has it, or a server's bare address: what stands before the prefix, and that."""
    bare = url.rstrip("/")
    for prefix in sorted(contract.prefixes, key=len, reverse=True):
        if prefix and bare.endswith(prefix):
            return bare.removesuffix(prefix), prefix
    return bare, contract.prefixes[0]
