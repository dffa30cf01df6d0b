"""Text in a picture: the typeface, the letters that it has, and lines of a given width."""

from __future__ import annotations

import math
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from mockserver.errors import MediaError

if TYPE_CHECKING:
    from PIL import ImageFont

READ = 600
"""Characters of a prompt that are read; the band shows far fewer."""
SPELLINGS = {"ß": "ss", "æ": "ae", "ø": "o", "œ": "oe", "ł": "l", "×": "x", "–": "-", "—": "-"}
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")


@cache
def font(size: int) -> ImageFont.FreeTypeFont:
    """The typeface in that size, px. Raises MediaError where Pillow cannot draw text."""
    from PIL import ImageFont

    typeface = ImageFont.load_default(size)
    if isinstance(typeface, ImageFont.FreeTypeFont):
        return typeface
    raise MediaError("this Pillow was built without FreeType and cannot draw text")


def printable(text: str) -> str:
    """The text in one line and in letters of the typeface: without accents, control characters as spaces."""
    words = _CONTROLS.sub(" ", text[:READ]).split()
    return "".join(SPELLINGS.get(letter) or _plain(letter) for letter in " ".join(words))


def _plain(letter: str) -> str:
    if unicodedata.combining(letter):
        return ""
    return "".join(filter(str.isascii, unicodedata.normalize("NFKD", letter))) or letter


def wrapped(text: str, size: int, room: int, rows: int) -> Iterator[str]:
    """At most `rows` lines no wider than `room` px, broken at spaces where there are any."""
    while rows > 1 and (fits := _fitting(text, size, room)) < len(text):
        cut = text.rfind(" ", 1, fits + 1)
        if cut < 0:
            cut = fits
        yield text[:cut]
        text, rows = text[cut:].lstrip(), rows - 1
    yield shortened(text or "(no prompt)", size, room)


def shortened(text: str, size: int, room: int) -> str:
    """The text, cut with an ellipsis where it is wider than `room` px."""
    fits = _fitting(text, size, room)
    if fits == len(text):
        return text
    return f"{text[: max(0, fits - 2)].rstrip()}…"


def _fitting(text: str, size: int, room: int) -> int:
    """The number of leading characters that fit, at least one where there are any."""
    typeface, counts = font(size), range(1, len(text) + 1)
    fits = bisect_right(counts, room, key=lambda count: math.ceil(typeface.getlength(text[:count])))
    return min(len(text), max(1, fits))
