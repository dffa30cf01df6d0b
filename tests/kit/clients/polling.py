"""Clients that give up a job too early, or that fall over what comes between."""

from __future__ import annotations

import json
from typing import Any

import httpx

from mockserver.kit.conform import Task
from mockserver.kit.reference_client import BROKEN, LOST, ApiReply, ApiRequest, JobLost, Json, Refused, _text
from tests.kit.clients.base import GoodClient


def word_of(body: Json) -> str:
    """The word for the job's state, as it is."""
    return _text(body, ("task_status", "status", "state"))


class EveryRefusalIsPending(GoodClient):
    """It takes every answer from 400 to 499 to a poll, but 429, for: not yet."""

    served = "kkiai"
    fails = frozenset({"poll-forgotten", "poll-key-revoked"})

    def _pause(self, attempt: int, growth: float = 2.0, most: float = 32.0) -> float:
        # Polls of a job stay close together: too many for poll-forgotten on a slow machine, too.
        is_poll = growth < 2.0
        return super()._pause(attempt, growth, 2.0 if is_poll else most)

    async def _send(self, request: ApiRequest) -> ApiReply:
        answer = await super()._send(request)
        refused = answer.status != 429 and 400 <= answer.status < 500
        return ApiReply(200, {}) if request.method == "GET" and not request.file and refused else answer


class OnePageEnds(GoodClient):
    """A status from 500 on is to it the end of the job."""

    served = "kkiai"
    fails = frozenset(
        {
            "poll-business-code",
            "poll-gateway-page",
            "poll-gateway-pages",
            "poll-server-error",
        }
    )

    async def _send(self, request: ApiRequest) -> ApiReply:
        answer = await super()._send(request)
        if request.method == "GET" and not request.file and answer.status == BROKEN:
            raise Refused(f"server error, job {request.url.rpartition('/')[2]}")
        return answer


class MalformedCrashes(GoodClient):
    """A body that is no JSON, or none at all, ends it."""

    fails = frozenset({"poll-malformed-once", "poll-empty-body"})

    def _reply(self, response: httpx.Response, content: bytes) -> ApiReply:
        if response.is_success and "/requests" in response.request.url.path:
            json.loads(content)
        return super()._reply(response, content)


class ResetCrashes(GoodClient):
    """A connection that breaks while it polls ends it."""

    served = "aimlapi"
    fails = frozenset({"poll-connection-reset", "poll-truncated-body"})

    async def _send(self, request: ApiRequest) -> ApiReply:
        answer = await super()._send(request)
        if request.method == "GET" and not request.file and answer == ApiReply(LOST, {}):
            raise ConnectionError(request.url)
        return answer


class MissingOnceIsLost(GoodClient):
    """One 404 is to it the proof that there is no such job."""

    served = "kkiai"
    fails = frozenset({"poll-missing-for-a-while"})

    async def _poll(self, job_id: str) -> Json:
        self.job_id = job_id
        return await super()._poll(job_id)

    async def _send_patiently(self, request: ApiRequest, **more: Any) -> ApiReply:
        answer = await super()._send_patiently(request, **more)
        if answer.status == 404 and request.method == "GET" and not request.file:
            raise JobLost("no such job", self.job_id)
        return answer


class Impatient(GoodClient):
    """It waits for a job less than half of the time that it was given."""

    served = "aimlapi"
    fails = frozenset({"manners-deadline"})

    async def _poll(self, job_id: str) -> Json:
        self.deadline *= 0.45
        return await super()._poll(job_id)


class ShortOfBreath(GoodClient):
    """It gives an answer a quarter of a second, and then thinks that nothing happened."""

    served = "aimlapi"
    fails = frozenset({"submit-slow-answer"})

    def work(self, task: Task) -> None:
        self.timeout = 0.25
        super().work(task)


class PollsForEver(GoodClient):
    """It has no deadline."""

    fails = frozenset(
        {
            "manners-deadline",
            "poll-outage-for-good",
            "poll-stuck",
            "poll-stuck-running",
        }
    )

    def work(self, task: Task) -> None:
        self.deadline = 1e9
        super().work(task)


class LosesTheId(GoodClient):
    """When it gives up, it does not say which job it was, and has it nowhere."""

    served = "aimlapi"
    fails = frozenset({"poll-names-the-job"})

    def work(self, task: Task) -> None:
        try:
            self.generate(task.prompt, task.image or None, **self.arguments(task) | {"state_file": None})
        except Exception as error:
            text = str(error).partition(": ")[2] if getattr(error, "job_id", None) else str(error)
            raise RuntimeError(text) from None
