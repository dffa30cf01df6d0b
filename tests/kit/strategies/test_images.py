"""Pictures made by hand: true files, of exactly the size and the bytes that were asked for."""

from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from mockserver.contract.formats import image_problem
from mockserver.kit.strategies.images import bmp, faulty, fullest, jpeg, png, sizes, values
from mockserver.media.picture import measure
from tests.kit.strategies.loading import FEW

RULE = {
    "forms": ["url", "base64", "data-uri"],
    "types": ["jpeg", "png"],
    "maxBytes": 20_000,
    "minSide": 300,
    "minRatio": 0.4,
    "maxRatio": 2.5,
}
SIDES = st.integers(1, 700)


@FEW
@given(SIDES, SIDES, st.sampled_from([png, jpeg, bmp]))
def test_a_picture_decodes_to_its_size(width: int, height: int, make: type) -> None:
    data = make(width, height)
    image = Image.open(BytesIO(data))
    image.load()
    assert image.size == (width, height)
    assert measure(data)[1:] == (width, height)


@pytest.mark.parametrize("size", [1000, 5000, 70_001])
def test_a_png_is_padded_to_exactly_the_bytes_asked_for(size: int) -> None:
    data = png(300, 300, size)
    Image.open(BytesIO(data)).load()
    assert len(data) == size


@pytest.mark.parametrize(
    "rule",
    [
        RULE,
        {"forms": ["url"]},
        {"forms": ["url", "data-uri"], "types": ["png"], "minSide": 300, "minRatio": 0.5, "maxRatio": 2},
        {**RULE, "forms": ["url", "base64"], "empty": True},
        {"forms": ["base64"], "types": ["jpeg", "png"]},
    ],
)
def test_values_keep_a_rule_and_faulty_ones_break_it(rule: dict[str, object]) -> None:
    for text in (*values(rule), *fullest(rule)):
        assert image_problem(text, rule, measure) is None
    for text in faulty(rule):
        assert image_problem(text, rule, measure)


def test_sizes_are_at_every_limit() -> None:
    assert {(300, 300), (750, 300), (300, 750)} <= set(sizes(RULE))
