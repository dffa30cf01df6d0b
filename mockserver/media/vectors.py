"""The vectors of a picture as H.264 has them (ISO 14496-10, 8.4.1): as distances from predictions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from mockserver.media.h264 import STILL, Vector, number, signed


class VectorField(NamedTuple):
    """Vectors of some rows of macroblocks, in quarter pixels: the component `axis` (0 is x) of each column,
    which is the same in all rows, and the other one of each row, which is the same in all columns."""

    axis: int
    columns: tuple[int, ...]
    rows: tuple[int, ...]

    def row(self, index: int) -> list[Vector]:
        """The vectors of one row."""
        across = self.rows[index]
        if self.axis:
            return [(across, along) for along in self.columns]
        return [(along, across) for along in self.columns]


class VectorRows:
    """The vectors of a picture, written row by row as bits.

    A macroblock's vector is written as its distance from a prediction by its neighbours: the one on the left,
    the one above, and the one above on the right (8.4.1.3).
    """

    def __init__(self, columns: int) -> None:
        self._columns = columns
        self._above: Sequence[Vector] | None = None
        self._skipped = 0
        self._bits: list[str] = []

    def still(self, rows: int) -> None:
        """Rows that show the same place of the reference."""
        if rows:
            self._skipped += rows * self._columns
            self._above = (STILL,) * self._columns

    def row(self, vectors: Mapping[int, Vector]) -> None:
        """A row of any vectors by their columns; the others are still."""
        row = [STILL] * self._columns
        for column, vector in vectors.items():
            row[column] = vector
        at = 0
        for column in sorted({*vectors, *(column + 1 for column in vectors)} - {self._columns}):
            # Right of one that is still, or at the left edge, skipped means still.
            self._skipped += column - at
            self._macroblock(row, column)
            at = column + 1
        self._skipped += self._columns - at
        self._above = row

    def same(self, vector: Vector, count: int) -> None:
        """A row that begins with so many macroblocks of one vector, and is still behind them.

        As `row` writes it, in half the time: from one to the next nothing but the row above differs.
        """
        above = self._above
        if not count or vector == STILL or above is None or self._columns == 1:
            self.row(dict.fromkeys(range(count), vector))
            return
        row = [vector] * count + [STILL] * (self._columns - count)
        self._macroblock(row, 0)
        x, y = vector
        # At the right edge the third neighbour is above on the left.
        for (u, v), (s, t) in zip(above[1:count], [*above[2:], above[-2]], strict=False):
            expected = sorted((x, u, s))[1], sorted((y, v, t))[1]
            if vector == (expected if u or v else STILL):
                self._skipped += 1
                continue
            self._bits.append(f"{number(self._skipped)}1{signed(x - expected[0])}{signed(y - expected[1])}1")
            self._skipped = 0
        if count < self._columns:
            self._macroblock(row, count)
            self._skipped += self._columns - count - 1
        self._above = row

    def field(self, field: VectorField) -> None:
        """Rows of a field of at least two columns.

        Below its first row the prediction across is the row above, that along is the middle of three columns.
        So rows that are as far from the one above have the same bits: they take a twentieth of the time.
        """
        if self._above is None:
            self._first(field)
        else:
            self.row(dict(enumerate(field.row(0))))
        steps = _steps(field.columns)
        texts: dict[int, str] = {}
        for above, here in pairwise(field.rows):
            text = texts.get(here - above)
            if text is None:
                step = signed(here - above)
                before, behind = ("11" + step, "1") if field.axis else ("11", step + "1")
                text = texts[here - above] = before[1:] + (behind + before).join(steps) + behind
            self._bits.append(number(self._skipped) + text)
            self._skipped = 0
        self._above = field.row(-1)

    def _first(self, field: VectorField) -> None:
        """The picture's first row, in which each prediction is the macroblock on the left."""
        across = signed(field.rows[0])
        for left, here in pairwise((0, *field.columns)):
            step = signed(here - left)
            self._bits.append(f"11{across}{step}1" if field.axis else f"11{step}{across}1")
            across = "1"

    def body(self) -> str:
        """The bits of the whole picture, after its last row."""
        if self._skipped:
            self._bits.append(number(self._skipped))
            self._skipped = 0
        return "".join(self._bits)

    def _macroblock(self, row: Sequence[Vector], column: int) -> None:
        """One that is skipped, or those skipped before it, its type, its vector, and that it has no
        samples."""
        vector, left = row[column], row[column - 1] if column else None
        x, y = expected = self._expected(left, column)
        # The vector of one that is skipped (8.4.1.1).
        moves = left and left != STILL and self._above is not None and self._above[column] != STILL
        if vector == (expected if moves else STILL):
            self._skipped += 1
            return
        self._bits.append(f"{number(self._skipped)}1{signed(vector[0] - x)}{signed(vector[1] - y)}1")
        self._skipped = 0

    def _expected(self, left: Vector | None, column: int) -> Vector:
        """The prediction by the neighbours; of one that is alone, its vector."""
        above = self._above
        if above is None:
            return left or STILL
        if column + 1 < self._columns:
            corner = above[column + 1]
        elif left is None:
            return above[column]
        else:
            # At the right edge it is the neighbour above on the left.
            corner = above[column - 1]
        (x, y), (u, v), (s, t) = left or STILL, above[column], corner
        return sorted((x, u, s))[1], sorted((y, v, t))[1]


@lru_cache(maxsize=256)
def _steps(values: tuple[int, ...]) -> Sequence[str]:
    """Of a row's values along it, how far each is from the prediction by three columns, in bits."""
    last = len(values) - 1
    steps = [values[0] - sorted((0, values[0], values[1]))[1]]
    steps += [values[at] - sorted(values[at - 1 : at + 2])[1] for at in range(1, last)]
    steps.append(values[last] - values[last - 1])
    return tuple(map(signed, steps))
