"""What a spec asks for is read back from the pixels and the samples of its clip."""

from __future__ import annotations

import json
from dataclasses import replace
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageStat

from mockserver.media import sound
from mockserver.media.spec import MovingMask, Shot, VideoSpec
from mockserver.media.synth import make_video
from tests.media.watching import comment, frames, keys, likeness, loudness, samples, shift, speckled

PICTURE = speckled(640, 360)
SPEC = VideoSpec(
    "kkiai", "kling-v1", "6f1c", "a boat", 1.0, 640, 360, 10, PICTURE, request="0123456789abcdef"
)
MIDDLE, LEFT, RIGHT, TOP, LOW = (0.5, 0.35), (0.15, 0.35), (0.85, 0.35), (0.5, 0.14), (0.5, 0.55)
SHOWN = (0, 0, 640, 256)
"""The picture above the band."""


def made(folder: Path, **changes: object) -> list[Image.Image]:
    """The frames of the clip, in grey."""
    make_video(replace(SPEC, **changes), folder / "clip.mp4")  # type: ignore[arg-type]
    return list(frames(folder / "clip.mp4"))


def moved(folder: Path, word: str, strength: float) -> dict[tuple[float, float], tuple[int, int]]:
    """How far each part of the picture has moved at the clip's end."""
    clip = made(folder, camera=((word, strength),))
    reach = 60
    return {at: shift(clip[0], clip[-1], at, reach) for at in (MIDDLE, LEFT, RIGHT, TOP, LOW)}


@pytest.mark.parametrize("sign", [1, -1])
def test_a_camera_that_moves_sideways_shows_all_moving_the_other_way(sign: int, tmp_path: Path) -> None:
    shifts = moved(tmp_path, "horizontal", 5.0 * sign)

    assert {at: (sign * right, down) for at, (right, down) in shifts.items()} == dict.fromkeys(
        shifts, (-45, 0)
    )


@pytest.mark.parametrize("sign", [1, -1])
def test_a_camera_that_rises_shows_all_sinking(sign: int, tmp_path: Path) -> None:
    shifts = moved(tmp_path, "vertical", 5.0 * sign)

    downs = [sign * down for right, down in shifts.values() if not right]
    assert len(downs) == 5
    assert max(downs) - min(downs) <= 1
    assert 15 <= min(downs) <= 25


@pytest.mark.parametrize("sign", [1, -1])
def test_a_camera_that_looks_up_shows_the_edges_moving_more(sign: int, tmp_path: Path) -> None:
    clip = made(tmp_path, camera=(("pan", 8.0 * sign),))

    edge = LOW if sign > 0 else (0.5, 0.2)
    (right, middle), (_, more) = (shift(clip[0], clip[-1], at, 50) for at in (MIDDLE, edge))
    assert right == 0
    assert sign * middle > 25
    assert sign * more > sign * middle + 3


@pytest.mark.parametrize("sign", [1, -1])
def test_a_camera_that_looks_to_the_right_shows_the_edges_moving_more(sign: int, tmp_path: Path) -> None:
    shifts = moved(tmp_path, "tilt", 3.0 * sign)

    assert {down for _, down in shifts.values()} == {0}
    assert -sign * shifts[MIDDLE][0] > 20
    assert -sign * shifts[RIGHT if sign > 0 else LEFT][0] > -sign * shifts[MIDDLE][0] + 3


@pytest.mark.parametrize("sign", [1, -1])
def test_a_camera_that_comes_nearer_shows_all_leaving_the_middle(sign: int, tmp_path: Path) -> None:
    shifts = moved(tmp_path, "zoom", 5.0 * sign)

    assert sign * shifts[LEFT][0] < -15
    assert sign * shifts[RIGHT][0] > 15
    assert sign * shifts[TOP][1] < -5
    assert abs(shifts[MIDDLE][0]) <= 3


