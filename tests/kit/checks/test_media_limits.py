"""Files at the limits of what they may be: how long, how large, how wide, and by which request."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.kit.checks import fetched_files, media
from mockserver.kit.checks.video_file import UnreadableVideo, VideoFile
from mockserver.kit.traffic.exchange import NOT_FOLLOWED, Exchange
from tests.kit.checks.histories import (
    TASK,
    THUMBNAIL,
    VIDEO,
    fetch,
    findings,
    kling,
    look,
    read,
    submit,
)
from tests.kit.miniatures import clips

STILL = clips.still(160, 90)


def _after(*fetched: Exchange, **payload: Any) -> list[tuple[str, str, str]]:
    """What is found of files: the check, what it expected and what was there, after a job that succeeded."""
    asked = {"prompt": "a", **payload}
    told = findings([submit(payload=asked), read("success", 1, payload=asked), *fetched])
    return [(one.check.removeprefix("media."), one.expected, one.actual) for one in told]


@pytest.fixture
def showing(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let every clip show these pixels and seconds."""

    def show(width: int = 1280, height: int = 720, seconds: float = 5.0, *, index_first: bool = True) -> None:
        shown = VideoFile(width, height, seconds, index_first)
        monkeypatch.setattr(fetched_files, "read_video", lambda _: shown)
        monkeypatch.setattr(media, "read_video", lambda _: shown)

    return show


FILE = fetch(VIDEO, 2, b"a clip")


@pytest.mark.parametrize(
    ("seconds", "asked", "found"),
    [
        (5.5, "5", []),
        (4.5, "5", []),
        (5.51, "5", [("duration", "5 s", "5.51 s")]),
        (4.49, "5", [("duration", "5 s", "4.49 s")]),
        (10.5, "10", []),
        (9.4, "10", [("duration", "10 s", "9.40 s")]),
    ],
)
def test_a_clip_is_as_long_as_asked_within_half_a_second(
    showing: Any, seconds: float, asked: str, found: list[tuple[str, str, str]]
) -> None:
    showing(seconds=seconds)
    assert _after(FILE, duration=asked) == found


@pytest.mark.parametrize(
    ("width", "height", "found"),
    [
        (1280, 720, []),
        (1305, 720, []),
        (1306, 720, [("ratio", "1.78:1", "1306x720, 1.81:1")]),
        (1255, 720, []),
        (1254, 720, [("ratio", "1.78:1", "1254x720, 1.74:1")]),
        (1276, 718, []),
        (1275, 717, [("resolution", "720 px", "1275x717, 1.78:1")]),
        (1710, 962, []),
        (1712, 963, [("resolution", "720 px", "1712x963, 1.78:1")]),
    ],
)
def test_a_clip_is_of_the_ratio_and_size_that_its_model_makes_with_little_to_spare(
    showing: Any, width: int, height: int, found: list[tuple[str, str, str]]
) -> None:
    showing(width, height)
    assert _after(FILE) == found


def test_the_shorter_side_counts_of_an_upright_clip(showing: Any) -> None:
    showing(720, 1280)
    assert _after(FILE, aspect_ratio="9:16") == []
    showing(716, 1280)
    assert _after(FILE, aspect_ratio="9:16") == [("resolution", "720 px", "716x1280, 0.559:1")]


def test_a_clip_that_loads_before_it_plays_is_noted(showing: Any) -> None:
    showing(index_first=False)
    assert _after(FILE) == [("index", "moov before mdat", "moov after mdat")]


def test_without_its_submit_a_clip_is_held_to_nothing_that_was_asked(showing: Any) -> None:
    showing(33, 12, 77)
    assert findings([read("success", 1), FILE]) == []


@pytest.mark.parametrize(
    ("status", "ranged", "found"),
    [
        (200, False, False), (206, False, False), (307, False, False), (304, False, False),
        (416, False, True), (416, True, False), (204, False, True), (300, False, True), (500, False, True),
    ],
)  # fmt: skip
def test_a_link_is_answered_by_a_file_a_part_or_another_place(status: int, ranged: bool, found: bool) -> None:
    headers = (("range", "bytes=99-"),) if ranged else ()
    answer = fetch(VIDEO, 2, b"a", status=status, request_headers=headers, cut=True)
    wrong = ("status", "status 200", f"status {status}")
    assert (wrong in _after(answer)) is found


