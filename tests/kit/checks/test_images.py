"""Images as the result of a job: their links, and the files that these lead to."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.kit.checks.base import run_checks
from mockserver.kit.traffic.exchange import Exchange
from mockserver.kit.traffic.history import History
from mockserver.media.sample import sample_picture
from tests.kit.checks.histories import START, contract, exchange

IMAGES = "https://kling.example/kling/v1/images/generations"
TASK = "850000000000000003"
FIRST, SECOND, MARKED = (f"https://files.example/{name}.png" for name in ("0", "1", "marked"))
WIDE = sample_picture(640, 360)
"""A JPEG in the ratio of 16 to 9."""


def _answer(state: str, images: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    moment = START * 1000
    task: dict[str, Any] = {
        "task_id": TASK, "task_status": state, "created_at": moment, "updated_at": moment
    }  # fmt: skip
    if images is not None:
        task["task_result"] = {"images": images}
    return {"code": 0, "message": "SUCCEED", "request_id": "r", "data": task}


def _submit(**body: Any) -> Exchange:
    return exchange("POST", IMAGES, 0, _answer("submitted"), {"prompt": "a harbour", **body})


def _read(*links: str, **more: Any) -> Exchange:
    images = [{"index": index, "url": link, **more} for index, link in enumerate(links)]
    return exchange("GET", f"{IMAGES}/{TASK}", 1, _answer("succeed", images))


def _fetch(url: str, body: bytes = WIDE, kind: str = "image/jpeg") -> Exchange:
    told = (("content-type", kind), ("content-length", str(len(body))))
    return exchange("GET", url, 2, body)._replace(response_headers=told, caller="", request_headers=())


def _found(*exchanges: Exchange) -> list[str]:
    history = History(contract("kkiai", "vendor"))
    calls = map(history.read, exchanges)
    wanted = ("lifecycle", "media", "schema", "moments")
    return [finding.check for finding in run_checks(history, calls) if finding.check.startswith(wanted)]


def test_good_images_are_no_finding() -> None:
    read = _read(FIRST, SECOND, watermark_url=MARKED)
    assert _found(_submit(n=2), read, _fetch(FIRST), _fetch(SECOND), _fetch(MARKED)) == []


@pytest.mark.parametrize("link", [FIRST, SECOND, MARKED])
@pytest.mark.parametrize(
    ("body", "kind", "check"),
    [
        (WIDE, "video/mp4", "media.type"),
        (b"no picture", "image/png", "media.thumbnail"),
        (sample_picture(480, 480), "image/jpeg", "media.thumbnail"),
    ],
    ids=["type", "no picture", "ratio"],
)
def test_a_wrong_file_is_found_behind_every_link(link: str, body: bytes, kind: str, check: str) -> None:
    read = _read(FIRST, SECOND, watermark_url=MARKED)
    assert _found(_submit(n=2), read, _fetch(link, body, kind)) == [check]


def test_the_ratio_that_was_asked_for_goes_before_that_of_the_picture() -> None:
    body = {"image": "https://example.com/a.png", "aspect_ratio": "1:1"}
    assert _found(_submit(**body), _read(FIRST), _fetch(FIRST, sample_picture(480, 480))) == []
    assert _found(_submit(**body), _read(FIRST), _fetch(FIRST)) == ["media.thumbnail"]


def test_a_success_has_a_link_to_an_image() -> None:
    assert "lifecycle.link" in _found(_submit(), _read(""))


def test_every_link_is_an_address() -> None:
    assert "media.link" in _found(_submit(n=2), _read(FIRST, "files/1.png"))