@pytest.mark.parametrize("sign", [1, -1])
def test_a_camera_that_turns_clockwise_shows_all_turning_back(sign: int, tmp_path: Path) -> None:
    shifts = moved(tmp_path, "roll", 5.0 * sign)

    assert sign * shifts[LEFT][1] > 10
    assert sign * shifts[RIGHT][1] < -10
    assert sign * shifts[TOP][0] < 0 < sign * shifts[LOW][0]


@pytest.mark.parametrize(
    ("preset", "right", "down", "nearer"),
    [
        ("down_back", 0, -1, -1),
        ("forward_up", 0, 1, 1),
        ("right_turn_forward", -1, 0, 1),
        ("left_turn_forward", 1, 0, 1),
    ],
)
def test_presets_move_and_come_nearer(
    preset: str, right: int, down: int, nearer: int, tmp_path: Path
) -> None:
    clip = made(tmp_path, camera=((preset, 1.0),))

    (x, y), left, further = (shift(clip[0], clip[-1], (at, 0.35), 90) for at in (0.5, 0.3, 0.7))
    assert [(x > 3) - (x < -3), (y > 3) - (y < -3)] == [right, down]
    assert nearer * (further[0] - left[0]) > 10


def test_twice_the_strength_is_twice_as_far_and_there_is_a_strongest(tmp_path: Path) -> None:
    ways = [moved(tmp_path, "horizontal", strength)[RIGHT][0] for strength in (-2.0, -4.0)]
    assert ways == pytest.approx([18, 36], abs=1)
    assert made(tmp_path, camera=(("zoom", 10.0),)) == made(tmp_path, camera=(("zoom", 99.0),))


def test_the_motion_is_even(tmp_path: Path) -> None:
    clip = made(tmp_path, camera=(("horizontal", -10.0),))

    ways = [shift(clip[0], frame, MIDDLE, 100)[0] for frame in clip]
    assert ways == pytest.approx([90 * number / 9 for number in range(10)], abs=1.5)


def test_without_a_word_the_camera_approaches_a_picture_and_drifts_over_a_scene(tmp_path: Path) -> None:
    clip = made(tmp_path)
    assert shift(clip[0], clip[-1], RIGHT)[0] > 15
    assert shift(clip[0], clip[-1], LEFT)[0] < -15
    assert made(tmp_path, camera=(("nowhere", 5.0),)) == clip


def test_below_the_camera_there_is_picture_and_no_band(tmp_path: Path) -> None:
    white = Image.new("RGB", (640, 360), "white")
    stream = BytesIO()
    white.save(stream, "PNG")

    for camera in (("vertical", -10.0), ("roll", 10.0), ("zoom", -10.0), ("down_back", 1.0)):
        last = made(tmp_path, first=stream.getvalue(), camera=(camera,))[-1]
        assert min(last.crop(SHOWN).tobytes()) >= 250


def grey(data: bytes, size: tuple[int, int] = (640, 360)) -> Image.Image:
    return Image.open(BytesIO(data)).convert("RGB").resize(size).convert("L")


def test_a_clip_begins_and_ends_with_its_pictures(tmp_path: Path) -> None:
    other = speckled(640, 360, seed=2)
    clip = made(tmp_path, last=other, seconds=2.0)

    assert likeness(clip[0].crop(SHOWN), grey(PICTURE).crop(SHOWN)) > 0.97
    assert likeness(clip[-1].crop(SHOWN), grey(other).crop(SHOWN)) > 0.97
    assert likeness(clip[-1].crop(SHOWN), clip[0].crop(SHOWN)) < 0.5


def test_the_last_picture_comes_in_from_the_left(tmp_path: Path) -> None:
    other = speckled(640, 360, seed=2)
    clip = made(tmp_path, last=other, seconds=2.0)
    wanted = grey(other)

    def columns(frame: Image.Image) -> int:
        """How many columns of 16 px the last picture has."""
        parts = [(x, 0, x + 16, 240) for x in range(0, 640, 16)]
        return sum(likeness(frame.crop(part), wanted.crop(part)) > 0.9 for part in parts)

    counts = [columns(frame) for frame in clip]
    assert counts == sorted(counts)
    assert counts[11] <= 1
    assert counts[-2:] == [40, 40]
    assert 3 < counts[15] < 37


