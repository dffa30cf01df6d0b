"""What a client sees of a fault, over a real socket."""

from __future__ import annotations

import json
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest

from mockserver.settings import read_pace
from tests.engine.test_lifecycle import GMI, SUBMITS
from tests.serving import Running

Run = Callable[..., Running]


def _read(running: Run, marker: str) -> httpx.Response:
    """The first read of a job whose prompt carries the marker."""
    server = running(pace=read_pace("immediate"))
    body = {
        "model": "Kling-Text2Video-V1.6-Standard",
        "payload": {"prompt": f"a kite [mock:{marker} role=read]"},
    }
    with server.client() as client:
        answer = client.post(GMI, json=body)
        assert answer.status_code == 200, answer.text
        return client.get(f"{GMI}/{answer.json()['request_id']}")


@pytest.mark.parametrize("marker", ["lost-answer", "reset", "truncated"])
def test_a_connection_that_breaks(running: Run, marker: str) -> None:
    with pytest.raises(httpx.TransportError):
        _read(running, marker)


def test_json_that_is_none(running: Run) -> None:
    answer = _read(running, "malformed")
    assert answer.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        answer.json()


def test_an_empty_body(running: Run) -> None:
    assert _read(running, "empty").content == b""


def test_a_text_in_place_of_the_answer(running: Run) -> None:
    answer = _read(running, "answer text=teapot")
    assert (answer.status_code, answer.content) == (200, b"teapot")


def test_a_gateway_page(running: Run) -> None:
    answer = _read(running, "gateway-page=504")
    assert answer.status_code == 504
    assert "text/html" in answer.headers["content-type"]


def test_too_many_with_a_date(running: Run) -> None:
    answer = _read(running, "too-many retry_after=date")
    assert answer.status_code == 429
    assert parsedate_to_datetime(answer.headers["retry-after"])


def _record(server: Running, client: httpx.Client, marker: str) -> tuple[str, dict[str, Any]]:
    body = {**SUBMITS["gmicloud"][1], "payload": {"prompt": f"a kite [mock:{marker}]"}}
    job = f"{GMI}/{client.post(GMI, json=body).json()['request_id']}"
    server.clock.advance(9)
    record: dict[str, Any] = client.get(job).json()
    return job, record


@pytest.mark.parametrize(
    ("marker", "status"),
    [("expired-link", 403), ("redirect", 302), ("html-page", 200), ("zero-bytes", 200), ("wrong-type", 200)],
)
def test_a_file_that_is_not_the_clip(running: Run, marker: str, status: int) -> None:
    server = running()
    with server.client() as client:
        job, record = _record(server, client, marker)
        first = httpx.get(record["outcome"]["video_url"], trust_env=False)
        assert first.status_code == status
        assert not (first.headers.get("content-type") == "video/mp4" and b"ftyp" in first.content[:12])
        if marker == "expired-link":
            fresh = client.get(job).json()["outcome"]["video_url"]
            assert httpx.get(fresh, trust_env=False, timeout=30).content[4:8] == b"ftyp"


@pytest.mark.parametrize(("marker", "status"), [("no-ranges", 200), ("no-ranges how=refused", 416)])
def test_a_part_of_a_file_may_not_be_had(running: Run, marker: str, status: int) -> None:
    server = running()
    with server.client() as client:
        video = _record(server, client, marker)[1]["outcome"]["video_url"]
        answer = httpx.get(video, headers={"range": "bytes=0-9"}, trust_env=False, timeout=30)
    assert answer.status_code == status


def test_a_redirect_leads_to_the_clip_at_another_host_and_no_further(running: Run) -> None:
    server = running()
    with server.client() as client:
        _, record = _record(server, client, "redirect")
        link = httpx.URL(record["outcome"]["video_url"])
        end = httpx.get(link, trust_env=False, timeout=30, follow_redirects=True)
    assert [one.status_code for one in (*end.history, end)] == [302, 200]
    assert end.url.host != link.host
    assert end.content[4:8] == b"ftyp"


@pytest.mark.parametrize("marker", ["cut-file", "wrong-length"])
def test_a_file_that_breaks_off(running: Run, marker: str) -> None:
    server = running()
    with server.client() as client:
        _, record = _record(server, client, marker)
        with pytest.raises(httpx.TransportError):
            httpx.get(record["outcome"]["video_url"], trust_env=False, timeout=30)
