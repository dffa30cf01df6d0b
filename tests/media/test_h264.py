"""Pictures as we write them, against a decoder: each sample is where a vector says, for any vectors."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from random import Random

import av
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from mockserver.media import h264
from mockserver.media.h264 import SIDE, STILL, Coded, Vector
from mockserver.media.macroblocks import macroblocks
from mockserver.media.vectors import VectorField, VectorRows

Planes = tuple[bytes, bytes, bytes]


def coded(columns: int, rows: int) -> Coded:
    return Coded(columns, rows, columns * SIDE, rows * SIDE)


def samples(size: Coded, seed: int) -> list[bytes]:
    """Macroblocks of any samples that a picture may have."""
    random = Random(seed)
    return [bytes(random.randrange(16, 236) for _ in range(384)) for _ in range(size.total)]


def decoded(size: Coded, units: Iterable[bytes], fps: int = 10) -> list[Planes]:
    """The planes of each picture."""
    sets = (h264.sequence_parameters(size, fps), h264.picture_parameters())
    context = av.CodecContext.create("h264", "r")
    data = b"".join(b"\0\0\0\1" + unit for unit in (*sets, *units))
    frames = [*context.parse(data), *context.parse(None)]
    shown = [frame for packet in [*frames, None] for frame in context.decode(packet)]
    return [tuple(_plane(frame, at) for at in range(3)) for frame in shown]  # type: ignore[misc]


def _plane(frame: av.VideoFrame, at: int) -> bytes:
    plane = frame.planes[at]
    data, width = bytes(plane), frame.width // (2 if at else 1)
    height = frame.height // (2 if at else 1)
    return b"".join(data[row * plane.line_size : row * plane.line_size + width] for row in range(height))


def planes(size: Coded, blocks: Sequence[bytes]) -> Planes:
    """The macroblocks as planes."""
    parts = ((0, SIDE), (256, 8), (320, 8))
    return tuple(_joined(size, blocks, start, side) for start, side in parts)  # type: ignore[return-value]


def _joined(size: Coded, blocks: Sequence[bytes], start: int, side: int) -> bytes:
    rows = []
    for row in range(size.rows * side):
        line = blocks[row // side * size.columns : (row // side + 1) * size.columns]
        at = start + row % side * side
        rows.append(b"".join(block[at : at + side] for block in line))
    return b"".join(rows)


def moved(size: Coded, picture: Planes, vectors: Sequence[Sequence[Vector]]) -> Planes:
    """The planes with each macroblock from where its vector, in whole chroma samples, leads; edges go on."""
    made = []
    for plane, side in zip(picture, (SIDE, 8, 8), strict=True):
        width, height = size.columns * side, size.rows * side
        lines = []
        for y in range(height):
            line = bytearray()
            for column in range(size.columns):
                right, down = (part * side // 64 for part in vectors[y // side][column])
                row = min(max(y + down, 0), height - 1) * width
                at = range(column * side + right, column * side + right + side)
                line += bytes(plane[row + min(max(x, 0), width - 1)] for x in at)
            lines.append(bytes(line))
        made.append(b"".join(lines))
    return made[0], made[1], made[2]


VECTORS = st.tuples(st.integers(-9, 9), st.integers(-9, 9)).map(lambda pair: (8 * pair[0], 8 * pair[1]))
SOME = st.one_of(st.just(STILL), st.sampled_from([(8, 0), (0, -16)]), VECTORS)


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 5), st.integers(1, 4), st.integers(0, 9), st.data())
def test_every_macroblock_is_where_its_vector_leads(
    columns: int, rows: int, seed: int, data: st.DataObject
) -> None:
    size = coded(columns, rows)
    blocks = samples(size, seed)
    vectors = [[data.draw(SOME) for _ in range(columns)] for _ in range(rows)]
    written = VectorRows(columns)
    for row in vectors:
        written.row({column: vector for column, vector in enumerate(row) if vector != STILL})

    shown = decoded(size, [h264.key_picture(blocks, 0), h264.moving_picture(1, written.body())])

    before = planes(size, blocks)
    assert shown == [before, moved(size, before, vectors)]


@settings(deadline=None)
@given(st.integers(1, 6), SOME, st.data())
def test_a_row_that_begins_with_one_vector_again_and_again_is_written_as_any_row(
    columns: int, vector: Vector, data: st.DataObject
) -> None:
    count = data.draw(st.integers(0, columns))
    above = data.draw(st.none() | st.lists(st.just(vector) | SOME, min_size=columns, max_size=columns))
    below = {column: data.draw(SOME) for column in data.draw(st.sets(st.integers(0, columns - 1)))}
    bodies = []
    for is_same in (True, False):
        written = VectorRows(columns)
        if above is not None:
            written.row(dict(enumerate(above)))
        if is_same:
            written.same(vector, count)
        else:
            written.row(dict.fromkeys(range(count), vector))
        written.row(below)
        bodies.append(written.body())

    assert bodies[0] == bodies[1]


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 1), st.integers(2, 6), st.integers(1, 5), st.data())
def test_a_field_is_what_its_rows_are_one_by_one(
    axis: int, columns: int, rows: int, data: st.DataObject
) -> None:
    part = st.integers(-9, 9).map(lambda value: 8 * value)
    along = tuple(data.draw(part) for _ in range(columns))
    field = VectorField(axis, along, tuple(data.draw(part) for _ in range(rows)))
    vectors = [field.row(row) for row in range(rows)]
    above = data.draw(st.integers(0, 1))
    size = coded(columns, above + rows + 1)
    written = VectorRows(columns)
    written.still(above)
    written.field(field)
    written.still(1)
    blocks = samples(size, 1)

    shown = decoded(size, [h264.key_picture(blocks, 0), h264.moving_picture(1, written.body())])

    still = [STILL] * columns
    assert shown[1] == moved(size, planes(size, blocks), [*[still] * above, *vectors, still])
    assert vectors[0][0] == ((along[0], field.rows[0]) if axis == 0 else (field.rows[0], along[0]))


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 5), st.integers(1, 4), st.data())
def test_patches_lie_on_the_picture_before(columns: int, rows: int, data: st.DataObject) -> None:
    size = coded(columns, rows)
    blocks, others = samples(size, 1), samples(size, 2)
    places = sorted(data.draw(st.sets(st.integers(0, size.total - 1))))
    patches = [(place, [others[place]]) for place in places]

    units = [
        h264.key_picture(blocks, 0),
        h264.same_picture(1, size),
        h264.patched_picture(2, size, patches),
        h264.same_picture(3, size),
    ]

    wanted = [others[at] if at in places else block for at, block in enumerate(blocks)]
    first, second = planes(size, blocks), planes(size, wanted)
    assert decoded(size, units) == [first, first, second, second]


def test_a_patch_has_several_macroblocks_side_by_side() -> None:
    size = coded(4, 3)
    blocks, others = samples(size, 1), samples(size, 2)

    units = [
        h264.key_picture(blocks, 0),
        h264.patched_picture(1, size, [(2, others[2:7]), (11, others[11:])]),
    ]

    assert decoded(size, units)[1] == planes(size, [*blocks[:2], *others[2:7], *blocks[7:11], *others[11:]])


def test_a_key_picture_begins_anew_and_vectors_lead_into_the_last_one() -> None:
    size = coded(3, 2)
    first, second = samples(size, 1), samples(size, 2)
    rows = VectorRows(3)
    for _ in range(2):
        rows.row(dict.fromkeys(range(3), (32, 0)))
    body = rows.body()

    units = [
        h264.key_picture(first, 0),
        h264.moving_picture(1, body),
        h264.key_picture(second, 1),
        h264.same_picture(1, size),
        h264.moving_picture(2, body),
    ]

    vectors = [[(32, 0)] * 3] * 2
    before, after = planes(size, first), planes(size, second)
    wanted = [before, moved(size, before, vectors), after, after, moved(size, after, vectors)]
    assert decoded(size, units) == wanted


def test_numbers_go_round_after_65535_pictures() -> None:
    size = coded(2, 2)

    assert h264.same_picture(65_537, size) == h264.same_picture(1, size)


def test_what_looks_like_the_start_of_a_unit_is_escaped() -> None:
    # A picture's number is 16 bits: that of the 1024th is zero in its lower byte, and more zeros follow.
    size = coded(3, 3)
    blocks = samples(size, 3)
    pictures = [h264.same_picture(index, size) for index in range(1, 1030)]
    for unit in pictures:
        assert not any(unit.find(bytes((0, 0, byte)), 1) >= 0 for byte in (0, 1, 2))

    assert len(decoded(size, [h264.key_picture(blocks, 0), *pictures])) == 1030


@pytest.mark.parametrize(
    ("data", "escaped"),
    [
        (b"\1\0\0\0\0\0\1", b"\1\0\0\3\0\0\3\0\1"),
        (b"\1\0\0\3", b"\1\0\0\3\3"),
        (b"\1\0\0\4", b"\1\0\0\4"),
        (b"\1\0\1\0\0\2", b"\1\0\1\0\0\3\2"),
    ],
)
def test_zeros_are_escaped(data: bytes, escaped: bytes) -> None:
    assert h264._escaped(data) == escaped


@pytest.mark.parametrize(
    ("width", "height", "fps", "level"),
    [
        (160, 96, 10, 30), (1280, 720, 24, 31), (1280, 736, 30, 32), (1280, 784, 60, 40),
        (1920, 1088, 30, 40),
        (1920, 1168, 24, 50), (3840, 2240, 24, 51), (3840, 2240, 60, 52), (7680, 4320, 24, 52),
    ],
)  # fmt: skip
def test_a_clip_has_the_lowest_level_with_room_for_it(width: int, height: int, fps: int, level: int) -> None:
    assert h264.level(coded(width // 16, height // 16), fps) == level


def test_a_decoder_shows_the_size_that_is_shown_and_the_colours() -> None:
    size = Coded(4, 5, 50, 62)
    context = av.CodecContext.create("h264", "r")
    units = (
        h264.sequence_parameters(size, 24),
        h264.picture_parameters(),
        h264.key_picture(samples(size, 1), 0),
    )
    packets = [*context.parse(b"".join(b"\0\0\0\1" + unit for unit in units)), *context.parse(None)]
    (frame,) = [frame for packet in [*packets, None] for frame in context.decode(packet)]

    assert (frame.width, frame.height, frame.format.name) == (50, 62, "yuv420p")
    assert (frame.colorspace, frame.color_range) == (1, 1)
    assert context.profile == "Constrained Baseline"


def test_numbers_are_exp_golomb() -> None:
    assert [h264.number(value) for value in (0, 1, 2, 6)] == ["1", "010", "011", "00111"]
    assert [h264.signed(value) for value in (0, 1, -1, 2, -2)] == ["1", "010", "011", "00100", "00101"]


def test_a_drawn_picture_has_the_samples_of_bt709() -> None:
    picture = Image.new("RGB", (32, 32), "white")
    picture.paste("red", (0, 0, 16, 16))
    picture.paste("black", (16, 16, 32, 32))

    blocks = macroblocks(picture)

    assert [(block[0], block[256], block[320]) for block in blocks] == [
        (63, 102, 240), (235, 128, 128), (235, 128, 128), (16, 128, 128)
    ]  # fmt: skip
    assert {len(block) for block in blocks} == {384}
