"""Bodies that public records of live servers show, judged by the profiles that take what was seen."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mockserver.kit.contracts import load
from mockserver.kit.trace.judge import check_trace
from mockserver.kit.trace.open import parse

MOMENT = 1_764_000_000_000
TASK = "842250903629086785"
REQUEST = "5c6fdc5c-32d4-4b4e-8dd7-29dbbe4f8a33"
IMAGE = "https://example.com/first.png"
KLING = "https://api-singapore.klingai.com/v1/videos/image2video"
GMI = "https://console.gmicloud.ai/api/v1/ie/requestqueue/apikey/requests"


def archive(*calls: tuple[str, str, Any, Any]) -> bytes:
    """An HTTP archive of calls: method, URL, what was sent (or None), what was answered."""
    entries = []
    for number, (method, url, sent, answer) in enumerate(calls):
        request: dict[str, Any] = {
            "method": method,
            "url": url,
            "headers": [{"name": "Authorization", "value": "Bearer k"}],
        }
        if sent is not None:
            request["postData"] = {"mimeType": "application/json", "text": json.dumps(sent)}
        content = {"mimeType": "application/json", "text": json.dumps(answer)}
        headers = [{"name": "Content-Type", "value": "application/json"}]
        entries.append(
            {
                "startedDateTime": f"2025-11-24T16:00:{number * 10:02}.000Z",
                "time": 100,
                "request": request,
                "response": {"status": 200, "headers": headers, "content": content},
            }
        )
    return json.dumps({"log": {"version": "1.2", "creator": {"name": "t"}, "entries": entries}}).encode()


def envelope(**data: Any) -> dict[str, Any]:
    return {"code": 0, "message": "SUCCEED", "request_id": "r", "data": data}


def task(word: str, text: str, **more: Any) -> dict[str, Any]:
    moments = {"created_at": MOMENT, "updated_at": MOMENT}
    return envelope(task_id=TASK, task_status=word, task_status_msg=text, **moments, **more)


SUBMITTED = envelope(task_id=TASK, task_status="submitted", created_at=MOMENT, updated_at=MOMENT)
SENT = {"model_name": "kling-v1-6", "image": IMAGE, "mode": "std", "duration": "5"}
KLINGS = [
    ("POST", KLING, SENT, SUBMITTED),
    ("GET", f"{KLING}/{TASK}", None, task("processing", "", task_result={})),
    ("GET", f"{KLING}/{TASK}", None, task("failed", "risk control", task_info={}, task_result={})),
]
"""A submit without task_info (K13), and a task that has an empty result until and after it failed (K12)."""
RECORD = {
    "request_id": REQUEST,
    "model": "Kling-Image2Video-V1.6-Pro",
    "status": "dispatched",
    "created_at": MOMENT // 1000,
    "updated_at": MOMENT // 1000,
    "queued_at": MOMENT // 1000,
}
DISPATCHED = RECORD | {
    "org_id": REQUEST,
    "is_public": False,
    "payload": {"image": IMAGE},
    "outcome": {"media_urls": [{"id": "0", "url": "https://example.com/clip.mp4"}]},
}
GMIS = [
    ("POST", GMI, {"model": RECORD["model"], "payload": {"image": IMAGE}}, RECORD),
    ("GET", f"{GMI}/{REQUEST}", None, DISPATCHED),
]
"""A record that is dispatched and has its links, as GMI Cloud's own page shows (G1)."""


@pytest.mark.parametrize(
    ("provider", "profile", "calls"),
    [
        ("kkiai", "observed", KLINGS),
        ("gmicloud", "vendor", GMIS),
        ("gmicloud", "observed", GMIS),
    ],
)
def test_what_was_seen_live_passes(provider: str, profile: str, calls: list[Any]) -> None:
    exchanges = parse(archive(*calls), "live.har")
    run, _ = check_trace(exchanges, load(provider, profile=profile), target="live.har")
    assert [finding.sentence for finding in run.findings] == []
    assert (run.calls, run.jobs) == (len(calls), 1)
    assert [drift.pointer for drift in run.drifts] == []


def test_a_task_that_succeeded_has_its_clip_in_every_profile() -> None:
    calls = [KLINGS[0], ("GET", f"{KLING}/{TASK}", None, task("succeed", "", task_result={}))]
    for profile in ("vendor", "observed"):
        exchanges = parse(archive(*calls), "live.har")
        run, _ = check_trace(exchanges, load("kkiai", profile=profile), target="live.har")
        assert any("videos" in finding.sentence for finding in run.findings)
