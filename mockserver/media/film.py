"""The pictures of a clip, one after another, as they are stored in its file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from typing import Final, NamedTuple

from mockserver.media import h264, motion
from mockserver.media.h264 import SIDE, Vector
from mockserver.media.layout import Layout, running_time
from mockserver.media.motion import Camera
from mockserver.media.regions import Regions
from mockserver.media.vectors import VectorField, VectorRows

SMOOTH: Final = 20
"""Frame rate from which on half of it still looks smooth, as the motion is slow."""
KEY_SECONDS: Final = 30
"""Seconds after which a player that seeks finds a picture which needs no other. Documented clips are
shorter."""
WIPE: Final = 0.3
"""The share of a clip, and below 1.5 s, in which its last picture comes in."""
STAYS: Final = 0.1
"""The share of a clip for which its last picture stays."""
_LONGEST_WIPE: Final = 1.5
_STEP: Final = 4 * SIDE
"""A vector's quarter pixels from one macroblock to the next."""


class Timing(NamedTuple):
    """Frames a second, and frames of the whole clip."""

    fps: int
    frames: int

    @property
    def hold(self) -> int:
        """For how many frames a picture stays the same."""
        return 2 if self.fps >= SMOOTH else 1


class Scene(NamedTuple):
    """Frames of a clip that show one drawn picture: the first one, how many, the macroblocks of the coded
    picture.

    `camera` moves over it, or `regions` do. `ending` are the macroblocks of a picture that it ends with.
    """

    start: int
    frames: int
    macroblocks: Sequence[bytes]
    camera: Camera
    regions: Regions | None = None
    ending: Sequence[bytes] | None = None


class Film(NamedTuple):
    """The coded pictures in their order, and the numbers of those that need no other."""

    samples: Sequence[bytes]
    keys: Sequence[int]


def film(scenes: Sequence[Scene], layout: Layout, timing: Timing) -> Film:
    """All pictures of a clip. The scenes are in their order."""
    samples: list[bytes] = []
    keys: list[int] = []
    for scene in scenes:
        for first, frames in _parts(scene, timing):
            keys.append(len(samples))
            units = _Part(scene, layout, timing, first, frames).units(len(keys) % 2)
            samples += [h264.parameters([unit]) for unit in units]
    return Film(samples, keys)


def _parts(scene: Scene, timing: Timing) -> Iterator[tuple[int, int]]:
    """The scene in parts, each of which begins with a picture that needs no other: first frame and count."""
    longest = KEY_SECONDS * timing.fps
    for at in range(0, scene.frames, longest):
        yield scene.start + at, min(longest, scene.frames - at)


class Elapsed(NamedTuple):
    """What tells the time in a frame: the digits, and how many columns of the bar are full."""

    text: str
    columns: int


