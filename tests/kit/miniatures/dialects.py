"""The honest small server as the other two providers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import UUID

import httpx

from tests.kit.miniatures.base import SIDES, GoodServer, Job
from tests.kit.miniatures.wire import Reply, Request

_PICTURE = "https://example.com/first.png"


class Kkiai(GoodServer):
    """Kling's own interface behind the relay: an envelope with a code, pages, aliases and callbacks."""

    provider = "kkiai"
    base = "/kling/v1/videos"
    submit_path = "/image2video"
    list_path = "/image2video"
    models_path = None
    steps = (("submitted", 2000), ("processing", 6000))
    ends = ("succeed", "failed")
    codes: ClassVar[Mapping[str, int]] = {
        "invalid": 1201, "malformed": 1200, "unauthenticated": 1001, "unknown": 1203, "unknown-model": 1203,
        "not-found": 1203, "method": 1202, "media-type": 1200, "limited": 1302,
    }  # fmt: skip

    def submits(self) -> list[dict[str, Any]]:
        """Two models; one with a callback and a name of the client's own, one that fails."""
        plain = {"image": _PICTURE, "mode": "std", "duration": "5"}
        told = {"callback_url": self.receiver, "external_task_id": "mine-1"}
        return [
            {"model_name": "kling-v2-1", "prompt": "a", **plain, **told},
            {"model_name": "kling-v2-master", "prompt": "b", **plain, "duration": "10"},
            {"model_name": "kling-v1", "prompt": "fail", **plain, "callback_url": self.receiver},
        ]

    def refused(self) -> list[dict[str, Any]]:
        """A length that nobody offers."""
        return [{"model_name": "kling-v1", "image": _PICTURE, "mode": "std", "duration": "7"}]

    def fault(self, body: Mapping[str, Any]) -> str:
        """What is wrong with a submit."""
        return "" if body.get("duration") in ("5", "10") else "duration"

    def new_id(self) -> str:
        """Eighteen digits."""
        return str(850_000_000_000_000_001 + len(self.jobs))

    def read(self, owner: str, name: str) -> Reply:
        """One job, by its id or the client's own name for it."""
        job = self.find(owner, name)
        if job is None:
            return self.error("unknown", "no such task")
        return Reply(200, self.enveloped(self.record(job)))

    def find(self, owner: str, name: str) -> Job | None:
        """The owner's job of that id or name."""
        named = (job for job in self.owned(owner) if job.request.get("external_task_id") == name)
        return super().find(owner, name) or next(named, None)

    def listing(self, owner: str, request: Request) -> Reply:
        """A page of the owner's jobs."""
        found = self.chosen(self.owned(owner), request.query)
        return Reply(200, self.enveloped([self.listed(job) for job in found]))

    def chosen(self, jobs: list[Job], query: Mapping[str, str]) -> list[Job]:
        """The jobs of a page."""
        number, size = int(query.get("pageNum", 1)), int(query.get("pageSize", 30))
        return jobs[(number - 1) * size : number * size]

    def enveloped(self, data: Any) -> dict[str, Any]:
        """A good answer's body."""
        return {"code": 0, "message": "SUCCEED", "request_id": f"r-{self.now}", "data": data}

    def submitted(self, job: Job) -> dict[str, Any]:
        """The body of a good submit's answer."""
        left_out = ("task_status_msg", "task_result")
        return self.enveloped({key: value for key, value in self.record(job).items() if key not in left_out})

    def record(self, job: Job) -> dict[str, Any]:
        """A job as its read shows it, without the envelope."""
        state = self.state(job)
        alias = job.request.get("external_task_id")
        clip = {"id": job.id, "url": self.link(job), "duration": str(self.seconds(job))}
        return {
            "task_id": job.id, "task_status": state,
            "task_status_msg": "it could not be made" if state == "failed" else "",
            "task_info": {"external_task_id": alias} if alias else {},
            **({"task_result": {"videos": [clip]}} if state == "succeed" else {}),
            "created_at": self.moment(job.created), "updated_at": self.moment(self.since(job)),
        }  # fmt: skip

    def moment(self, milliseconds: int) -> Any:
        """Unix milliseconds."""
        return milliseconds

    def error(self, when: str, text: str) -> Reply:
        """A refusal with its code."""
        body = {"code": self.codes[when], "message": text, "request_id": f"r-{self.now}"}
        return Reply(self.errors[when], body)

    def payload(self, job: Job) -> dict[str, Any]:
        """All of the body."""
        return job.request

    def sides(self, job: Job) -> tuple[int, int]:
        """Wide: a linked picture is not looked at."""
        return SIDES["16:9"]

    def tell(self, job: Job) -> None:
        """Tell of each state that was entered since, one after the other."""
        url = self.listener(job)
        now = self.now
        for _, moment in self.due(job) if url else ():
            self.now = moment
            self.send(str(url), job, self.record(job))
            job.told += 1
        self.now = now

    def listener(self, job: Job) -> str | None:
        """Who wants to be told of a job."""
        return job.request.get("callback_url")

    def due(self, job: Job) -> list[tuple[str, int]]:
        """States that were entered and not told, with their moments."""
        return self.entered(job, self.now)[job.told :]

    def send(self, url: str, job: Job, body: dict[str, Any]) -> None:
        """Send one callback."""
        httpx.post(url, json=body, trust_env=False, verify=False)


