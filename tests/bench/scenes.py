"""What the bench asks: each scene is a request to our server and its twin to the bare one."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import httpx

from mockserver.control_client import ControlClient
from tests.bench.load import Ask, Fill
from tests.serving import client

REQUESTS: Final = "/api/v1/apikey/requests"
TOKEN: Final = "bench-token"
"""Opens the control plane of our server."""
OURS: Final = (
    sys.executable,
    "-m",
    "mockserver",
    "serve",
    "--port",
    "0",
    "--speed",
    "1000",
    "--token",
    TOKEN,
)
MARK: Final = "0123456789"
"""Ten characters that stand where a request has its number, or the id of a job."""
ID_BEHIND: Final = '"request_id":"'
"""What an answer to a submit has before the id."""
SCENES: Final = 7
"""How many scenes there are."""
READS: Final = 10
"""Reads of a mixed job."""
SUBMIT: Final[Mapping[str, Any]] = {
    "model": "Kling-Image2Video-V1.6-Pro",
    "payload": {
        "prompt": f"Number {MARK}: a paper boat crosses a puddle while rain draws rings around it",
        "image": "https://images.example.com/boat.jpg",
        "negative_prompt": "blur, warped edges",
        "duration": "5",
        "cfg_scale": 0.5,
    },
}
REFUSED: Final[Mapping[str, Any]] = {**SUBMIT, "payload": {**SUBMIT["payload"], "duration": "8"}}


@dataclass(frozen=True, slots=True)
class Part:
    """A request by its parts; `fill` says what its mark becomes, see `load.Ask`.

    `answers` is how long our answer is, in bytes: the bare server's is as long.
    """

    method: str
    path: str
    key: str
    body: str = ""
    fill: Fill = ""
    status: int = 200
    answers: int = 0
    id_behind: str = ""
    most: int = 0
    header: str = ""

    def ask(self, port: int, *, bare: bool) -> Ask:
        """The request to our server at that port, or its twin to the bare one."""
        path = f"/{self.answers}" if bare else self.path
        lines = [
            f"{self.method} {path} HTTP/1.1",
            f"Host: 127.0.0.1:{port}",
            f"Authorization: Bearer {self.key}",
            "Accept: application/json",
            *([self.header] if self.header else []),
        ]
        if self.body:
            lines += ["Content-Type: application/json", f"Content-Length: {len(self.body)}"]
        text = "\r\n".join([*lines, "", self.body])
        head, mark, tail = text.partition(MARK) if self.fill else (text, "", "")
        fill = self.fill if mark else ""
        if bare:
            return Ask(head, tail, fill)
        return Ask(head, tail, fill, self.status, self.id_behind, self.most)


@dataclass(frozen=True, slots=True)
class Scene:
    """Requests that each connection sends again and again. `target` is the ratio to reach, 0 for none."""

    name: str
    target: float
    parts: Sequence[Part]

    def script(self, port: int, *, bare: bool) -> list[Ask]:
        """The requests to our server at that port, or their twins to the bare one."""
        return [part.ask(port, bare=bare) for part in self.parts]


def scenes(url: str) -> list[Scene]:
    """Every scene, with the jobs it needs made on the server at `url`."""
    with client(url, "bench-read") as reader, client(url, "bench-list") as lister:
        job = submitted(reader)
        for _ in range(30):
            submitted(lister)
    with ControlClient(url, TOKEN, key="bench-wait") as control, client(url, "bench-wait") as waiter:
        control.freeze()
        waiting = submitted(waiter)
    submit, refused = json.dumps(SUBMIT), json.dumps(REFUSED)
    record = f"{REQUESTS}/{job}"
    singles = [
        ("read", 0.60, Part("GET", record, "bench-read")),
        ("read, still waiting", 0.0, Part("GET", f"{REQUESTS}/{waiting}", "bench-wait")),
        ("submit, on disk", 0.15, Part("POST", REQUESTS, "bench-submit", submit, "number")),
        ("refused, one body", 0.40, Part("POST", REQUESTS, "bench-refused", refused, status=400)),
        ("refused, all new", 0.40, Part("POST", REQUESTS, "bench-refused", refused, "number", 400)),
        ("list of 30", 0.0, Part("GET", REQUESTS, "bench-list")),
    ]
    alone = [Scene(name, target, [measured(url, part)]) for name, target, part in singles]
    return [*alone, Scene("mixed job", 0.0, mixed_job(url))]


def mixed_job(url: str) -> list[Part]:
    """What a job usually asks for: a submit, ten reads of it, and once the list, here of 30 jobs."""
    key = "bench-mixed"
    with client(url, key) as submitter:
        job = submitted(submitter)
    submit = Part("POST", REQUESTS, key, json.dumps(SUBMIT), "number", id_behind=ID_BEHIND)
    read = replace(measured(url, Part("GET", f"{REQUESTS}/{job}", key)), path=f"{REQUESTS}/{MARK}", fill="id")
    return [measured(url, submit), *[read] * READS, measured(url, Part("GET", REQUESTS, "bench-list"))]


def measured(url: str, part: Part) -> Part:
    """The part with the length of our answer to it. Raises RuntimeError for one with another status."""
    with client(url, part.key) as asker:
        headers = {"Content-Type": "application/json"} if part.body else {}
        answer = asker.request(part.method, part.path, content=part.body, headers=headers)
    if answer.status_code != part.status:
        raise RuntimeError(f"{part.method} {part.path}: {answer.status_code} {answer.text}")
    return replace(part, answers=len(answer.content))


def submitted(asker: httpx.Client) -> str:
    """The id of a new job."""
    answer = asker.post(REQUESTS, json=SUBMIT)
    answer.raise_for_status()
    return str(answer.json()["request_id"])
