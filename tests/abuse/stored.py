"""A server over a file that others may have written, and everything that can be asked of what is in it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import httpx

from mockserver.app import Library, Mockserver, make_services
from mockserver.jobs.clock import ManualClock
from mockserver.settings import Settings
from mockserver.stores.open import open_store
from tests.engine.test_lifecycle import SUBMITS
from tests.serving import START

ANN: Final = "ann-key"
BOB: Final = "bob-key"
TOKEN: Final = "the-token"
_NOBODY: Final = "http://127.0.0.1:9/hook"


@cache
def library() -> Library:
    """The contracts, compiled once."""
    return Library(Settings(token=TOKEN))


@dataclass(slots=True)
class Server:
    """A server without a socket."""

    http: httpx.AsyncClient

    async def ask(self, method: str, path: str, key: str | None = None, body: Any = None) -> httpx.Response:
        """The answer to a request, of the control plane where no key is given."""
        headers = {"x-mock-token": TOKEN} if key is None else {"authorization": f"Bearer {key}"}
        text = None if body is None else json.dumps(body)
        if body is not None:
            headers["content-type"] = "application/json"
        return await self.http.request(method, path, headers=headers, content=text)

    async def control(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """The answer of the control plane."""
        return await self.ask(method, f"/__mock{path}", None, body)


@asynccontextmanager
async def serving(path: Path) -> AsyncIterator[Server]:
    """A server over the file, started and ended as uvicorn does it. Raises what its start raises."""
    settings = Settings(token=TOKEN, small_clips=True)
    store = open_store(f"sqlite:///{path}")
    services = make_services(library().contracts(), store, settings, ManualClock(START))
    app = Mockserver(services, library().contract)
    try:
        await app.start()
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8787") as http:
            yield Server(http)
    finally:
        await app.close()


async def fill(path: Path) -> None:
    """Give Ann jobs of every kind, callbacks, a clock and a quota, and Bob a job."""
    async with serving(path) as server:
        jobs: dict[str, list[str]] = {}
        for provider, (target, body, at, _) in SUBMITS.items():
            for prompt in ("a kite", "a kite [mock:fail=moderation]", "a kite [mock:no-link]"):
                asked = json.loads(json.dumps(body).replace("a kite", prompt))
                if provider == "kkiai":
                    asked["callback_url"] = _NOBODY
                    asked["external_task_id"] = f"mine {prompt}"
                answer = await server.ask("POST", target, ANN, asked)
                assert answer.status_code < 300, answer.text
                jobs.setdefault(provider, []).append(_at(answer.json(), at))
        first, second, third = jobs["gmicloud"]
        await server.control("POST", f"/jobs/gmicloud/{first}/pace", {"pace": "polls:3"})
        await server.ask("GET", SUBMITS["gmicloud"][3].replace("{id}", first), ANN)
        await server.control("POST", f"/jobs/gmicloud/{second}/force", {"state": "processing"})
        await server.control("POST", f"/jobs/gmicloud/{third}/cancel")
        await server.control("POST", f"/clock/advance?key={ANN}", {"seconds": 30})
        await server.control("PUT", f"/quotas?key={ANN}", {"requests": 100_000, "parallel": 1000})
        await server.control("POST", "/rules", {"fault": "delay", "settings": {"seconds": 0}, "id": "r"})
        await server.control("GET", f"/callbacks?key={ANN}&settle=true")
        await submit(server, BOB)


async def submit(server: Server, key: str) -> httpx.Response:
    """A plain submit."""
    target, body, _, _ = SUBMITS["gmicloud"]
    return await server.ask("POST", target, key, body)


async def look_at_everything(server: Server) -> list[httpx.Response]:
    """What the control plane shows of everybody."""
    return [
        await server.control(method, path)
        for method, path in (
            ("GET", "/health"),
            ("GET", "/jobs"),
            ("GET", "/jobs?phase=failed"),
            ("GET", "/usage"),
            ("GET", "/tenants"),
            ("GET", "/rules"),
            ("GET", "/callbacks?settle=true"),
            ("GET", "/clock"),
            ("POST", "/clock/jump"),
            ("GET", "/journal"),
            ("GET", "/unreadable"),
        )
    ]


async def look_at_ann(server: Server) -> list[httpx.Response]:
    """All that can be asked about Ann and each of her jobs."""
    who = f"key={ANN}"
    listed = await server.control("GET", f"/jobs?{who}")
    answers = [listed]
    for method, path in (
        ("GET", f"/usage?{who}"),
        ("GET", f"/clock?{who}"),
        ("GET", f"/quotas?{who}"),
        ("GET", f"/callbacks?{who}"),
        ("GET", f"/tenants/snapshot?{who}"),
        ("POST", f"/clock/jump?{who}"),
        ("POST", f"/clock/jump?{who}"),
    ):
        answers.append(await server.control(method, path))
    for job in listed.json().get("jobs", []):
        answers += await _look_at_job(server, job["provider"], job["id"])
    for target in ("/api/v1/ie/requestqueue/apikey/requests", "/kling/v1/videos/image2video"):
        answers.append(await server.ask("GET", target, ANN))
    answers.append(await submit(server, ANN))
    return answers


async def _look_at_job(server: Server, provider: str, job_id: str) -> Sequence[httpx.Response]:
    name = f"/jobs/{quote(provider, safe='')}/{quote(job_id, safe='')}"
    answers = [await server.control("GET", name), await server.control("GET", f"{name}/explain")]
    if provider in SUBMITS:
        target = SUBMITS[provider][3].replace("{id}", quote(job_id, safe=""))
        answers.append(await server.ask("GET", target, ANN))
        answers.append(await server.ask("GET", f"/media/{provider}/{quote(job_id, safe='')}/video.mp4", ANN))
    return answers


def _at(body: Any, pointer: str) -> Any:
    for part in pointer.strip("/").split("/"):
        body = body[part]
    return body
