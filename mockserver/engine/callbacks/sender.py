"""Sends the callbacks that fall due, each try once, also with several servers over one store.

Nothing here decides what is due: that follows from a job, its tenant's clock and how earlier tries went
(engine.deliveries). The store keeps three kinds of documents: `callback`, a job that may owe some yet;
`delivery`, a try that was made; and a number for each try, whose first taker makes it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from mockserver.contract.model import Contract
from mockserver.engine.callbacks.delivery_log import DeliveryLog, key_of, send
from mockserver.engine.callbacks.schedule import (
    Attempt,
    Outcome,
    attempts,
    body_of,
    broken_promise,
    callback_url,
    headers_of,
    planned,
)
from mockserver.engine.live_settings import LiveSettings
from mockserver.jobs.job import Job
from mockserver.jobs.timeline import latest, state_at
from mockserver.settings import Settings
from mockserver.stores.base import Store, StoredDocument

if TYPE_CHECKING:
    from mockserver.faults.base import CallbackFault

WATCHED: Final = "callback"
AT_A_TIME: Final = 32
"""Jobs whose callbacks are sent at the same time; those of one job go one after the other."""
LONGEST_WAIT: Final = 600.0
_SHORTEST: Final = 0.001
_log = logging.getLogger("mockserver")


class House(Protocol):
    """What this needs of the engine."""

    @property
    def store(self) -> Store: ...
    @property
    def settings(self) -> Settings: ...
    @property
    def contracts(self) -> Mapping[str, Contract]: ...
    @property
    def board(self) -> LiveSettings: ...
    @property
    def wake(self) -> list[Callable[[], None]]: ...


class PendingCallbacks(NamedTuple):
    """A job that may owe callbacks, and what is known of those it owed."""

    job: Job
    contract: Contract
    base: str
    faults: Sequence[CallbackFault]
    outcomes: dict[str, Outcome]
    document: dict[str, Any]

    def open(self) -> list[Attempt]:
        """Tries to be made, now or later, the earliest first."""
        return attempts(planned(self.contract, self.job, self.faults), self.outcomes)


class CallbackSender:
    """The sender. It sleeps until it is woken or until the next callback is due on a running clock."""

    def __init__(self, house: House) -> None:
        self._house = house
        self.sent = DeliveryLog(house.store)
        self._woken = asyncio.Event()
        self._sending: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._room = asyncio.Semaphore(AT_A_TIME)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._watching: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to send, in the running event loop; what fell due while no server ran comes first."""
        if self._watching is None:
            self._loop = asyncio.get_running_loop()
            self._house.wake.append(self.wake)
            self._watching = asyncio.create_task(self._watch_over())

    async def close(self) -> None:
        """Stop. A try that is under way is given up; the next server to start takes it for failed."""
        if self._watching is not None:
            self._house.wake.remove(self.wake)
            tasks = [self._watching, *self._sending.values()]
            self._watching = None
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def wake(self) -> None:
        """Say that a clock or a job has changed. From any thread."""
        if self._loop is not None and not self._woken.is_set() and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._woken.set)

    async def submitted(self, job: Job, base: str, faults: Sequence[CallbackFault] = ()) -> None:
        """Watch over a new job if its submitter wants to be told, and send what is to come before the answer.

        `base` is this server's address as its submitter knows it; `faults` bend the job's callbacks.
        """
        contract = self._house.contracts[job.provider]
        if callback_url(contract, job) is None:
            return
        name = f"{job.provider}/{job.id}"
        # After a reset the same seed gives the same ids: what is being sent for the last one is over.
        if former := self._sending.pop((job.tenant, name), None):
            former.cancel()
        made = [{"fault": fault.name, "settings": fault.model_dump(mode="json")} for fault in faults]
        document = {"base": base, "faults": made, "outcomes": {}}
        await self._house.store.keep(job.tenant, WATCHED, name, document)
        watch = PendingCallbacks(job, contract, base, faults, {}, document)
        for attempt in watch.open() if faults else ():
            if attempt.delivery.early:
                await self._try(watch, attempt)

    async def next_event(self, tenant: str | None = None) -> int | None:
        """When the next callback of the tenant, or of anybody, falls due; None where none is known to.

        In Unix milliseconds on the tenant's clock, and later than now.
        """
        moments = []
        for kept in await self._house.store.kept(WATCHED):
            watch = await self._watch(kept) if tenant in (None, "", kept.tenant) else None
            if watch is not None:
                now = self._house.board.now(kept.tenant)
                moments += [attempt.at for attempt in watch.open() if attempt.at > now]
        return min(moments, default=None)

    async def settle(self) -> None:
        """Come back when everything that is due has been tried."""
        while True:
            await self._sweep()
            if not self._sending:
                return
            await asyncio.wait([*self._sending.values()])

    async def replay(self, name: str) -> tuple[str, dict[str, Any]]:
        """Send a delivery of the journal again, as it was: its tenant and the new entry. Raises NotFound."""
        tenant, record = await self.sent.find(name)
        now = self._house.board.now(tenant)
        return tenant, await self.sent.again(tenant, record, now, self._house.settings)

    async def _watch_over(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            self._woken.clear()
            began = loop.time()
            wait: float | None = 1.0
            try:
                wait = await self._sweep()
            except Exception:
                _log.exception("callbacks could not be looked through")
            # Looking takes at most half of the time, however often something changes.
            await asyncio.sleep(loop.time() - began)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._woken.wait()

    async def _sweep(self) -> float | None:
        """Begin to send what is due, and say in how many seconds to look again; None for when woken."""
        await self._house.board.refresh()
        waits = []
        for kept in await self._house.store.kept(WATCHED):
            key = kept.tenant, kept.name
            if key in self._sending:
                continue
            watch = await self._watch(kept)
            first = next(iter(watch.open()), None) if watch is not None else None
            if first is None:
                await self._drop_ended(kept, watch)
            elif first.at > self._house.board.now(kept.tenant):
                waits.append(self._real(kept.tenant, first.at))
            elif key not in self._sending:
                self._send(key, kept)
        return min((wait for wait in waits if wait is not None), default=None)

    def _send(self, key: tuple[str, str], kept: StoredDocument) -> None:
        def done(task: asyncio.Task[None]) -> None:
            if self._sending.get(key) is task:
                del self._sending[key]
            if not task.cancelled() and (error := task.exception()) is not None:
                _log.error("callbacks of %s could not be sent", kept.name, exc_info=error)
            self.wake()

        task = self._sending[key] = asyncio.create_task(self._serve(kept))
        task.add_done_callback(done)

    async def _serve(self, kept: StoredDocument) -> None:
        """Make one try after the other until none is due."""
        async with self._room:
            while (watch := await self._watch(kept)) is not None:
                first = next(iter(watch.open()), None)
                if first is None or first.at > self._house.board.now(kept.tenant):
                    return
                await self._try(watch, first)
                kept = kept._replace(document=watch.document)

    async def _watch(self, kept: StoredDocument) -> PendingCallbacks | None:
        """What is known of a watched job; None where the job or its provider is no more."""
        provider, _, job_id = kept.name.partition("/")
        contract = self._house.contracts.get(provider)
        job = await self._house.store.get(kept.tenant, provider, job_id)
        if contract is None or job is None:
            return None
        document = {**kept.document}
        outcomes = {key: Outcome(*outcome) for key, outcome in document["outcomes"].items()}
        return PendingCallbacks(job, contract, document["base"], _faults(document), outcomes, document)

    async def _drop_ended(self, kept: StoredDocument, watch: PendingCallbacks | None) -> None:
        """Watch no longer over a job that owes nothing and cannot come to owe anything."""
        if watch is not None:
            now = self._house.board.now(kept.tenant)
            if not state_at(watch.job, latest(watch.job, now)).ended:
                return
        await self._house.store.keep(kept.tenant, WATCHED, kept.name, None)

    async def _try(self, watch: PendingCallbacks, attempt: Attempt) -> None:
        """Make a try unless somebody else does, and note how it went."""
        store, job = self._house.store, watch.job
        key = key_of(job.provider, job.id, attempt.key)
        if await store.number(job.tenant, f"{WATCHED}/{key}") == 1:
            record = await self._made(watch, attempt, key)
            # A reset while it was being sent leaves nothing behind.
            if await store.get(job.tenant, job.provider, job.id) is None:
                return
            await self.sent.note(job.tenant, record)
        else:
            record = await self.sent.elsewhere(job.tenant, key, self._house.board.now(job.tenant))
        watch.outcomes[attempt.key] = Outcome(record["at"], record["settled"])
        watch.document["outcomes"] = {one: list(outcome) for one, outcome in watch.outcomes.items()}
        await store.keep(job.tenant, WATCHED, f"{job.provider}/{job.id}", watch.document)

    async def _made(self, watch: PendingCallbacks, attempt: Attempt, key: str) -> dict[str, Any]:
        """A try as the journal has it."""
        job, delivery, settings = watch.job, attempt.delivery, self._house.settings
        body = body_of(watch.contract, job, delivery, watch.base)
        headers = headers_of(job.provider, attempt, body, settings.callback_secret)
        record = {
            "id": key,
            "provider": job.provider,
            "job": job.id,
            "number": delivery.number,
            "state": delivery.state,
            "attempt": attempt.number,
            "due": attempt.at,
            "at": self._house.board.now(job.tenant),
            "url": delivery.url,
            "body": body.decode(),
            "signature": headers.get("x-mockserver-signature"),
            "headers": headers,
            "faults": [fault["fault"] for fault in watch.document["faults"]],
        }
        broken = broken_promise(watch.contract, job, body)
        if broken is not None:
            said = f"not sent, as it would break the contract: {broken}"
            return record | {"status": None, "error": said, "settled": True}
        return record | await send(delivery.url, headers, body, settings.allow_hosts)

    def _real(self, tenant: str, at: int) -> float | None:
        """Seconds until the tenant's clock shows `at`; None while it stands still."""
        setting = self._house.board.setting(tenant)
        if setting.mode == "frozen":
            return None
        left = (at - self._house.board.now(tenant)) / 1000 / setting.rate
        return min(max(left, _SHORTEST), LONGEST_WAIT)


def _faults(document: Mapping[str, Any]) -> list[CallbackFault]:
    """The faults that a watched job was submitted under."""
    if not document["faults"]:
        return []
    from mockserver.faults.base import CallbackFault
    from mockserver.faults.catalogue import faults

    known = faults()
    made = (known[one["fault"]](**one["settings"]) for one in document["faults"] if one["fault"] in known)
    return [fault for fault in made if isinstance(fault, CallbackFault)]
