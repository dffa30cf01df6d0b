"""A client cancels its job, once, and only while the job has not ended."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import httpx
import pytest

from mockserver.jobs.ids import tenant_of
from tests.comet import COMET
from tests.serving import KEY, Running


def facts(served: Running, job_id: str) -> list[str]:
    """The kinds of what was noted of a job."""
    job = asyncio.run(served.store.get(tenant_of(KEY), "comet", job_id))
    assert job is not None
    return [fact.kind for fact in job.facts]


def state(client: httpx.Client, job_id: str) -> str:
    return str(client.get(f"/queue/comets/{job_id}/state?version=2").json()["state"])


@pytest.mark.parametrize("seconds", [0, 5])
def test_a_job_that_has_not_ended_is_cancelled_once(running: Callable[..., Running], seconds: int) -> None:
    served = running(contracts=(COMET,))
    with served.client() as client:
        job = client.post("/queue/comets", json={"text": "a kite"}).json()["id"]
        served.clock.advance(seconds)
        before = state(client, job)
        answers = [client.delete(f"/queue/comets/{job}") for _ in range(2)]
        served.clock.advance(60)
        after = state(client, job)

    assert [answer.status_code for answer in answers] == [202, 409]
    assert facts(served, job) == ["cancelled"]
    assert before != "CALLED_BACK" == after


def test_a_job_that_has_ended_stays_as_it_is(running: Callable[..., Running]) -> None:
    served = running(contracts=(COMET,))
    with served.client() as client:
        job = client.post("/queue/comets", json={"text": "a kite"}).json()["id"]
        served.clock.advance(60)
        assert client.delete(f"/queue/comets/{job}").status_code == 409
        assert state(client, job) == "OVER"
    assert facts(served, job) == []


def test_a_job_that_is_not_there_cannot_be_cancelled(running: Callable[..., Running]) -> None:
    served = running(contracts=(COMET,))
    with served.client() as client:
        assert client.delete("/queue/comets/nothing").status_code == 404
