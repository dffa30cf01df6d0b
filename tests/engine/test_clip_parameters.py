"""Everything that a request wants of a clip is in its spec, and nothing that is no such thing breaks it."""

from __future__ import annotations

import base64
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract.model import Contract
from mockserver.engine.clip import going_on, has_large_pictures, video_spec
from mockserver.engine.clip_parameters import digest
from mockserver.jobs.job import Job, Plan
from mockserver.kit import contracts
from mockserver.media.picture import measure
from mockserver.media.spec import MovingMask, Shot, VideoSpec

PICTURE = (Path(__file__).parents[2] / "fixtures" / "images" / "legal.png").read_bytes()
TEXT = base64.b64encode(PICTURE).decode()
PATH = [{"x": 1, "y": 2}, {"x": 3, "y": 4}]


@cache
def contract(provider: str) -> Contract:
    return contracts.load(provider, profile="vendor")


def job(
    body: dict[str, Any], provider: str = "kkiai", operation: str = "submitImage2Video", **named: str
) -> Job:
    return Job("1", "t", provider, operation, named.get("model", "kling-v1"), body, 0, Plan(()))


def spec(body: dict[str, Any], provider: str = "kkiai", operation: str = "submitImage2Video") -> VideoSpec:
    return video_spec(contract(provider), job(body, provider, operation), measure)


@pytest.mark.parametrize("axis", ["horizontal", "vertical", "pan", "tilt", "roll", "zoom"])
def test_a_movement_of_the_camera_has_its_strength(axis: str) -> None:
    config = {**dict.fromkeys(("horizontal", "vertical", "pan", "tilt", "roll", "zoom"), 0), axis: -2.5}

    assert spec({"camera_control": {"type": "simple", "config": config}}).camera == ((axis, -2.5),)


@pytest.mark.parametrize("config", [None, {}, {"zoom": 0}, {"zoom": True}, {"zoom": "5"}, 5])
def test_a_preset_of_the_camera_is_its_name(config: object) -> None:
    assert spec({"camera_control": {"type": "down_back", "config": config}}).camera == (("down_back", 1.0),)


def test_aimlapi_names_the_camera_in_three_ways() -> None:
    ways: list[dict[str, Any]] = [
        {"camera_control": "forward_up"},
        {"camera_control": {"type": "simple", "config": {"pan": 3}}},
        {"advanced_camera_control": {"movement_type": "roll", "movement_value": 4}},
    ]

    cameras = [spec(way, "aimlapi", "submitGeneration").camera for way in ways]

    assert cameras == [(("forward_up", 1.0),), (("pan", 3.0),), (("roll", 4.0),)]


@pytest.mark.parametrize("control", [None, "", 5, [], {}, {"type": 5}, {"type": None, "config": [1]}])
def test_what_is_no_movement_moves_nothing(control: object) -> None:
    assert spec({"camera_control": control}).camera == ()


def test_masks_come_with_their_paths() -> None:
    body = {"dynamic_masks": [{"mask": TEXT, "trajectories": PATH}], "static_mask": TEXT}

    made = spec(body)

    assert made.moving == (MovingMask(PICTURE, ((1, 2), (3, 4))),)
    assert made.fixed == PICTURE


def test_a_linked_mask_has_its_path_alone() -> None:
    body = {"dynamic_masks": [{"mask": "https://example.com/m.png", "trajectories": PATH}, {"mask": TEXT}, 5]}

    assert spec(body).moving == (MovingMask(None, ((1, 2), (3, 4))),)


@pytest.mark.parametrize("points", [None, [], 5, [5], [{"x": 1}], [{"x": "1", "y": 2}]])
def test_a_mask_without_a_path_is_none(points: object) -> None:
    assert spec({"dynamic_masks": [{"mask": TEXT, "trajectories": points}]}).moving == ()


@pytest.mark.parametrize(
    ("several", "wanted"), [(True, (Shot("a", 2.0), Shot("b", 3.0))), (False, ()), (None, ())]
)
def test_shots_count_where_several_are_wanted(several: bool | None, wanted: tuple[Shot, ...]) -> None:
    listed = [{"prompt": "a", "duration": "2"}, {"prompt": "b", "duration": 3}, {"prompt": "c"}, 5]

    assert spec({"multi_shot": several, "multi_prompt": listed}).shots == wanted


@pytest.mark.parametrize(
    ("body", "voices", "sound"),
    [
        ({"sound": "on", "voice_list": [{"voice_id": "ada"}, {"voice_id": "bob"}]}, ("ada", "bob"), True),
        ({"voice_list": [{"voice_id": "ada"}]}, ("ada",), True),
        ({"sound": "off", "voice_list": [{"voice_id": "ada"}]}, ("ada",), False),
        ({"sound": "on", "voice_list": [{"voice_id": ""}, {"voice_id": 5}, 5]}, (), True),
        ({"sound": ""}, (), False),
        ({}, (), False),
    ],
)
def test_voices_and_sound(body: dict[str, Any], voices: tuple[str, ...], sound: bool) -> None:
    made = spec(body)

    assert (made.voices, made.sound) == (voices, sound)


@pytest.mark.parametrize(
    ("body", "voices"),
    [
        (
            {"mode": "text2video", "text": "Ahoy", "voice_id": "girlfriend_1_speech02"},
            ("girlfriend_1_speech02",),
        ),
        ({"mode": "audio2video", "audio_url": "https://example.com/a.mp3"}, ()),
    ],
)
def test_a_speaker_whose_lips_are_moved_is_heard(body: dict[str, Any], voices: tuple[str, ...]) -> None:
    lips = job({"input": body}, operation="submitLipSync")

    made = going_on(spec({"prompt": "a boat"}), contract("kkiai"), lips)

    assert (made.sound, made.voices) == (True, voices)


def test_what_has_no_look_is_named() -> None:
    body = {
        "negative_prompt": "rain",
        "cfg_scale": 0.5,
        "mode": "pro",
        "image": "https://example.com/boat.png",
    }

    assert spec(body).wanted == (
        ("first frame", "https://example.com/boat.png"),
        ("negative_prompt", "rain"),
        ("cfg_scale", "0.5"),
        ("mode", "pro"),
    )


@pytest.mark.parametrize("value", ["", None, [], {}])
def test_what_was_left_empty_is_not_named(value: object) -> None:
    assert spec({"negative_prompt": value}).wanted == ()


def test_equal_bodies_have_one_digest() -> None:
    assert digest(job({"a": 1, "b": 2})) == digest(job({"b": 2, "a": 1}))
    assert digest(job({"a": 1})) != digest(job({"a": 2}))
    assert len(digest(job({"prompt": "\ud83c"}))) == 16


def test_large_masks_are_read_in_a_thread() -> None:
    large = "A" * 300_000

    assert has_large_pictures(contract("kkiai"), job({"static_mask": large}))
    assert has_large_pictures(contract("kkiai"), job({"dynamic_masks": [{"mask": large}]}))
    assert not has_large_pictures(contract("kkiai"), job({"dynamic_masks": [5, {"mask": "A"}]}))


NAMES = ("camera_control", "dynamic_masks", "static_mask", "multi_prompt", "multi_shot", "voice_list",
         "sound")  # fmt: skip
INNER = ("type", "config", "mask", "trajectories", "x", "y", "prompt", "duration", "voice_id",
         "movement_type", "movement_value")  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(INNER),
            inner,
            max_size=3,
        )
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(NAMES), JSON))
def test_no_body_breaks_the_spec(body: dict[str, Any]) -> None:
    assert spec(body).frames > 0
