"""The list of all jobs goes by the clocks that are in force, whichever server set them."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from mockserver.engine import live_settings
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
