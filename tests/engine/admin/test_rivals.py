"""Of those who steer one job at the same time, each is told what became of it."""

from __future__ import annotations

import asyncio

import pytest

from mockserver.engine.admin import jobs
from mockserver.engine.admin.jobs import JobControl, JobSnapshot
from mockserver.errors import Conflict
from mockserver.jobs.job import Fact, Job
from mockserver.stores.memory import MemoryStore
from tests.engine.callbacks.test_sender import Scene, job_of

ENDED = "has ended as 'failed'; nothing can follow"


class RivalStore(MemoryStore):
    """A store in which another server's fact always comes a moment before ours."""

    def __init__(self, rival: Fact) -> None:
        super().__init__()
        self.rival = rival

    async def append_fact(
        self, tenant: str, provider: str, job_id: str, fact: Fact, *, most: int | None = None
    ) -> Job | None:
        await super().append_fact(tenant, provider, job_id, self.rival)
        return await super().append_fact(tenant, provider, job_id, fact, most=most)


def force(rival: Fact, word: str, reason: str) -> JobSnapshot:
    """The job as who forces it is told, where another's fact came first."""

    async def run() -> JobSnapshot:
        scene, job = Scene(store=RivalStore(rival)), job_of(None)
        await scene.store.add(job)
        return await JobControl(scene.services).force("kkiai", job.id, word, reason)

    return asyncio.run(run())


def failed(reason: str) -> Fact:
    return Fact("forced", 0, "failed", "failed", reason)


@pytest.mark.parametrize(("word", "reason"), [("succeed", "mine"), ("failed", "mine")])
def test_who_comes_second_is_told_that_the_job_has_ended(word: str, reason: str) -> None:
    with pytest.raises(Conflict, match=ENDED):
        force(failed("theirs"), word, reason)


def test_who_wanted_the_same_end_has_it() -> None:
    assert force(failed("mine"), "failed", "mine").state.word == "failed"


def test_a_job_that_has_ended_in_the_wanted_state_is_forced_no_more() -> None:
    async def run() -> None:
        scene, job = Scene(), job_of(None)
        await scene.store.add(job)
        control = JobControl(scene.services)
        await control.force("kkiai", job.id, "failed")
        with pytest.raises(Conflict, match=ENDED):
            await control.force("kkiai", job.id, "failed")

    asyncio.run(run())


def test_a_job_takes_only_so_many_facts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "MOST_NOTED", 2)

    async def note(facts: int) -> JobSnapshot:
        scene, job = Scene(), job_of(None)._replace(facts=(Fact("polled", 0),) * facts)
        await scene.store.add(job)
        return await JobControl(scene.services).force("kkiai", job.id, "processing")

    assert asyncio.run(note(1)).state.word == "processing"
    for facts in (2, 3):
        with pytest.raises(Conflict, match="2 facts are noted"):
            asyncio.run(note(facts))