def test_a_clip_of_a_last_picture_alone_ends_with_it(tmp_path: Path) -> None:
    clip = made(tmp_path, first=None, last=PICTURE)

    assert likeness(clip[-1].crop(SHOWN), grey(PICTURE).crop(SHOWN)) > 0.97
    assert likeness(clip[0].crop(SHOWN), grey(PICTURE).crop(SHOWN)) < 0.6


def test_shots_are_cut_where_they_end(tmp_path: Path) -> None:
    shots = (Shot("a boat", 2.0), Shot("a goat", 1.0), Shot("a moat", 2.0))
    clip = made(tmp_path, seconds=5.0, shots=shots)

    steps = [
        ImageStat.Stat(ImageChops.difference(a.crop(SHOWN), b.crop(SHOWN))).mean[0] for a, b in pairwise(clip)
    ]
    cuts = [number for number, step in enumerate(steps, start=1) if step > 15]
    assert cuts == [20, 30]
    assert keys(tmp_path / "clip.mp4") == [0, 20, 30]
    texts = [clip[number].crop((0, 310, 640, 345)) for number in (5, 15, 25, 45)]
    assert [a == b for a, b in pairwise(texts)] == [True, False, False]


def test_shots_share_the_clip_by_their_lengths(tmp_path: Path) -> None:
    made(tmp_path, seconds=1.0, shots=(Shot("a", 3.0), Shot("b", 0.001), Shot("c", 2.0)))

    assert keys(tmp_path / "clip.mp4") == [0, 6]


def mask(*box: int) -> bytes:
    picture = Image.new("L", (640, 360))
    ImageDraw.Draw(picture).rectangle(box, fill=255)
    stream = BytesIO()
    picture.save(stream, "PNG")
    return stream.getvalue()


def test_a_region_moves_along_its_path(tmp_path: Path) -> None:
    # The path is in pixels from the lower left corner: to the right, then up.
    path = ((100, 300), (300, 300), (300, 200))
    clip = made(tmp_path, moving=(MovingMask(mask(64, 32, 143, 95), path),), seconds=3.1)

    for number, (right, down) in ((10, (100, 0)), (20, (200, 0)), (30, (200, 100))):
        there = (80 + right, 48 + down, 128 + right, 80 + down)
        assert likeness(clip[number].crop(there), clip[0].crop((80, 48, 128, 80))) > 0.97
        assert likeness(clip[number].crop(there), clip[0].crop(there)) < 0.7
    # What is not in a region stays.
    assert shift(clip[0], clip[30], (0.9, 0.5)) == (0, 0)


def test_a_path_is_in_pixels_of_its_mask(tmp_path: Path) -> None:
    small = Image.open(BytesIO(mask(64, 32, 143, 95))).resize((320, 180))
    stream = BytesIO()
    small.save(stream, "PNG")
    clip = made(tmp_path, moving=(MovingMask(stream.getvalue(), ((50, 150), (100, 140))),))

    assert shift(clip[0], clip[-1], (103 / 640, 63 / 360), 110) == (100, 20)


def test_a_region_whose_mask_is_a_link_is_where_its_path_begins(tmp_path: Path) -> None:
    clip = made(tmp_path, moving=(MovingMask(None, ((320, 260), (420, 260))),))

    assert shift(clip[0], clip[-1], (0.5, 100 / 360), 110) == (100, 0)


def test_a_fixed_region_stays_while_the_camera_comes_nearer(tmp_path: Path) -> None:
    clip = made(tmp_path, fixed=mask(480, 32, 620, 160))

    assert shift(clip[0], clip[-1], (RIGHT[0], 0.27)) == (0, 0)
    assert shift(clip[0], clip[-1], LEFT)[0] < -15


