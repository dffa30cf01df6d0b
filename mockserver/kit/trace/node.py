"""Reads typed values out of recorded documents, which may be wrong anywhere; errors say what is wrong."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from mockserver.errors import KitError
from mockserver.kit.traffic.body_limits import BodyBudget, values, within_budget
from mockserver.kit.traffic.exchange import Exchange
from mockserver.terms import Headers

MOST_ENTRIES: Final = 100_000
"""Entries that one file may have."""
_TROUBLE: Final = (ValueError, TypeError, ArithmeticError, RecursionError, MemoryError)
"""What an entry can make of Python: numbers of any size, values within values, dates of any year."""
_NO_ANSWER: Final = -1
"""The status that Playwright writes where none came."""
_LONGEST: Final = 300
"""Characters that an error shows of what is wrong."""
T = TypeVar("T")


MOST_MEMORY: Final = 640 * 1024 * 1024
"""Bytes that a file may take once it is read: with the bodies that are kept, less than 1 GiB in all."""
_VALUE: Final = 80
"""Bytes that a JSON value takes beside its text."""


class UnreadableEntry(Exception):
    """Says what is wrong with an entry; the caller adds where the entry stands."""


def read_entries(
    entries: Iterable[T],
    name: str,
    read: Callable[[int, T], Exchange | None],
    budget: BodyBudget | None = None,
    unread: list[str] | None = None,
) -> list[Exchange]:
    """Each entry as `read` reads it, with its number from 1; entries read as None are left out.

    Of bodies beyond the `budget` the heads are kept. An entry that breaks its format is told to `unread`, one
    line with file and number, and left out; without `unread`, or if no entry can be read, raises KitError.
    """
    budget = budget or BodyBudget()
    exchanges: list[Exchange] = []
    bad: list[str] = []
    for number, entry in enumerate(entries, 1):
        if number > MOST_ENTRIES:
            raise KitError(f"{name}: has more than {MOST_ENTRIES} entries; cut it into several files")
        exchange = _read_entry(number, entry, read)
        if isinstance(exchange, str):
            bad.append(f"{name}: entry {number}: {exchange}")
            if unread is None:
                break
        elif exchange is not None:
            exchanges.append(within_budget(exchange, budget))
    if bad and (unread is None or not exchanges):
        raise KitError(bad[0])
    if unread is not None:
        unread += bad
    return exchanges


def _read_entry(number: int, entry: T, read: Callable[[int, T], Exchange | None]) -> Exchange | str | None:
    """The entry, None if it is no call, or what is wrong with it."""
    try:
        return read(number, entry)
    except UnreadableEntry as error:
        return str(error)
    except _TROUBLE as error:
        return f"cannot be read: {type(error).__name__}: {error}"[:_LONGEST]


def check_size(data: bytes, name: str) -> None:
    """Raises KitError for JSON that would take too much memory once it is read."""
    if 2 * len(data) + _VALUE * values(data) > MOST_MEMORY:
        raise KitError(f"{name}: holds more than can be judged at once; cut it into several files")


def get(node: Any, *path: str) -> Any:
    """The value at a path of keys, or None."""
    for key in path:
        if not isinstance(node, Mapping):
            return None
        node = node.get(key)
    return node


def _typed(node: Any, path: tuple[str, ...], kinds: tuple[type, ...], what: str) -> Any:
    value = get(node, *path)
    if value is None:
        raise UnreadableEntry(f"{'.'.join(path)} is missing")
    if not isinstance(value, kinds) or isinstance(value, bool):
        raise UnreadableEntry(f"{'.'.join(path)} must be {what}, not {type(value).__name__}")
    return value


def text(node: Any, *path: str) -> str:
    """A required text."""
    return str(_typed(node, path, (str,), "a text"))


def address(node: Any, *path: str) -> str:
    """A required URL, without its fragment."""
    return checked_url(text(node, *path), ".".join(path))


def checked_url(url: str, what: str) -> str:
    """A URL without its fragment. Raises UnreadableEntry if it is malformed."""
    try:
        urlsplit(url)
    except ValueError:
        raise UnreadableEntry(f"{what} is not a URL: {url[:80]!r}") from None
    return url.partition("#")[0]


def mapping(node: Any, *path: str) -> Mapping[str, Any]:
    """A required object."""
    value: Mapping[str, Any] = _typed(node, path, (Mapping,), "an object")
    return value


def sequence(node: Any, *path: str) -> list[Any]:
    """A required list."""
    return list(_typed(node, path, (list,), "a list"))


def status(node: Any, *path: str) -> int:
    """An HTTP status, written as a number or digits; 0 for no answer."""
    value = _typed(node, path, (int, str, float), "a number")
    try:
        code = int(value)
    except (ValueError, OverflowError):
        raise UnreadableEntry(f"{'.'.join(path)} must be a number, not {str(value)[:40]!r}") from None
    if code == _NO_ANSWER:
        return 0
    if code and not 100 <= code <= 999:
        raise UnreadableEntry(f"{'.'.join(path)} is {code}, which is not an HTTP status")
    return code


def response_status(entry: Any, *path: str) -> int:
    """The status at a path below `response`; 0 if the entry has no response."""
    if get(entry, "response") is None:
        return 0
    return status(entry, "response", *path)


def tenant_digest(tenant: Any) -> str | None:
    """The caller that our journal names by its tenant; None without one."""
    if not tenant:
        return None
    return str(tenant)[:12]


def positive_int(value: Any, default: int) -> int:
    """A whole number above 0, else the default."""
    if isinstance(value, int) and value is not True and value > 0:
        return value
    return default


def seconds(value: Any) -> float:
    """A duration; 0 if it is not a number or not above 0 (HAR writes -1 for unknown)."""
    try:
        duration = float(value)
    except (TypeError, ValueError, OverflowError):
        return 0.0
    if not 0 < duration < 1e9:
        return 0.0
    return duration


def moment(value: Any, what: str) -> float:
    """Unix seconds of a date (ISO 8601, mail, or YAML's own) or a number; UTC if there is no offset."""
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e12:
        return float(value)
    date = _date(value)
    if date is None:
        raise UnreadableEntry(f"{what} is not a date: {str(value)[:60]!r}")
    if date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    return date.timestamp()


def _date(value: Any) -> datetime | None:
    if isinstance(value, datetime):
        return value
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            return read(str(value))
        except (ValueError, TypeError, IndexError):
            continue
    return None


def header_list(entries: Any, what: str) -> Headers:
    """Headers written as `{"name": ..., "value": ...}`; HTTP/2's own (`:path`) are left out."""
    if entries is None:
        return ()
    if not isinstance(entries, list):
        raise UnreadableEntry(f"{what} must be a list, not {type(entries).__name__}")
    pairs = [(text(header, "name"), str(get(header, "value") or "")) for header in entries]
    return tuple(pair for pair in pairs if not pair[0].startswith(":"))


def header_mapping(headers: Any, what: str) -> Headers:
    """Headers written as an object of texts or lists of texts, or as pairs of a name and such a value."""
    if headers is None:
        return ()
    if isinstance(headers, Mapping):
        pairs = list(headers.items())
    elif isinstance(headers, list) and all(map(_is_pair, headers)):
        pairs = headers
    else:
        raise UnreadableEntry(f"{what} must be an object, not {type(headers).__name__}")
    return tuple((_text(name), _text(value)) for name, values in pairs for value in _listed(values))


def _is_pair(entry: Any) -> bool:
    return isinstance(entry, list | tuple) and len(entry) == 2 and isinstance(entry[0], str | bytes)


def _listed(values: Any) -> Iterable[Any]:
    return values if isinstance(values, list | tuple) else (values,)


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def content(value: Any, what: str) -> bytes:
    """A body written as text, as bytes, or not at all."""
    if value is None:
        return b""
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode("utf-8", "surrogatepass")
    raise UnreadableEntry(f"{what} must be a text, not {type(value).__name__}")


def from_base64(written: Any, what: str) -> bytes:
    """The bytes of a Base64 text."""
    try:
        return base64.b64decode(content(written, what), validate=False)
    except binascii.Error:
        raise UnreadableEntry(f"{what} is not Base64") from None
