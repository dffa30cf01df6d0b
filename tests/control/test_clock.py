"""Clocks over a real socket: set, advance, jump, freeze, run; nobody sleeps."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from itertools import count
from typing import Any, cast

import pytest
from fastapi import HTTPException

from mockserver import in_process
from mockserver.control.clock import ClockUpdate, _milliseconds
from mockserver.control.clock import change as change_clock
from mockserver.control_client import ControlError
from mockserver.control_client.answers import ClockEventAnswer, JumpAnswer
from mockserver.engine.admin.clocks import ClockReading
from mockserver.jobs.clock import ClockSetting
from mockserver.jobs.ids import tenant_of
from tests.control.conftest import Bench
from tests.serving import KEY, START


def event_of(jump: JumpAnswer) -> ClockEventAnswer:
    """What the clock jumped to."""
    assert jump["event"] is not None
    return jump["event"]


def test_a_clock_begins_as_the_walls(bench: Bench) -> None:
    clock = bench.mock.clock()
    assert (clock["mode"], clock["now"], clock["ahead"], clock["tenant"]) == ("real", START, 0, None)
    assert datetime.fromisoformat(clock["at"]).timestamp() * 1000 == START


def test_advancing_moves_the_jobs(bench: Bench) -> None:
    job = bench.submit()
    assert bench.state(job) == "queued"
    assert bench.mock.advance(2)["ahead"] == 2000
    assert bench.state(job) == "processing"
    bench.mock.advance(6)
    assert bench.state(job) == "success"


def test_a_frozen_clock_stands_and_a_running_one_runs(bench: Bench) -> None:
    bench.mock.freeze()
    bench.running.clock.advance(100)
    assert bench.mock.clock()["now"] == START
    bench.mock.run(60)
    bench.running.clock.advance(1)
    assert bench.mock.clock()["now"] == START + 60_000
    assert bench.mock.clock()["mode"] == "scaled"


def test_how_far_it_is_ahead_is_exact_while_time_goes_on() -> None:
    ticks = count(START)
    with in_process.serve(clock=lambda: next(ticks)) as running:
        control = running.control()
        assert control.clock()["ahead"] == 0
        assert control.advance(60)["ahead"] == 60_000
        assert control.clock()["ahead"] == 60_000


@pytest.mark.parametrize("moment", [1_900_000_000_000, "2030-03-17T17:46:40Z", "2030-03-17T18:46:40+01:00"])
def test_a_clock_can_be_set_to_a_moment(bench: Bench, moment: int | str) -> None:
    assert bench.mock.set_clock(now=moment, mode="frozen")["now"] == 1_900_000_000_000


@pytest.mark.parametrize("zone", [UTC, None, timezone(timedelta(hours=-3))])
def test_the_first_moment_is_that_of_1970(zone: timezone | None) -> None:
    offset = (zone.utcoffset(None) if zone else None) or timedelta()
    first = (datetime(1970, 1, 1) + offset).replace(tzinfo=zone)

    assert _milliseconds(first) == 0
    assert _milliseconds(first + timedelta(microseconds=1500)) == 2
    with pytest.raises(HTTPException, match="is before 1970") as refusal:
        _milliseconds(first - timedelta(milliseconds=1))
    assert refusal.value.status_code == 422


@pytest.mark.parametrize(
    ("now", "is_taken"),
    [(0, True), (10**9 - 1, True), (10**9, False), (10**11 - 1, False), (10**11, True), (10**12, True)],
)
def test_what_looks_like_seconds_is_refused(now: int, is_taken: bool) -> None:
    moments: list[int | None] = []

    class Control:
        async def set(self, tenant: str, mode: Any, rate: float | None, now: int | None) -> ClockReading:
            moments.append(now)
            return ClockReading(tenant, ClockSetting("frozen", 1.0, 0, 0), now or 0, 0, own=False)

    changing = change_clock(ClockUpdate.model_validate({"now": now}), "", cast(Any, Control()))
    if is_taken:
        asyncio.run(changing)
    else:
        with pytest.raises(HTTPException, match=f"looks like seconds: send {now}000"):
            asyncio.run(changing)
    assert moments == [now] * is_taken


def test_jumping_goes_from_event_to_event_of_one_job(bench: Bench) -> None:
    job = bench.submit()
    first = bench.mock.jump("gmicloud", job)
    assert (first["seconds"], event_of(first)["state"]) == (2.0, "processing")
    second = bench.mock.jump("gmicloud", job)
    assert (second["seconds"], event_of(second)["state"]) == (6.0, "success")
    assert event_of(second)["at"] == START + 8000
    assert bench.state(job) == "success"
    last = bench.mock.jump("gmicloud", job)
    assert (last["seconds"], last["event"]) == (0.0, None)


def test_jumping_of_all_goes_to_the_earliest(bench: Bench) -> None:
    early = bench.submit()
    bench.mock.advance(1)
    late = bench.submit("kkiai", key="other")
    events = [event_of(bench.mock.jump()) for _ in range(4)]
    assert [(event["job"], event["at"] - START) for event in events] == [
        (early, 2000), (late, 3000), (early, 8000), (late, 9000),
    ]  # fmt: skip
    assert bench.mock.jump()["event"] is None


def test_a_jump_to_a_job_moves_its_tenant_only(bench: Bench) -> None:
    mine, other = bench.submit(), bench.submit(key="other")
    bench.mock.jump("gmicloud", mine)
    assert bench.state(mine) == "processing"
    assert bench.state(other, key="other") == "queued"
    assert bench.mock.clock()["now"] == START


def test_a_tenant_with_its_own_clock_is_left_alone_until_it_gives_it_up(bench: Bench) -> None:
    mine = bench.open_client(key=KEY)
    mine.freeze()
    job, other = bench.submit(), bench.submit(key="other")
    bench.mock.advance(10)
    assert (bench.state(job), bench.state(other, key="other")) == ("queued", "success")
    assert mine.clock()["own"]
    assert bench.open_client(tenant=tenant_of(KEY)).clock()["own"]
    assert not mine.drop_clock()["own"]
    assert bench.state(job) == "success"


def test_a_clock_goes_not_back_under_jobs(bench: Bench) -> None:
    bench.mock.set_clock(now=START - 5000)
    bench.submit()
    bench.mock.advance(5)
    bench.mock.advance(5)
    for change in ({"now": START - 5000}, {"mode": "real"}):
        with pytest.raises(ControlError) as caught:
            bench.mock.call("PUT", "/clock", change)
        assert caught.value.status == 409
    bench.mock.reset()
    assert bench.mock.clock()["mode"] == "real"


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"rate": 0},
        {"rate": -1},
        {"rate": 1e9},
        {"mode": "fast"},
        {"mode": "real", "rate": 2.0},
        {"mode": "frozen", "rate": 2.0},
        {"now": -1},
        {"now": "yesterday"},
        {"now": "1960-01-01T00:00:00Z"},
        {"now": 10**15},
        {"tempo": 3},
    ],
)
def test_what_makes_no_sense_is_refused(bench: Bench, change: dict[str, object]) -> None:
    with pytest.raises(ControlError) as caught:
        bench.mock.call("PUT", "/clock", change)
    assert caught.value.status == 422
    assert bench.mock.clock()["mode"] == "real"


@pytest.mark.parametrize("seconds", [-1, 1e12, "x", None])
def test_so_is_an_advance_that_makes_none(bench: Bench, seconds: object) -> None:
    with pytest.raises(ControlError) as caught:
        bench.mock.call("POST", "/clock/advance", {"seconds": seconds})
    assert caught.value.status == 422


def test_no_advance_is_lost_between_parallel_ones(bench: Bench) -> None:
    bench.mock.freeze()
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda _: bench.mock.advance(0.25), range(64)))
    assert bench.mock.clock()["now"] == START + 16_000


def test_no_jump_is_made_twice_by_parallel_ones(bench: Bench) -> None:
    bench.submit()
    bench.submit("kkiai")
    with ThreadPoolExecutor(8) as pool:
        jumps = list(pool.map(lambda _: bench.mock.jump(), range(8)))
    assert sum(jump["seconds"] for jump in jumps) == 8.0
    assert bench.mock.clock()["now"] == START + 8000


def test_a_jump_goes_to_a_callback_that_is_due_first(
    start: Callable[..., Bench], monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = start()
    job = bench.submit()

    async def due(tenant: str | None) -> int | None:
        return START + 1500 if tenant == tenant_of(KEY) else None

    monkeypatch.setattr(bench.running.app.callbacks, "next_event", due)
    event = event_of(bench.mock.jump())
    assert (event["at"], event["job"]) == (START + 1500, None)
    assert event_of(bench.mock.jump())["job"] == job


def test_seconds_are_not_taken_for_milliseconds(bench: Bench) -> None:
    with pytest.raises(ControlError, match="1790000000 looks like seconds: send 1790000000000"):
        bench.mock.set_clock(now=1_790_000_000)
    assert bench.mock.clock()["mode"] == "real"
