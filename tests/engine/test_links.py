"""Answers link to the contract's own operations, and say what stands where nothing was sent."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.comet import COMET, changed_comet, put_below_fleet
from tests.serving import Running


@pytest.mark.parametrize("prefix", ["/queue", "/mirror/queue"])
def test_a_link_leads_back_by_the_prefix_of_the_request(running: Callable[..., Running], prefix: str) -> None:
    served = running(contracts=(COMET,))
    with served.client() as client:
        answer = client.post(f"{prefix}/comets", json={"text": "a kite"})
        body = answer.json()
        job = body["id"]
        states = client.get(body["links"]["state"]).json()
        other = client.get(answer.headers["location"])

    assert body["links"] == {
        "state": f"{served.url}{prefix}/comets/{job}/state?version=2",
        "film": f"{served.url}{prefix}/comets/{job}",
    }
    assert answer.headers["location"] == f"{prefix}/comets/{job}"
    assert body["name"] == f"comets/{job}"
    assert states["state"] == "WAITING"
    assert other.status_code == 202


def test_what_was_not_sent_has_a_default_and_no_header(running: Callable[..., Running]) -> None:
    served = running(contracts=(COMET,))
    with served.client() as client:
        bare = client.post("/queue/comets", json={"text": "a kite"})
        chosen = client.post("/queue/comets", json={"text": "a kite", "seconds": 3})

    assert (bare.json()["seconds"], bare.headers.get("x-seconds")) == (4, None)
    assert (chosen.json()["seconds"], chosen.headers.get("x-seconds")) == (3, "3")


def test_a_steady_answer_by_one_prefix_is_not_told_by_another(running: Callable[..., Running]) -> None:
    served = running(contracts=(COMET,))
    with served.client() as client:
        job = client.post("/queue/comets", json={"text": "a kite"}).json()["id"]
        served.clock.advance(11)
        links = [
            client.get(f"{prefix}/comets/{job}").json()["state"]
            for prefix in ("/queue", "/mirror/queue", "/queue", "/mirror/queue")
        ]

    near, far = (
        f"{served.url}/{prefix}/comets/{job}/state?version=2" for prefix in ("queue", "mirror/queue")
    )
    assert links == [near, far, near, far]


def test_a_link_has_the_places_of_the_submit(running: Callable[..., Running], tmp_path: Path) -> None:
    folder = changed_comet(tmp_path, put_below_fleet)
    served = running(contracts=(folder,))
    with served.client() as client:
        body = client.post("/queue/far%20ones/comets", json={"text": "a kite"}).json()
        state = client.get(body["links"]["state"]).json()["state"]

    assert body["links"]["film"] == f"{served.url}/queue/far%20ones/comets/{body['id']}"
    assert state == "WAITING"
