"""The answer to a submit may wait for the end of its job, by its tenant's clock; it leaves nothing behind."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from time import monotonic
from types import SimpleNamespace
from typing import Any, Final, cast
from urllib.parse import urlsplit

import orjson
import pytest

from mockserver.app import Mockserver, build_app
from mockserver.engine import waits
from mockserver.engine.documents.live import Quota
from mockserver.engine.live_settings import LiveSettings
from mockserver.engine.message import Request, Response
from mockserver.engine.waits import Waits
from mockserver.jobs.clock import Clock, ClockSetting, ManualClock
from mockserver.jobs.ids import tenant_of
from mockserver.jobs.job import Job, Plan, Step
from mockserver.settings import Pace, Settings
from mockserver.stores.base import Store
from mockserver.stores.memory import MemoryStore
from mockserver.stores.open import open_store
from tests.comet import COMET
from tests.serving import PATIENCE, START, Running, wait_until

KEY: Final = "k"


class Sent:
    """The body of a request, whose client goes when `gone` is set."""

    def __init__(self) -> None:
        self.gone = asyncio.Event()

    async def take(self) -> None:
        """The body is there."""

    async def skim(self) -> None:
        """The body is there."""

    def grow(self, size: int) -> None:
        """Nothing is counted."""

    async def left(self) -> None:
        """Return when the client goes."""
        await self.gone.wait()


class Bench:
    """A server of Comet whose clock stands still until it is moved."""

    def __init__(self, *, clock: Clock | None = None, store: Store | None = None, **more: Any) -> None:
        settings = Settings(contracts=(COMET,))._replace(**more)
        clock, store = clock or ManualClock(START), store or MemoryStore()
        self.app: Mockserver = build_app(settings, clock=clock, store=store)
        self.sent = Sent()

    async def send(self, method: str, path: str, prefer: str = "", body: Any = None) -> Response:
        """One request."""
        headers = [(b"authorization", f"Bearer {KEY}".encode()), (b"content-type", b"application/json")]
        headers += [(b"prefer", prefer.encode())] if prefer else []
        content = orjson.dumps(body) if body else b""
        request = Request(method, path, "", headers, content, "http://mock", incoming=self.sent)
        if path.endswith("/state"):
            request.query = "version=2"
        return await self.app.pipeline.handle(request)

    def launch(self, prefer: str = "stay", text: str = "a kite") -> asyncio.Task[Response]:
        """A submit under way."""
        body = {"text": text, "seconds": 1}
        return asyncio.create_task(self.send("POST", "/queue/comets", prefer, body))

    async def waiting(self) -> str:
        """The id of the job whose answer waits."""
        async with asyncio.timeout(PATIENCE):
            while not len(self.app.pipeline.waits):
                await asyncio.sleep(0)
        (job,) = await self.app.services.store.list(tenant_of(KEY), "comet")
        return job.id

    async def move(self, seconds: float, rate: float = 0.0) -> None:
        """Move the tenant's clock from where it began."""
        mode = "scaled" if rate else "frozen"
        setting = ClockSetting(mode, rate, START, START + int(seconds * 1000))  # type: ignore[arg-type]
        await self.app.services.live_settings.set_clock(tenant_of(KEY), setting)
        self.app.services.changes.notify()


def play(scene: Callable[[], Awaitable[None]]) -> None:
    """Play a scene, after which no task may be left."""

    async def whole() -> None:
        await scene()
        await asyncio.sleep(0)
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(whole())


def state_in(response: Response) -> str:
    """The state that an answer shows."""
    return str(orjson.loads(response.body)["state"])


@pytest.mark.parametrize("prefer", ["", "stay=0", "return=minimal"])
def test_who_does_not_ask_does_not_wait(prefer: str) -> None:
    async def scene() -> None:
        assert state_in(await Bench().launch(prefer)) == "WAITING"

    play(scene)


def test_the_answer_comes_when_the_job_has_ended_by_its_tenants_clock() -> None:
    async def scene() -> None:
        bench = Bench()
        answer = bench.launch()
        job = await bench.waiting()
        await bench.move(9.9)
        assert await bench.waiting() == job, "the clock has come nearly to the end"
        await bench.move(10)
        assert state_in(await answer) == "OVER"
        assert len(bench.app.pipeline.waits) == 0
        (entry,) = bench.app.services.journal.match()
        assert (entry.at, entry.took, entry.job_id) == (START, 10_000, job)

    play(scene)


def test_when_the_time_is_over_the_answer_is_that_of_who_does_not_wait() -> None:
    async def scene() -> None:
        bench = Bench()
        answer = bench.launch("stay=5")
        await bench.waiting()
        await bench.move(5)
        assert state_in(await answer) == "WAITING"

    play(scene)


def test_a_clock_that_runs_ends_the_wait_by_itself() -> None:
    async def scene() -> None:
        began = monotonic()
        bench = Bench(clock=lambda: START + int((monotonic() - began) * 1000))
        await bench.move(0, rate=10_000)
        assert state_in(await bench.launch()) == "OVER"

    play(scene)


def test_polls_move_a_job_whose_answer_waits() -> None:
    async def scene() -> None:
        bench = Bench(pace=Pace("polls", polls=2))
        answer = bench.launch()
        job = await bench.waiting()
        for _ in range(2):
            assert not answer.done()
            await bench.send("GET", f"/queue/comets/{job}/state")
        assert state_in(await answer) == "OVER"

    play(scene)