class Aimlapi(GoodServer):
    """AI/ML API: one path, the job's id in the query, refusals that repeat their status."""

    provider = "aimlapi"
    base = "/v2/generate/video/kling"
    submit_path = "/generation"
    list_path = None
    models_path = None
    steps = (("queued", 2000), ("generating", 6000))
    ends = ("completed", "error")
    model_id: ClassVar[str] = "kling-video/v1/standard/image-to-video"

    def submits(self) -> list[dict[str, Any]]:
        """One that succeeds, one that fails."""
        plain = {"model": self.model_id, "image_url": _PICTURE}
        return [{**plain, "prompt": "a", "duration": 5}, {**plain, "prompt": "fail"}]

    def refused(self) -> list[dict[str, Any]]:
        """A length that nobody offers."""
        return [{"model": self.model_id, "image_url": _PICTURE, "prompt": "a", "duration": 7}]

    def fault(self, body: Mapping[str, Any]) -> str:
        """What is wrong with a submit."""
        return "" if body.get("duration", 5) in (5, 10) else "duration"

    def read_path(self, job: str) -> str:
        """The id stands in the query."""
        return f"{self.submit_path}?generation_id={job}"

    def route(self, request: Request, path: str) -> Reply:
        """The answer to a request below `base`."""
        if path != self.submit_path:
            return self.error("not-found", "no such path")
        if request.method == "GET":
            return self.read(self.authorise(request), request.query.get("generation_id", ""))
        if request.method == "POST":
            return self.submit(self.authorise(request), request)
        return self.error("method", f"{request.method} is not documented here")

    def submit(self, owner: str, request: Request) -> Reply:
        """Take a job on: 201."""
        reply = super().submit(owner, request)
        return Reply(201, reply.body) if reply.status == 200 else reply

    def new_id(self) -> str:
        """Twenty-one letters and digits."""
        return f"a1B2c3D4e5F6g7H8i9J{len(self.jobs):02}"

    def submitted(self, job: Job) -> dict[str, Any]:
        """The generation."""
        return self.record(job)

    def record(self, job: Job) -> dict[str, Any]:
        """The generation; what is not there yet is left out."""
        state = self.state(job)
        video = {"video": {"url": self.link(job)}} if state == "completed" else {}
        error = {"error": {"name": "GenerationError", "message": "no"}} if state == "error" else {}
        return {"id": job.id, "status": state, **video, **error}

    def payload(self, job: Job) -> dict[str, Any]:
        """All of the body."""
        return job.request

    def sides(self, job: Job) -> tuple[int, int]:
        """Wide: a linked picture is not looked at."""
        return SIDES["16:9"]

    def error(self, when: str, text: str) -> Reply:
        """A refusal that repeats its status."""
        status = self.errors[when]
        moment = datetime.fromtimestamp(self.now / 1000, UTC).isoformat(timespec="milliseconds")
        return Reply(status, {
            "message": text, "path": f"{self.base}{self.submit_path}", "requestId": str(UUID(int=self.now)),
            "statusCode": str(status), "timestamp": moment.replace("+00:00", "Z"),
        })  # fmt: skip
