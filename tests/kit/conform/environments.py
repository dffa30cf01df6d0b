"""Evidence made by hand, and small clients to be judged."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import orjson

from mockserver.contract.model import Contract
from mockserver.kit.conform.case import Case
from mockserver.kit.conform.evidence import ClientRun, Evidence, read_exchanges
from mockserver.kit.conform.task import Task
from mockserver.kit.contracts import load
from mockserver.kit.learned_client import LearnedClient, meet
from mockserver.kit.strategies.images import png

BASE = "/api/v1/ie/requestqueue/apikey"
JOB = "11111111-2222-4333-8444-555555555555"
KEY = "sk-conform-0123456789abcdef"
PICTURE = png(320, 320)
CLIP = b"\x00\x00\x00\x18ftypisom the clip"
TASK = Task(
    base_url=f"http://127.0.0.1:1{BASE}",
    key=KEY,
    provider="gmicloud",
    model="Kling-Image2Video-V2-Master",
    prompt="A boat",
    image="/tmp/image.png",
    output="/tmp/clip.mp4",
    thumbnail="",
    job_file="/tmp/job",
    interval=0.1,
    deadline=5.0,
    callback_url="",
)
FINE = ClientRun("exited", 0, 1.0)
LOST = ClientRun("exited", 2, 1.0)


@cache
def contract() -> Contract:
    """The contract that hand-made evidence is about."""
    return load("gmicloud")


def submit(at: float = 0.0, **more: Any) -> dict[str, Any]:
    """A submit that made the job."""
    body = {
        "model": TASK.model,
        "payload": {"prompt": TASK.prompt, "image": base64.b64encode(PICTURE).decode()},
    }
    answer = {**_moments(), "request_id": JOB, "model": TASK.model, "status": "queued"}
    return entry(at, "submit", "POST", f"{BASE}/requests", answer, sent=body, **more)


def read(at: float, state: str = "queued", **more: Any) -> dict[str, Any]:
    """A read of the job."""
    files = f"http://127.0.0.1:1/media/gmicloud/{JOB}"
    shown = {"video_url": f"{files}/video.mp4", "thumbnail_image_url": f"{files}/thumbnail.jpg"}
    answer = {
        **_moments(),
        "request_id": JOB,
        "org_id": "org",
        "model": TASK.model,
        "status": state,
        "is_public": False,
        "payload": {"image": "https://example.com/i.png"},
        "outcome": shown if state == "success" else None,
    }
    return entry(at, "read", "GET", f"{BASE}/requests/{JOB}", answer, **more)


def fetch(at: float, status: int = 200, **more: Any) -> dict[str, Any]:
    """A fetch of the clip."""
    more.setdefault("headers", [])
    return entry(at, "media", "GET", f"/media/gmicloud/{JOB}/video.mp4", None, status=status, **more)


def entry(
    at: float, role: str | None, method: str, path: str, answer: Any, *, sent: Any = None, status: int = 200,
    headers: list[list[str]] | None = None, told: list[list[str]] | None = None, job: str | None = JOB,
    faults: tuple[str, ...] = (), query: str = "", took: float = 0.0,
) -> dict[str, Any]:  # fmt: skip
    """An entry of the journal; `at` and `took` are seconds."""
    asked = [["host", "127.0.0.1:1"], ["authorization", "[redacted]"], ["content-type", "application/json"]]
    return {
        "at": round(at * 1000), "took": round(took * 1000), "role": role, "tenant": "0" * 32, "job": job,
        "method": method, "path": path, "query": query, "status": status, "violations": [],
        "faults": [f"case.key:{name}.1" for name in faults],
        "request": _message(asked if headers is None else headers, sent),
        "response": _message(told or [], answer),
    }  # fmt: skip


def evidence(*entries: Mapping[str, Any], task: Mapping[str, Any] | None = None, **more: Any) -> Evidence:
    """Evidence of these exchanges, and by default of a run that ended well with the clip of one job."""
    noted: list[Any] = [{**entry, "number": number} for number, entry in enumerate(entries, 1)]
    usual: dict[str, Any] = {
        "runs": (FINE,),
        "jobs": ({"id": JOB, "phase": "succeeded", "reason": None},),
        "outputs": (CLIP,),
        "clips": {JOB: CLIP},
        "picture": PICTURE,
    }
    exchanges = read_exchanges(contract(), noted)
    return Evidence(replace(TASK, **(task or {})), contract(), exchanges, **{**usual, **more})


def case(**more: Any) -> Case:
    """A case about nothing in particular."""
    plain = {
        "id": "poll-something", "family": "poll", "title": "Something", "requirement": "It goes well.",
        "why": "It matters.", "harm": "work", "source": "ASSUMED", "advice": "Do it well.",
    }  # fmt: skip
    return Case.model_validate({**plain, **more})


def _moments() -> dict[str, int]:
    return dict.fromkeys(("created_at", "updated_at", "queued_at"), 1_790_000_000)


def _message(headers: list[list[str]], body: Any) -> dict[str, Any]:
    text = None if body is None else orjson.dumps(body).decode()
    return {"headers": headers, "size": len(text or ""), "cut": False, "text": text, "base64": None}


def learned(kind: type[LearnedClient] = LearnedClient) -> Callable[[Task], None]:
    """A client that learns its provider, told by a task what `main` reads in the environment."""

    def run(task: Task) -> None:
        name = meet(json.loads(Path(task.contract).read_text("utf-8")), task.provider)
        client = kind(name, task.base_url, task.key, task.interval, task.deadline)
        thumbnail = task.thumbnail or None
        client.generate(task.prompt, task.image, output=task.output, model=task.model, thumbnail=thumbnail)

    return run


def good(task: Task) -> None:
    """A client of gmicloud that does well: one submit, polls, one fetch without the key."""
    fetched(task, polled(task, submitted(task)))


def submitted(task: Task) -> str:
    """The id of a new job."""
    body = {"model": task.model, "payload": {"prompt": task.prompt, "image": picture(task)}}
    with _api(task) as api:
        return str(api.post("/requests", json=body).raise_for_status().json()["request_id"])


def polled(task: Task, job: str) -> str:
    """The link of the job's clip. Raises RuntimeError with the id where there is none."""
    end = time.monotonic() + task.deadline
    with _api(task) as api:
        while time.monotonic() < end:
            answer = api.get(f"/requests/{job}")
            if answer.status_code < 500:
                body = answer.json()
                if body["status"] == "success":
                    return str(body["outcome"]["video_url"])
                if body["status"] in ("failed", "cancelled"):
                    raise RuntimeError(f"{job}: {body['outcome']}")
            time.sleep(task.interval)
    raise RuntimeError(f"{job}: not in time")


def fetched(task: Task, link: str, **headers: str) -> None:
    """Put the clip where it is wanted."""
    with httpx.Client(trust_env=False, follow_redirects=True, headers=headers) as anyone:
        Path(task.output).write_bytes(anyone.get(link).raise_for_status().content)


def picture(task: Task) -> str:
    """The picture as Base64."""
    return base64.b64encode(Path(task.image).read_bytes()).decode()


def _api(task: Task) -> httpx.Client:
    headers = {"Authorization": f"Bearer {task.key}"}
    return httpx.Client(base_url=task.base_url, headers=headers, trust_env=False, timeout=10)


def ends(pid: int) -> bool:
    """Whether the process ends: to be killed takes a moment."""
    status, deadline = Path(f"/proc/{pid}/status"), time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            if "\nState:\tZ" in status.read_text():
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
    return False
