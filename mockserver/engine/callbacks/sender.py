"""Sends the callbacks that fall due, each attempt once, also with several servers over one store.

What is due follows from a job, its tenant's clock and the outcomes of earlier attempts (`schedule`). The
store holds three things: a `callback` document for each job that may owe callbacks, a `delivery` document
for each attempt that was made, and a number for each attempt, whose first taker makes it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from asyncio import sleep
from collections.abc import Sequence
from contextvars import Context
from typing import TYPE_CHECKING, Any, Final

from mockserver.engine.callbacks.delivery_log import DeliveryLog, key_of, send
from mockserver.engine.callbacks.pending import PendingCallbacks, load_pending
from mockserver.engine.callbacks.places import Key, Places, Waiting, receiver_of
from mockserver.engine.callbacks.schedule import (
    DELIVERY_HEADER,
    Attempt,
    Outcome,
    body_violations,
    callback_body,
    callback_headers,
    callback_url,
)
from mockserver.engine.callbacks.signing import CallbackSigner, signature_in
from mockserver.engine.callbacks.target_policy import MAX_URL
from mockserver.engine.services import Services
from mockserver.errors import StoreError, UnreadableJob
from mockserver.jobs.job import Job
from mockserver.jobs.timeline import latest, state_at
from mockserver.stores.base import StoredDocument
from mockserver.time_limit import time_limit

if TYPE_CHECKING:
    from mockserver.faults.base import CallbackFault

WATCHED: Final = "callback"
LONGEST_WAIT: Final = 600.0
_SHORTEST: Final = 0.001
_log = logging.getLogger("mockserver")


class CallbackSender:
    """Sends callbacks. It sleeps until a change wakes it or the next callback is due on a running clock."""

    def __init__(self, services: Services) -> None:
        self._contracts = services.contracts
        self._store = services.store
        self._settings = services.settings
        self._live_settings = services.live_settings
        self._changes = services.changes
        self._signer = CallbackSigner(
            services.contracts.values(), services.settings.callback_secret, services.wall_clock
        )
        self.delivery_log = DeliveryLog(services.store)
        self._woken = asyncio.Event()
        self._sending: dict[Key, asyncio.Task[None]] = {}
        self._places = Places()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._watcher: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to send, in the running event loop. What fell due while no server ran comes first."""
        if self._watcher is None:
            self._loop = asyncio.get_running_loop()
            self._changes.subscribe(self.wake)
            self._watcher = asyncio.create_task(self._keep_sending())

    async def close(self) -> None:
        """Stop. An attempt under way is given up; the next server to start counts it as failed."""
        if self._watcher is not None:
            self._changes.unsubscribe(self.wake)
            tasks = [self._watcher, *self._sending.values()]
            self._watcher = None
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def wake(self) -> None:
        """Look for due callbacks soon, as a clock or a job has changed. From any thread."""
        if self._loop is not None and not self._woken.is_set() and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._woken.set)

    async def submitted(self, job: Job, base: str, faults: Sequence[CallbackFault] = ()) -> None:
        """Watch a new job whose submitter wants callbacks, and send those that come before the answer.

        `base` is this server's address as the submitter knows it; `faults` change the job's callbacks.
        """
        contract = self._contracts[job.provider]
        if callback_url(contract, job) is None:
            return
        name = f"{job.provider}/{job.id}"
        # After a reset the same seed gives the same ids: sending for the former job of this id ends.
        former = self._sending.pop((job.tenant, name), None)
        self._places.leave((job.tenant, name))
        if former is not None:
            former.cancel()
        chosen = [{"fault": fault.name, "settings": fault.model_dump(mode="json")} for fault in faults]
        document = {"base": base, "faults": chosen, "outcomes": {}}
        await self._store.put_document(job.tenant, WATCHED, name, document)
        pending = PendingCallbacks(job, contract, base, faults, {}, document)
        if not faults:
            return
        for attempt in pending.open_attempts():
            if attempt.delivery.early:
                await self._attempt(pending, attempt)

    async def next_event(self, tenant: str | None = None) -> int | None:
        """The next moment at which a callback of the tenant, or of anybody, falls due; None where none does.

        In Unix milliseconds on the tenant's clock, and later than now.
        """
        moments: list[int] = []
        for stored in await self._store.documents(WATCHED):
            if tenant not in (None, "", stored.tenant):
                continue
            with contextlib.suppress(UnreadableJob):
                pending = await self._pending(stored)
                if pending is None:
                    continue
                now = self._live_settings.now(stored.tenant)
                moments += [attempt.at for attempt in pending.open_attempts() if attempt.at > now]
        return min(moments, default=None)

    async def settle(self) -> None:
        """Return when everything that is due has been tried."""
        while True:
            await self._sweep()
            if not self._sending:
                return
            await asyncio.wait([*self._sending.values()])

    async def replay(self, name: str) -> tuple[str, dict[str, Any]]:
        """Send a logged delivery again, as it was: its tenant and the new record. Raises NotFoundError."""
        tenant, record = await self.delivery_log.find(name)
        now = self._live_settings.now(tenant)
        hosts = self._settings.allow_hosts
        return tenant, await self.delivery_log.send_again(tenant, record, now, self._signer, hosts)

    async def _keep_sending(self) -> None:
        loop = asyncio.get_running_loop()
        trouble = ""
        while True:
            self._woken.clear()
            began = loop.time()
            wait: float | None = 1.0
            try:
                wait = await self._sweep()
                trouble = ""
            except StoreError as error:
                if trouble != (trouble := str(error)):
                    _log.warning("callbacks are not sent: %s", trouble)
            except Exception:
                _log.exception("looking for due callbacks failed")
            # A sweep reads the store. The sender rests as long as the sweep took, so that sweeps take at
            # most half of the time, however often something changes.
            await sleep(loop.time() - began)
            with contextlib.suppress(TimeoutError):
                async with time_limit(wait):
                    await self._woken.wait()

    async def _sweep(self) -> float | None:
        """Begin to send what is due, as far as there are places; what has none waits for a later sweep.

        Returns the seconds until the next sweep; None: only when woken, as by each attempt that ends.
        """
        await self._live_settings.refresh()
        waits = []
        for stored in await self._store.documents(WATCHED):
            key = stored.tenant, stored.name
            if key in self._places:
                continue
            try:
                pending = await self._pending(stored)
                first = None if pending is None else next(iter(pending.open_attempts()), None)
            except UnreadableJob:
                continue
            if first is None:
                await self._unwatch_ended(stored, pending)
            elif first.at > self._live_settings.now(stored.tenant):
                waits.append(self._seconds_until(stored.tenant, first.at))
            elif key not in self._places:
                receiver = receiver_of(first.delivery.url)
                self._places.offer(Waiting(stored, receiver, first.number > 1, first.at))
        self._send_next()
        return min((wait for wait in waits if wait is not None), default=None)

    def _send_next(self) -> None:
        """Begin to send for those whose turn it is."""
        while (job := self._places.take()) is not None:
            self._send(job.key, job.stored)

    def _send(self, key: Key, stored: StoredDocument) -> None:
        def done(task: asyncio.Task[None]) -> None:
            if self._sending.get(key) is task:
                del self._sending[key]
                self._places.leave(key)
            if not task.cancelled() and (error := task.exception()) is not None:
                trace = None if isinstance(error, StoreError) else error
                _log.error("callbacks of %s could not be sent: %s", key[1], error, exc_info=trace)
            if self._watcher is not None:
                self._send_next()
            self.wake()

        # Not in the context of a request, whose patience with the store may be at its end.
        task = self._sending[key] = asyncio.create_task(self._send_due(stored), context=Context())
        task.add_done_callback(done)

    async def _send_due(self, stored: StoredDocument) -> None:
        """Make an attempt, and those after it that are due and no retries, which have to wait for a place."""
        made = False
        while (pending := await self._pending(stored)) is not None:
            first = next(iter(pending.open_attempts()), None)
            if first is None or first.at > self._live_settings.now(stored.tenant):
                return
            if made and first.number > 1:
                return
            await self._attempt(pending, first)
            made, stored = True, stored._replace(document=pending.document)

    async def _pending(self, stored: StoredDocument) -> PendingCallbacks | None:
        """What a watched job owes; None where it or its provider is gone. Raises UnreadableJob."""
        return await load_pending(self._store, self._contracts, stored)

    async def _unwatch_ended(self, stored: StoredDocument, pending: PendingCallbacks | None) -> None:
        """Stop watching a job that owes nothing and has ended, so that it can owe nothing any more."""
        if pending is not None:
            now = self._live_settings.now(stored.tenant)
            if not state_at(pending.job, latest(pending.job, now)).ended:
                return
        await self._store.put_document(stored.tenant, WATCHED, stored.name, None)

    async def _attempt(self, pending: PendingCallbacks, attempt: Attempt) -> None:
        """Make an attempt unless another server makes it, and store its outcome.

        The store counts up a number for each attempt. Whoever gets 1 makes it; everybody else waits for
        that server's record, so that the next attempt follows from the same outcome everywhere.
        """
        store, job = self._store, pending.job
        key = key_of(job.provider, job.id, attempt.key)
        if await store.increment(job.tenant, f"{WATCHED}/{key}") == 1:
            record = await self._deliver(pending, attempt, key)
            # A reset while it was being sent leaves nothing behind.
            if await store.get(job.tenant, job.provider, job.id) is None:
                return
            await self.delivery_log.add(job.tenant, record)
        else:
            record = await self.delivery_log.wait_for_other_server(
                job.tenant, key, self._live_settings.now(job.tenant)
            )
        pending.outcomes[attempt.key] = Outcome(record["at"], record["settled"])
        pending.document["outcomes"] = {name: list(outcome) for name, outcome in pending.outcomes.items()}
        await store.put_document(job.tenant, WATCHED, f"{job.provider}/{job.id}", pending.document)

    async def _deliver(self, pending: PendingCallbacks, attempt: Attempt, key: str) -> dict[str, Any]:
        """Send the callback of an attempt. Returns the attempt as the log has it."""
        job, delivery, settings = pending.job, attempt.delivery, self._settings
        body = callback_body(pending.contract, job, delivery, pending.base)
        headers = callback_headers(job.provider, attempt)
        headers |= self._signer.sign(job.provider, headers[DELIVERY_HEADER], body, forged=delivery.forged)
        record = {
            "id": key,
            "provider": job.provider,
            "job": job.id,
            "number": delivery.number,
            "state": delivery.state,
            "attempt": attempt.number,
            "due": attempt.at,
            "at": self._live_settings.now(job.tenant),
            "url": delivery.url[: MAX_URL + 1],
            "body": body.decode(),
            "signature": signature_in(headers),
            "headers": headers,
            "faults": [fault["fault"] for fault in pending.document["faults"]],
        }
        broken = body_violations(pending.contract, job, body)
        if broken is not None:
            error = f"not sent, as it would break the contract: {broken}"
            return record | {"status": None, "error": error, "settled": True}
        return record | await send(delivery.url, headers, body, settings.allow_hosts)

    def _seconds_until(self, tenant: str, at: int) -> float | None:
        """Real seconds until the tenant's clock shows `at`; None while it is frozen."""
        left = self._live_settings.seconds_until(tenant, at)
        return None if left is None else min(max(left, _SHORTEST), LONGEST_WAIT)