@pytest.mark.parametrize(
    ("error", "found"),
    [
        (f"{NOT_FOLLOWED}: elsewhere", []),
        ("reset", [("status", "status 200", "no answer: reset")]),
    ],
)
def test_a_link_that_was_not_followed_is_no_dead_one(error: str, found: list[tuple[str, str, str]]) -> None:
    assert _after(fetch(VIDEO, 2, b"", status=0, error=error)) == found


@pytest.mark.parametrize(
    ("status", "caller", "found"),
    [
        (401, "", [("open", "the file", "status 401")]),
        (403, "", [("open", "the file", "status 403")]),
        (403, "a", [("status", "status 200", "status 403")]),
        (402, "", [("status", "status 200", "status 402")]),
    ],
)
def test_only_who_sends_no_key_can_see_that_a_link_needs_one(
    status: int, caller: str, found: list[tuple[str, str, str]]
) -> None:
    assert _after(fetch(VIDEO, 2, b"", status=status, caller=caller)) == found


@pytest.mark.parametrize(
    ("url", "kind", "found"),
    [
        (VIDEO, "video/mp4; a=b", []),
        (VIDEO, "image/png", [("type", "video/mp4", "image/png")]),
        (THUMBNAIL, "image/png", []),
        (THUMBNAIL, "video/mp4", [("type", "image/jpeg or image/png", "video/mp4")]),
        (THUMBNAIL, None, [("type", "image/jpeg or image/png", "none")]),
    ],
)
def test_a_file_is_of_the_type_that_its_link_is_for(
    url: str, kind: str | None, found: list[tuple[str, str, str]]
) -> None:
    headers = () if kind is None else (("content-type", kind),)
    assert _after(fetch(url, 2, b"", response_headers=headers, method="HEAD")) == found


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, [("length", "5 bytes (Content-Length)", "1 byte")]),
        ({"method": "HEAD"}, []),
        ({"cut": True}, []),
        ({"status": 302}, []),
        ({"response_headers": (("content-type", "image/jpeg"),)}, []),
        ({"response_headers": (("content-type", "image/jpeg"), ("content-length", "1"))}, []),
        ({"response_headers": (("content-type", "image/jpeg"), ("content-length", "many"))}, []),
        (
            {
                "response_headers": (
                    ("content-type", "image/jpeg"), ("content-length", "5"), ("content-encoding", "gzip"),
                )
            },
            [],
        ),
        ({"response_body": b""}, [("length", "5 bytes (Content-Length)", "0 bytes")]),
        (
            {"response_body": b"", "response_headers": (("content-type", "image/jpeg"),)},
            [("length", "a file", "an empty body")],
        ),
    ],
)  # fmt: skip
def test_the_length_is_judged_of_a_body_that_was_recorded_as_it_came(
    changes: dict[str, Any], found: list[tuple[str, str, str]]
) -> None:
    headers = (("content-type", "image/jpeg"), ("content-length", "5"))
    told = _after(fetch(THUMBNAIL, 2, b"a", **{"response_headers": headers, **changes}))
    assert [one for one in told if one[0] == "length"] == found


WHOLE = [("ranges", "206 with bytes=2-5", "200 with all of it")]
NO_PART = [("ranges", "bytes=2-5", "Content-Range None, 4 bytes")]


@pytest.mark.parametrize(
    ("asked", "offered", "changes", "found"),
    [
        ("bytes=2-5", "bytes", {}, WHOLE),
        ("bytes = 2-5", "bytes", {}, WHOLE),
        ("bytes=2-5", "none", {}, []),
        ("bytes=-5", "bytes", {}, []),
        ("bytes=2-5,7-8", "bytes", {}, []),
        ("bytes=2-5", "bytes", {"request_headers": (("range", "bytes=2-5"), ("if-range", '"a"'))}, []),
        ("bytes=2-5", "bytes", {"status": 206}, NO_PART),
        ("bytes=2-5", "bytes", {"status": 416}, []),
    ],
)
def test_a_range_is_sent_where_ranges_are_offered(
    asked: str, offered: str, changes: dict[str, Any], found: list[tuple[str, str, str]]
) -> None:
    headers = {"request_headers": (("range", asked),), **changes}
    told = _after(fetch(THUMBNAIL, 2, b"abcd", ("accept-ranges", offered), **headers))
    assert [one for one in told if one[0] == "ranges"] == found


