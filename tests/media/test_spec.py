"""Frame sizes and the name of a clip."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.media import spec
from mockserver.media.spec import (
    SLOW,
    SMALL,
    WIDEST,
    MovingMask,
    Shot,
    VideoSpec,
    frame_size,
    key,
    small,
    within,
)

SPEC = VideoSpec("gmicloud", "Kling", "1", "a boat", 5.0, 1280, 720, 30)
OTHER: dict[str, object] = {
    "provider": "aimlapi",
    "model": "Kling 2",
    "job_id": "2",
    "prompt": "a boat ",
    "seconds": 5.041,
    "width": 720,
    "height": 1280,
    "fps": 24,
    "first": b"1",
    "last": b"1",
    "pictures": (b"1",),
    "video": "1",
    "sound": True,
    "watermark": True,
    "number": 1,
    "count": 1,
    "camera": (("zoom", 1.0),),
    "moving": (MovingMask(b"1", ((1, 2), (3, 4))),),
    "fixed": b"1",
    "voices": ("1",),
    "shots": (Shot("1", 1.0),),
    "wanted": (("cfg_scale", "1"),),
    "request": "1" * 16,
    "plain": True,
}


@pytest.mark.parametrize(
    ("short", "ratio", "image", "size"),
    [
        (720, (16, 9), None, (1280, 720)),
        (1080, (9, 16), None, (1080, 1920)),
        (720, (1, 1), None, (720, 720)),
        (720, None, None, (1280, 720)),
        (720, (16, 9), (360, 640), (720, 1280)),
        (720, None, (640, 480), (960, 720)),
        (720, None, (750, 300), (1800, 720)),
        (720, None, (90000, 1), (2880, 720)),
    ],
)
def test_frame_takes_the_pictures_ratio_and_else_the_asked_one(
    short: int, ratio: tuple[int, int] | None, image: tuple[int, int] | None, size: tuple[int, int]
) -> None:
    assert frame_size(short, ratio, image) == size


@given(st.integers(90, 1080), st.integers(1, 6000), st.integers(1, 6000))
def test_frames_are_even_and_within_a_pixel_of_the_ratio(short: int, wide: int, high: int) -> None:
    width, height = frame_size(short, None, (wide, high))

    assert width % 2 == height % 2 == 0
    assert (width >= height) == (wide >= high) or width == height
    assert abs(max(width, height) - short * min(WIDEST, max(wide, high) / min(wide, high))) <= 1


def test_key_is_the_contents_alone() -> None:
    assert key(SPEC) == key(replace(SPEC))
    assert key(SPEC).isalnum()


def test_every_field_changes_the_key() -> None:
    assert set(OTHER) == {field.name for field in fields(VideoSpec)}
    changed = [VideoSpec(**{**_as_dict(SPEC), name: value}) for name, value in OTHER.items()]  # type: ignore[arg-type]

    assert len({key(SPEC), *map(key, changed)}) == len(OTHER) + 1


def test_a_lone_surrogate_has_a_key() -> None:
    assert key(replace(SPEC, prompt="\ud83c")) != key(replace(SPEC, prompt="?"))


@pytest.mark.parametrize("wrong", [{"width": 7}, {"height": 0}, {"fps": 0}, {"seconds": 0.0}])
def test_a_spec_that_no_clip_can_have_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"a (frame|clip) has"):
        replace(SPEC, **wrong)  # type: ignore[arg-type]


def _as_dict(spec: VideoSpec) -> dict[str, object]:
    return {field.name: getattr(spec, field.name) for field in fields(spec)}


@given(st.integers(1, 2000), st.integers(1, 2000), st.integers(2, 1000))
def test_a_smaller_clip_keeps_ratio_and_length(width: int, height: int, longest: int) -> None:
    spec = replace(SPEC, width=2 * width, height=2 * height)
    small = within(spec, longest)
    assert max(small.width, small.height) <= max(2, longest + longest % 2)
    assert small.width % 2 == small.height % 2 == 0
    share = max(small.width, small.height) / max(spec.width, spec.height)
    assert small.width == pytest.approx(max(2, spec.width * share), abs=2)
    assert small.height == pytest.approx(max(2, spec.height * share), abs=2)
    assert replace(small, width=spec.width, height=spec.height) == spec


def test_a_small_clip_has_few_and_small_frames_and_the_same_length() -> None:
    assert small(SPEC) == replace(SPEC, width=SMALL, height=90, fps=SLOW)
    assert small(small(SPEC)) == small(SPEC)


def test_a_clip_has_another_name_where_other_typefaces_are_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    with_scripts = key(SPEC)
    monkeypatch.setattr(spec, "has_scripts", lambda: False)
    assert key(SPEC) != with_scripts
