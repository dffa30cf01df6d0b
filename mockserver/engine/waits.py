"""Answers to submits that wait until their jobs have ended, as the submits ask for it.

Each waits in its own request, by its tenant's clock: a clock that is moved, a job that is changed, a client
that goes and a server that stops wake it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from math import inf
from typing import Final

from mockserver.engine.action_context import show
from mockserver.engine.listener import Listener
from mockserver.engine.request_context import RequestContext
from mockserver.engine.services import Services
from mockserver.errors import StoreError
from mockserver.jobs.job import Job
from mockserver.jobs.timeline import latest, next_event, state_at
from mockserver.numerals import plural
from mockserver.settings import MIB

MOST: Final = 1000
"""Answers that wait at a time."""
MOST_BYTES: Final = 16 * MIB
"""Bytes of all the bodies that they hold."""
LONGEST: Final = 600.0
"""Seconds of real time after which an answer waits no longer, however slow its tenant's clock is."""
_LOOK_EVERY: Final = 1.0
"""Seconds after which an answer looks whether another process has moved its job or its clock."""
_SHORTEST: Final = 0.001


class Waits:
    """The answers that wait."""

    def __init__(self, services: Services) -> None:
        self._store = services.store
        self._live_settings = services.live_settings
        longest = services.settings.longest_wait
        self._longest = inf if longest is None else longest
        self._listeners: list[Listener] = []
        self._bytes = 0
        self._ended = False
        services.changes.subscribe(self._wake_all)

    def __len__(self) -> int:
        """How many answers wait."""
        return len(self._listeners)

    def end(self) -> None:
        """Let nobody wait any more, as the server is to stop."""
        self._ended = True
        self._wake_all()

    async def until_ended(self, context: RequestContext) -> None:
        """Wait as a submit asks for it. Where its job ends meanwhile, let the answer show that; else it is
        the answer to who does not wait. Most do not ask.
        """
        rule, job, state = context.operation.wait, context.job, context.state
        if rule is None or job is None or state is None or state.ended:
            return
        seconds = min(rule.seconds_of(context.value_at(rule.at)), self._longest)
        if not seconds or self._ended:
            return
        size = len(context.request.body)
        if len(self._listeners) >= MOST or self._bytes + size > MOST_BYTES:
            waiting = plural(len(self), "answer waits", "answers wait")
            held = f"{waiting} already, with {plural(self._bytes, 'byte')} of bodies"
            context.warnings += (f"{held}; this one does not wait",)
            return
        with self._listening(size) as listener:
            ended = await self._wait(context, job, context.now + int(seconds * 1000), listener)
        if ended is not None:
            context.now = self._live_settings.now(context.tenant)
            show(context, ended)

    async def _wait(self, context: RequestContext, job: Job, until: int, listener: Listener) -> Job | None:
        """The job when it has ended; None where before it the moment `until` has come, the job or the client
        has gone, or the server stops.
        """
        loop = asyncio.get_running_loop()
        end = loop.time() + LONGEST
        with _watched(context, listener) as leaving:
            while not (self._ended or leaving.done() or loop.time() >= end):
                with suppress(StoreError):
                    await self._live_settings.refresh()
                    noted = await self._store.get(context.tenant, job.provider, job.id)
                    if noted is None:
                        return None
                    job = noted
                now = self._live_settings.now(context.tenant)
                if state_at(job, latest(job, now)).ended:
                    return job
                if now >= until:
                    return None
                await listener.wait(self._pause(job, now, until))
        return None

    def _pause(self, job: Job, now: int, until: int) -> float:
        """Real seconds until something may have happened."""
        event = next_event(job, latest(job, now))
        at = until if event is None else min(event, until)
        left = self._live_settings.seconds_until(job.tenant, at)
        return _LOOK_EVERY if left is None else max(_SHORTEST, min(left, _LOOK_EVERY))

    @contextmanager
    def _listening(self, size: int) -> Iterator[Listener]:
        listener = Listener()
        self._listeners.append(listener)
        self._bytes += size
        try:
            yield listener
        finally:
            self._listeners.remove(listener)
            self._bytes -= size

    def _wake_all(self) -> None:
        for listener in self._listeners:
            listener.wake()


@contextmanager
def _watched(context: RequestContext, listener: Listener) -> Iterator[asyncio.Future[None]]:
    """What is done when the client has gone, and then wakes the listener."""
    incoming = context.request.incoming
    leaving = asyncio.ensure_future(incoming.left()) if incoming is not None else asyncio.Future[None]()
    leaving.add_done_callback(lambda _: listener.wake())
    try:
        yield leaving
    finally:
        leaving.cancel()
