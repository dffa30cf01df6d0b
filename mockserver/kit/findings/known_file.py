"""The file of known failures, as `verify`, `check-trace` and `conform` read it.

    {"known": [{KEY: "what fails", "reason": "their ticket 12", "expires": "2027-01-31"}]}

KEY is `fingerprint` for findings and `case` for a client's cases; `expires` may be left out.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from mockserver.errors import SettingsError

Entry = TypeVar("Entry")


def read_entries(
    path: Path, key: str, make: Callable[..., Entry], optional: Collection[str] = ()
) -> list[Entry]:
    """The entries of a file, each made by `make` of its `key`, `reason`, `expires` and `optional` texts.

    Raises SettingsError that says where and what.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise SettingsError(f"{path}: is not JSON: {error}") from None
    if not isinstance(content, dict) or not isinstance(content.get("known"), list):
        raise SettingsError(f'{path}: expected {{"known": [{{"{key}": ..., "reason": ...}}]}}')
    _refuse_unknown_keys(f"{path}:", content, {"known"})
    return [
        make(**_values(f"{path}: entry {number}", entry, key, optional))
        for number, entry in enumerate(content["known"], 1)
    ]


def has_expired(expires: date | None, today: date) -> bool:
    """Whether an entry's last day is past; one without a last day never expires."""
    return expires is not None and expires < today


def _refuse_unknown_keys(where: str, given: dict[str, Any], names: set[str]) -> None:
    unknown = sorted(given.keys() - names)
    if unknown:
        raise SettingsError(f"{where} has an unknown key {unknown[0]!r}")


def _values(where: str, entry: Any, key: str, optional: Collection[str]) -> dict[str, Any]:
    if not isinstance(entry, dict):
        raise SettingsError(f"{where} is not an object")
    _refuse_unknown_keys(where, entry, {key, "reason", "expires", *optional})
    if not _is_text(entry.get(key)) or not _is_text(entry.get("reason")):
        raise SettingsError(f"{where} needs a {key} and a reason")
    for name in optional:
        if entry.get(name) is not None and not _is_text(entry[name]):
            raise SettingsError(f"{where}: {name} is a text that is not empty")
    return {**entry, "expires": _day(where, entry.get("expires"))}


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _day(where: str, value: Any) -> date | None:
    """The day in its one written form; `date.fromisoformat` alone would take others as well."""
    if value is None:
        return None
    try:
        day = date.fromisoformat(value)
    except (ValueError, TypeError):
        day = None
    if day is None or day.isoformat() != value:
        raise SettingsError(f"{where}: expires is a day such as 2027-01-31")
    return day
