"""Exchanges by hand, and what the checks find in them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Final

from mockserver.contract.model import Contract
from mockserver.kit import contracts
from mockserver.kit.checks.base import checks, run_checks
from mockserver.kit.findings.finding import Finding
from mockserver.kit.traffic.exchange import Exchange
from mockserver.kit.traffic.history import History

GMI: Final = "https://gmi.example/api/v1/ie/requestqueue/apikey"
KLING: Final = "https://kling.example/kling/v1/videos/image2video"
RECEIVER: Final = "https://client.example/told"
JOB: Final = "12340000-0000-0000-0000-000000000001"
TASK: Final = "850000000000000001"
MODEL: Final = "Kling-Text2Video-V1.6-Standard"
VIDEO: Final = "https://files.example/a.mp4"
THUMBNAIL: Final = "https://files.example/a.jpg"
JSON: Final = (("content-type", "application/json"),)
START: Final = 1_790_000_000


@cache
def contract(provider: str, profile: str = "documented") -> Contract:
    """The provider's contract, as the profile reads it."""
    return contracts.load(provider, profile=profile)


def exchange(method: str, url: str, at: float, answer: Any = None, sent: Any = None, **more: Any) -> Exchange:
    """An exchange `at` seconds after START that took 0.1 s."""
    asked = b"" if sent is None else json.dumps(sent).encode()
    told = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    given: dict[str, Any] = {
        "number": round(at * 10) + 1, "at": START + at, "took": 0.1, "method": method, "url": url,
        "request_headers": JSON, "request_body": asked, "status": 200, "response_headers": JSON,
        "response_body": told, "caller": "a",
    }  # fmt: skip
    return Exchange(**{**given, **more})


def record(state: str, **more: Any) -> dict[str, Any]:
    """GMI Cloud's record of JOB."""
    outcomes: Mapping[str, Any] = {
        "success": {"video_url": VIDEO, "thumbnail_image_url": THUMBNAIL},
        "failed": {"error": "no"},
    }
    made = {
        "request_id": JOB, "org_id": "o", "model": MODEL, "status": state, "is_public": False,
        "payload": {"prompt": "a"}, "outcome": outcomes.get(state), "created_at": START,
        "updated_at": START, "queued_at": START,
    }  # fmt: skip
    return {**made, **more}


def submit(at: float = 0, *, payload: Mapping[str, Any] | None = None, **more: Any) -> Exchange:
    """GMI Cloud takes JOB on."""
    known = ("request_id", "model", "status", "created_at", "updated_at", "queued_at")
    answer = {key: value for key, value in record("queued", **more).items() if key in known}
    return exchange(
        "POST", f"{GMI}/requests", at, answer, {"model": MODEL, "payload": payload or {"prompt": "a"}}
    )


def read(state: str, at: float, *, took: float = 0.1, **more: Any) -> Exchange:
    """GMI Cloud is asked for JOB."""
    return exchange("GET", f"{GMI}/requests/{JOB}", at, record(state, **more), took=took)


def fetch(url: str, at: float, body: bytes, *headers: tuple[str, str], **more: Any) -> Exchange:
    """A file is fetched without a key."""
    kind = "image/jpeg" if url == THUMBNAIL else "video/mp4"
    told = (("content-type", kind), ("content-length", str(len(body))), *headers)
    given = {"response_headers": told, "caller": "", "request_headers": (), **more}
    return exchange("GET", url, at, body)._replace(**given)


def task(state: str, **more: Any) -> dict[str, Any]:
    """Kling's task as a callback tells it."""
    result = {"videos": [{"id": TASK, "url": VIDEO, "duration": "5"}]}
    made = {"task_id": TASK, "task_status": state, "created_at": START * 1000, "updated_at": START * 1000}
    return {**made, **({"task_result": result} if state == "succeed" else {}), **more}


def kling(at: float = 0, **asked: Any) -> Exchange:
    """Kling takes TASK on, and is asked to tell RECEIVER."""
    sent = {"model_name": "kling-v1", "image": "https://example.com/a.png", "mode": "std", "duration": "5"}
    answer = {"code": 0, "message": "SUCCEED", "request_id": "r", "data": task("submitted")}
    return exchange("POST", KLING, at, answer, {**sent, "callback_url": RECEIVER, **asked})


def look(state: str, at: float, **more: Any) -> Exchange:
    """Kling is asked for TASK."""
    answer = {"code": 0, "message": "SUCCEED", "request_id": "r", "data": task(state, **more)}
    return exchange("GET", f"{KLING}/{TASK}", at, answer)


def tell(state: str, at: float, *, status: int = 200, url: str = RECEIVER, **more: Any) -> Exchange:
    """RECEIVER is told."""
    given = {"status": status, "response_body": b"", "callback": True, "caller": None}
    return exchange("POST", url, at, sent=task(state, **more), **given)


def findings(
    exchanges: Iterable[Exchange],
    *,
    provider: str = "gmicloud",
    profile: str = "documented",
    heard: bool = False,
    receiver: str = "",
) -> list[Finding]:
    """What all checks but those of statuses and lists find, by the contract."""
    history = History(contract(provider, profile))
    history.callbacks_complete, history.receiver = heard, receiver
    chosen = frozenset({"lifecycle", "moments", "media", "callbacks", "schema"})
    assert chosen <= {one.family for one in checks()}
    calls = [history.read(one) for one in sorted(exchanges, key=lambda one: (one.at, one.number))]
    return [one for one in run_checks(history, calls) if one.check.partition(".")[0] in chosen]


def ids(exchanges: Iterable[Exchange], **more: Any) -> list[str]:
    """The ids of the checks that find something, once each, sorted; `more` as for `findings`."""
    return sorted({one.check for one in findings(exchanges, **more)})
