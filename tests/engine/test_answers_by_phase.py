"""An operation may answer otherwise in each phase of its job, with another status."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from mockserver.contract.check import check_folder
from mockserver.contract.loader import load_contract
from mockserver.kit.traffic.call import Reader
from mockserver.kit.traffic.exchange import Exchange
from mockserver.media.picture import measure
from tests.comet import COMET
from tests.serving import Running

CONTRACT = load_contract(COMET, measure=measure)
ID = "3f0f1d5e-3c0e-4b53-8a4a-0d54b4f6a1c2"


def test_the_contract_is_good() -> None:
    assert check_folder(COMET, measure) == []


def test_each_phase_has_its_status_and_body(running: Callable[..., Running]) -> None:
    served = running(contracts=(COMET,))
    with served.client() as client:
        job = client.post("/queue/comets", json={"text": "a kite"}).json()["id"]
        waiting = client.get(f"/queue/comets/{job}")
        again = client.get(f"/queue/comets/{job}")
        served.clock.advance(11)
        landed = client.get(f"/queue/comets/{job}")
        other = client.post("/queue/comets", json={"text": "a kite"}).json()["id"]
        assert client.delete(f"/queue/comets/{other}").status_code == 202
        gone = client.get(f"/queue/comets/{other}")
        late = client.delete(f"/queue/comets/{other}")

    assert (waiting.status_code, waiting.json()) == (202, {"id": job, "note": "the comet is on its way"})
    assert again.content == waiting.content
    assert (landed.status_code, landed.json()["text"]) == (200, "a kite")
    assert (gone.status_code, gone.json()) == (410, {"id": other, "why": "it was called back"})
    assert late.status_code == 409


@pytest.mark.parametrize(
    ("status", "body", "phase", "ended"),
    [
        (202, {"id": ID, "note": "soon"}, None, False),
        (200, {"id": ID, "film": "https://example.com/a.mp4"}, "succeeded", True),
    ],
)
def test_the_kit_reads_the_phase_from_the_status(
    status: int, body: dict[str, Any], phase: str | None, ended: bool
) -> None:
    call = Reader(CONTRACT).read(_exchange(status, body))

    (sighting,) = call.sightings
    assert (sighting.job_id, sighting.phase, sighting.ended) == (ID, phase, ended)


def test_a_refusal_by_phase_is_no_refusal_of_the_input() -> None:
    call = Reader(CONTRACT).read(_exchange(410, {"id": ID, "why": "a storm"}))

    assert call.well == ("failed", "cancelled")
    assert not call.succeeded
    assert call.sightings[0].ended


def _exchange(status: int, body: dict[str, Any]) -> Exchange:
    url, headers = f"http://127.0.0.1/queue/comets/{ID}", (("content-type", "application/json"),)
    return Exchange(1, 0.0, 0.0, "GET", url, (), b"", status, headers, json.dumps(body).encode())
