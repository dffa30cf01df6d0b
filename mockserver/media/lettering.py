"""Text in a picture: the typeface, the letters that it has, and lines of a given width."""

from __future__ import annotations

import math
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from itertools import groupby
from typing import TYPE_CHECKING

from mockserver.errors import MediaError

if TYPE_CHECKING:
    from PIL import ImageFont

READ = 600
"""Characters of a prompt that are read; the band shows far fewer."""
SPELLINGS = {
    "ß": "ss",
    "æ": "ae",
    "ø": "o",
    "œ": "oe",
    "ł": "l",
    "đ": "d",
    "×": "x",
    "–": "-",
    "—": "-",
    "Æ": "Ae",
    "Ø": "O",
    "Œ": "Oe",
    "Ł": "L",
    "Đ": "D",
}
_TRIAL = 16
_NOBODY_HAS = "\uffff"
"""No character, so that its look is that of all which a typeface lacks."""
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
    """The text in one line and in letters of the typeface: without accents, control characters as spaces.

    What the typeface lacks is named: letters by their script and their numbers, as in ‹CJK 732B 72AC›, and
    other signs by their names, as in ‹clapper board›.
    """
    words = _CONTROLS.sub(" ", text[:READ]).split()
    letters = "".join(SPELLINGS.get(letter) or _plain(letter) for letter in " ".join(words))
    return "".join(_named(name, list(run)) for name, run in groupby(letters, _lacking))


def _named(name: str, letters: Sequence[str]) -> str:
    """A run of letters that the typeface has, if the name is empty, or lacks."""
    if not name:
        return "".join(letters)
    if not _is_of_script(letters[0]):
        return f"‹{name}›" * len(letters)
    return f"‹{name} {' '.join(f'{ord(letter):04X}' for letter in letters)}›"


@lru_cache(maxsize=4096)
def _lacking(letter: str) -> str:
    """The name of what the typeface lacks: a letter's script, another sign's own; empty for what it has."""
    if letter.isspace() or _look(letter) != _look(_NOBODY_HAS):
        return ""
    name = unicodedata.name(letter, f"U+{ord(letter):04X}")
    return name.split()[0] if _is_of_script(letter) else name.lower()


def _is_of_script(letter: str) -> bool:
    """Whether it is a letter, or a mark at one."""
    return unicodedata.category(letter)[0] in "LM"


def _look(letter: str) -> bytes:
    return bytes(font(_TRIAL).getmask(letter))


def _plain(letter: str) -> str:
    if unicodedata.combining(letter) or unicodedata.category(letter) == "Cf":
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
