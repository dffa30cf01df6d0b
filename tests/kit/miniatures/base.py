"""An honest small server for GMI Cloud, to be made wrong; nothing of it comes from the engine."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, Final, Self
from urllib.parse import unquote
from uuid import UUID

from mockserver.contract.model import Contract
from mockserver.kit import contracts
from tests.kit.miniatures import clips
from tests.kit.miniatures.wire import Door, Reply, Request

START: Final = 1_790_000_000_000
"""Where the clock begins, in Unix milliseconds."""
SPENT: Final = "key-that-is-spent"
"""The key that has asked too often."""
KEYS: Final = ("key-of-caller-a", "key-of-caller-b", SPENT)
SIDES: Final = {"16:9": (1280, 720), "9:16": (720, 1280), "1:1": (720, 720)}


@dataclass(slots=True)
class Job:
    """A job; `created` is in Unix milliseconds. It fails if its prompt says so. `told` counts callbacks."""

    id: str
    owner: str
    request: dict[str, Any]
    created: int
    told: int = 0


class Refused(Exception):
    """What stops a request on its way."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status)
        self.reply = reply


@cache
def _contract(provider: str) -> Contract:
    return contracts.load(provider)


class GoodServer:
    """GMI Cloud as its pages have it. Time is `now` (Unix milliseconds), which only `advance` moves.

    `caught_by` are the ids of the checks that find a wrong one; `noted` says that they can give no more
    than notes, as nobody's word stands behind the rule. `walk` asks what `submits`, `refused` and the
    paths say.
    """

    caught_by: ClassVar[frozenset[str]] = frozenset()
    noted: ClassVar[bool] = False
    provider: ClassVar[str] = "gmicloud"
    base: ClassVar[str] = "/api/v1/ie/requestqueue/apikey"
    submit_path: ClassVar[str] = "/requests"
    list_path: ClassVar[str | None] = "/requests"
    models_path: ClassVar[str | None] = "/models"
    steps: ClassVar[tuple[tuple[str, int], ...]] = (("queued", 2000), ("processing", 6000))
    """States before the end, with their milliseconds."""
    ends: ClassVar[tuple[str, str]] = ("success", "failed")

    def __init__(self) -> None:
        self.now = START
        self.jobs: dict[str, Job] = {}
        self.url = ""
        self.receiver = ""

    @property
    def contract(self) -> Contract:
        """The contract to judge it by."""
        return _contract(self.provider)

    # What the walk asks.

    def submits(self) -> list[dict[str, Any]]:
        """Bodies of good submits; the last one's job fails."""
        link = {"image": "https://example.com/first.png"}
        return [
            {"model": "Kling-Text2Video-V1.6-Standard", "payload": {"prompt": "a", "aspect_ratio": "16:9"}},
            {"model": "Kling-Image2Video-V2-Master", "payload": {"prompt": "b", **link}},
            {"model": "Kling-Text2Video-V1.6-Standard", "payload": {"prompt": "c", "duration": "10"}},
            {"model": "Kling-Text2Video-V1.6-Standard", "payload": {"prompt": "fail"}},
        ]  # fmt: skip

    def refused(self) -> list[dict[str, Any]]:
        """Bodies that break a rule."""
        return [{"model": "Kling-Text2Video-V1.6-Standard", "payload": {"prompt": "a", "duration": "7"}}]

    def made(self) -> list[str]:
        """The ids of all jobs, the oldest first."""
        return list(self.jobs)

    def read_path(self, job: str) -> str:
        """Where a job is read, below `base`."""
        return f"{self.submit_path}/{job}"

    # The way of a request.

    def respond(self, request: Request) -> Reply:
        """The answer to any request."""
        try:
            if request.path.startswith("/media/"):
                return self.media(request)
            if not request.path.startswith(self.base):
                return self.error("not-found", "no such path")
            return self.route(request, request.path.removeprefix(self.base))
        except Refused as refused:
            return refused.reply

    def route(self, request: Request, path: str) -> Reply:
        """The answer to a request below `base`."""
        verb, (collection, _, name) = request.method, path[1:].partition("/")
        name = unquote(name)
        if (verb, path) == ("POST", self.submit_path):
            return self.submit(self.authorise(request), request)
        if verb != "GET":
            return self.error("method", f"{verb} is not documented here")
        owner = self.authorise(request)
        if collection == "models":
            return self.model(name) if name else self.models()
        return self.read(owner, name) if name else self.listing(owner, request)

    def authorise(self, request: Request) -> str:
        """Whose key it is. Raises Refused."""
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or key not in KEYS:
            raise Refused(self.error("unauthenticated", "unauthorized"))
        if key == SPENT:
            raise Refused(self.error("limited", "rate limit exceeded"))
        return key

    def submit(self, owner: str, request: Request) -> Reply:
        """Take a job on."""
        body = self.body(request)
        fault = self.fault(body)
        if fault:
            return self.error("invalid", fault)
        job = Job(self.new_id(), owner, body, self.now)
        self.jobs[job.id] = job
        return Reply(200, self.submitted(job))

    def body(self, request: Request) -> dict[str, Any]:
        """The submitted JSON object. Raises Refused."""
        if not request.headers.get("content-type", "").startswith("application/json"):
            raise Refused(self.error("media-type", "the body is not application/json"))
        try:
            return dict(json.loads(request.body))
        except ValueError:
            raise Refused(self.error("malformed", "the body is no JSON")) from None

    def fault(self, body: Mapping[str, Any]) -> str:
        """What is wrong with a submit, as far as the walk asks for it."""
        return "" if body.get("payload", {}).get("duration", "5") in ("5", "10") else "payload.duration"

    def new_id(self) -> str:
        """An id that no job has."""
        return str(UUID(int=(0x1234 << 112) + len(self.jobs) + 1))

    def read(self, owner: str, name: str) -> Reply:
        """One job, by its id."""
        job = self.find(owner, name)
        return self.error("unknown", "request not found") if job is None else Reply(200, self.record(job))

    def find(self, owner: str, name: str) -> Job | None:
        """The owner's job of that id."""
        job = self.jobs.get(name)
        return job if job is not None and job.owner == owner else None

    def listing(self, owner: str, request: Request) -> Reply:
        """The owner's jobs."""
        found = self.chosen(self.owned(owner), request.query)
        return Reply(200, {"requests": [self.listed(job) for job in found[:100]], "total": len(found)})

    def owned(self, owner: str) -> list[Job]:
        """The owner's jobs, the newest first."""
        return [job for job in reversed(self.jobs.values()) if job.owner == owner]

    def chosen(self, jobs: list[Job], query: Mapping[str, str]) -> list[Job]:
        """What the filters and the page leave."""
        wanted = query.get("model_id")
        return [job for job in jobs if wanted in (None, job.request["model"])]

    def models(self) -> Reply:
        """The models."""
        return Reply(200, {"model_ids": list(self.contract.models)})

    def model(self, name: str) -> Reply:
        """One model."""
        if name not in self.contract.models:
            return self.error("unknown-model", "model not found")
        return Reply(200, {"model": name, "brief_description": "a model", "parameters": []})

    # What is said of a job.

    def state(self, job: Job) -> str:
        """Its state's word."""
        return self.word(job, self.now)

    def word(self, job: Job, now: int) -> str:
        """Its state's word at a moment."""
        return self.entered(job, now)[-1][0]

    def since(self, job: Job) -> int:
        """When it entered its state, in Unix milliseconds."""
        return self.entered(job, self.now)[-1][1]

    def entered(self, job: Job, now: int) -> list[tuple[str, int]]:
        """The states it has entered by `now`, with their moments."""
        moment, found = job.created, []
        for word, lasts in self.steps:
            found.append((word, moment))
            moment += lasts
        failed = "fail" in str(self.payload(job).get("prompt"))
        found.append((self.ends[failed], moment))
        return [entry for entry in found if entry[1] <= now]

    def payload(self, job: Job) -> dict[str, Any]:
        """The model's parameters."""
        return dict(job.request["payload"])

    def submitted(self, job: Job) -> dict[str, Any]:
        """The body of a good submit's answer."""
        kept = ("request_id", "model", "status", "created_at", "updated_at", "queued_at")
        return {key: value for key, value in self.record(job).items() if key in kept}

    def listed(self, job: Job) -> dict[str, Any]:
        """A job as an entry of the list."""
        return self.record(job)

    def record(self, job: Job) -> dict[str, Any]:
        """A job as its read shows it."""
        state = self.state(job)
        worker = {} if state == "queued" else {"qworker_id": "worker-7"}
        created = self.moment(job.created)
        return {
            "request_id": job.id, "org_id": f"org-{job.owner[-1]}", "model": job.request["model"],
            "status": state, "is_public": False, "payload": self.payload(job),
            "outcome": self.outcome(job, state), **worker,
            "created_at": created, "updated_at": self.moment(self.since(job)), "queued_at": created,
        }  # fmt: skip

    def outcome(self, job: Job, state: str) -> dict[str, Any] | None:
        """What came of a job."""
        if state == "success":
            return {"video_url": self.link(job), "thumbnail_image_url": self.link(job, "thumbnail.jpg")}
        return {"error": "Video generation failed"} if state == "failed" else None

    def moment(self, milliseconds: int) -> Any:
        """A moment as it is written."""
        return milliseconds // 1000

    def link(self, job: Job, name: str = "video.mp4") -> str:
        """The link to a file of a job."""
        return f"{self.url}/media/{job.id}/{name}"

    errors: ClassVar[Mapping[str, int]] = {
        "invalid": 400, "malformed": 400, "unauthenticated": 401, "unknown": 404, "unknown-model": 404,
        "not-found": 404, "method": 405, "media-type": 415, "limited": 429,
    }  # fmt: skip

    def error(self, when: str, text: str) -> Reply:
        """A refusal in the provider's envelope."""
        more = {"Retry-After": "1"} if when == "limited" else {}
        return Reply(self.errors[when], {"error": text}, more)

    # Files.

    def media(self, request: Request) -> Reply:
        """A file of a job that has succeeded, or a range of its bytes."""
        _, _, name, file = unquote(request.path).split("/")
        job = self.jobs.get(name)
        if job is None or self.state(job) != self.ends[0]:
            return Reply(404, b"", {"Content-Type": "text/plain"})
        kind, content = self.file(job, file)
        headers = {"Content-Type": kind, "Accept-Ranges": "bytes"}
        first, _, last = request.headers.get("range", "").removeprefix("bytes=").partition("-")
        if not first:
            return Reply(200, content, headers)
        part = content[int(first) : int(last) + 1]
        headers["Content-Range"] = f"bytes {first}-{int(first) + len(part) - 1}/{len(content)}"
        return Reply(206, part, headers)

    def file(self, job: Job, name: str) -> tuple[str, bytes]:
        """Type and bytes of a file."""
        width, height = self.sides(job)
        if name.endswith(".jpg"):
            return "image/jpeg", clips.still(width, height)
        return "video/mp4", clips.clip(width, height, self.seconds(job))

    def sides(self, job: Job) -> tuple[int, int]:
        """Width and height of the clip."""
        return SIDES[self.payload(job).get("aspect_ratio", "16:9")]

    def seconds(self, job: Job) -> int:
        """Length of the clip."""
        return int(self.payload(job).get("duration", 5))

    # Time, and what it brings.

    def advance(self, milliseconds: int) -> None:
        """Let time pass, and tell who wants to be told."""
        self.now += milliseconds
        for job in list(self.jobs.values()):
            self.tell(job)

    def tell(self, job: Job) -> None:
        """Send the callbacks that are due; this provider has none."""

    # The socket.

    def __enter__(self) -> Self:
        """Serve on a free port of loopback."""
        self._door = Door(self.respond)
        self.url = self._door.url
        return self

    def __exit__(self, *error: object) -> None:
        """Stop serving."""
        self._door.close()