def test_later_regions_lie_on_earlier_ones_and_what_is_fixed_on_all(tmp_path: Path) -> None:
    path = ((100, 300), (420, 300))
    still = made(tmp_path, moving=(MovingMask(mask(64, 32, 143, 95), path),), fixed=mask(320, 16, 559, 175))

    assert shift(still[0], still[-1], (440 / 640, 95 / 360)) == (0, 0)


def spelled(path: Path) -> list[str]:
    """The names that the clip's tones spell."""
    heard, rate = samples(path)
    pitches = (sound.START, *sound.PITCHES)
    length = sound.TONE
    parts = [heard[at + 500 : at + length - 500] for at in range(0, len(heard) - length // 2, length)]
    tones = [max(pitches, key=lambda pitch: loudness(part, rate, pitch)) for part in parts]
    names: list[list[int]] = []
    for tone in tones:
        if tone == sound.START:
            names.append([])
        else:
            names[-1].append(sound.PITCHES.index(tone))
    return [
        bytes(16 * high + low for high, low in zip(name[::2], name[1::2], strict=False)).decode()
        for name in names
    ]


def test_tones_spell_the_voices(tmp_path: Path) -> None:
    make_video(replace(SPEC, sound=True, voices=("ada", "bob_2"), seconds=2.0), tmp_path / "clip.mp4")

    names = spelled(tmp_path / "clip.mp4")
    assert names[:4] == ["ada", "bob_2", "ada", "bob_2"]


def test_sound_without_a_voice_is_one_tone_of_the_prompt(tmp_path: Path) -> None:
    tones = []
    for prompt in ("a boat", "a goat"):
        make_video(replace(SPEC, sound=True, prompt=prompt), tmp_path / "clip.mp4")
        heard, rate = samples(tmp_path / "clip.mp4")
        tones.append(max(range(200, 460, 10), key=lambda pitch: loudness(heard[5000:15000], rate, pitch)))
        assert len(heard) == pytest.approx(rate, abs=1100)

    assert tones[0] != tones[1]


@pytest.mark.parametrize(
    "changes",
    [
        {"wanted": (("negative_prompt", "rain"),)},
        {"wanted": (("cfg_scale", "0.7"),)},
        {"sound": True},
        {"sound": True, "voices": ("ada",)},
        {"video": "dance.mp4"},
        {"job_id": "6f1d"},
        {"request": "1" * 16},
    ],
)
def test_what_has_no_look_stands_in_the_band(changes: dict[str, object], tmp_path: Path) -> None:
    first, other = made(tmp_path)[0], made(tmp_path, **changes)[0]

    assert ImageChops.difference(first, other).crop((0, 256, 640, 360)).getbbox() is not None


def test_the_watermark_is_across_the_picture_until_the_end(tmp_path: Path) -> None:
    other = speckled(640, 360, seed=2)
    plain, marked = made(tmp_path, last=other), made(tmp_path, last=other, watermark=True)

    for first, second in ((plain[0], marked[0]), (plain[-1], marked[-1])):
        box = ImageChops.difference(first, second).point([0] * 20 + [255] * 236).getbbox()
        assert box is not None
        assert box[2] - box[0] > 320
        assert box[3] <= 272


def test_the_metadata_says_what_was_asked(tmp_path: Path) -> None:
    made(
        tmp_path,
        camera=(("zoom", 2.0),),
        voices=("ada",),
        shots=(Shot("a", 1.0),),
        wanted=(("cfg_scale", "0.5"),),
        watermark=True,
    )

    described = json.loads(comment(tmp_path / "clip.mp4"))
    crc = described.pop("crc32")
    assert len(crc) == 8
    assert described == {
        "mockserver": "clip", "provider": "kkiai", "model": "kling-v1", "job": "6f1c",
        "request": "0123456789abcdef", "prompt": "a boat", "seconds": 1.0, "width": 640, "height": 360,
        "fps": 10, "sound": False, "watermark": True, "frames": ["first"], "pictures": 0, "video": "",
        "camera": {"zoom": 2.0}, "masks": 0, "voices": ["ada"], "shots": [["a", 1.0]],
        "wanted": {"cfg_scale": "0.5"},
    }  # fmt: skip
