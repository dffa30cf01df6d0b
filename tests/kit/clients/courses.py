"""Clients that know beforehand how a job goes."""

from __future__ import annotations

import time

import httpx

from mockserver.kit.reference_client import (
    DONE,
    FAILED,
    ApiReply,
    ApiRequest,
    JobFailed,
    JobTimeout,
    Json,
    Refused,
    _text,
)
from tests.kit.clients.base import GoodClient
from tests.kit.clients.polling import word_of

RUNNING = frozenset({"dispatched", "processing", "generating"})


class BelievesClocks(GoodClient):
    """An answer whose times are not of this hour is to it a stale one, from a cache."""

    fails = frozenset({"poll-clock-skew"})

    def _succeeded(self, body: Json, job_id: str) -> bool:
        age = time.time() - float(_text(body, ("created_at",)) or time.time())
        return age < 1800 and super()._succeeded(body, job_id)


class WantsToSeeItRun(GoodClient):
    """Success is no success to it before it has seen the job run."""

    served = "aimlapi"
    fails = frozenset({"poll-done-at-submit", "poll-gateway-pages", "poll-straight-to-success"})

    def _succeeded(self, body: Json, job_id: str) -> bool:
        word = word_of(body).lower()
        self.ran = getattr(self, "ran", False) or word in RUNNING
        if word in DONE and not self.ran:
            raise JobFailed("it never ran", job_id)
        return super()._succeeded(body, job_id)


class OnlyForward(GoodClient):
    """A job that is back in the queue is to it a failed one."""

    served = "kkiai"
    fails = frozenset({"poll-step-back"})

    def _succeeded(self, body: Json, job_id: str) -> bool:
        word = word_of(body).lower()
        if word == "submitted" and getattr(self, "before", "") == "processing":
            raise JobFailed("it went backwards", job_id)
        self.before = word
        return super()._succeeded(body, job_id)


class CountsPolls(GoodClient):
    """It gives up after eight polls, however much time it has."""

    fails = frozenset({"manners-deadline", "poll-slow-job"})

    def _succeeded(self, body: Json, job_id: str) -> bool:
        self.polls = getattr(self, "polls", 0) + 1
        if self.polls > 8:
            raise JobTimeout("polled eight times", job_id)
        return super()._succeeded(body, job_id)


class NeedsAWord(GoodClient):
    """An answer without a state ends it."""

    served = "aimlapi"
    fails = frozenset({"poll-empty-object"})

    def _reply(self, response: httpx.Response, content: bytes) -> ApiReply:
        if content.strip() == b"{}":
            raise KeyError("status")
        return super()._reply(response, content)


class RefusedOnceEnds(GoodClient):
    """To be asked less often is to it to be shut out."""

    served = "kkiai"
    fails = frozenset({"poll-too-many", "manners-quota"})

    async def _poll(self, job_id: str) -> Json:
        self.job_id = job_id
        return await super()._poll(job_id)

    async def _send(self, request: ApiRequest) -> ApiReply:
        answer = await super()._send(request)
        if answer.status == 429 and request.method == "GET":
            raise Refused("too many requests", self.job_id)
        return answer


class WaitsForAReason(GoodClient):
    """A failure without a reason is to it not yet final."""

    fails = frozenset({"poll-cancelled", "poll-expired", "poll-failure-without-reason"})

    def _succeeded(self, body: Json, job_id: str) -> bool:
        unexplained = word_of(body).lower() in FAILED and not _text(body, ("outcome.error",))
        return not unexplained and super()._succeeded(body, job_id)
