"""Which masks have the shape of their picture: those of its ratio, but for the rounding of a side."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract.media_places import MediaPlaces
from mockserver.contract.pointer import ABSENT
from mockserver.engine.masks import _alike, _masks

SIDES = st.integers(1, 4000)


class Header(NamedTuple):
    """What a picture's header says."""

    width: int
    height: int
    kind: str = "png"


@given(SIDES, SIDES, SIDES)
def test_a_mask_that_was_scaled_to_any_width_fits(width: int, height: int, scaled: int) -> None:
    mask = Header(scaled, round(scaled * height / width))

    assert _alike(mask, Header(width, height))


@pytest.mark.parametrize(
    ("mask", "picture", "alike"),
    [
        ((100, 100), (100, 100), True),
        ((100, 101), (100, 100), True),
        ((100, 102), (100, 100), False),
        ((50, 100), (200, 400), True),
        ((50, 101), (200, 400), True),
        ((50, 103), (200, 400), False),
        ((52, 100), (200, 400), False),
        ((100, 50), (400, 200), True),
        ((100, 52), (400, 200), False),
        ((100, 200), (200, 100), False),
    ],
)
def test_a_side_may_be_a_pixel_off(mask: tuple[int, int], picture: tuple[int, int], alike: bool) -> None:
    assert _alike(Header(*mask), Header(*picture)) is alike


@pytest.mark.parametrize(
    ("body", "masks"),
    [
        ({}, [ABSENT]),
        ({"still": "s"}, ["s"]),
        ({"still": "s", "moving": [{"mask": "a"}, 5, {}, {"mask": "b"}]}, ["s", "a", None, "b"]),
        ({"moving": {"mask": "a"}}, [ABSENT]),
        ({"moving": "a"}, [ABSENT]),
    ],
)
def test_masks_are_the_one_that_stands_and_those_that_move(body: Any, masks: list[Any]) -> None:
    assert [*_masks(MediaPlaces({"still": "/still", "moving": "/moving"}), body)] == masks
