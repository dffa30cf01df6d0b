"""The band below the picture: what was asked, in words, the running time's place, and the mark."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from mockserver.media import lettering, mark
from mockserver.media.h264 import SIDE
from mockserver.media.layout import DIGITS, Layout, digit_side, running_time
from mockserver.media.spec import VideoSpec

if TYPE_CHECKING:
    from PIL import Image

WHITE, SOFT, DIM = "#ffffff", "#dfe3ea", "#a3acb9"
ACCENT, TRACK, DARK = "#35c2a5", "#4a515c", "#0d1016"
_SHARE: Final = 0.45
"""Of the frame's height that the band takes at most."""
_PARAMETER_ROWS: Final = 2


class Line(NamedTuple):
    """One line of the band: runs of (text, colour) in type of `size` px."""

    size: int
    runs: tuple[tuple[str, str], ...]

    @property
    def height(self) -> int:
        """Pixels."""
        return round(1.36 * self.size)


class Band(NamedTuple):
    """What the band shows, and where: `layout` has its first row."""

    layout: Layout
    unit: int
    lines: tuple[Line, ...]
    mark: mark.JobMark
    cells: mark.Grid | None


def band(spec: VideoSpec, facts: str) -> Band:
    """The band, with as many lines as leave more than half of the frame to the picture."""
    marked = mark.JobMark(spec.job_id, spec.request)
    cells = mark.grid(marked, spec.width, spec.height)
    side, length = digit_side(spec.width, spec.height), len(running_time(int(spec.seconds * 10), 3))
    height = SIDE + _gap(spec) + (cells.height if cells else 0)
    lines: list[Line] = []
    for line in _lines(spec, facts, length * side * SIDE):
        row = line.height if lines else max(line.height, side * SIDE)
        if height + row > _SHARE * spec.height and (lines or height > 0.6 * spec.height):
            break
        lines.append(line)
        height += row
    top = max(1, (spec.height - height) // SIDE)
    return Band(Layout(spec.width, spec.height, top, side, length), _unit(spec), tuple(lines), marked, cells)


def draw(made: Band) -> Image.Image:
    """The band in RGB, from its first row to the frame's lower edge."""
    from PIL import Image, ImageDraw

    layout = made.layout
    sheet = Image.new("RGB", (layout.width, max(2, layout.height - layout.top * SIDE)), DARK)
    pen = ImageDraw.Draw(sheet)
    pen.rectangle((0, 0, layout.width, _thickness(made.unit) - 1), fill=TRACK)
    y = SIDE
    for line in made.lines:
        row = line.height if y > SIDE else max(line.height, layout.digit * SIDE)
        x, middle = float(made.unit), y + row / 2
        if len(line.runs) == 1 and lettering.starts_right(line.runs[0][0]):
            x = layout.width - made.unit - lettering.width(line.runs[0][0], line.size)
        for text, colour in line.runs:
            lettering.write(sheet, text, line.size, colour, (x, middle))
            x += lettering.width(text, line.size)
        y += row
    if made.cells:
        sheet.paste(mark.draw(made.mark, made.cells, layout.width), (0, sheet.height - made.cells.height))
    return sheet


@lru_cache(maxsize=8)
def full_bar(width: int, unit: int) -> Image.Image:
    """A row of macroblocks of the progress bar where the time has passed."""
    from PIL import Image

    sheet = Image.new("RGB", (width, SIDE), DARK)
    sheet.paste(ACCENT, (0, 0, width, _thickness(unit)))
    return sheet


@lru_cache(maxsize=8)
def digit(character: str, side: int) -> Image.Image:
    """A digit, or the point, as large as `side` macroblocks."""
    from PIL import Image, ImageDraw

    size = side * SIDE
    sheet = Image.new("RGB", (size, size), DARK)
    font = lettering.font(size)
    ImageDraw.Draw(sheet).text((size / 2, size * 0.87), character, fill=WHITE, font=font, anchor="ms")
    return sheet


def digits(side: int) -> dict[str, Image.Image]:
    """Each digit as large as `side` macroblocks."""
    return {character: digit(character, side) for character in DIGITS}


def _gap(spec: VideoSpec) -> int:
    """Pixels between the text and the mark; small frames have none to spare."""
    return _unit(spec) // 2 * (spec.height >= 300)


def _thickness(unit: int) -> int:
    """Pixels of the progress bar."""
    return min(SIDE - 4, max(2, unit // 8 * 2))


def _unit(spec: VideoSpec) -> int:
    """The size of the running text, px, to which everything on top is proportional."""
    return max(11, round(0.03 * min(spec.width, spec.height)))


def _lines(spec: VideoSpec, facts: str, clock: int) -> Iterator[Line]:
    """The lines in the order in which they are left out where there is no room. `clock` px are taken in the
    first."""
    unit, room = _unit(spec), spec.width - 2 * _unit(spec)
    title, small = round(1.15 * unit), max(10, round(0.8 * unit))
    provider, model = lettering.printable(spec.provider), lettering.printable(spec.model)
    free = max(unit, room - clock - SIDE)
    if lettering.width(f"{provider}  {model}", title) <= free:
        yield Line(title, ((f"{provider}  ", ACCENT), (model, WHITE)))
    else:
        yield Line(title, ((lettering.shortened(provider, title, free), ACCENT),))
        yield Line(title, ((lettering.shortened(model, title, room), WHITE),))
    rows = 3 if spec.height > spec.width else 2
    for text in lettering.wrapped(lettering.printable(spec.prompt), unit, room, rows):
        yield Line(unit, ((text, SOFT),))
    job = f"job {lettering.printable(spec.job_id)}"
    if lettering.width(f"{job}  ·  {facts}", small) <= room:
        yield Line(small, ((f"{job}  ·  {facts}", DIM),))
    else:
        yield Line(small, ((lettering.shortened(job, small, room), DIM),))
        yield Line(small, ((lettering.shortened(facts, small, room), DIM),))
    wanted = "  ·  ".join(f"{name} {lettering.printable(value)}" for name, value in spec.wanted)
    if wanted:
        for text in lettering.wrapped(wanted, small, room, _PARAMETER_ROWS):
            yield Line(small, ((text, DIM),))
