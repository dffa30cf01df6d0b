"""What the bench asks: each scene is a request to our server and its twin to the bare one."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx

from mockserver.control_client import ControlClient
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
"""Ten characters that stand where a numbered request has its number."""
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
class Scene:
    """A request by its parts; `numbered` makes each body another. `target` is the ratio to reach, 0 for none.

    `answers` is how long our answer is, in bytes: the bare server's is as long.
    """

    name: str
    target: float
    method: str
    path: str
    key: str
    body: str
    numbered: bool
    status: int
    answers: int

    def request(self, port: int, *, bare: bool) -> tuple[str, str]:
        """The request's text before and after the number; all of it before where it has none."""
        path = f"/{self.answers}" if bare else self.path
        lines = [
            f"{self.method} {path} HTTP/1.1",
            f"Host: 127.0.0.1:{port}",
            f"Authorization: Bearer {self.key}",
            "Accept: application/json",
        ]
        if self.body:
            lines += ["Content-Type: application/json", f"Content-Length: {len(self.body)}"]
        text = "\r\n".join([*lines, "", self.body])
        head, _, tail = text.partition(MARK) if self.numbered else (text, "", "")
        return head, tail


def scenes(url: str) -> list[Scene]:
    """Every scene, with the jobs it needs made on the server at `url`."""
    with client(url, "bench-read") as reader, client(url, "bench-list") as lister:
        job = _submitted(reader)
        for _ in range(30):
            _submitted(lister)
    with ControlClient(url, TOKEN, key="bench-wait") as control, client(url, "bench-wait") as waiter:
        control.freeze()
        waiting = _submitted(waiter)
    submit, refused = json.dumps(SUBMIT), json.dumps(REFUSED)
    record = f"{REQUESTS}/{job}"
    asked = [
        ("read", 0.60, "GET", record, "bench-read", "", False),
        ("read, still waiting", 0.0, "GET", f"{REQUESTS}/{waiting}", "bench-wait", "", False),
        ("submit, on disk", 0.15, "POST", REQUESTS, "bench-submit", submit, True),
        ("refused, one body", 0.40, "POST", REQUESTS, "bench-refused", refused, False),
        ("refused, all new", 0.40, "POST", REQUESTS, "bench-refused", refused, True),
        ("list of 30", 0.0, "GET", REQUESTS, "bench-list", "", False),
    ]
    return [_measured(url, *one) for one in asked]


def _measured(
    url: str, name: str, target: float, method: str, path: str, key: str, body: str, numbered: bool
) -> Scene:
    with client(url, key) as asker:
        answer = asker.request(method, path, content=body, headers={"Content-Type": "application/json"})
    expected = 400 if name.startswith("refused") else 200
    if answer.status_code != expected:
        raise RuntimeError(f"{name}: {answer.status_code} {answer.text}")
    return Scene(name, target, method, path, key, body, numbered, expected, len(answer.content))


def _submitted(asker: httpx.Client) -> str:
    answer = asker.post(REQUESTS, json=SUBMIT)
    answer.raise_for_status()
    return str(answer.json()["request_id"])
