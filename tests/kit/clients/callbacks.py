"""Clients that expect too much of callbacks, or do too little with them."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from mockserver.kit.reference_client import DONE, FAILED, JobTimeout, Json
from tests.kit.clients.listener import Listening
from tests.kit.clients.polling import word_of

LINGER: Final = 1.5
"""Real seconds in which whatever is on its way has come."""


class Ending(Listening):
    """Knows when a callback told of the end."""

    async def end(self, seconds: float) -> Json | None:
        """The first callback that tells of an end, within so many seconds."""
        until = self.clock() + seconds
        while self.clock() < until:
            for callback in self.callbacks:
                if word_of(callback).lower() in DONE | FAILED:
                    return callback
            await asyncio.sleep(0.02)
        return None


class OnlyListens(Ending):
    """It never polls where it has asked for a callback."""

    fails = frozenset({"callback-never"})

    async def _poll(self, job_id: str) -> Json:
        if self.listens and await self.end(self.deadline) is None:
            raise JobTimeout("nobody called", job_id)
        return await super()._poll(job_id)


class BelievesCallbacks(Ending):
    """It fetches what a callback names, without a look at the job."""

    fails = frozenset({"callback-unproven"})

    async def _poll(self, job_id: str) -> Json:
        end = await self.end(1.5) if self.listens else None
        return end if end and self._succeeded(end, job_id) else await super()._poll(job_id)


class AnswersWithErrors(Listening):
    """It answers every callback with 500."""

    fails = frozenset({"callback-plain"})
    answer = 500


class AsksForNone(Listening):
    """It listens, and has told nobody where."""

    fails = frozenset({"callback-plain"})

    def _body(self, prompt: str, picture: str, **more: Any) -> Json:
        return super()._body(prompt, picture, **{k: v for k, v in more.items() if k != "callback_url"})


class CountsCallbacks(Listening):
    """Each callback is to it one step further, so two of the same confuse it."""

    fails = frozenset({"callback-twice"})

    async def _poll(self, job_id: str) -> Json:
        body = await super()._poll(job_id)
        if self.listens:
            await asyncio.sleep(LINGER)
        words = [word_of(callback) for callback in self.callbacks]
        if len(words) != len(set(words)):
            raise RuntimeError(f"job {job_id} is {words[-1]} already")
        return body


class NeedsItsId(Listening):
    """A callback that comes before the submit's answer is about a job that it does not know: it ends."""

    fails = frozenset({"callback-early"})

    async def _submit(self, body: Json, submitted_at: float) -> str:
        job_id = await super()._submit(body, submitted_at)
        if self.listens and self.callbacks:
            raise RuntimeError(f"a callback about a job that is not mine; mine is {job_id}")
        return job_id


class BelievesTheLast(Listening):
    """What the latest callback says is how things stand, so an old one that is late undoes the end."""

    fails = frozenset({"callback-out-of-order"})

    async def _poll(self, job_id: str) -> Json:
        body = await super()._poll(job_id)
        if self.listens:
            await asyncio.sleep(LINGER)
        words = [word_of(callback).lower() for callback in self.callbacks]
        if not DONE.isdisjoint(words) and words[-1] not in DONE:
            raise RuntimeError(f"job {job_id} is {words[-1]} again")
        return body
