"""Reads values out of JSON that somebody else may have written: another version, another program, a bad disk.

Each reader gives the value in its type, or raises ValueError in one line that begins with the place:
`plan.steps[2].lasts: 2.5 is not a whole number`.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

LATEST: Final = 253_402_300_799_999
"""The last millisecond of the year 9999, in Unix milliseconds: no later moment can be written as a date."""
MOST: Final = 2**53
"""The largest count: every reader of JSON has it exactly, and it can still be counted up in 64 bits."""
NAME: Final = 500
"""The longest name of anything, in characters: above all that contracts and rules can make."""
TEXT: Final = 20_000
"""The longest reason or URL, in characters: ten times what the control plane takes."""
_SHOWN: Final = 60


def members(value: Any, place: str, required: frozenset[str], optional: frozenset[str]) -> Mapping[str, Any]:
    """An object that has all required members, and no others than those and the optional ones."""
    if not isinstance(value, dict):
        raise wrong(place, value, "an object")
    names = value.keys()
    if not names >= required:
        raise ValueError(f"{place or 'it'}: {min(required - names)!r} is missing")
    if len(names) > len(required):
        unknown = names - required - optional
        if unknown:
            raise ValueError(f"{place or 'it'}: {min(unknown)[:_SHOWN]!r} is not known")
    return value


def text(value: Any, place: str, most: int = NAME, *, least: int = 0) -> str:
    """A text of `least` to `most` characters that is Unicode: no half of a surrogate pair."""
    if not isinstance(value, str):
        raise wrong(place, value, "a text")
    if not least <= len(value) <= most:
        raise ValueError(f"{place}: a text of {len(value)} characters, not of {least} to {most}")
    if not value.isascii():
        _check_unicode(value, place)
    return value


def optional_text(value: Any, place: str, most: int = NAME) -> str | None:
    """A text, or None."""
    return None if value is None else text(value, place, most)


def whole(value: Any, place: str, least: int, most: int) -> int:
    """A whole number of a range."""
    if type(value) is not int:
        raise wrong(place, value, "a whole number")
    if not least <= value <= most:
        raise wrong(place, value, f"from {least} to {most}")
    return value


def moment(value: Any, place: str) -> int:
    """A moment in Unix milliseconds, from 1970 to the year 9999."""
    return whole(value, place, 0, LATEST)


def number(value: Any, place: str, least: float, most: float) -> float:
    """A finite number of a range."""
    if type(value) not in (int, float) or not math.isfinite(value):
        raise wrong(place, value, "a number")
    if not least <= value <= most:
        raise wrong(place, value, f"from {least:g} to {most:g}")
    return float(value)


def flag(value: Any, place: str) -> bool:
    """true or false."""
    if not isinstance(value, bool):
        raise wrong(place, value, "true or false")
    return value


def items(value: Any, place: str, most: int, *, least: int = 0) -> Sequence[Any]:
    """A list of `least` to `most` items."""
    if not isinstance(value, list):
        raise wrong(place, value, "a list")
    if not least <= len(value) <= most:
        raise ValueError(f"{place}: a list of {len(value)} items, not of {least} to {most}")
    return value


def texts(value: Any, place: str, most: int) -> tuple[str, ...]:
    """A list of names."""
    names = items(value, place, most)
    return tuple(text(name, f"{place}[{index}]") for index, name in enumerate(names))


def choice(value: Any, place: str, options: Collection[str]) -> Any:
    """One of the options, each a text."""
    if not isinstance(value, str) or value not in options:
        raise wrong(place, value, f"one of {', '.join(sorted(options))}")
    return value


def wrong(place: str, value: Any, expected: str) -> ValueError:
    """The error for a value that is not what is expected."""
    if isinstance(value, (dict, list)):
        shown = "an object" if isinstance(value, dict) else "a list"
    else:
        shown = ascii(value[:_SHOWN] if isinstance(value, str) else value)[:_SHOWN]
    return ValueError(f"{place or 'it'}: {shown} is not {expected}")


def _check_unicode(value: str, place: str) -> None:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError(f"{place}: {value[:_SHOWN]!a} is not Unicode text") from None
