"""How long, how large and how many what a job makes is, whatever its request has in those places."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from mockserver.contract.media_places import MediaPlaces
from mockserver.contract.model import ClipDefaults, ClipSource, Contract, Model
from mockserver.engine import clip
from mockserver.jobs.job import Job, Plan
from mockserver.kit import contracts
from mockserver.media.picture import measure

PLACES = MediaPlaces({
    "seconds": "/s", "count": "/n", "mode": "/mode", "ratio": "/ratio", "size": "/size", "video": "/videos/*",
    "prompt": "/prompt",
})  # fmt: skip
CLIPS = {
    "default": ClipDefaults(720, 24, 5.0, "16:9"),
    "pro": ClipDefaults(1080, 30, 10.0, "16:9"),
}


@cache
def contract(*, images: bool = False, adds: float | None = None) -> Contract:
    whole = contracts.load("gmicloud")
    source = None if adds is None else ClipSource(("video",), None, adds, 180)
    submit = replace(whole.operations["submitRequest"], media=PLACES, makes_images=images, source=source)
    first = next(iter(whole.models.values()))
    model = first._replace(id="m", clips=CLIPS, images={"default": ClipDefaults(512, 24, 0.0, "1:1")})
    return replace(whole, operations={"submit": submit}, models={"m": model}, measure=measure)


def job(body: Any, seconds: float | None = None) -> Job:
    return Job("j", "t", "gmicloud", "submit", "m", body, 0, Plan(()), seconds=seconds)


@pytest.mark.parametrize(
    ("sent", "seconds", "text"),
    [
        (None, 5.0, "5"),
        (8, 8.0, "8"),
        ("8", 8.0, "8"),
        ("8.0", 8.0, "8.0"),
        ("8s", 8.0, "8"),
        (0.5, 0.5, "0.5"),
        (0, 5.0, "5"),
        ("0", 5.0, "5"),
        (-1, 5.0, "5"),
        ("long", 5.0, "5"),
        (True, 5.0, "5"),
        ("٨", 8.0, "8"),
    ],
)
def test_a_clip_is_as_long_as_was_sent_or_as_its_model_makes_it(sent: Any, seconds: float, text: str) -> None:
    asked = job({"s": sent})

    assert clip.seconds(contract(), asked) == seconds
    assert clip.seconds_text(contract(), asked) == text


@pytest.mark.parametrize(("sent", "seconds"), [(1, 1.0), (600, 600.0), (601, 600.0)])
def test_a_clip_that_is_made_has_a_longest(sent: int, seconds: float) -> None:
    spec = clip.video_spec(contract(), job({"s": sent}), measure)

    assert (spec.seconds, spec.count, spec.number) == (seconds, 0, 0)
    assert clip.going_on(spec, contract(adds=1.0), job({}, float(sent))).seconds == seconds


def test_what_was_noted_of_a_clip_counts_where_it_goes_on_from_another() -> None:
    assert clip.seconds(contract(), job({"s": 3}, 7.0)) == 3.0
    assert clip.seconds(contract(adds=2.0), job({"s": 3}, 7.0)) == 7.0
    assert clip.seconds(contract(adds=2.0), job({"s": 3})) == 3.0


@pytest.mark.parametrize(("adds", "joint"), [(0.0, "a kite: a boat"), (5.0, "a kite, then: a boat")])
def test_a_clip_that_goes_on_has_both_prompts(adds: float, joint: str) -> None:
    first = clip.video_spec(contract(), job({"prompt": "a kite", "videos": ["https://h/a.mp4?b/c"]}), measure)
    second = clip.going_on(
        first, contract(adds=adds), job({"prompt": "a boat", "videos": ["https://h/b.mp4"]}, 9.0)
    )

    assert (first.video, first.prompt) == ("a.mp4", "a kite")
    assert (second.video, second.prompt, second.seconds) == ("a.mp4 + b.mp4", joint, 9.0)
    assert clip.going_on(first, contract(adds=adds), job({}, 9.0)).prompt == "a kite"


@pytest.mark.parametrize(
    ("count", "images"),
    [(None, 1), (0, 1), (1, 1), (2, 2), (9, 9), (10, 9), (-1, 1), (True, 1), ("3", 1), (2.0, 1)],
)
def test_a_job_makes_one_to_nine_images_and_they_have_no_length(count: Any, images: int) -> None:
    asked = job({"n": count, "s": 8}, 8.0)

    assert clip.images(contract(), asked) == 0
    assert clip.images(contract(images=True), asked) == images
    assert clip.seconds(contract(images=True), asked) == 0.0
    spec = clip.video_spec(contract(images=True), asked, measure, number=1)
    assert (spec.seconds, spec.count, spec.number, spec.height) == (1.0, images, 1, 512)


@pytest.mark.parametrize(
    ("body", "size", "fps"),
    [
        ({}, (1280, 720), 24),
        ({"mode": "pro"}, (1920, 1080), 30),
        ({"mode": "other"}, (1280, 720), 24),
        ({"mode": ["pro"]}, (1280, 720), 24),
        ({"ratio": "1:1"}, (720, 720), 24),
        ({"ratio": "9:16", "mode": "pro"}, (1080, 1920), 30),
        ({"ratio": "0:1"}, (1280, 720), 24),
        ({"ratio": "1:0"}, (1280, 720), 24),
        ({"ratio": "1"}, (1280, 720), 24),
        ({"ratio": "wide"}, (1280, 720), 24),
        ({"size": "640x320"}, (640, 320), 24),
        ({"size": "320x640", "ratio": "1:1"}, (320, 640), 24),
        ({"size": "360p", "ratio": "1:1"}, (360, 360), 24),
    ],
)
def test_a_clip_has_the_size_and_rate_of_its_mode_unless_another_is_asked_for(
    body: dict[str, Any], size: tuple[int, int], fps: int
) -> None:
    spec = clip.video_spec(contract(), job(body), measure)

    assert ((spec.width, spec.height), spec.fps) == (size, fps)
    assert clip.frame(contract(), job(body)) == size


@pytest.mark.parametrize(
    ("videos", "name"),
    [
        ([], ""),
        (["data:video/mp4;base64,AAAA"], ""),
        ([5, "HTTPS://h/x.mp4"], "x.mp4"),
        (["http://h/" + "x" * 40], "x" * 40),
        (["http://h/" + "x" * 41], "x" * 40),
        (["http://h/a.mp4", "http://h/b.mp4"], "a.mp4"),
    ],
)
def test_the_first_video_that_is_linked_is_named(videos: list[Any], name: str) -> None:
    assert clip.video_spec(contract(), job({"videos": videos}), measure).video == name


def test_a_model_that_is_gone_makes_what_the_first_does_and_one_without_clips_any() -> None:
    gone = job({})._replace(model="gone")
    bare: Model = contract().models["m"]._replace(clips={})

    assert clip.clip_of(contract(), gone) == CLIPS["default"]
    assert clip.clip_of(replace(contract(), models={"m": bare}), job({})) == ClipDefaults(
        720, 24, 5.0, "16:9"
    )
