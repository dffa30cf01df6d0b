"""What a clip must show may stand at one of several places, in lists, and be a size in pixels."""

from __future__ import annotations

import base64
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from mockserver.contract.media_places import MediaPlaces, read_seconds, read_size
from mockserver.contract.pointer import ABSENT
from tests.comet import COMET
from tests.serving import Running


def picture(width: int, height: int) -> str:
    buffer = BytesIO()
    Image.new("RGB", (width, height)).save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode()


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("1280x720", (720, (1280, 720))),
        ("720*1280", (720, (720, 1280))),
        ("1080P", (1080, None)),
        ("720p", (720, None)),
        ("4k", (2160, None)),
        ("4K", (2160, None)),
        ("9999p", (2160, None)),
        ("1x1", (16, (1, 1))),
    ],
)
def test_a_size_is_read(text: str, size: Any) -> None:
    assert read_size(text) == size


@pytest.mark.parametrize("text", ["720", "x", "0x10", "10x0", "40k", "", "1280 x 720", "123456p", None, 720])
def test_what_is_no_size_is_none(text: Any) -> None:
    assert read_size(text) is None


@pytest.mark.parametrize(
    ("value", "seconds"),
    [(8, 8), ("8", 8), ("8s", 8), ("7.5s", 7.5), (0, None), ("-1s", None), ("s", None), ("8 min", None),
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


@pytest.mark.parametrize(
    ("more", "sides"),
    [
        ({}, (426, 240)),
        ({"size": "320x180"}, (320, 180)),
        ({"size": "180*320"}, (180, 320)),
        ({"size": "360p"}, (640, 360)),
        ({"frame": {"data": picture(40, 20)}}, (480, 240)),
        ({"frame": "https://example.com/a.png", "size": "320x180"}, (320, 180)),
        ({"frame": {"data": picture(40, 20)}, "size": "100P"}, (200, 100)),
    ],
)
def test_the_clip_has_the_size(
    running: Callable[..., Running], more: dict[str, Any], sides: tuple[int, int]
) -> None:
    served = running(contracts=(COMET,))
    with served.client() as client:
        job = client.post("/queue/comets", json={"text": "a kite", **more}).json()["id"]
        served.clock.advance(20)
        landed = client.get(f"/queue/comets/{job}").json()

    assert (landed["width"], landed["height"]) == sides


def test_a_prompt_in_a_list_has_its_markers(running: Callable[..., Running]) -> None:
    served = running(contracts=(COMET,))
    with served.client() as client:
        body = {"scenes": [{"text": "a kite [mock:fail]"}, {"text": "a boat"}]}
        job = client.post("/queue/comets", json=body).json()["id"]
        served.clock.advance(60)
        lost = client.get(f"/queue/comets/{job}")

    assert lost.status_code == 410


def test_an_invalid_prompt_in_a_list_is_refused(running: Callable[..., Running]) -> None:
    served = running(contracts=(COMET,))
    with served.client() as client:
        answers = [client.post("/queue/comets", json={"scenes": [{"text": text}]}) for text in ("", "", 7)]

    assert [answer.status_code for answer in answers] == [422, 422, 422]


@pytest.mark.parametrize(("sent", "shown"), [("3", "3"), (3, "3"), (None, "4")])
def test_a_length_is_shown_as_it_was_sent(running: Callable[..., Running], sent: Any, shown: str) -> None:
    served = running(contracts=(COMET,))
    body = {"text": "a kite"} if sent is None else {"text": "a kite", "seconds": sent}
    with served.client() as client:
        answer = client.post("/queue/comets", json=body).json()

    assert answer["length"] == shown
