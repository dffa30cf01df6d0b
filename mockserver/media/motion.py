"""How the camera moves: from the words and strengths of a request to the vectors of each moment."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from mockserver.media.h264 import SIDE, Vector
from mockserver.media.layout import Layout
from mockserver.media.vectors import VectorField

STRONGEST: Final = 10.0
"""The strength of a movement that goes as far as there is."""
FARTHEST: Final = 0.14
"""The share of the frame, or the radians, by which the strongest movement has moved at the clip's end."""
_QUARTERS: Final = 4
"""Vectors are in quarter pixels."""
_REACH: Final = 3
"""Pixels around a block that a vector between whole pixels needs, too."""


class Camera(NamedTuple):
    """Where the camera is at the clip's end; at its beginning it shows the picture as it is.

    `x` and `y` are how far it has moved to the right and down, `turn_x` and `turn_y` how far it looks there,
    as shares of the frame's sides; `nearer` by which share the picture has grown; `roll` how far it has
    turned clockwise, in radians.
    """

    x: float = 0.0
    y: float = 0.0
    turn_x: float = 0.0
    turn_y: float = 0.0
    nearer: float = 0.0
    roll: float = 0.0


_STEP: Final = FARTHEST / STRONGEST
_AXES: Final[Mapping[str, Camera]] = {
    "horizontal": Camera(x=_STEP),
    "vertical": Camera(y=-_STEP),
    "pan": Camera(turn_y=-_STEP),
    "tilt": Camera(turn_x=_STEP),
    "roll": Camera(roll=_STEP),
    "zoom": Camera(nearer=2 * _STEP),
}
"""One step of each movement, as Kling names them: pan turns about the x axis, tilt about the y axis. That
more is to the right, up, clockwise and nearer is an assumption."""
_PRESETS: Final[Mapping[str, Camera]] = {
    "down_back": Camera(y=0.07, nearer=-0.12),
    "forward_up": Camera(y=-0.07, nearer=0.15),
    "right_turn_forward": Camera(turn_x=0.07, nearer=0.15),
    "left_turn_forward": Camera(turn_x=-0.07, nearer=0.15),
}
APPROACH: Final = Camera(nearer=0.12)
"""What the camera does where nothing is asked and there is a picture."""


def camera(movements: Iterable[tuple[str, float]]) -> Camera | None:
    """The movement that is asked for by words and strengths (-10 to 10); None where no word is known."""
    parts = [_movement(word, strength) for word, strength in movements if word in _AXES or word in _PRESETS]
    if not parts:
        return None
    return Camera(*(sum(values) for values in zip(*parts, strict=True)))


def _movement(word: str, strength: float) -> Camera:
    if word in _PRESETS:
        return _PRESETS[word]
    bounded = max(-STRONGEST, min(strength, STRONGEST))
    return Camera(*(step * bounded for step in _AXES[word]))


class View(NamedTuple):
    """The vectors of the picture's rows; `others` are rows, by their number, of macroblocks that differ."""

    field: VectorField
    others: Mapping[int, Mapping[int, Vector]]


def view(moved: Camera, share: float, layout: Layout) -> View:
    """What the camera shows when it has done that share of its movement."""
    if moved.roll:
        return _rolled(moved.roll * share, layout)
    grown = 1 / (1 + moved.nearer * share) - 1
    columns, rows = _ways(moved, layout)
    along = tuple([round(way * share + off * grown) for way, off in columns])
    aside = [round(way * share + off * grown) for way, off in rows]
    bounded = tuple([_within(row, vector, layout) for row, vector in enumerate(aside)])
    return View(VectorField(0, along, bounded), {})


def _middle(index: int) -> float:
    return SIDE * (index + 0.5)


def _quarters(pixels: float) -> int:
    return round(_QUARTERS * pixels)


@lru_cache(maxsize=16)
def _ways(
    moved: Camera, layout: Layout
) -> tuple[Sequence[tuple[float, float]], Sequence[tuple[float, float]]]:
    """How far the camera takes what it shows in each column, and in each row of the picture, in quarter
    pixels: at the end of its movement, and for each time that the picture has grown."""
    columns = [_way(_middle(at), layout.width, moved.x, moved.turn_x) for at in range(layout.columns)]
    rows = [_way(_middle(at), layout.top * SIDE, moved.y, moved.turn_y) for at in range(layout.top)]
    return columns, rows


def _way(at: float, side: int, moved: float, turned: float) -> tuple[float, float]:
    """A turning camera moves what is far from the middle by more, the square of the tangent of the angle to
    it."""
    off = (at - side / 2) / side
    return _QUARTERS * side * (moved + turned * (1 + 2 * off * off)), _QUARTERS * side * off


def _rolled(angle: float, layout: Layout) -> View:
    """A small turn: rows move along, and columns up and down. It is by the square of the angle too large."""
    columns = [_middle(column) for column in range(layout.columns)]
    rows = [_middle(row) for row in range(layout.top)]
    middle_x, middle_y = layout.width / 2, layout.top * SIDE / 2
    turn = math.tan(angle)
    along = tuple(_quarters((middle_y - y) * turn) for y in rows)
    aside = tuple(_quarters((x - middle_x) * turn) for x in columns)
    others = {}
    for row in range(layout.top):
        if row * SIDE + max(aside) / _QUARTERS > (layout.top - 1) * SIDE - _REACH:
            others[row] = {column: (along[row], _within(row, vector, layout))
                           for column, vector in enumerate(aside)}  # fmt: skip
    return View(VectorField(1, aside, along), others)


def _within(row: int, vector: int, layout: Layout) -> int:
    """The vector downwards, which shows no band: at the picture's lower edge it leads to the store."""
    last = (layout.top - 1) * SIDE
    at = row * SIDE + vector / _QUARTERS
    if at <= last - _REACH:
        return vector
    if at <= last:
        return _QUARTERS * round(vector / _QUARTERS)
    stored = layout.edge * SIDE + min(round(at) - last, SIDE)
    return _QUARTERS * (stored - row * SIDE)
