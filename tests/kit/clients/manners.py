"""Clients that are a burden."""

from __future__ import annotations

import httpx

from mockserver.kit.reference_client import ApiReply, ApiRequest, Json
from tests.kit.clients.base import GoodClient


class IgnoresRetryAfter(GoodClient):
    """It waits as long as it likes after a 429."""

    fails = frozenset({"manners-retry-after", "manners-retry-after-date", "manners-retry-after-poll"})

    def _reply(self, response: httpx.Response, content: bytes) -> ApiReply:
        return super()._reply(response, content)._replace(retry_after=0.0)


class ReadsNoDates(GoodClient):
    """It understands Retry-After in seconds only."""

    served = "aimlapi"
    fails = frozenset({"manners-retry-after-date"})

    def _reply(self, response: httpx.Response, content: bytes) -> ApiReply:
        answer = super()._reply(response, content)
        dated = not response.headers.get("retry-after", "0").isdecimal()
        return answer._replace(retry_after=0.0) if dated else answer


class HammersWhenRefused(GoodClient):
    """After a 429 it asks again at once, time after time, until it is let in."""

    served = "aimlapi"
    fails = frozenset(
        {
            "manners-backoff-submit",
            "manners-retry-after",
            "manners-retry-after-date",
            "manners-retry-after-poll",
        }
    )

    async def _send(self, request: ApiRequest) -> ApiReply:
        for _ in range(40):
            answer = await super()._send(request)
            if answer.status != 429:
                break
        return answer


class PollsAfterTheEnd(GoodClient):
    """When the job has ended it asks twice more, to be sure."""

    served = "aimlapi"
    fails = frozenset({"manners-interval", "request-plain"})

    async def _poll(self, job_id: str) -> Json:
        for _ in range(2):
            await super()._poll(job_id)
        return await super()._poll(job_id)


class NoPause(GoodClient):
    """Between two polls it does not wait."""

    served = "kkiai"
    fails = frozenset({"manners-interval", "manners-polls-for-a-long-job"})

    def _pause(self, attempt: int, growth: float = 2.0, most: float = 32.0) -> float:
        return 0.0 if growth == 1.2 else super()._pause(attempt, growth, most)


class NoBackoff(GoodClient):
    """It waits the same time after every try."""

    fails = frozenset({"manners-backoff", "manners-backoff-submit"})

    def _pause(self, attempt: int, growth: float = 2.0, most: float = 32.0) -> float:
        return super()._pause(1)
