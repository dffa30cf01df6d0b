"""The endpoint's URL and key: whether they can be used, and whether the endpoint is on this machine."""

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
    """Raises SettingsError for what is no base URL, or one that would not be called as it is written."""
    try:
        parts = urlsplit(url)
        port, plain = parts.port, httpx.URL(url)
    except (ValueError, httpx.InvalidURL) as error:
        raise SettingsError(f"{url!r} is not a URL: {error}") from None
    if parts.scheme.lower() not in _SCHEMES or not plain.host or port == 0:
        raise SettingsError(f"{url!r}: expected http:// or https:// and a host")
    if parts.username is not None or parts.password is not None:
        raise SettingsError("leave user and password out of the URL: they would replace the key")
    if "?" in url or "#" in url:
        raise SettingsError(f"{url!r}: a base URL ends with its path: leave out what follows '?' or '#'")


def check_key(key: str | None) -> None:
    """Raises SettingsError where no header can carry a key. Its text does not show the key."""
    if key is not None and not (key.isascii() and key.isprintable() and key == key.strip()):
        raise SettingsError(
            "no header can carry the API key: it begins or ends with a blank or line break, or holds a"
            " letter beyond ASCII"
        )


def is_loopback(url: str) -> bool:
    """Whether a URL leads to this machine: a loopback address, or a name that always means this machine."""
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
    """The part of a base URL before the contract's path prefix, and the prefix.

    A URL without a prefix gets the contract's first."""
    bare = url.rstrip("/")
    for prefix in sorted(contract.prefixes, key=len, reverse=True):
        if prefix and bare.endswith(prefix):
            return bare.removesuffix(prefix), prefix
    return bare, contract.prefixes[0]


def clock_owner(contract: Contract, key: str) -> dict[str, str]:
    """Whose clock our control plane moves, as a query: the key's, or that of all who send none."""
    return {"key": key} if any(entry.credential for entry in contract.operations.values()) else {}
