"""Text in a picture: the typefaces, the letters that they have, and lines of a given width.

A line is in Pillow's typeface where that has all of its letters, and else wholly in those of the extra
`scripts`.
"""

from __future__ import annotations

import math
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, Final

from mockserver.errors import MediaError
from mockserver.extras import install
from mockserver.media.scripts import JOINERS, Typesetter, typesetter

if TYPE_CHECKING:
    from PIL import Image, ImageFont

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
_LINE = 64
"""Letters of a line that is measured first."""
_NOBODY_HAS = "\uffff"
"""No character, so that its look is that of all which a typeface lacks."""
UNSEEN: Final = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0"
    + "".join(map(chr, [*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)]))
)
"""What has no look, beside characters of format: fillers, and what says which look the sign before it has."""
_ELLIPSIS: Final = "…"
_CLOSING: Final = ("Pe", "Pf", "Po", "Sk")
"""Categories of what does not begin a line, if that can be helped: closing brackets, stops, skin tones."""
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")


@cache
def font(size: int) -> ImageFont.FreeTypeFont:
    """The typeface in that size, px. Raises MediaError where Pillow cannot draw text."""
    from PIL import ImageFont

    typeface = ImageFont.load_default(size)
    if isinstance(typeface, ImageFont.FreeTypeFont):
        # The other layout needs FriBiDi, which one system has and another has not.
        return typeface.font_variant(layout_engine=ImageFont.Layout.BASIC)
    raise MediaError("this Pillow was built without FreeType and cannot draw text")


def printable(text: str) -> str:
    """The text in one line and in letters that a typeface has, control characters as spaces.

    What no typeface has is written without accents, or as letters that mean the same. What is left is named:
    letters by their script and their numbers, as in ‹CJK 732B 72AC›, and other signs by their names, as in
    ‹clapper board›.
    """
    words = _CONTROLS.sub(" ", text[:READ]).split()
    letters = "".join(map(_spelled, unicodedata.normalize("NFC", " ".join(words))))
    return "".join(_named(name, list(run)) for name, run in groupby(letters, _lacking))


def width(line: str, size: int) -> float:
    """Pixels."""
    setter = _typesetter(line)
    return setter.width(line, size) if setter else font(size).getlength(line)


def write(sheet: Image.Image, line: str, size: int, colour: str, place: tuple[float, float]) -> None:
    """Write the line on the sheet, from the place of its left end, in the middle of its height."""
    from PIL import ImageDraw

    setter, (left, middle) = _typesetter(line), place
    if setter is None:
        ImageDraw.Draw(sheet).text(place, line, fill=colour, font=font(size), anchor="lm")
        return
    ascent, descent = font(size).getmetrics()
    height = 2 * size
    drawn = setter.draw(line, size, height, (height + ascent - descent) // 2)
    sheet.paste(colour, (round(left), round(middle) - size), drawn)


def starts_right(line: str) -> bool:
    """Whether the line is read from right to left."""
    setter = _typesetter(line)
    return setter is not None and setter.is_rightmost_first(line)


def to_install(text: str) -> str:
    """The command that has the text written with all of its letters; empty where it changes nothing."""
    return "" if typesetter() or all(map(_is_common, text)) else install("scripts")


def _typesetter(line: str) -> Typesetter | None:
    """That of the extra, if Pillow's typeface lacks a letter of the line."""
    return None if all(map(_is_common, line)) else typesetter()


def _named(name: str, letters: Sequence[str]) -> str:
    """A run of letters that a typeface has, if the name is empty, or that all lack."""
    if not name:
        return "".join(letters)
    if not _is_of_script(letters[0]):
        return f"‹{name}›" * len(letters)
    return f"‹{name} {' '.join(f'{ord(letter):04X}' for letter in letters)}›"


def _lacking(letter: str) -> str:
    """The name of what no typeface has: a letter's script, another sign's own; empty for what one has."""
    if _has(letter):
        return ""
    name = unicodedata.name(letter, f"U+{ord(letter):04X}")
    return name.split()[0] if _is_of_script(letter) else name.lower()


def _is_of_script(letter: str) -> bool:
    """Whether it is a letter, or a mark at one."""
    return unicodedata.category(letter)[0] in "LM"


@lru_cache(maxsize=4096)
def _is_common(letter: str) -> bool:
    """Whether Pillow's typeface has it."""
    return letter.isspace() or _look(letter) != _look(_NOBODY_HAS)


def _has(letter: str) -> bool:
    if _is_common(letter):
        return True
    setter = typesetter()
    return setter is not None and (letter in JOINERS or setter.has(letter))


def _look(letter: str) -> bytes:
    return bytes(font(_TRIAL).getmask(letter))


def _spelled(letter: str) -> str:
    """The letter, if a typeface has it, or what is like it, if anything is; nothing for what only directs."""
    if unicodedata.category(letter) == "Cf" or letter in UNSEEN:
        return letter if letter in JOINERS and _has(letter) else ""
    return letter if _has(letter) else SPELLINGS.get(letter) or _plain(letter)


def _plain(letter: str) -> str:
    if unicodedata.combining(letter):
        return ""
    return "".join(filter(str.isascii, unicodedata.normalize("NFKD", letter))) or letter


def wrapped(text: str, size: int, room: int, rows: int) -> Iterator[str]:
    """At most `rows` lines no wider than `room` px, broken at spaces and ideographs where there are any."""
    while rows > 1 and (fits := _fitting(text, size, room)) < len(text):
        cut = _cut(text, max(1, fits))
        yield text[:cut]
        text, rows = text[cut:].lstrip(), rows - 1
    yield shortened(text or "(no prompt)", size, room)


def shortened(text: str, size: int, room: int) -> str:
    """The text, cut with an ellipsis where it is wider than `room` px."""
    if _fitting(text, size, room) == len(text):
        return text
    return f"{text[: _fitting(text, size, room, _ELLIPSIS)].rstrip()}{_ELLIPSIS}"


def _fitting(text: str, size: int, room: int, end: str = "") -> int:
    """The number of leading characters that fit, with the end behind them."""

    def needed(count: int) -> int:
        return math.ceil(width(text[:count] + end, size))

    # Long prefixes take long to measure, and one line rarely has so many letters.
    most = _LINE
    while most < len(text) and needed(most) <= room:
        most *= 2
    return max(0, bisect_right(range(min(most, len(text)) + 1), room, key=needed) - 1)


def _cut(text: str, fits: int) -> int:
    """Where a line ends of which so many characters fit, and more than these are there."""
    whole = [cut for cut in range(1, fits + 1) if not _clings(text, cut)]
    breaks = [cut for cut in whole if text[cut] == " " or _is_wide(text[cut - 1]) or _is_wide(text[cut])]
    return max(breaks or whole or [fits])


def _clings(text: str, cut: int) -> bool:
    """Whether what is there belongs to what is before it: a mark, a closing bracket, what is joined."""
    before, after = unicodedata.category(text[cut - 1]), unicodedata.category(text[cut])
    return after[0] == "M" or after in _CLOSING or before == "Ps" or "Cf" in (before, after)


def _is_wide(letter: str) -> bool:
    return unicodedata.east_asian_width(letter) in ("W", "F")
