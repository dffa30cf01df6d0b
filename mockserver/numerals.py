"""Reads the numbers that come as text from outside, in headers, queries and paths, and writes counts."""

from __future__ import annotations

import math
import re
from typing import Final

MOST: Final = 10**15
"""Larger numbers count as this one. It fits into every store, and no size, page or moment is as large."""
_WHOLE: Final = re.compile(r"[0-9]+")
_INTEGER: Final = re.compile(r"(-?)0*([0-9]{1,19})")
_DECIMAL: Final = re.compile(r"-?[0-9]{1,300}(?:\.[0-9]{1,300})?(?:[eE][+-]?[0-9]{1,3})?")


def plural(count: int, noun: str, nouns: str = "") -> str:
    """`1 job`, `2 jobs`."""
    if count == 1:
        return f"1 {noun}"
    return f"{count} {nouns or noun + 's'}"


def whole_number(text: str) -> int | None:
    """The number that ASCII digits spell, MOST where it is larger; None for any other text."""
    if _WHOLE.fullmatch(text) is None:
        return None
    digits = text.lstrip("0")
    return MOST if len(digits) > len(str(MOST)) else min(int(digits or "0"), MOST)


def integer(text: str) -> int | None:
    """The integer that at most 19 ASCII digits behind zeros spell, as in ids; None for any other text."""
    match = _INTEGER.fullmatch(text)
    return match and int("".join(match.groups()))


def decimal_number(text: str) -> float | None:
    """The number as JSON spells it; None for any other text, infinity and what is not a number included."""
    if _DECIMAL.fullmatch(text) is None:
        return None
    number = float(text)
    return number if math.isfinite(number) else None
