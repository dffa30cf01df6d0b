"""What a submit asks of its clip."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.kit.traffic import requested_clip
from mockserver.kit.traffic.call import Call, Reader
from mockserver.media.sample import sample_picture
from tests.kit.checks.histories import GMI, KLING, contract, exchange


def submit(provider: str, body: dict[str, Any]) -> Call:
    url = KLING if provider == "kkiai" else f"{GMI}/requests"
    return Reader(contract(provider)).read(exchange("POST", url, 0, {}, body))


def kling(**body: Any) -> Call:
    return submit("kkiai", {"model_name": "kling-v1-6", **body})


@given(st.integers(1, 100))
def test_a_length_is_a_number_or_a_text_of_one(seconds: int) -> None:
    assert (
        requested_clip.seconds(kling(duration=seconds))
        == requested_clip.seconds(kling(duration=str(seconds)))
        == seconds
    )


@pytest.mark.parametrize("value", [None, True, 0, -5, "", "long", "nan", "inf", [], {}])
def test_what_is_no_length_leaves_the_models_own(value: Any) -> None:
    assert requested_clip.seconds(kling(duration=value)) == 5


@pytest.mark.parametrize(
    ("mode", "height"), [("pro", 1080), ("std", 720), ("other", 720), (None, 720), ([], 720)]
)
def test_the_mode_chooses_the_clip(mode: Any, height: int) -> None:
    made = requested_clip.clip(kling(mode=mode))
    assert made is not None
    assert made.height == height


def test_an_unknown_model_asks_for_nothing() -> None:
    call = submit("kkiai", {"model_name": "no-such"})
    assert (requested_clip.clip(call), requested_clip.seconds(call), requested_clip.ratios(call)) == (
        None,
        None,
        [],
    )


def test_the_ratio_is_the_pictures_else_the_words_else_the_models() -> None:
    picture = base64.b64encode(sample_picture(600, 400)).decode()
    assert requested_clip.ratios(kling(image=picture)) == [1.5]
    assert requested_clip.ratios(kling(image=f"data:image/png;base64,{picture}")) == [1.5]
    assert requested_clip.ratios(kling(image="https://example.com/a.png")) == []
    assert requested_clip.ratios(kling(image="")) == [16 / 9]
    text = {"model": "Kling-Text2Video-V1.6-Standard", "payload": {"aspect_ratio": "9:16"}}
    assert requested_clip.ratios(submit("gmicloud", text)) == [9 / 16]


@given(st.text(max_size=40))
def test_no_text_breaks_the_reading_of_a_picture(text: str) -> None:
    assert isinstance(requested_clip.ratios(kling(image=text)), list)
