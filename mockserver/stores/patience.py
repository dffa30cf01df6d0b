"""How a request waits for a lock that another process holds: beside the others, and in nobody's way.

SQLite itself would wait inside the event loop, and with it everybody. So it refuses at once, and what was
refused is tried again after pauses in which the loop goes on. No statement of an attempt is left halfway.
"""

from __future__ import annotations

import asyncio
from asyncio import sleep
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, Concatenate, Final, ParamSpec, Protocol, TypeVar
from weakref import WeakValueDictionary

from mockserver.errors import StoreLocked
from mockserver.real_time import monotonic
from mockserver.time_limit import time_limit

PATIENCE: Final = 5.0
"""Seconds that a request waits for another process's locks in all: longer than a backup holds one, and
shorter than the shortest timeout of common clients."""
SHORTEST: Final = 0.001
LONGEST: Final = 0.05
"""Seconds between two attempts, the first and the later ones; an attempt takes some 20 microseconds."""
TURN: Final = 0.001
"""Seconds that each of many who wait adds to their pauses: together they make 1,000 attempts a second."""
LONGEST_TURN: Final = 1.0
"""Seconds between two attempts at most, however many wait: all are to have a second try."""

_Args = ParamSpec("_Args")
_Result = TypeVar("_Result")


class Deadline:
    """When the patience of a request ends. It begins with the request's first wait."""

    __slots__ = ("_end",)

    def __init__(self) -> None:
        self._end: float | None = None

    def left(self) -> float:
        """Seconds of patience that are left, at least 0."""
        now = monotonic()
        if self._end is None:
            self._end = now + PATIENCE
        return max(0.0, self._end - now)


_deadline: ContextVar[Deadline | None] = ContextVar("mockserver-store-deadline", default=None)


def share_patience() -> None:
    """Give all later waits of this task one deadline; without it each wait has its own."""
    _deadline.set(Deadline())


class LockWaiters:
    """Those who wait for one store's lock: `count` is how many."""

    def __init__(self) -> None:
        self.count = 0
        self._given_up = False
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def give_up(self) -> None:
        """Let nobody wait any more: who waits now makes a last attempt, as the server is to stop."""
        self._given_up = True

    @asynccontextmanager
    async def turn(self, tenant: str) -> AsyncIterator[None]:
        """Wait until nobody else has the tenant's turn, as long as the patience lasts; then have it."""
        turn = self._turns.setdefault(tenant, asyncio.Lock())
        if turn.locked():
            await self._wait_for(turn)
        else:
            await turn.acquire()
        try:
            yield
        finally:
            turn.release()

    async def _wait_for(self, turn: asyncio.Lock) -> None:
        try:
            async with time_limit((_deadline.get() or Deadline()).left()):
                await turn.acquire()
        except TimeoutError:
            raise StoreLocked(
                f"other submits of this key have been waiting for the store for {PATIENCE:g} s; try again"
            ) from None

    async def patiently(self, attempt: Callable[[], Awaitable[_Result]]) -> _Result:
        """Try, and try again as `retry` does where the store is locked."""
        try:
            return await attempt()
        except StoreLocked:
            pass
        return await self.retry(attempt)

    async def retry(self, attempt: Callable[[], Awaitable[_Result]]) -> _Result:
        """Try again until it works or the deadline has passed. Raises what the last attempt raised."""
        deadline, pause = _deadline.get() or Deadline(), SHORTEST
        self.count += 1
        try:
            while True:
                turn = min(LONGEST_TURN, TURN * self.count)
                await sleep(min(deadline.left(), max(pause, turn)))
                try:
                    return await attempt()
                except StoreLocked:
                    if self._given_up or not deadline.left():
                        raise
                pause = min(2 * pause, LONGEST)
        finally:
            self.count -= 1


class _Waits(Protocol):
    @property
    def waiting(self) -> LockWaiters: ...


_Store = TypeVar("_Store", bound=_Waits)


def patient(
    work: Callable[Concatenate[_Store, _Args], _Result],
) -> Callable[Concatenate[_Store, _Args], Coroutine[Any, Any, _Result]]:
    """Make a method that may raise `errors.StoreLocked` one that waits for the lock first.

    The method itself is not async, so whatever it does is done without a pause.
    """

    @wraps(work)
    async def call(store: _Store, /, *args: _Args.args, **named: _Args.kwargs) -> _Result:
        try:
            return work(store, *args, **named)
        except StoreLocked:
            pass

        async def attempt() -> _Result:
            return work(store, *args, **named)

        return await store.waiting.retry(attempt)

    return call
