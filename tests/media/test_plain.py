"""A clip by plain ffmpeg shows, says and sounds what ours does, in another encoder's bytes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from mockserver.errors import MediaError
from mockserver.media import plain
from mockserver.media.mark import JobMark
from mockserver.media.probe import probe
from mockserver.media.reading import ReadClip, read_clip
from mockserver.media.sample import sample_picture
from mockserver.media.sound import ffmpeg, run
from mockserver.media.spec import MovingMask, Shot, VideoSpec
from mockserver.media.synth import make_video
from mockserver.settings import Settings, read_pace
from tests.engine.test_lifecycle import GMI, SUBMITS
from tests.serving import running_app

SPEC = VideoSpec("kkiai", "kling-v1", "6f1c", "a boat", 1.0, 320, 180, 10, request="0123456789abcdef")
PICTURE = replace(SPEC, first=sample_picture(320, 180))
KINDS = {
    "text": SPEC,
    "picture": PICTURE,
    "camera": replace(PICTURE, camera=(("roll", 8.0),)),
    "masks": replace(PICTURE, moving=(MovingMask(None, ((60, 40), (200, 90))),)),
    "last frame": replace(PICTURE, last=sample_picture(180, 320), watermark=True),
    "shots": replace(SPEC, shots=(Shot("a boat", 0.4), Shot("a goat", 0.6))),
    "sound": replace(SPEC, sound=True, voices=("ada",)),
}


def made(spec: VideoSpec, folder: Path) -> Path:
    path = folder / f"{spec.plain}.mp4"
    make_video(spec, path)
    return path


def frames(path: Path, spec: VideoSpec) -> list[bytes]:
    """Each frame's luma and chroma."""
    data = run([ffmpeg(), "-v", "error", "-i", str(path), "-pix_fmt", "yuv420p", "-f", "rawvideo", "pipe:1"])
    size = spec.width * spec.height * 3 // 2
    return [data[at : at + size] for at in range(0, len(data), size)]


def sound(path: Path) -> bytes:
    return run(
        [ffmpeg(), "-v", "error", "-i", str(path), "-map", "0:a?", "-c", "copy", "-f", "adts", "pipe:1"]
    )


@pytest.mark.parametrize("name", KINDS)
def test_each_frame_is_the_same_picture(name: str, tmp_path: Path) -> None:
    spec = KINDS[name]
    ours, theirs = made(spec, tmp_path), made(replace(spec, plain=True), tmp_path)

    pairs = list(zip(frames(ours, spec), frames(theirs, spec), strict=True))

    assert len(pairs) == spec.frames
    for own, other in pairs:
        assert sum(abs(a - b) for a, b in zip(own, other, strict=True)) < 1.5 * len(own)
    assert probe(theirs) == probe(ours)
    assert ours.read_bytes() != theirs.read_bytes()


def test_the_sound_is_the_same_to_the_byte(tmp_path: Path) -> None:
    ours, theirs = (made(replace(KINDS["sound"], plain=plain), tmp_path) for plain in (False, True))

    assert sound(ours) == sound(theirs) != b""


@pytest.mark.parametrize("prompt", ["a boat", "a=b; c#d \\ e\n猫 'q' \"r\" \ud83c", "long " * 20_000])
def test_it_says_what_ours_says_and_is_whole(prompt: str, tmp_path: Path) -> None:
    def without_checksum(file: ReadClip) -> dict[str, object]:
        return {**file.described, "crc32": ""}

    spec = replace(SPEC, prompt=prompt)
    ours, theirs = (read_clip(made(replace(spec, plain=plain), tmp_path)) for plain in (False, True))

    assert without_checksum(theirs) == without_checksum(ours)
    assert theirs.marks == ours.marks == (JobMark("6f1c", "0123456789abcdef"),) * 3
    assert (ours.fault, theirs.fault) == ("", "")


def test_it_has_the_same_bytes_every_time_and_leaves_nothing_else(tmp_path: Path) -> None:
    spec = replace(KINDS["sound"], plain=True)

    first = made(spec, tmp_path).read_bytes()

    assert made(spec, tmp_path).read_bytes() == first
    assert [path.name for path in tmp_path.iterdir()] == ["True.mp4"]


def test_what_ffmpeg_leaves_without_a_description_is_no_clip(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def copied(command: list[str], data: bytes) -> bytes:
        return run([*command[:6], *("-map_metadata", "-1", "-c", "copy"), command[-1]])

    monkeypatch.setattr(plain, "run", copied)

    with pytest.raises(MediaError, match="it has no samples, or does not say what it shows"):
        made(replace(SPEC, plain=True), tmp_path)


def test_a_server_makes_them_where_it_is_told_to(tmp_path: Path) -> None:
    sizes, names = [], set()
    for plain_clips in (False, True):
        pace = read_pace("immediate")
        settings = Settings(pace=pace, cache_dir=tmp_path, small_clips=True, plain_clips=plain_clips, seed=1)
        with running_app(settings) as server, server.client() as client:
            job_id = client.post(GMI, json=SUBMITS["gmicloud"][1]).json()["request_id"]
            answer = httpx.get(f"{server.url}/media/gmicloud/{job_id}/video.mp4", trust_env=False)
        (tmp_path / "clip.mp4").write_bytes(answer.content)
        file = read_clip(tmp_path / "clip.mp4")
        assert (file.fault, file.job) == ("", job_id)
        sizes.append(len(answer.content))
        names.add(answer.headers["etag"])

    assert sizes[1] < sizes[0]
    assert len(names) == 2
