"""What another server over the same store has set counts here from the next question on."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import pytest

from mockserver.control import quotas, rules, tenants, unreadable, usage
from mockserver.engine import live_settings
from mockserver.engine.admin.clocks import ClockControl
from mockserver.engine.admin.job_list import JobFilter, JobList
from mockserver.engine.admin.jobs import JobControl
from mockserver.engine.documents.live import Quota
from mockserver.engine.media import MediaPipeline
from mockserver.engine.services import Services
from mockserver.errors import SettingsError
from mockserver.faults.rule import Rule
from mockserver.jobs.clock import ClockSetting
from tests.engine.callbacks.test_sender import Scene, job_of
from tests.serving import START

LATER = START + 3_600_000
JOB = job_of(None)


async def state_in_usage(services: Services) -> object:
    (row,) = await usage.usage(JOB.tenant, services, JobList(services))
    return next(iter(row.jobs))


async def moment_of_tenant(services: Services) -> object:
    (row,) = await tenants.tenants(services, JobList(services))
    return row.now


async def state_of_job(services: Services) -> object:
    return (await JobControl(services).find(JOB.provider, JOB.id)).state.word


async def number_that_succeeded(services: Services) -> object:
    return (await JobList(services).page(JobFilter(phase="succeeded"), 0, 1))[0]


async def moment_of_clock(services: Services) -> object:
    callbacks: Any = None
    control = ClockControl(services, JobControl(services), JobList(services), callbacks)
    return (await control.read(JOB.tenant)).now


async def file_of_job(services: Services) -> object:
    async def make(spec: object) -> object:
        return io.BytesIO(b"clip")

    cache: Any = SimpleNamespace(image=make, video=make, thumbnail=make)
    nothing: Any = None
    file = await MediaPipeline(services, nothing, cache, nothing).plain(f"/media/kkiai/{JOB.id}/video.mp4")
    return file and file.file.read()


async def requests_of_quota(services: Services) -> object:
    limits = (await quotas.show(JOB.tenant, services)).quota
    return limits and limits.requests


async def names_of_rules(services: Services) -> object:
    return [rule.id for rule in await rules.listing(services)]


async def rules_dropped_by_name(services: Services) -> object:
    return (await rules.drop("theirs", services)).dropped


async def rules_cleared(services: Services) -> object:
    return (await rules.clear(services)).dropped


async def names_of_unreadable(services: Services) -> object:
    return [row.name for row in await unreadable.listing("", services)]


async def theirs_set(scene: Scene) -> None:
    """Let another server set a clock and a quota of the job's tenant, and a rule."""
    theirs = scene.another().services.live_settings
    await theirs.set_clock(JOB.tenant, ClockSetting("frozen", 0.0, START, LATER))
    await theirs.set_quota(JOB.tenant, Quota(requests=7))
    await theirs.add_rule(Rule.model_validate({"id": "theirs", "fault": "fail"}))


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (state_in_usage, "succeed"),
        (moment_of_tenant, LATER),
        (state_of_job, "succeed"),
        (number_that_succeeded, 1),
        (moment_of_clock, LATER),
        (file_of_job, b"clip"),
        (requests_of_quota, 7),
        (names_of_rules, ["theirs"]),
        (rules_dropped_by_name, 1),
        (rules_cleared, 1),
        (names_of_unreadable, ["of no kind"]),
    ],
)
def test_it_counts_here_at_the_next_question(
    question: Callable[[Services], Awaitable[object]], answer: object
) -> None:
    async def run() -> object:
        scene = Scene()
        await scene.store.add(JOB)
        await scene.store.put_document("", "foreign", "of no kind", {})
        await theirs_set(scene)
        scene.store.unreadable.forget_tenant(None)
        return await question(scene.services)

    assert asyncio.run(run()) == answer


async def limit_another(services: Services) -> object:
    return await quotas.limit(quotas.QuotaLimits.model_validate({"requests": 1}), "another", services)


async def add_another(services: Services) -> object:
    return await rules.add(Rule.model_validate({"id": "another", "fault": "fail"}), "", services)


@pytest.mark.parametrize("change", [limit_another, add_another])
def test_it_counts_among_as_many_as_there_may_be(
    change: Callable[[Services], Awaitable[object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def run() -> None:
        scene = Scene()
        await theirs_set(scene)
        await change(scene.services)

    asyncio.run(run())
    monkeypatch.setattr(live_settings, "MOST_RULES", 1)
    monkeypatch.setattr(live_settings, "MOST_TENANTS", 1)
    with pytest.raises(SettingsError, match="as many as may"):
        asyncio.run(run())


def test_a_quota_that_is_lifted_uncovers_the_one_that_another_server_gave_everybody() -> None:
    async def run() -> quotas.QuotaShown:
        scene = Scene()
        await scene.another().services.live_settings.set_quota("", Quota(requests=9))
        await scene.another().services.live_settings.set_quota("ann", Quota(requests=7))
        return await quotas.lift("ann", scene.services)

    shown = asyncio.run(run())
    assert (shown.tenant, shown.quota and shown.quota.requests) == ("ann", 9)
