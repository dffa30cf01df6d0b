"""Clients that pay twice, or would."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from mockserver.kit.conform import Task
from mockserver.kit.reference_client import (
    BROKEN,
    LOST,
    ApiReply,
    ApiRequest,
    BadResult,
    JobFailed,
    Json,
    SubmitUncertain,
)
from tests.kit.clients.base import FAILING, GoodClient


class SubmitsAgainAfterSilence(GoodClient):
    """Where no answer to a submit came, it submits again."""

    fails = frozenset(
        {
            "money-lost-twice",
            "secrets-crash",
            "submit-answer-lost",
            "submit-answer-lost-found",
            "submit-empty-answer",
            "submit-login-page",
            "submit-malformed-answer",
            "submit-reset-after-acceptance",
        }
    )

    async def _send_patiently(self, request: ApiRequest, again: Any = None, **more: Any) -> ApiReply:
        given = {} if again is None else {"again": again | {LOST}}
        return await super()._send_patiently(request, **given, **more)


class SubmitsAgainAfterServerErrors(GoodClient):
    """It repeats a submit that was answered with a status from 500 on, as if nothing had been made."""

    served = "aimlapi"
    fails = frozenset({"money-looks-first", "submit-error-after-acceptance", "submit-upstream-refused"})

    async def _send_patiently(self, request: ApiRequest, again: Any = None, **more: Any) -> ApiReply:
        given = {} if again is None else {"again": again | {BROKEN}}
        return await super()._send_patiently(request, **given, **more)


class SubmitsAgainAfterRefusals(GoodClient):
    """It repeats a submit that the provider refused, though a second try can be no better."""

    served = "kkiai"
    fails = frozenset(
        {
            "secrets-refused-key",
            "submit-business-code",
            "submit-content-refused",
            "submit-forbidden",
            "submit-unauthorized",
            "submit-unknown-model",
            "submit-unpaid",
        }
    )

    async def _send_patiently(self, request: ApiRequest, again: Any = None, **more: Any) -> ApiReply:
        given = {} if again is None else {"again": again | set(range(400, 408))}
        return await super()._send_patiently(request, **given, **more)


class SubmitsAgainAfterAFailure(GoodClient):
    """A reported failure is to it like a network error: it makes another job."""

    fails = FAILING | {"manners-stops-at-failure"}

    def work(self, task: Task) -> None:
        try:
            super().work(task)
        except JobFailed:
            super().work(task)


class SubmitsAgainForAFile(GoodClient):
    """Where the clip cannot be fetched it has another made."""

    served = "aimlapi"
    fails = frozenset(
        {
            "money-links-expired-for-good",
            "result-cut-for-good",
            "result-html-page-for-good",
            "result-links-expired-for-good",
        }
    )

    def work(self, task: Task) -> None:
        try:
            super().work(task)
        except BadResult:
            Path(task.job_file).unlink()
            super().work(task)


class SubmitsForLuck(GoodClient):
    """It sends two submits at once and takes the job that is answered first."""

    served = "kkiai"
    fails = frozenset(
        {
            "callback-twice",
            "manners-quota",
            "manners-retry-after",
            "manners-retry-after-date",
            "money-fresh-link",
            "money-links-expired-for-good",
            "money-looks-first",
            "money-lost-twice",
            "money-many-hiccups",
            "money-submits-once",
            "request-plain",
            "submit-answer-lost",
            "submit-business-code",
            "submit-content-refused",
            "submit-empty-answer",
            "submit-error-after-acceptance",
            "submit-field-refused",
            "submit-forbidden",
            "submit-id-elsewhere",
            "submit-malformed-answer",
            "submit-no-id",
            "submit-reset-after-acceptance",
            "submit-slow-answer",
            "submit-too-many-silent",
            "submit-unauthorized",
            "submit-unknown-model",
            "submit-unpaid",
        }
    )

    async def _submit(self, body: Json, submitted_at: float) -> str:
        both = [super(SubmitsForLuck, self)._submit(body, submitted_at) for _ in range(2)]
        # Both are sent, whatever becomes of the first.
        first, second = await asyncio.gather(*both, return_exceptions=True)
        for answer in (first, second):
            if isinstance(answer, BaseException):
                raise answer
        assert isinstance(first, str)
        return first

    async def _send_patiently(self, request: ApiRequest, again: Any = None, **more: Any) -> ApiReply:
        # After a 429 it submits no more: how two submits that wait side by side space out is left to chance.
        given = {} if again is None else {"again": again - {429}}
        return await super()._send_patiently(request, **given, **more)


class NeverLooks(GoodClient):
    """After a submit without an answer it stops, and does not look for the job that it may have made."""

    fails = frozenset({"submit-answer-lost-found"})

    async def _look_up(self, body: Json, submitted_at: float, reason: str = "") -> str:
        raise SubmitUncertain("no answer")


class NeedsNoId(GoodClient):
    """It takes an answer without an id for a job that is called None."""

    served = "aimlapi"
    fails = frozenset(
        {
            "submit-content-refused",
            "submit-field-refused",
            "submit-gateway-page",
            "submit-id-elsewhere",
            "submit-login-page",
            "submit-no-id",
            "submit-unknown-model",
            "submit-unpaid",
        }
    )

    async def _submit(self, body: Json, submitted_at: float) -> str:
        request = ApiRequest("POST", "/v2/generate/video/kling/generation", body)
        answer = await self._send_patiently(request, again={429}, tries=7)
        return str(answer.body.get("id"))
