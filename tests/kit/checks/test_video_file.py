"""A clip as it was fetched: what it shows, or why it does not play; never anything else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import SimpleNamespace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mockserver.kit.checks import video_file
from mockserver.kit.checks.video_file import TooLarge, UnreadableVideo, VideoFile, check_still, read_video
from mockserver.media.sample import sample_picture
from tests.kit.miniatures import clips

CLIP = clips.clip(320, 180, 2)


def test_a_clip_tells_its_size_length_and_order() -> None:
    assert read_video(CLIP) == VideoFile(320, 180, 2.0, index_first=True)
    assert not read_video(clips.clip(320, 180, 1, index_first=False)).index_first


def test_a_clip_that_comes_again_is_not_decoded_again(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = read_video(CLIP)
    monkeypatch.delattr(video_file, "_decoded")
    assert read_video(bytes(bytearray(CLIP))) == shown


def test_of_clips_so_many_are_remembered_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(video_file, "_MOST_KNOWN", 2)
    monkeypatch.setattr(video_file, "_known", {})
    for width in (64, 80, 96, 64):
        assert read_video(clips.clip(width, 36, 1)).width == width
        assert 0 < len(video_file._known) <= 2


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(CLIP) - 1))
def test_a_clip_that_is_cut_off_does_not_play(length: int) -> None:
    with pytest.raises(UnreadableVideo):
        read_video(CLIP[:length])


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200))
@example(b"")
@example(b"\x00\x00\x00\x08moov")
@example(b"\x00\x00\x00\x00moov")
@example(b"\x00\x00\x00\x01moov" + bytes(8))
def test_other_bytes_do_not_play(data: bytes) -> None:
    with pytest.raises(UnreadableVideo):
        read_video(data)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(CLIP) - 1), st.integers(0, 255))
def test_a_damaged_clip_plays_or_is_bad(at: int, byte: int) -> None:
    with suppress(UnreadableVideo, TooLarge):
        assert read_video(CLIP[:at] + bytes([byte]) + CLIP[at + 1 :]).seconds >= 0


def test_a_file_that_is_too_large_is_not_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(video_file, "LARGEST", len(CLIP) + 99)
    with pytest.raises(TooLarge):
        read_video(CLIP + bytes(100))


def test_what_is_just_as_large_as_may_be_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(video_file, "_known", {})
    monkeypatch.setattr(video_file, "LARGEST", len(CLIP))
    monkeypatch.setattr(video_file, "MAX_PIXELS", 320 * 180)
    assert read_video(CLIP).width == 320

    monkeypatch.setattr(video_file, "_known", {})
    monkeypatch.setattr(video_file, "MAX_PIXELS", 320 * 180 - 1)
    with pytest.raises(TooLarge, match="has 320x180 pixels, more than are decoded here"):
        read_video(CLIP)

    still = clips.still(64, 36)
    monkeypatch.setattr(video_file, "LARGEST", len(still))
    check_still(still, "jpeg")
    monkeypatch.setattr(video_file, "LARGEST", len(still) - 1)
    with pytest.raises(TooLarge, match=f"has {len(still)} bytes, more than are decoded here"):
        check_still(still, "jpeg")


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["jpeg", "png"]), st.data())
def test_a_still_that_is_cut_off_is_bad(kind: str, data: st.DataObject) -> None:
    still = clips.still(64, 36) if kind == "jpeg" else sample_picture(64, 36)
    check_still(still, kind)
    length = data.draw(st.integers(0, len(still) - 2))
    with pytest.raises(UnreadableVideo):
        check_still(still[:length], kind)


def test_a_png_without_its_last_chunk_is_bad_though_it_decodes() -> None:
    still = sample_picture(64, 36)
    last_chunk = still.rindex(b"IEND") - 4
    for length in (last_chunk, len(still) - 1):
        with pytest.raises(UnreadableVideo, match="is cut off"):
            check_still(still[:length], "png")


def test_a_still_without_a_frame_is_bad(monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def empty(*_: object) -> Iterator[SimpleNamespace]:
        yield SimpleNamespace(decode=lambda **_: iter(()))

    still = clips.still(64, 36)
    monkeypatch.setattr("av.open", empty)
    with pytest.raises(UnreadableVideo, match="shows nothing"):
        check_still(still, "jpeg")
