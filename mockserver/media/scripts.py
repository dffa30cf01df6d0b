"""Text in scripts that Pillow's typeface lacks: the Noto typefaces of the extra `scripts`, set by HarfBuzz.

HarfBuzz chooses the glyphs, joins Arabic and orders Indic letters, and draws them, so that a picture is the
same on every system: Pillow does it only where the system has FriBiDi. The directions are python-bidi's.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from importlib import import_module
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from mockserver.extras import has_scripts

if TYPE_CHECKING:
    from PIL import Image

JOINERS: Final = "\u200c\u200d"
"""What says whether letters join, and makes one sign of several."""
_UNITS: Final = 64
"""Of HarfBuzz in a pixel."""
_CIRCLE: Final = "◌"
"""The letter of marks that have none."""
_MARKER: Final = "\ufe00"
"""Of the bidirectional class of combining marks, so that it shares the direction of what is before it."""


class _Glyph(NamedTuple):
    """A sign of a typeface; the distances in units."""

    number: int
    right: int
    up: int
    advance: int


class Typesetter:
    """The typefaces, each after those that are rather used for what both have.

    Lines are given as text in the order of reading, sizes in px of the em square.
    """

    def __init__(self, harfbuzz: ModuleType, bidi: ModuleType, files: Sequence[Path]) -> None:
        self._harfbuzz, self._bidi = harfbuzz, bidi
        self._faces = [harfbuzz.Face(harfbuzz.Blob.from_file_path(str(file))) for file in files]
        self._any_size = [harfbuzz.Font(face) for face in self._faces]
        self._face_of = lru_cache(maxsize=4096)(self._first_with)
        self._font = lru_cache(maxsize=64)(self._sized)
        self._set = lru_cache(maxsize=64)(self._typeset)

    def has(self, letter: str) -> bool:
        """Whether one of the typefaces has it."""
        return self._face_of(letter) is not None

    def is_rightmost_first(self, line: str) -> bool:
        """Whether the line is read from right to left."""
        return any(map(_goes_left, line)) and self._bidi.get_base_level(line) == 1

    def width(self, line: str, size: int) -> float:
        """Pixels."""
        return sum(glyph.advance for _, glyphs in self._set(line, size) for glyph in glyphs) / _UNITS

    def draw(self, line: str, size: int, height: int, baseline: int) -> Image.Image:
        """The line as a mask (mode L) of that height, with `baseline` px of it above the baseline."""
        from PIL import Image

        raster, width = self._harfbuzz.RasterDraw(), max(1, math.ceil(self.width(line, size)))
        raster.scale_factor = float(_UNITS), float(_UNITS)
        raster.extents = self._harfbuzz.RasterExtents(0, baseline - height, width, height, width)
        x = 0
        for font, glyphs in self._set(line, size):
            for glyph in glyphs:
                raster.transform = 1.0, 0.0, 0.0, 1.0, float(x + glyph.right), float(glyph.up)
                raster.draw_glyph(font, glyph.number)
                x += glyph.advance
        drawn = raster.render()
        # Its rows go from the bottom to the top.
        return Image.frombytes("L", (width, height), drawn.buffer, "raw", "L", drawn.extents.stride, -1)

    def _typeset(self, line: str, size: int) -> Sequence[tuple[Any, Sequence[_Glyph]]]:
        """Fonts with their glyphs, from left to right."""
        language, made = _language(line), []
        for goes_left, group in groupby(self._visual(line), key=lambda pair: pair[1]):
            letters = [letter for letter, _ in group]
            runs = list(self._runs("".join(reversed(letters) if goes_left else letters)))
            for face, text in reversed(runs) if goes_left else runs:
                font = self._font(face, size)
                made.append((font, self._shaped(font, text, "rtl" if goes_left else "ltr", language)))
        return made

    def _visual(self, line: str) -> Iterator[tuple[str, bool]]:
        """The letters from left to right, and whether each is of a run to the left.

        A bracket in such a run is mirrored. Where a marker put behind it comes out before it, it is in one.
        """
        if not any(map(_goes_left, line)):
            yield from ((letter, False) for letter in line)
            return
        marked = "".join(letter + _MARKER * unicodedata.mirrored(letter) for letter in line)
        letters = iter(self._bidi.get_display(marked))
        for letter in letters:
            if letter == _MARKER:
                yield next(letters), True
            else:
                if unicodedata.mirrored(letter):
                    next(letters)
                yield letter, _goes_left(letter)

    def _runs(self, text: str) -> Iterator[tuple[int, str]]:
        """Typefaces, by number, with the text in each; a mark that has no letter there gets a circle."""
        face = 0

        def chosen(letter: str) -> int:
            nonlocal face
            if not (letter in JOINERS or (_is_mark(letter) and self._is_in(face, letter))):
                face = self._face_of(letter) or 0
            return face

        for number, group in groupby(text, key=chosen):
            letters = "".join(group)
            orphan = _is_mark(letters[0]) and self._is_in(number, _CIRCLE)
            yield number, f"{_CIRCLE}{letters}" if orphan else letters

    def _shaped(self, font: Any, text: str, direction: str, language: str) -> Sequence[_Glyph]:
        buffer = self._harfbuzz.Buffer()
        buffer.add_str(text)
        buffer.direction = direction
        buffer.guess_segment_properties()
        buffer.language = language
        self._harfbuzz.shape(font, buffer)
        return [
            _Glyph(info.codepoint, place.x_offset, place.y_offset, place.x_advance)
            for info, place in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True)
        ]

    def _first_with(self, letter: str) -> int | None:
        return next((face for face in range(len(self._faces)) if self._is_in(face, letter)), None)

    def _is_in(self, face: int, letter: str) -> bool:
        return bool(self._any_size[face].get_nominal_glyph(ord(letter)))

    def _sized(self, face: int, size: int) -> Any:
        font = self._harfbuzz.Font(self._faces[face])
        font.scale = size * _UNITS, size * _UNITS
        return font


@cache
def typesetter() -> Typesetter | None:
    """The typefaces of the extra, opened when first needed; None where it is not installed."""
    if not has_scripts():
        return None
    files = [
        *_files("manimgx_fonts", "NotoSans[[]*"),
        *_files("manimgx_fonts", "NotoSans[A-Z]*"),
        *_files("noto_cjk_sans_jp_regular", "*.otf"),
        *_files("manimgx_fonts", "NotoEmoji*"),
    ]
    return Typesetter(import_module("uharfbuzz"), import_module("bidi"), files)


def _files(package: str, pattern: str) -> Sequence[Path]:
    spec = find_spec(package)
    folders = map(Path, spec.submodule_search_locations or () if spec else ())
    return sorted(file for folder in folders for file in folder.glob(pattern))


def _is_mark(letter: str) -> bool:
    return unicodedata.category(letter)[0] == "M"


def _goes_left(letter: str) -> bool:
    """Whether it is a letter of a script that is written to the left, or a mark at one."""
    direction = unicodedata.bidirectional(letter)
    if direction == "NSM":
        return 0x0590 <= ord(letter) < 0x0900 or 0x10A00 <= ord(letter) < 0x11000
    return direction in ("R", "AL")


def _language(line: str) -> str:
    """That whose forms the ideographs of the line have."""
    names = {unicodedata.name(letter, "").partition(" ")[0] for letter in line}
    if names & {"HIRAGANA", "KATAKANA"}:
        return "ja"
    return "ko" if "HANGUL" in names else "zh-hans"