def elapsed(layout: Layout, timing: Timing, frame: int) -> Elapsed:
    """The time in the frame of that number, from 0; the bar is full in the last one."""
    text = running_time(frame * 10 // timing.fps, layout.length) if layout.has_clock else ""
    return Elapsed(text, layout.columns * (frame + 1) // timing.frames)


def copies(layout: Layout, shown: Elapsed) -> Mapping[int, Mapping[int, Vector]]:
    """Where the band is copied from the store: vectors by row and column."""
    rows: dict[int, dict[int, Vector]] = {
        layout.top: dict.fromkeys(range(shown.columns), (0, _STEP * (layout.full_bar - layout.top)))
    }
    for index, character in enumerate(shown.text):
        if character != ".":
            for row, columns in _digit(layout, index, character).items():
                rows.setdefault(row, {}).update(columns)
    return rows


@lru_cache(maxsize=256)
def _digit(layout: Layout, index: int, digit: str) -> Mapping[int, Mapping[int, Vector]]:
    """The vectors of a digit of the running time, by row and column."""
    stored, clock, across = layout.stored_digit(digit), layout.clock, range(layout.digit)
    left = clock.column + index * layout.digit
    vector = _STEP * (stored.column - left), _STEP * (stored.row - clock.row)
    return {clock.row + down: {left + right: vector for right in across} for down in across}


class _Part:
    """Frames that follow one picture which needs no other."""

    def __init__(self, scene: Scene, layout: Layout, timing: Timing, first: int, frames: int) -> None:
        self._scene, self._layout, self._timing = scene, layout, timing
        self._first, self._frames = first, frames

    def units(self, parity: int) -> Iterator[bytes]:
        """Each frame's unit."""
        yield h264.key_picture(self._with_clock(), parity)
        if self._scene.ending is None:
            yield from self._moving(self._frames)
            return
        stays = round(STAYS * self._frames)
        wiped = min(round(WIPE * self._frames), round(_LONGEST_WIPE * self._timing.fps))
        yield from self._moving(self._frames - stays - wiped)
        yield from self._ending(self._frames - stays - wiped, wiped)

    def _moving(self, count: int) -> Iterator[bytes]:
        """The frames from 1 on that show the picture alone."""
        if self._scene.regions is None:
            moved = _Moved(self._layout, self._timing, self._scene.camera, self._first, max(1, count))
            yield from _camera_units(moved)
            return
        for index in range(1, count):
            if index % self._timing.hold:
                yield h264.same_picture(index, self._layout.coded)
            else:
                yield h264.moving_picture(index, self._region_body(index, count))

    def _region_body(self, index: int, count: int) -> str:
        share, regions, layout = index / max(1, count - 1), self._scene.regions, self._layout
        assert regions is not None
        camera = self._scene.camera if not regions.moving else Camera()
        field, others = motion.view(camera, share, layout)
        body = _picture_rows(field, {**others, **regions.rows(share, layout)}, layout)
        return _body(body, elapsed(layout, self._timing, self._first + index), layout)

    def _ending(self, start: int, wiped: int) -> Iterator[bytes]:
        """The frames from `start` on: the last picture comes in from the left, and stays."""
        done, before = 0, elapsed(self._layout, self._timing, self._first + max(0, start - 1))
        for index in range(max(1, start), self._frames):
            if index % self._timing.hold and index < self._frames - 1:
                yield h264.same_picture(index, self._layout.coded)
                continue
            share = (index - start + 1) / max(1, wiped)
            columns = min(self._layout.columns, round(share * self._layout.columns))
            now = elapsed(self._layout, self._timing, self._first + index)
            patches = [*self._wiped(done, columns), *self._ticked(before, now)]
            done, before = columns, now
            yield h264.patched_picture(index, self._layout.coded, patches)

    def _wiped(self, start: int, end: int) -> Iterator[tuple[int, Sequence[bytes]]]:
        """The columns of the last picture from `start` to `end`, row by row."""
        ending, columns = self._scene.ending, self._layout.columns
        assert ending is not None
        if start < end:
            for row in range(self._layout.top):
                yield row * columns + start, ending[row * columns + start : row * columns + end]

    def _ticked(self, before: Elapsed, now: Elapsed) -> Iterator[tuple[int, Sequence[bytes]]]:
        """What the band shows anew, row by row."""
        old, columns, blocks = copies(self._layout, before), self._layout.columns, self._scene.macroblocks
        for row, vectors in sorted(copies(self._layout, now).items()):
            known = old.get(row, {})
            for column, vector in sorted(vectors.items()):
                if known.get(column) != vector:
                    yield row * columns + column, [blocks[_source(row, column, vector, columns)]]

    def _with_clock(self) -> Sequence[bytes]:
        """The macroblocks of the drawn picture, with the time at which the part begins."""
        blocks, columns = list(self._scene.macroblocks), self._layout.columns
        for row, vectors in copies(self._layout, elapsed(self._layout, self._timing, self._first)).items():
            for column, vector in vectors.items():
                blocks[row * columns + column] = blocks[_source(row, column, vector, columns)]
        return blocks


class _Moved(NamedTuple):
    """All that the vectors of a part depend on: `frames` from the one numbered `first` on."""

    layout: Layout
    timing: Timing
    camera: Camera
    first: int
    frames: int


@lru_cache(maxsize=16)
def _camera_units(moved: _Moved) -> Sequence[bytes]:
    """The frames behind the first one. They have no samples, so clips of one size share them: some 100 kB
    each."""
    units = []
    for index in range(1, moved.frames):
        if index % moved.timing.hold:
            units.append(h264.same_picture(index, moved.layout.coded))
            continue
        field, others = motion.view(moved.camera, index / max(1, moved.frames - 1), moved.layout)
        shown = elapsed(moved.layout, moved.timing, moved.first + index)
        body = _body(_picture_rows(field, others, moved.layout), shown, moved.layout)
        units.append(h264.moving_picture(index, body))
    return tuple(units)


def _picture_rows(
    field: VectorField, others: Mapping[int, Mapping[int, Vector]], layout: Layout
) -> VectorRows:
    """The rows of the picture: those of a field, but for others."""
    rows = VectorRows(layout.columns)
    for differs, group in groupby(range(layout.top), key=others.__contains__):
        numbers = list(group)
        part = field._replace(rows=field.rows[numbers[0] : numbers[-1] + 1])
        if differs or layout.columns == 1:
            for at, row in enumerate(numbers):
                rows.row({**dict(enumerate(part.row(at))), **others.get(row, {})})
        elif any(part.rows) or any(part.columns):
            rows.field(part)
        else:
            rows.still(len(numbers))
    return rows


def _body(rows: VectorRows, shown: Elapsed, layout: Layout) -> str:
    """The bits of a picture whose first rows are written: the band, with its time, and the store."""
    copied = copies(layout, shown)
    last = max(copied) + 1
    rows.same((0, _STEP * (layout.full_bar - layout.top)), shown.columns)
    for row in range(layout.top + 1, last):
        rows.row(copied.get(row, {}))
    rows.still(layout.coded.rows - last)
    return rows.body()


def _source(row: int, column: int, vector: Vector, columns: int) -> int:
    """Which macroblock of a picture a vector of whole macroblocks leads to."""
    return (row + vector[1] // _STEP) * columns + column + vector[0] // _STEP
