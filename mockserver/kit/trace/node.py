"""Careful hands for what others recorded: a value out of a document, or what is wrong with it."""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from mockserver.errors import KitError
from mockserver.kit.traffic.exchange import Exchange
from mockserver.terms import Headers

MOST_ENTRIES: Final = 100_000
"""Entries that one file may have."""
MOST_BODY: Final = 64 * 1024 * 1024
"""Bytes to which a compressed body may grow."""
_MISSING: Final = object()
T = TypeVar("T")


class Unreadable(Exception):
    """What is wrong with an entry, without where it is."""


def each(entries: Iterable[T], name: str, read: Callable[[int, T], Exchange | None]) -> list[Exchange]:
    """What `read` makes of each entry and its number from 1; None leaves one out.

    Raises KitError with file and entry number where one is not as its format says.
    """
    found = []
    for number, entry in enumerate(entries, 1):
        if number > MOST_ENTRIES:
            raise KitError(f"{name}: has more than {MOST_ENTRIES} entries; cut it into several files")
        try:
            exchange = read(number, entry)
        except Unreadable as error:
            raise KitError(f"{name}: entry {number}: {error}") from None
        if exchange is not None:
            found.append(exchange)
    return found


def get(node: Any, *path: str) -> Any:
    """The value at a path of keys, None where there is none."""
    for key in path:
        node = node.get(key) if isinstance(node, Mapping) else None
    return node


def _typed(node: Any, path: tuple[str, ...], kinds: tuple[type, ...], what: str) -> Any:
    value = get(node, *path)
    if value is None:
        raise Unreadable(f"{'.'.join(path)} is missing")
    if not isinstance(value, kinds) or isinstance(value, bool):
        raise Unreadable(f"{'.'.join(path)} must be {what}, not {type(value).__name__}")
    return value


def text(node: Any, *path: str) -> str:
    """A text that must be there."""
    return str(_typed(node, path, (str,), "a text"))


def address(node: Any, *path: str) -> str:
    """A URL that must be there, without its fragment."""
    return parsed(text(node, *path), ".".join(path))


def parsed(url: str, what: str) -> str:
    """A URL without its fragment, if it is one."""
    try:
        urlsplit(url)
    except ValueError:
        raise Unreadable(f"{what} is no URL: {url[:80]!r}") from None
    return url.partition("#")[0]


def mapping(node: Any, *path: str) -> Mapping[str, Any]:
    """An object that must be there."""
    found: Mapping[str, Any] = _typed(node, path, (Mapping,), "an object")
    return found


def sequence(node: Any, *path: str) -> list[Any]:
    """A list that must be there."""
    return list(_typed(node, path, (list,), "a list"))


def status(node: Any, *path: str) -> int:
    """An HTTP status, as a number or digits; 0 for none."""
    value = _typed(node, path, (int, str, float), "a number")
    try:
        found = int(value)
    except (ValueError, OverflowError):
        raise Unreadable(f"{'.'.join(path)} must be a number, not {str(value)[:40]!r}") from None
    if found and not 100 <= found <= 999:
        raise Unreadable(f"{'.'.join(path)} is {found}, which is no HTTP status")
    return found


def whole(value: Any, otherwise: int) -> int:
    """A number above 0, else the other."""
    return value if isinstance(value, int) and value is not True and value > 0 else otherwise


def seconds(value: Any) -> float:
    """A length of time in seconds, 0 where it is none or negative (HAR: -1 is unknown)."""
    try:
        found = float(value)
    except (TypeError, ValueError):
        return 0.0
    return found if 0 < found < 1e9 else 0.0


def moment(value: Any, what: str) -> float:
    """Unix seconds of an ISO 8601 or mail date, a number, or what YAML makes of one; UTC unless said."""
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e12:
        return float(value)
    found = value if isinstance(value, datetime) else _date(str(value))
    if found is None:
        raise Unreadable(f"{what} is no moment: {str(value)[:60]!r}")
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def _date(written: str) -> datetime | None:
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            return read(written)
        except (ValueError, TypeError, IndexError):
            continue
    return None


def named(entries: Any, what: str) -> Headers:
    """Headers as `{"name": ..., "value": ...}`; those that only HTTP/2 has (`:path`) are left out."""
    if entries is None:
        return ()
    if not isinstance(entries, list):
        raise Unreadable(f"{what} must be a list, not {type(entries).__name__}")
    pairs = [(text(one, "name"), str(get(one, "value") or "")) for one in entries]
    return tuple(pair for pair in pairs if not pair[0].startswith(":"))


def listed(headers: Any, what: str) -> Headers:
    """Headers as an object of texts or lists of texts."""
    if headers is None:
        return ()
    if not isinstance(headers, Mapping):
        raise Unreadable(f"{what} must be an object, not {type(headers).__name__}")
    return tuple(
        (str(name), _plain(value))
        for name, values in headers.items()
        for value in (values if isinstance(values, list | tuple) else [values])
    )


def _plain(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def content(value: Any, what: str) -> bytes:
    """A body that stands there as text, as bytes, or not at all."""
    if value is None:
        return b""
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode("utf-8", "surrogatepass")
    raise Unreadable(f"{what} must be a text, not {type(value).__name__}")


def unpacked(written: Any, what: str) -> bytes:
    """The bytes of a Base64 text."""
    try:
        return base64.b64decode(content(written, what), validate=False)
    except binascii.Error:
        raise Unreadable(f"{what} is no Base64") from None


def inflated(body: bytes, headers: Headers) -> tuple[bytes, bool]:
    """A body that was kept as it was sent, compressed; and whether it could not be had whole."""
    encoding = next((value.lower() for name, value in headers if name.lower() == "content-encoding"), "")
    packed = encoding in ("gzip", "x-gzip") and body[:2] == b"\x1f\x8b"
    packed = packed or (encoding == "deflate" and body[:1] == b"\x78")
    if not packed:
        return body, encoding in ("br", "zstd") and bool(body) and body[:1] not in (b"{", b"[")
    machine = zlib.decompressobj(wbits=47)
    try:
        plain = machine.decompress(body, MOST_BODY)
    except zlib.error:
        return b"", True
    return plain, not machine.eof