def test_who_cancels_the_job_ends_the_wait() -> None:
    async def scene() -> None:
        bench = Bench()
        answer = bench.launch()
        job = await bench.waiting()
        await bench.send("DELETE", f"/queue/comets/{job}")
        assert state_in(await answer) == "CALLED_BACK"

    play(scene)


def test_a_deleted_job_is_shown_as_it_was() -> None:
    async def scene() -> None:
        bench = Bench()
        answer = bench.launch()
        job = await bench.waiting()
        await bench.app.services.store.delete(tenant_of(KEY), "comet", job)
        bench.app.services.changes.notify()
        assert state_in(await answer) == "WAITING"

    play(scene)


def test_a_client_that_goes_frees_its_place_and_the_journal_knows_its_job() -> None:
    async def scene() -> None:
        bench = Bench()
        answer = bench.launch()
        job = await bench.waiting()
        bench.sent.gone.set()
        await answer
        assert len(bench.app.pipeline.waits) == 0
        assert [entry.job_id for entry in bench.app.services.journal.match()] == [job]

    play(scene)


def test_a_server_that_stops_answers_at_once() -> None:
    async def scene() -> None:
        bench = Bench()
        answer = bench.launch()
        await bench.waiting()
        bench.app.end_waits()
        assert state_in(await answer) == "WAITING"
        assert state_in(await bench.launch()) == "WAITING"

    play(scene)


def test_a_server_may_let_nobody_wait_as_long_as_it_asks_for() -> None:
    async def scene() -> None:
        assert state_in(await Bench(longest_wait=0).launch()) == "WAITING"
        bench = Bench(longest_wait=2)
        answer = bench.launch()
        await bench.waiting()
        await bench.move(2)
        assert state_in(await answer) == "WAITING"

    play(scene)


@pytest.mark.parametrize(("name", "most"), [("MOST", 1), ("MOST_BYTES", 40)])
def test_what_waits_is_bounded(name: str, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waits, name, most)

    async def scene() -> None:
        bench = Bench()
        first = bench.launch()
        await bench.waiting()
        answer = await bench.launch()
        assert state_in(answer) == "WAITING"
        assert b"1 answer waits already" in dict(answer.headers)[b"mockserver-warning"]
        bench.app.end_waits()
        await first

    play(scene)


def test_faults_act_on_the_answer_that_waited() -> None:
    async def scene() -> None:
        bench = Bench()
        answer = bench.launch(text="a kite [mock:fail=sun]")
        await bench.waiting()
        await bench.move(11)
        assert state_in(await answer) == "OVER"
        (entry,) = bench.app.services.journal.match()
        assert len(entry.faults) == 1

    play(scene)


def test_who_waits_holds_up_no_other_submit_of_a_limited_key(tmp_path: Path) -> None:
    async def scene() -> None:
        bench = Bench(store=open_store(f"sqlite:///{tmp_path}/jobs.db"))
        await bench.app.services.live_settings.set_quota(tenant_of(KEY), Quota(parallel=5))
        first = bench.launch()
        await bench.waiting()
        assert state_in(await bench.launch("")) == "WAITING"
        await bench.app.close()
        assert state_in(await first) == "WAITING"

    play(scene)


def test_a_connection_that_is_closed_ends_the_wait(running: Callable[..., Running]) -> None:
    served = running(contracts=(COMET,))
    body = json.dumps({"text": "a kite"})
    head = f"authorization: Bearer {KEY}\r\nprefer: stay\r\ncontent-type: application/json"
    request = (
        f"POST /queue/comets HTTP/1.1\r\nhost: mock\r\n{head}\r\ncontent-length: {len(body)}\r\n\r\n{body}"
    )
    url, under_way = urlsplit(served.url), served.app.pipeline.waits

    with served.client(KEY) as client:
        with socket.create_connection((url.hostname, url.port)) as connection:
            connection.sendall(request.encode())
            wait_until(lambda: len(under_way) > 0)
            assert client.get("/queue/comets/none").status_code == 404, "who waits holds up no other"
        wait_until(lambda: not len(under_way))


@pytest.mark.parametrize(
    ("now", "until", "mode", "pause"),
    [
        (0, 10**6, "scaled", 1.0),
        (0, 900, "scaled", 0.9),
        (1400, 10**6, "scaled", 0.6),
        (1400, 1500, "scaled", 0.1),
        (1000, 10**6, "scaled", 1.0),
        (1001, 10**6, "scaled", 0.999),
        (1999, 10**6, "scaled", 0.001),
        (0, 10**6, "frozen", 1.0),
        (0, 10, "frozen", 1.0),
    ],
)
def test_it_is_looked_when_something_may_have_happened_and_each_second(
    now: int, until: int, mode: Any, pause: float
) -> None:
    """The job runs from moment 2000 on."""

    async def work() -> float:
        live = LiveSettings(MemoryStore(), lambda: now)
        await live.set_clock("ann", ClockSetting(mode, 1.0, now, now))
        waits = Waits(cast(Any, SimpleNamespace(
            store=live, live_settings=live, settings=Settings(), changes=SimpleNamespace(subscribe=id)
        )))  # fmt: skip
        plan = Plan(
            (Step("queued", "waiting", 2000), Step("running", "running", 9000), Step("done", "succeeded"))
        )
        return waits._pause(Job("one", "ann", "p", "submit", "m", {}, 0, plan), now, until)

    assert asyncio.run(work()) == pytest.approx(pause)
