"""Where a body says what the clip must show, and the sizes and lengths that it may name."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.contract.media_places import MediaPlaces, asked_size, read_seconds, read_size
from mockserver.contract.pointer import ABSENT


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("1280x720", (720, (1280, 720))),
        ("720*1280", (720, (720, 1280))),
        ("1584:672", (672, (1584, 672))),
        ("1080P", (1080, None)),
        ("720p", (720, None)),
        ("4k", (2160, None)),
        ("4K", (2160, None)),
        ("9999p", (2160, None)),
        ("1x1", (16, (1, 1))),
        ("1X99999", (16, (1, 99_999))),
        ("2161x9999", (2160, (2161, 9999))),
        ("15p", (16, None)),
        ("17P", (17, None)),
        ("2159p", (2159, None)),
    ],
)
def test_a_size_is_read(text: str, size: Any) -> None:
    assert read_size(text) == size


@pytest.mark.parametrize(
    "text",
    [720, None, "720", "16:9", "1280:72", "x", "0x10", "10x0", "40k", "", "1280 x 720", "123456p"],
)
def test_what_is_no_size_is_none(text: Any) -> None:
    assert read_size(text) is None


@pytest.mark.parametrize(
    ("body", "size"),
    [
        ({"width": 1280, "height": 720}, (720, (1280, 720))),
        ({"width": 1280, "height": 720, "size": "480p"}, (480, None)),
        ({"width": 1280}, None),
        ({"width": 0, "height": 720}, None),
        ({"width": -1280, "height": 720}, None),
        ({"width": True, "height": 720}, None),
        ({"width": 1280.5, "height": 720}, None),
        ({"width": "1280", "height": 720}, None),
        (None, None),
    ],
)
def test_a_size_may_stand_at_two_places(body: Any, size: Any) -> None:
    assert asked_size(MediaPlaces({"size": "/size", "width": "/width", "height": "/height"}), body) == size
    assert asked_size(MediaPlaces({"ratio": "/ratio"}), body) is None


@pytest.mark.parametrize(
    ("value", "seconds"),
    [(0.5, 0.5), (10**400, None), (float("nan"), None), ("", None),
     (8, 8), ("8", 8), ("8s", 8), ("7.5s", 7.5), (0, None), ("-1s", None), ("s", None), ("8 min", None),
     ("inf", None), (True, None), (None, None), ([8], None)],
)  # fmt: skip
def test_a_length_is_read(value: Any, seconds: float | None) -> None:
    assert read_seconds(value) == seconds


def test_the_first_place_with_a_value_of_its_type_counts() -> None:
    places = MediaPlaces({"first": ["/a", "/a/data", "/b/0"], "seconds": "/s", "watermark": ["/w", "/x"]})

    assert places.value({"a": "link"}, "first") == "link"
    assert places.value({"a": {"data": "AAAA"}, "b": ["c"]}, "first") == "AAAA"
    assert places.value({"a": {}, "b": ["c"]}, "first") == "c"
    assert places.value({"a": {}}, "first") == {}
    assert places.value({"w": "yes", "x": True}, "watermark") is True
    assert places.value({}, "seconds") is ABSENT
    assert places.value({}, "prompt") is ABSENT
    assert places.value(None, "first") is ABSENT


def test_a_property_with_several_places_has_all_of_them_in_order() -> None:
    places = MediaPlaces({"first": ["/a", "/b/0"], "seconds": "/s"})

    assert places.paths("first") == (("a",), ("b", "0"))
    assert places.paths("seconds") == (("s",),)
    assert places.paths("prompt") == ()


@pytest.mark.parametrize(
    ("name", "fits", "does_not"),
    [
        ("seconds", ["8", 8, 0.5], [True, None]),
        ("count", [2], ["2", True, 2.0]),
        ("sound", ["on", True], [1]),
        ("watermark", [True, False], ["yes", 1]),
        ("prompt", ["a kite"], [1, True, ["a"], {}]),
    ],
)
def test_a_place_counts_whose_value_has_the_type_of_its_property(
    name: str, fits: list[Any], does_not: list[Any]
) -> None:
    places = MediaPlaces({name: ["/a", "/b"]})
    for value in fits:
        for other in does_not:
            assert places.path({"a": other, "b": value}, name) == ("b",), (other, value)
            assert places.path({"a": value, "b": other}, name) == ("a",), (other, value)
