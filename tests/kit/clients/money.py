"""Clients that pay twice, or would."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from mockserver.kit.conform import Task
from mockserver.kit.reference_client import (
    BROKEN,
    LOST,
    Answer,
    BadResult,
    JobFailed,
    Json,
    SubmitUncertain,
)
from tests.kit.clients.base import Good


class SubmitsAgainAfterSilence(Good):
    """Where no answer to a submit came, it submits again."""

    fails = frozenset({"submit-answer-lost"})

    async def _ask(self, *what: Any, again: Any = None, **more: Any) -> Answer:
        given = {} if again is None else {"again": again | {LOST}}
        return await super()._ask(*what, **given, **more)


class SubmitsAgainAfterServerErrors(Good):
    """It repeats a submit that was answered with a status from 500 on, as if nothing had been made."""

    served = "aimlapi"
    fails = frozenset({"submit-gateway-page"})

    async def _ask(self, *what: Any, again: Any = None, **more: Any) -> Answer:
        given = {} if again is None else {"again": again | {BROKEN}}
        return await super()._ask(*what, **given, **more)


class SubmitsAgainAfterRefusals(Good):
    """It repeats a submit that the provider refused, though a second try can be no better."""

    served = "kkiai"
    fails = frozenset({"submit-unpaid"})

    async def _ask(self, *what: Any, again: Any = None, **more: Any) -> Answer:
        given = {} if again is None else {"again": again | set(range(400, 408))}
        return await super()._ask(*what, **given, **more)


class SubmitsAgainAfterAFailure(Good):
    """A reported failure is to it like a network error: it makes another job."""

    fails = frozenset({"poll-failure-with-reason"})

    def work(self, task: Task) -> None:
        try:
            super().work(task)
        except JobFailed:
            super().work(task)


class SubmitsAgainForAFile(Good):
    """Where the clip cannot be fetched it has another made."""

    served = "aimlapi"
    fails = frozenset({"money-links-expired-for-good"})

    def work(self, task: Task) -> None:
        try:
            super().work(task)
        except BadResult:
            Path(task.job_file).unlink()
            super().work(task)


class SubmitsForLuck(Good):
    """It sends two submits at once and takes the job that is answered first."""

    served = "kkiai"
    fails = frozenset({"request-plain"})

    async def _submit(self, body: Json, at: float) -> str:
        first, _ = await asyncio.gather(*(super(SubmitsForLuck, self)._submit(body, at) for _ in range(2)))
        return first


class NeverLooks(Good):
    """After a submit without an answer it stops, and does not look for the job that it may have made."""

    fails = frozenset({"submit-answer-lost-found"})

    async def _look_up(self, body: Json, at: float, why: str = "") -> str:
        raise SubmitUncertain("no answer")


class NeedsNoId(Good):
    """It takes an answer without an id for a job that is called None."""

    served = "aimlapi"
    fails = frozenset({"submit-no-id"})

    async def _submit(self, body: Json, at: float) -> str:
        answer = await self._ask("POST", "/v2/generate/video/kling/generation", body, again={429}, tries=7)
        return str(answer.body.get("id"))
