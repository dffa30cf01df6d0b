"""How far a job has come, when it began and ended, and its further ids, as answers show them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx

from mockserver.settings import read_pace
from tests.comet import COMET
from tests.serving import Running


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
