"""The states that an answer can mean: by a word that several states share, or without any word."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest

from mockserver.contract.loader import load_contract
from mockserver.contract.names import PHASES
from mockserver.contract.pointer import ABSENT
from mockserver.kit.checks.base import examine
from mockserver.kit.checks.lifecycle import final, forward, word
from mockserver.kit.traffic.exchange import Exchange
from mockserver.kit.traffic.history import History
from mockserver.kit.traffic.shown_phases import possible_phases
from mockserver.media.picture import measure

COMET: Final = load_contract(Path(__file__).resolve().parents[3] / "fixtures" / "comet", measure=measure)
ID: Final = "3f0f1d5e-3c0e-4b53-8a4a-0d54b4f6a1c2"
LOST: Final = {"state": "OVER", "why": "a storm"}
ENDED: Final = frozenset({"succeeded", "failed", "cancelled"})
OPERATION: Final = {
    "name": "models/m/operations/1",
    "done": {"$when": [*sorted(ENDED)], "$then": True},
    "error": {"$when": ["failed", "cancelled"], "$then": {"code": 13, "message": {"$": "job.reason"}}},
    "response": {"$when": "succeeded", "$then": {"uri": {"$": "media.video"}}},
}


@pytest.mark.parametrize(
    ("body", "phases"),
    [
        ({"name": "models/m/operations/1"}, PHASES - ENDED),
        ({"name": "x", "done": True, "response": {"uri": "https://example.com/a"}}, {"succeeded"}),
        ({"name": "x", "done": True, "error": {"code": 13, "message": "no"}}, {"failed", "cancelled"}),
        ({"name": "x", "done": True, "error": {"code": 3, "message": "no"}}, {"failed", "cancelled"}),
        ({"name": "x", "done": False}, PHASES - ENDED),
        ({"done": True, "error": {}, "response": {}}, {"failed", "cancelled"}),
        ({"done": True}, {"succeeded"}),
        ([], PHASES),
        (ABSENT, PHASES),
    ],
)
def test_the_form_of_an_answer_tells_the_phase(body: Any, phases: frozenset[str]) -> None:
    assert possible_phases(OPERATION, body) == phases


def call_of(history: History, body: dict[str, Any], number: int) -> list[str]:
    """The checks that find something in an answer about the state, which becomes part of the history."""
    exchange = Exchange(
        number,
        float(number),
        0.0,
        "GET",
        f"http://127.0.0.1/queue/comets/{ID}/state?version=2",
        (),
        b"",
        200,
        (("content-type", "application/json"),),
        json.dumps({"id": ID, "progress": 0, "place": 0, **body}).encode(),
    )
    call = history.read(exchange)
    findings = [finding.check for finding in examine(call, history, [word, forward, final])]
    history.add(call)
    return findings


@pytest.mark.parametrize(
    ("bodies", "findings"),
    [
        ([{"state": "WAITING"}, {"state": "OVER"}, {"state": "OVER"}], []),
        (
            [{"state": "WAITING"}, LOST, LOST],
            [],
        ),
        ([{"state": "FLYING"}, {"state": "WAITING"}], ["lifecycle.forward"]),
        ([{"state": "OVER"}, {"state": "FLYING"}], ["lifecycle.final"]),
        ([LOST, {"state": "OVER"}], ["lifecycle.final"]),
        ([{"state": "LANDED"}], ["lifecycle.word"]),
    ],
)
def test_a_word_of_two_states_is_either(bodies: list[dict[str, Any]], findings: list[str]) -> None:
    history = History(COMET)
    named = [check for number, body in enumerate(bodies, 1) for check in call_of(history, body, number)]

    assert named == findings


def test_a_shared_word_has_the_state_that_the_rest_allows() -> None:
    history = History(COMET)
    call_of(history, LOST, 1)
    call_of(history, {"state": "OVER", "ended": "2026-09-21T14:13:30.000Z"}, 2)

    names = [sighting.name for call in history.calls for sighting in call.sightings]
    assert names == ["LOST", "LANDED"]
