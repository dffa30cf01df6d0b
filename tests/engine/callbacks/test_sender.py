"""Callbacks: of each change, in order, once, signed, tried again, bent by faults, and to nobody else."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.app import Library, make_services
from mockserver.contract.model import Contract
from mockserver.engine.callbacks import delivery_log
from mockserver.engine.callbacks.places import Key
from mockserver.engine.callbacks.schedule import callback_body, first_due, planned_deliveries
from mockserver.engine.callbacks.sender import WATCHED, CallbackSender
from mockserver.engine.documents import callbacks as documents
from mockserver.engine.live_settings import LiveSettings
from mockserver.engine.services import Services
from mockserver.errors import StoreError
from mockserver.faults.base import CallbackFault
from mockserver.faults.seams import Delivery
from mockserver.jobs.clock import ClockSetting, ManualClock, wall_clock
from mockserver.jobs.job import Fact, Job, Plan, Step
from mockserver.settings import Settings
from mockserver.stores.base import Store
from mockserver.stores.memory import MemoryStore
from tests.listener import Listener, listening, status
from tests.serving import START

STEPS = (
    Step("submitted", "waiting", 2000),
    Step("processing", "running", 6000),
    Step("succeed", "succeeded"),
)
BASE = "http://127.0.0.1:8787"


@cache
def contract(*overlays: str) -> Contract:
    return Library(Settings(overlays=overlays)).contract("kkiai", "documented")


@dataclass(slots=True)
class Scene:
    """What a sender needs, on a clock that a test moves."""

    settings: Settings = field(default_factory=Settings)
    store: Store = field(default_factory=MemoryStore)
    clock: ManualClock = field(default_factory=lambda: ManualClock(START))
    services: Services = field(init=False)

    def __post_init__(self) -> None:
        self.services = make_services([contract()], self.store, self.settings, self.clock)

    def another(self) -> Scene:
        """A second server over the same store and clock."""
        return Scene(self.settings, self.store, self.clock)


def due(
    contract: Contract, job: Job, now: int, *, base: str = "", faults: Sequence[CallbackFault] = ()
) -> list[Delivery]:
    """The callbacks that are due by `now`, with their bodies."""
    deliveries = planned_deliveries(contract, job, faults)
    ready = [delivery for delivery in deliveries if first_due(delivery) <= now]
    return [delivery._replace(body=callback_body(contract, job, delivery, base)) for delivery in ready]


class Bend:
    """A fault of the callbacks, made of a function."""

    name: ClassVar[str] = "bend"

    def __init__(self, change: Callable[[Delivery], list[Delivery]]) -> None:
        self.change = change

    def model_dump(self, mode: str) -> dict[str, Any]:
        return {}


def job_of(url: str | None, steps: Sequence[Step] = STEPS, **more: Any) -> Job:
    request = {"model_name": "kling-v1", "duration": "5", "mode": "std", "image": "https://example.com/a.png"}
    if url is not None:
        request["callback_url"] = url
    given = {"plan": Plan(tuple(steps)), "alias": "mine", **more}
    return Job(
        "812345678901234567", "t" * 32, "kkiai", "submitImage2Video", "kling-v1", request, START, **given
    )


async def submit(scene: Scene, job: Job, *faults: Any) -> CallbackSender:
    """A sender that watches over the job, not yet started."""
    callbacks = CallbackSender(scene.services)
    await scene.store.add(job)
    await callbacks.submitted(job, BASE, faults)
    return callbacks


async def after(scene: Scene, callbacks: CallbackSender, seconds: float) -> None:
    """Move the clock, and see all that is due through."""
    scene.clock.advance(seconds)
    await callbacks.settle()


def told(listener: Listener) -> list[str]:
    return [one.told["task_status"] for one in listener.heard]


@pytest.fixture
def bending(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Bend]:
    """Makes a fault that the sender finds again by its name."""

    def bend(change: Callable[[Delivery], list[Delivery]]) -> Bend:
        fault = Bend(change)
        monkeypatch.setattr(documents, "_fault", lambda value, place: fault)
        return fault

    return bend


def test_due_is_a_pure_function_of_job_and_clock() -> None:
    job = job_of("http://127.0.0.1:1/")

    def told(now: int) -> list[tuple[int, str, int]]:
        return [
            (one.number, one.state, one.at - START) for one in due(contract(), job, START + now, base=BASE)
        ]

    assert told(0) == told(1999) == []
    assert told(2000) == told(7999) == [(1, "processing", 2000)]
    assert told(8000) == told(10**9) == [(1, "processing", 2000), (2, "succeed", 8000)]
    assert due(contract(), job, START + 9000, base=BASE) == due(contract(), job, START + 9000, base=BASE)


@pytest.mark.parametrize("request_url", [None, ""])
def test_who_gives_no_url_is_not_told(request_url: str | None) -> None:
    async def watched() -> int:
        scene = Scene()
        await submit(scene, job_of(request_url))
        return len(await scene.store.documents())

    assert due(contract(), job_of(request_url), START + 9000) == []
    assert asyncio.run(watched()) == 0


def test_each_change_is_told_with_the_documented_body() -> None:
    async def run() -> list[Any]:
        async with listening() as listener:
            scene = Scene()
            callbacks = await submit(scene, job_of(f"{listener.url}/hook"))
            await callbacks.settle()
            assert listener.heard == []
            await after(scene, callbacks, 2)
            await after(scene, callbacks, 6)
            await after(scene, callbacks, 1000)
            assert await scene.store.documents("callback") == []
            assert {one.line for one in listener.heard} == {"POST /hook HTTP/1.1"}
            assert {one.headers["content-type"] for one in listener.heard} == {"application/json"}
            return [one.told for one in listener.heard]

    job = job_of("")
    common = {"task_id": job.id, "task_status_msg": "", "task_info": {"external_task_id": "mine"}}
    video = {"id": job.id, "url": f"{BASE}/media/kkiai/{job.id}/video.mp4", "duration": "5"}
    assert asyncio.run(run()) == [
        {**common, "task_status": "processing", "created_at": START, "updated_at": START + 2000},
        {
            **common,
            "task_status": "succeed",
            "task_result": {"videos": [video]},
            "created_at": START,
            "updated_at": START + 8000,
        },
    ]


def test_a_failure_tells_its_reason() -> None:
    job = job_of("http://127.0.0.1:1/", [STEPS[0], Step("failed", "failed")])
    (one,) = due(contract(), job._replace(plan=Plan(job.plan.steps, reason="no")), START + 2000)
    assert b'"task_status":"failed","task_status_msg":"no"' in one.body


@pytest.mark.parametrize("overlay", ["kkiai/r1", "kkiai/r2"])
def test_behind_a_relay_kling_itself_calls_in_its_own_words(overlay: str) -> None:
    read = contract(overlay)
    steps = tuple(Step(word.word, word.phase, 1000) for word in read.default_path)
    bodies = [one.body for one in due(read, job_of("http://127.0.0.1:1/", steps), START + 9000)]
    assert b'"task_status":"processing"' in bodies[-2]
    assert b'"task_status":"succeed"' in bodies[-1]


def test_all_that_a_jump_passes_is_told_in_order() -> None:
    async def run() -> list[str]:
        async with listening() as listener:
            scene = Scene()
            callbacks = await submit(scene, job_of(listener.url))
            await after(scene, callbacks, 3600)
            return told(listener)

    assert asyncio.run(run()) == ["processing", "succeed"]


def test_a_forced_state_is_told() -> None:
    async def run() -> list[str]:
        async with listening() as listener:
            scene, job = Scene(), job_of(listener.url)
            callbacks = await submit(scene, job)
            await after(scene, callbacks, 2)
            await scene.store.append_fact(
                job.tenant, "kkiai", job.id, Fact("forced", scene.clock(), "failed", "failed", "no")
            )
            await callbacks.settle()
            await after(scene, callbacks, 100)
            return told(listener)

    assert asyncio.run(run()) == ["processing", "failed"]


def test_a_job_that_rests_is_watched_until_its_end_and_no_longer() -> None:
    async def run() -> tuple[list[str], int, int]:
        async with listening() as listener:
            scene, job = Scene(), job_of(listener.url, [STEPS[0]])
            callbacks = await submit(scene, job)
            await after(scene, callbacks, 5)
            resting = len(await scene.store.documents("callback"))
            end = Fact("forced", scene.clock(), "failed", "failed", "no")
            await scene.store.append_fact(job.tenant, "kkiai", job.id, end)
            await callbacks.settle()
            await after(scene, callbacks, 1000)
            return told(listener), resting, len(await scene.store.documents("callback"))

    assert asyncio.run(run()) == (["failed"], 1, 0)


def test_a_started_sender_is_woken() -> None:
    async def run() -> list[str]:
        async with listening() as listener:
            scene = Scene()
            callbacks = await submit(scene, job_of(listener.url))
            callbacks.start()
            scene.clock.advance(8)
            await asyncio.to_thread(scene.services.changes.notify)
            while len(await callbacks.delivery_log.documents()) < 2:
                assert await callbacks.delivery_log.wait_for_news(5)
            await callbacks.close()
            assert scene.services.changes._subscribers == []
            return told(listener)

    assert asyncio.run(run()) == ["processing", "succeed"]


def test_a_started_sender_wakes_by_itself_on_a_running_clock() -> None:
    async def run() -> list[str]:
        async with listening() as listener:
            scene, job = Scene(), job_of(listener.url)
            live_settings = LiveSettings(scene.store, wall_clock)
            scene.services = scene.services._replace(live_settings=live_settings)
            await scene.services.live_settings.set_clock(
                job.tenant, ClockSetting("scaled", 1000.0, wall_clock(), START)
            )
            callbacks = await submit(scene, job)
            callbacks.start()
            while len(await callbacks.delivery_log.documents()) < 2:
                assert await callbacks.delivery_log.wait_for_news(5)
            await callbacks.close()
            return told(listener)

    assert asyncio.run(run()) == ["processing", "succeed"]


def test_trouble_with_the_store_is_logged_once_until_it_is_another_or_was_over(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def run() -> None:
        callbacks, over = CallbackSender(Scene().services), asyncio.Event()
        troubles = iter(["locked", "locked", "full", "", "full", "full"])

        async def sweep() -> None:
            trouble = next(troubles, None)
            if trouble is None:
                over.set()
                return
            callbacks._woken.set()
            if trouble:
                raise StoreError(trouble)

        monkeypatch.setattr(callbacks, "_sweep", sweep)
        callbacks.start()
        await over.wait()
        await callbacks.close()

    asyncio.run(run())

    assert caplog.messages == [f"callbacks are not sent: {trouble}" for trouble in ("locked", "full", "full")]


def test_how_long_it_sleeps_follows_the_tenants_clock() -> None:
    async def run() -> list[float | None]:
        scene, job = Scene(), job_of("http://127.0.0.1:1/")
        callbacks = await submit(scene, job)
        waits = [await callbacks._sweep()]
        for mode, rate in (("scaled", 4.0), ("frozen", 0.0)):
            await scene.services.live_settings.set_clock(job.tenant, ClockSetting(mode, rate, START, START))  # type: ignore[arg-type]
            waits.append(await callbacks._sweep())
        return waits

    assert asyncio.run(run()) == [2.0, 0.5, None]


async def begun_by_a_sweep(callbacks: CallbackSender) -> list[Key]:
    """The calls that a sweep begins; nothing is sent."""
    begun: list[Key] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(callbacks, "_send", lambda key, stored: begun.append(key))
        await callbacks._sweep()
    return begun


@given(st.sets(st.sampled_from("abcd")))
def test_a_job_that_has_a_place_keeps_no_other_from_one(free: set[str]) -> None:
    async def run() -> tuple[list[str], list[str]]:
        scene = Scene()
        callbacks = CallbackSender(scene.services)
        for number, name in enumerate("abcd"):
            await scene.store.add(job := job_of(f"http://127.0.0.1:{number + 1}/")._replace(id=name))
            await callbacks.submitted(job, BASE)
        scene.clock.advance(3)
        first = await begun_by_a_sweep(callbacks)
        for key in first:
            if key[1].rpartition("/")[2] in free:
                callbacks._places.leave(key)
        second = await begun_by_a_sweep(callbacks)
        return [name for _, name in first], [name for _, name in second]

    first, second = asyncio.run(run())
    assert len(first) == 4
    assert second == [name for name in first if name.rpartition("/")[2] in free]


def test_a_sweep_heeds_another_servers_clock_and_passes_what_cannot_be_read() -> None:
    async def run() -> list[str]:
        scene, job = Scene(), job_of("http://127.0.0.1:1/")
        await scene.store.put_document(job.tenant, WATCHED, "kkiai/damaged", {"no": "record"})
        callbacks = await submit(scene, job)
        later = ClockSetting("frozen", 0.0, START, START + 3000)
        await scene.another().services.live_settings.set_clock(job.tenant, later)
        return [name for _, name in await begun_by_a_sweep(callbacks)]

    (name,) = asyncio.run(run())
    assert name.endswith("812345678901234567")


def test_the_next_event_is_the_next_state_or_try() -> None:
    async def run() -> list[int | None]:
        async with listening(status(500)) as listener:
            scene, job = Scene(), job_of(listener.url)
            callbacks = await submit(scene, job)
            found = [await callbacks.next_event(job.tenant), await callbacks.next_event("x")]
            await after(scene, callbacks, 8)
            return [*found, await callbacks.next_event(), await callbacks.next_event(job.tenant)]

    assert asyncio.run(run()) == [START + 2000, None, START + 9000, START + 9000]


def test_a_failed_try_is_repeated_with_backoff_on_the_clock() -> None:
    async def run() -> list[int]:
        async with listening(status(500), status(302, "location: /"), status(404), status(204)) as listener:
            scene = Scene()
            callbacks = await submit(scene, job_of(listener.url, [STEPS[0], STEPS[2]]))
            counts = []
            for seconds in (2, 0.999, 0.001, 1.999, 0.001, 3.999, 0.001, 1000):
                await after(scene, callbacks, seconds)
                counts.append(len(listener.heard))
            assert {one.headers["x-mockserver-delivery"] for one in listener.heard} == {
                "kkiai.812345678901234567.1"
            }
            assert [one.headers["x-mockserver-attempt"] for one in listener.heard] == list("1234")
            return counts

    assert asyncio.run(run()) == [1, 1, 2, 2, 3, 3, 4, 4]


def test_five_tries_are_all() -> None:
    async def run() -> list[Any]:
        async with listening(status(503)) as listener:
            scene = Scene()
            callbacks = await submit(scene, job_of(listener.url, [STEPS[0], STEPS[2]]))
            for _ in range(9):
                await after(scene, callbacks, 100)
            assert len(listener.heard) == 5
            assert await scene.store.documents("callback") == []
            return [kept.document["error"] for kept in await callbacks.delivery_log.documents()]

    assert asyncio.run(run()) == ["answered 503"] * 5


def test_two_servers_and_a_restart_send_once() -> None:
    async def run() -> int:
        async with listening() as listener:
            scene = Scene()
            first = await submit(scene, job_of(listener.url))
            second, third = CallbackSender(scene.another().services), CallbackSender(scene.another().services)
            scene.clock.advance(8)
            await asyncio.gather(first.settle(), second.settle())
            await third.settle()
            return len(listener.heard)

    assert asyncio.run(run()) == 2


def test_a_server_that_dies_while_it_sends_leaves_a_try_that_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery_log, "LEASE", 0.0)

    async def run() -> list[str]:
        async with listening() as listener:
            scene, job = Scene(), job_of(listener.url, [STEPS[0], STEPS[2]])
            callbacks = await submit(scene, job)
            await scene.store.increment(job.tenant, f"callback/kkiai.{job.id}.1.1")
            await after(scene, callbacks, 2)
            assert listener.heard == []
            await after(scene, callbacks, 1)
            return [one.headers["x-mockserver-attempt"] for one in listener.heard]

    assert asyncio.run(run()) == ["2"]


def test_a_deaf_listener_holds_nobody_else_up() -> None:
    async def run() -> list[str]:
        async with listening() as listener:
            scene = Scene()
            callbacks = await submit(scene, job_of(f"http://127.0.0.1:{deaf.getsockname()[1]}/"))
            await scene.store.add(quick := job_of(listener.url)._replace(id="quick"))
            await callbacks.submitted(quick, BASE)
            callbacks.start()
            scene.clock.advance(8)
            callbacks.wake()
            while len(await callbacks.delivery_log.documents()) < 2:
                assert await callbacks.delivery_log.wait_for_news(3)
            await callbacks.close()
            return told(listener)

    with socket.create_server(("127.0.0.1", 0)) as deaf:
        assert asyncio.run(run()) == ["processing", "succeed"]


def test_after_a_reset_the_same_id_is_a_new_job() -> None:
    async def run() -> list[str]:
        async with listening() as listener:
            scene, job = Scene(), job_of(listener.url)
            callbacks = await submit(scene, job)
            await after(scene, callbacks, 2)
            await scene.store.clear(job.tenant)
            await callbacks.settle()
            assert await scene.store.documents() == []
            again = job._replace(created_at=scene.clock())
            await scene.store.add(again)
            await callbacks.submitted(again, BASE)
            await after(scene, callbacks, 8)
            return told(listener)

    assert asyncio.run(run()) == ["processing", "processing", "succeed"]


def test_a_body_is_signed_when_there_is_a_secret() -> None:
    async def run(secret: str | None) -> list[str | None]:
        async with listening() as listener:
            scene = Scene(Settings(callback_secret=secret))
            callbacks = await submit(scene, job_of(listener.url))
            await after(scene, callbacks, 8)
            if secret is not None:
                for one in listener.heard:
                    made = hmac.new(secret.encode(), one.body, hashlib.sha256).hexdigest()
                    assert one.headers["x-mockserver-signature"] == f"sha256={made}"
            return [one.headers.get("x-mockserver-signature") for one in listener.heard]

    assert all(asyncio.run(run("s3cret")))
    assert asyncio.run(run(None)) == [None, None]


def test_a_replay_sends_the_same_again() -> None:
    async def run() -> None:
        async with listening() as listener:
            scene = Scene(Settings(callback_secret="s3cret"))
            callbacks = await submit(scene, job_of(listener.url))
            await after(scene, callbacks, 2)
            _, record = await callbacks.replay("kkiai.812345678901234567.1.1")
            first, second = listener.heard
            assert first == second
            assert (record["replays"], record["status"]) == ("kkiai.812345678901234567.1.1", 200)
            await callbacks.replay(record["id"])
            assert len({kept.name for kept in await callbacks.delivery_log.documents()}) == 3

    asyncio.run(run())


def test_the_journal_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery_log, "MAX_RECORDS", 3)
    monkeypatch.setattr(delivery_log, "_TRIM_EVERY", 2)

    async def run() -> list[str]:
        async with listening(status(500)) as listener:
            scene = Scene()
            callbacks = await submit(scene, job_of(listener.url))
            for _ in range(9):
                await after(scene, callbacks, 100)
            assert len(listener.heard) == 10
            return [
                kept.name.removeprefix("kkiai.812345678901234567.")
                for kept in await callbacks.delivery_log.documents()
            ]

    assert asyncio.run(run()) == ["2.4", "1.5", "2.5"]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://169.254.169.254/latest/meta-data/", "169.254.169.254 is not loopback"),
        ("file:///etc/passwd", "file scheme"),
        ("http://127.0.0.1@169.254.169.254/", "a user name before the host"),
    ],
)
def test_a_forbidden_target_is_told_of_and_not_tried_again(url: str, said: str) -> None:
    async def run() -> list[Any]:
        scene = Scene()
        callbacks = await submit(scene, job_of(url, [STEPS[0], STEPS[2]]))
        for _ in range(3):
            await after(scene, callbacks, 100)
        return [kept.document for kept in await callbacks.delivery_log.documents()]

    (record,) = asyncio.run(run())
    assert record["status"] is None
    assert said in record["error"]


def test_a_body_that_breaks_the_contract_is_not_sent_unless_it_is_meant_to() -> None:
    async def run(*quirks: str) -> tuple[int, Any]:
        async with listening() as listener:
            scene = Scene()
            plan = Plan((STEPS[0], Step("SUCCEEDED", "succeeded")), quirks=quirks)
            callbacks = await submit(scene, job_of(listener.url, plan=plan))
            await after(scene, callbacks, 2)
            (kept,) = await callbacks.delivery_log.documents()
            return len(listener.heard), kept.document["error"]

    count, error = asyncio.run(run())
    assert count == 0
    assert "task_status" in error
    assert asyncio.run(run("off-contract")) == (1, None)


def test_a_fault_may_send_it_early_late_twice_forged_or_never(bending: Callable[..., Bend]) -> None:
    async def run(change: Callable[[Delivery], list[Delivery]]) -> list[tuple[str, int]]:
        async with listening() as listener:
            scene = Scene(Settings(callback_secret="s3cret"))
            heard: list[tuple[str, int]] = []
            callbacks = await submit(scene, job_of(listener.url), bending(change))
            for second in range(20):
                heard += [(one.told["task_status"], second) for one in listener.heard[len(heard) :]]
                await after(scene, callbacks, 1)
            for one in listener.heard:
                right = hmac.new(b"s3cret", one.body, hashlib.sha256).hexdigest()
                if one.headers["x-mockserver-signature"] != f"sha256={right}":
                    heard.append(("forged", 0))
            return heard

    def swap(one: Delivery) -> list[Delivery]:
        return [one._replace(at=one.at + (10_000 if one.state == "processing" else 0))]

    expected: list[tuple[Callable[[Delivery], list[Delivery]], list[tuple[str, int]]]] = [
        (lambda one: [one], [("processing", 2), ("succeed", 8)]),
        (lambda one: [one._replace(at=one.at + 5000)], [("processing", 7), ("succeed", 13)]),
        (swap, [("succeed", 8), ("processing", 12)]),
        (lambda one: [one, one._replace(copy=1)], [("processing", 2)] * 2 + [("succeed", 8)] * 2),
        (lambda one: [one._replace(early=True)], [("processing", 0), ("succeed", 0)]),
        (lambda one: [one._replace(forged=True)], [("processing", 2), ("succeed", 8)] + [("forged", 0)] * 2),
        (lambda one: [], []),
    ]
    for change, heard in expected:
        assert asyncio.run(run(change)) == heard