@pytest.mark.parametrize(
    ("asked", "stated", "size", "cut", "good"),
    [
        ("bytes=2-", "bytes 2-5/9", 4, False, True),
        ("bytes=2-", "bytes 2-5/*", 4, False, True),
        ("bytes=2-", "bytes 2-5/9", 3, False, False),
        ("bytes=2-", "bytes 2-5/9", 3, True, True),
        ("bytes=2-4", "bytes 2-5/9", 3, True, False),
        ("bytes=3-", "bytes 2-5/9", 4, True, False),
        ("bytes=2-", "bytes 2-\u0665/9", 4, False, False),
    ],
)
def test_a_part_fits_what_was_asked_by_where_it_begins_ends_and_how_long_it_is(
    asked: str, stated: str, size: int, cut: bool, good: bool
) -> None:
    wanted = media._RANGE.fullmatch(asked)
    assert wanted is not None
    assert media._fits(wanted, media._CONTENT_RANGE.fullmatch(stated), size, cut) is good


@pytest.mark.parametrize(
    ("link", "good"),
    [
        ("https://files.example/a.mp4", True), ("http://files.example/a.mp4", True), ("", True), (None, True),
        ("ftp://files.example/a.mp4", False), ("https:///a.mp4", False), ("/a.mp4", False), (7, False),
    ],
)  # fmt: skip
def test_a_link_is_absolute(link: Any, good: bool) -> None:
    told = findings([read("success", 1, outcome={"video_url": link, "thumbnail_image_url": None})])
    assert ([one.pointer for one in told if one.check == "media.link"] == []) is good


@pytest.mark.parametrize(
    ("told", "found"),
    [("5", []), ("5.5", []), ("4.5", []), ("5.51", ['"5.51"']), ("4.4", ['"4.4"']), ("long", [])],
)
def test_an_answer_tells_the_length_that_was_asked_for(told: str, found: list[str]) -> None:
    result = {"videos": [{"id": TASK, "url": VIDEO, "duration": told}]}
    said = findings([kling(), look("succeed", 2, task_result=result)], provider="kkiai")
    assert [one.actual for one in said if one.check == "media.told-duration"] == found
    alone = findings([look("succeed", 2, task_result=result)], provider="kkiai")
    assert [one.check for one in alone if one.check == "media.told-duration"] == []


def test_a_thumbnail_has_the_ratio_of_the_first_of_three_clips_that_plays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def shown(data: bytes) -> VideoFile:
        if data == b"square":
            return VideoFile(720, 720, 5.0, index_first=True)
        raise UnreadableVideo("does not play")

    monkeypatch.setattr(fetched_files, "read_video", shown)

    def found(broken: int) -> list[str]:
        fetches = [fetch(VIDEO, 2 + at, b"broken") for at in range(broken)]
        told = _after(*fetches, fetch(VIDEO, 8, b"square"), fetch(THUMBNAIL, 9, STILL), aspect_ratio="1:1")
        return [expected for check, expected, _ in told if check == "thumbnail"]

    assert found(0) == found(2) == found(3) == ["1:1"]
    wide = [fetch(VIDEO, 2, b"square"), fetch(THUMBNAIL, 9, STILL)]
    assert [one[1] for one in _after(*wide) if one[0] == "thumbnail"] == ["1:1"]
    late = [*(fetch(VIDEO, 2 + at, b"broken") for at in range(3)), fetch(VIDEO, 8, b"square")]
    assert [one for one in _after(*late, fetch(THUMBNAIL, 9, STILL)) if one[0] == "thumbnail"] == []


def test_a_picture_of_another_kind_is_told_once_and_one_that_is_none_too() -> None:
    bitmap = clips.still(160, 90, "bmp")
    assert _after(fetch(THUMBNAIL, 2, bitmap)) == [
        ("thumbnail", "a JPEG or PNG", "the file is a bmp picture")
    ]
    ((check, expected, _),) = _after(fetch(THUMBNAIL, 2, b"no picture"))
    assert (check, expected) == ("thumbnail", "a picture")


def test_a_picture_that_is_too_large_to_decode_is_not_called_bad(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = fetch(THUMBNAIL, 2, STILL)
    broken = fetch(THUMBNAIL, 2, STILL[:-3])
    monkeypatch.setattr(media, "MAX_PIXELS", 160 * 90)
    assert (_after(whole), len(_after(broken))) == ([], 1)
    monkeypatch.setattr(media, "MAX_PIXELS", 160 * 90 - 1)
    assert _after(broken) == []
