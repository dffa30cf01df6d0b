"""Files as a record shows them: whole, in part, cut off, or not there."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.kit.traffic.exchange import Exchange
from tests.kit.checks.histories import THUMBNAIL, VIDEO, fetch, findings, ids, read, submit
from tests.kit.miniatures import clips

CLIP = clips.clip(1280, 720, 5)
STILL = clips.still(640, 360)
PLAIN: dict[str, Any] = {"prompt": "a"}


def after(*fetched: Exchange, payload: dict[str, Any] = PLAIN) -> list[Exchange]:
    """A job that has succeeded, and fetches."""
    return [submit(payload=payload), read("success", 1, payload=payload), *fetched]


def test_the_clip_that_was_asked_for_gives_no_finding() -> None:
    assert ids(after(fetch(VIDEO, 2, CLIP), fetch(THUMBNAIL, 3, STILL))) == []


@pytest.mark.parametrize(
    ("payload", "check"),
    [
        ({"prompt": "a", "duration": "10"}, "media.duration"),
        ({"prompt": "a", "aspect_ratio": "9:16"}, "media.ratio"),
    ],
)
def test_another_clip_than_asked_is_found_with_the_field_that_asked(
    payload: dict[str, Any], check: str
) -> None:
    found = findings(after(fetch(VIDEO, 2, CLIP), payload=payload))
    assert [one.check for one in found] == [check]
    assert found[0].severity == "failure"
    assert found[0].clause.endswith(f"/{list(payload)[-1]}")


def test_what_nobody_asked_for_is_held_to_the_model() -> None:
    found = findings(after(fetch(VIDEO, 2, clips.clip(640, 640, 5))))
    assert [one.check for one in found] == ["media.ratio", "media.resolution"]
    assert {one.clause for one in found} == {"/x-job/models/Kling-Text2Video-V1.6-Standard/clip"}


def test_a_record_without_the_body_is_judged_by_its_head() -> None:
    headers = (("content-type", "text/html"), ("content-length", "99"))
    assert ids(after(fetch(VIDEO, 2, b"", cut=True))) == []
    assert ids(after(fetch(VIDEO, 2, b"", cut=True, response_headers=headers))) == ["media.type"]
    assert ids(after(fetch(VIDEO, 2, b"", method="HEAD", response_headers=headers))) == ["media.type"]


@pytest.mark.parametrize(("status", "judged"), [(200, True), (205, False), (206, True), (404, False)])
def test_the_type_of_a_part_is_that_of_the_whole(status: int, judged: bool) -> None:
    headers = (("content-type", "text/html"),)
    breaches = ids(after(fetch(VIDEO, 2, b"", status=status, response_headers=headers)))
    assert ("media.type" in breaches) is judged


def test_a_body_is_as_long_as_its_head_says() -> None:
    headers = (("content-type", "video/mp4"), ("content-length", "5"))
    assert ids(after(fetch(VIDEO, 2, CLIP, response_headers=headers))) == ["media.length"]
    assert ids(after(fetch(VIDEO, 2, b""))) == ["media.length"]


@pytest.mark.parametrize(
    ("status", "check"),
    [(401, "media.open"), (403, "media.open"), (404, "media.status"), (0, "media.status")],
)
def test_a_link_that_does_not_lead_to_the_file(status: int, check: str) -> None:
    assert ids(after(fetch(VIDEO, 2, b"", status=status))) == [check]


def test_a_redirect_leads_to_the_same_file() -> None:
    away = fetch(VIDEO, 2, b"", ("location", "/b.mp4"), status=302)
    assert ids(after(away)) == []
    assert ids(after(away, fetch("https://files.example/b.mp4", 3, b"no clip"))) == ["media.plays"]


@pytest.mark.parametrize(
    ("content_range", "body", "good"),
    [
        ("bytes 2-5/9", b"abcd", True), ("bytes 2-4/9", b"abc", True), ("bytes 0-3/9", b"abcd", False),
        ("bytes 2-5/9", b"abc", False), ("bytes 2-8/9", b"abcdefg", False), ("2-5", b"abcd", False),
    ],
)  # fmt: skip
def test_a_part_is_the_one_that_was_asked_for(content_range: str, body: bytes, good: bool) -> None:
    part = fetch(
        VIDEO, 2, body, ("accept-ranges", "bytes"), ("content-range", content_range),
        status=206, request_headers=(("range", "bytes=2-5"),),
    )  # fmt: skip
    told = [(one.check, one.expected, one.actual) for one in findings(after(part))]
    wrong = ("media.ranges", "bytes=2-5", f"Content-Range {content_range}, {len(body)} bytes")
    assert told == ([] if good else [wrong])


def test_a_thumbnail_is_compared_with_the_clip_that_was_fetched() -> None:
    square = clips.clip(720, 720, 5)
    told = after(
        fetch(VIDEO, 2, square), fetch(THUMBNAIL, 3, STILL), payload={"prompt": "a", "aspect_ratio": "1:1"}
    )
    assert ids(told) == ["media.thumbnail"]


def test_a_thumbnail_is_a_jpeg_or_a_png() -> None:
    assert ids(after(fetch(THUMBNAIL, 2, clips.still(640, 360, "bmp")))) == ["media.thumbnail"]


@pytest.mark.parametrize("length", [9, 700, len(STILL) // 2, len(STILL) - 2])
def test_a_thumbnail_is_whole(length: int) -> None:
    assert ids(after(fetch(THUMBNAIL, 2, STILL[:length]))) == ["media.thumbnail"]
