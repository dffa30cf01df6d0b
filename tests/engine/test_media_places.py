"""What a clip must show may stand at one of several places, in lists, and be a size in pixels."""

from __future__ import annotations

import base64
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from tests.comet import COMET
from tests.serving import Running


def picture(width: int, height: int) -> str:
    buffer = BytesIO()
    Image.new("RGB", (width, height)).save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode()


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
