"""Pictures that are costly to look at or to draw: nobody else notices, and nothing is logged."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.abuse import pictures
from tests.abuse.pictures import LARGE
from tests.abuse.tour import MIB, SUBMIT, Tour

GMI: dict[str, Any] = {"model": "Kling-Image2Video-V1.6-Pro", "payload": {"prompt": "a kite"}}
KKIAI = "/kling/v1/videos/image2video"


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def sent_to_gmi(client: httpx.Client, data: bytes, **payload: Any) -> httpx.Response:
    body = {**GMI, "payload": {**GMI["payload"], "image": encoded(data), **payload}}
    return client.post(SUBMIT, json=body, timeout=30)


@pytest.mark.parametrize("name", [*pictures.OTHER_KINDS, *pictures.PICTURES])
def test_a_picture_in_a_body_that_is_refused_and_explained(
    name: str, shared_tour: Callable[..., Tour]
) -> None:
    data = (pictures.OTHER_KINDS | pictures.PICTURES)[name](LARGE)
    visit = shared_tour("--pace", "immediate")
    with visit.client() as client, visit.attack(memory=150 * MIB, log=0):
        answer = sent_to_gmi(client, data, duration="7", cfg_scale="many")
    assert answer.status_code == 400
    assert "payload.duration" in answer.text


def test_two_pictures_in_one_body(shared_tour: Callable[..., Tour]) -> None:
    body = {
        "model_name": "kling-v1-6",
        "image": encoded(pictures.empty_segments(LARGE)),
        "image_tail": encoded(pictures.fill_bytes(LARGE)),
        "mode": "pro",
        "duration": "7",
    }
    visit = shared_tour("--pace", "immediate")
    with visit.client() as client, visit.attack(memory=250 * MIB, log=0):
        answer = client.post(KKIAI, json=body, timeout=30)
    assert "its header is too long" in answer.text


def test_the_same_picture_again_and_again(shared_tour: Callable[..., Tour]) -> None:
    data = pictures.empty_chunks(LARGE)
    visit = shared_tour("--pace", "immediate")
    with visit.client() as client, visit.attack(memory=150 * MIB, log=0):
        answers = [sent_to_gmi(client, data, duration=str(number)) for number in range(3)]
    assert {answer.status_code for answer in answers} == {400}


@pytest.mark.parametrize("name", ["tagged_jpeg", "inflating_texts", "tagged_png", *pictures.DRAWN])
def test_a_picture_that_a_clip_shows(name: str, shared_tour: Callable[..., Tour]) -> None:
    data = (pictures.PICTURES | pictures.DRAWN)[name](LARGE)
    visit = shared_tour("--pace", "immediate")
    with visit.client() as client, visit.attack(memory=900 * MIB, log=0):
        answer = sent_to_gmi(client, data)
        job = client.get(f"{SUBMIT}/{answer.json()['request_id']}", timeout=30).json()
        clip = client.get(job["outcome"]["video_url"], timeout=60)
    assert clip.status_code == 200
    assert clip.content[4:8] == b"ftyp"
