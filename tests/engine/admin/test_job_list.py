"""The list of all jobs goes by the clocks that are in force, whichever server set them."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from mockserver.engine import live_settings
from mockserver.engine.admin import job_list
from mockserver.engine.admin.job_list import JobFilter, JobList
from mockserver.jobs.clock import ClockSetting
from mockserver.stores.sqlite import SqliteStore
from tests.engine.callbacks.test_sender import Scene, job_of
from tests.serving import START


def test_a_clock_that_another_server_of_the_file_has_moved_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_settings, "_FRESH", 0.0)

    async def states() -> list[str]:
        here = Scene(store=SqliteStore(tmp_path / "jobs.db"))
        other = Scene(store=SqliteStore(tmp_path / "jobs.db"), clock=here.clock)
        job = job_of(None)
        await here.store.add(job)
        jobs = JobList(here.services)
        states = []
        for moved in (0, 3000, 60_000):
            setting = ClockSetting("frozen", 1.0, START, START + moved)
            await other.services.live_settings.set_clock(job.tenant, setting)
            _, page = await jobs.page(JobFilter(), 0, 10)
            states += [snapshot.state.word for snapshot in page]
        for scene in (here, other):
            await scene.store.close()
        return states

    assert asyncio.run(states()) == ["submitted", "processing", "succeed"]


@pytest.mark.parametrize("wanted", [JobFilter(), JobFilter(state="submitted"), JobFilter(phase="waiting")])
def test_a_page_is_a_part_of_the_list_wherever_it_begins(
    wanted: JobFilter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_list, "_SKIP", 3)
    monkeypatch.setattr(job_list, "_BATCH", 2)

    async def scene() -> None:
        here = Scene()
        for number in range(8):
            await here.store.add(job_of(None)._replace(id=f"{number}", created_at=START + number))
        jobs = JobList(here.services)
        whole = [f"{number}" for number in range(7, -1, -1)]
        for offset in range(14):
            for limit in (1, 3, 20):
                count, page = await jobs.page(wanted, offset, limit)
                assert count == 8
                assert [snapshot.job.id for snapshot in page] == whole[offset : offset + limit], (
                    offset,
                    limit,
                )

    asyncio.run(scene())


def test_a_list_of_a_state_has_the_jobs_in_it_alone() -> None:
    async def scene() -> None:
        here = Scene()
        for number in range(6):
            await here.store.add(job_of(None)._replace(id=f"{number}", created_at=START - number * 2000))
        jobs = JobList(here.services)
        listed = {
            word: [snapshot.job.id for snapshot in (await jobs.page(JobFilter(state=word), 0, 9))[1]]
            for word in ("submitted", "processing", "succeed", "failed")
        }
        counts = [await jobs.count(JobFilter(state=word)) for word in listed]
        assert listed == {
            "submitted": ["0"],
            "processing": ["1", "2", "3"],
            "succeed": ["4", "5"],
            "failed": [],
        }
        assert counts == [1, 3, 2, 0]
        ended = JobFilter(phase="succeeded", state="succeed")
        assert await jobs.count(ended) == 2
        assert await jobs.count(ended._replace(phase="running")) == 0

    asyncio.run(scene())
