"""How far a job has come, when it began and ended, and its further ids, as answers show them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract.other_ids import OtherId
from mockserver.jobs import progress
from mockserver.jobs.ids import make_id
from mockserver.jobs.job import Fact, Job, Plan, Step
from mockserver.settings import read_pace
from mockserver.terms import IdKind
from tests.comet import COMET
from tests.serving import START, Running

STEPS = (Step("WAITING", "waiting", 4000), Step("FLYING", "running", 6000), Step("LANDED", "succeeded"))
SHAPES: dict[IdKind, int] = {"uuid": 36, "digits": 9, "base36": 12, "token": 16}


def submit(client: httpx.Client) -> str:
    return str(client.post("/queue/comets", json={"text": "a kite"}).json()["id"])


def look(client: httpx.Client, job: str) -> dict[str, Any]:
    body: dict[str, Any] = client.get(f"/queue/comets/{job}/state?version=2").json()
    return {key: body[key] for key in body if key not in ("id", "state")}


def test_progress_and_place_follow_the_clock(running: Callable[..., Running]) -> None:
    served = running(contracts=(COMET,))
    with served.client() as client:
        job = submit(client)
        shown = []
        for seconds in (0, 2, 3, 4, 1):
            served.clock.advance(seconds)
            shown.append(look(client, job))

    begun, ended = "2026-09-21T14:13:24.000Z", "2026-09-21T14:13:30.000Z"
    assert shown == [
        {"progress": 0, "place": 5},
        {"progress": 20, "place": 3},
        {"progress": 50, "place": 0, "begun": begun},
        {"progress": 90, "place": 0, "begun": begun},
        {"progress": 100, "place": 0, "begun": begun, "ended": ended, "flight": 6.0},
    ]


def test_progress_and_place_follow_the_polls(running: Callable[..., Running]) -> None:
    served = running(contracts=(COMET,), pace=read_pace("polls:4"))
    with served.client() as client:
        job = submit(client)
        shown = [look(client, job) for _ in range(5)]

    assert [(each["progress"], each["place"]) for each in shown] == [
        (25, 4), (50, 2), (75, 0), (100, 0), (100, 0)
    ]  # fmt: skip


def test_a_failure_keeps_its_progress_and_has_a_code(running: Callable[..., Running]) -> None:
    served = running(contracts=(COMET,), token="t")
    headers = {"authorization": "Bearer t"}
    with served.client() as client, served.client(None) as control:
        near, far = submit(client), submit(client)
        served.clock.advance(5)
        for job, reason in ((near, "it came too near to the sun"), (far, "a stone")):
            path = f"/__mock/jobs/comet/{job}/fail"
            assert control.post(path, json={"reason": reason}, headers=headers).is_success
        served.clock.advance(50)
        shown = [look(client, job) for job in (near, far)]

    assert [(each["progress"], each["code"], each["flight"]) for each in shown] == [
        (50, "SUN", 1.0), (50, 7, 1.0)
    ]  # fmt: skip


def test_a_further_id_finds_its_job_and_no_other_does(running: Callable[..., Running]) -> None:
    served = running(contracts=(COMET,))
    with served.client() as client:
        job = submit(client)
        served.clock.advance(20)
        landed = client.get(f"/queue/comets/{job}").json()
        film = client.get(f"/queue/films/{landed['file']}")
        by_its_own = client.get(f"/queue/films/{job}")
        by_the_film = client.get(f"/queue/comets/{landed['file']}")

    assert film.json() == {
        "comet": job, "film": landed["file"], "href": landed["film"], "here": f"/queue/films/{landed['file']}"
    }  # fmt: skip
    assert (landed["width"], landed["height"]) == (426, 240)
    assert landed["file"].removeprefix("film-") != job
    assert (by_its_own.status_code, by_the_film.status_code) == (404, 404)


@pytest.mark.parametrize("kind", SHAPES)
@given(rng=st.randoms(use_true_random=False), name=st.sampled_from(["file", "asset", "x"]))
def test_a_further_id_can_be_changed_back(kind: IdKind, rng: Any, name: str) -> None:
    own = make_id(kind, SHAPES[kind], "job-", rng)
    other = OtherId(name, f"{name}_", kind, "job-")
    changed = other.of(own)

    assert other.own(changed) == own
    assert len(changed.removeprefix(f"{name}_")) == len(own.removeprefix("job-"))
    assert changed.removeprefix(f"{name}_") != own.removeprefix("job-")


@given(text=st.text(max_size=40))
def test_any_text_is_an_id_or_none(text: str) -> None:
    other = OtherId("file", "", "digits", "job-")
    own = other.own(text)
    assert own is None or other.of(own) == text


@given(moments=st.lists(st.integers(0, 12_000), min_size=1, max_size=9))
def test_progress_never_goes_back(moments: list[int]) -> None:
    job = Job("1", "t", "comet", "launch", "comet-1", {}, START, Plan(STEPS))
    shown = [progress.progress(job, START + moment) for moment in sorted(moments)]
    places = [progress.queue_position(job, START + moment) for moment in sorted(moments)]

    assert shown == sorted(shown)
    assert places == sorted(places, reverse=True)


def test_a_new_pace_goes_on_from_where_the_job_is() -> None:
    slower = Plan(tuple(step._replace(lasts=20_000) for step in STEPS))
    job = Job("1", "t", "comet", "launch", "comet-1", {}, START, Plan(STEPS))
    paced = job._replace(facts=(Fact("paced", START + 5000, plan=slower),))

    assert progress.progress(job, START + 5000) == 50
    assert [progress.progress(paced, START + at) for at in (5000, 15_000, 25_000)] == [50, 75, 100]
