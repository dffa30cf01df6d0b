"""Clients that read a job's state wrongly."""

from __future__ import annotations

from typing import Any

import httpx

from mockserver.kit.conform import Task
from mockserver.kit.reference_client import (
    DONE,
    FAILED,
    LINKS,
    ApiReply,
    JobFailed,
    JobTimeout,
    Json,
    _text,
)
from tests.kit.clients.base import ENDLESS, FAILING, GoodClient
from tests.kit.clients.polling import word_of


class OneWordEnds(GoodClient):
    """Only the word of the provider's page ends a job for it, in those letters."""

    fails = frozenset({"poll-expired", "poll-sister-words", "poll-upper-case"})

    def _succeeded(self, body: Json, job_id: str) -> bool:
        known = word_of(body) in ("success", "failed", "cancelled")
        return known and super()._succeeded(body, job_id)


class UnknownIsFailure(GoodClient):
    """A word that it does not know is to it a failure."""

    fails = frozenset({"poll-sister-words", "poll-unknown-state"})

    def _succeeded(self, body: Json, job_id: str) -> bool:
        word = word_of(body).lower()
        if word and word not in DONE | FAILED | {"queued", "dispatched", "processing"}:
            raise JobFailed(f"strange state {word}", job_id)
        return super()._succeeded(body, job_id)


class UnknownIsSuccess(GoodClient):
    """A word that it does not know is to it success."""

    served = "aimlapi"
    fails = frozenset({"poll-sister-words", "poll-unknown-state"})

    def _succeeded(self, body: Json, job_id: str) -> bool:
        if word_of(body).lower() not in FAILED | {"", "queued", "generating"}:
            body["status"] = "completed"
        return super()._succeeded(body, job_id)


class OnlyFailedFails(GoodClient):
    """Of the ways to fail it knows one word, so a cancelled or expired job goes on for it."""

    fails = frozenset({"poll-cancelled", "poll-expired"})

    def _succeeded(self, body: Json, job_id: str) -> bool:
        ended = word_of(body).lower() in {"failed"} | DONE
        return ended and super()._succeeded(body, job_id)


class FailureIsSuccess(GoodClient):
    """A job that has ended is to it a job that has succeeded: it ends well, without a clip."""

    served = "kkiai"
    fails = FAILING

    def work(self, task: Task) -> None:
        try:
            super().work(task)
        except JobFailed:
            return


class TimeIsSuccess(GoodClient):
    """Its time is over, and it ends as if all were well."""

    fails = ENDLESS

    def work(self, task: Task) -> None:
        try:
            super().work(task)
        except JobTimeout:
            return


class DropsTheReason(GoodClient):
    """It says that the job failed, and keeps the provider's reason to itself."""

    served = "aimlapi"
    fails = frozenset(
        {"poll-failure-with-reason", "submit-content-refused", "submit-field-refused", "submit-unpaid"}
    )

    def _message(self, reply: ApiReply, places: Any = (), default: str = "") -> str:
        return "failed"


class SpinsWithoutALink(GoodClient):
    """A job that has succeeded and shows no link is to it not ready yet."""

    fails = frozenset({"poll-no-link"})

    def _succeeded(self, body: Json, job_id: str) -> bool:
        return super()._succeeded(body, job_id) if self._linked(body) else False

    def _linked(self, body: Json) -> bool:
        return word_of(body).lower() in FAILED or bool(_text(body, LINKS, "http"))


class IgnoresCodes(GoodClient):
    """It looks at the HTTP status alone, and never at the `code` in the body."""

    served = "kkiai"
    fails = frozenset({"submit-business-code"})

    def _reply(self, response: httpx.Response, content: bytes) -> ApiReply:
        answer = super()._reply(response, content)
        if not (response.is_success and answer.body):
            return answer
        return answer._replace(status=200, body=answer.body.get("data") or {})
