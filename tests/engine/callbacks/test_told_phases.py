"""A contract may tell of some phases only, and let a submit choose among them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mockserver.contract.loader import load_contract
from mockserver.engine.callbacks.schedule import planned_deliveries
from mockserver.engine.planning import make_plan
from mockserver.jobs.job import Job
from mockserver.media.picture import measure
from mockserver.settings import read_pace
from tests.comet import changed_comet, parameter

HOOK = "http://127.0.0.1:9/hook"
WORDS = {"start": ["running"], "logs": [], "completed": ["succeeded", "failed", "cancelled"]}


def _told(folder: Path, body: dict[str, Any], **job: Any) -> list[str]:
    """The states that a job is told of by a callback with these words in its x-job."""

    def add_callback(document: dict[str, Any]) -> None:
        launch = document["paths"]["/comets"]["post"]
        launch["x-job"]["callback"] = "query.hook"
        launch.setdefault("parameters", []).append(parameter("query", "hook"))
        post = {"x-job": {"body": {"id": {"$": "job.id"}}, **job}, "requestBody": {"content": {}}}
        launch["callbacks"] = {"moved": {"{$request.query.hook}": {"post": post}}}

    contract = load_contract(changed_comet(folder, add_callback), measure=measure)
    plan = make_plan(contract, read_pace("time"))
    new_job = Job("1", "ann", "comet", "launch", "comet-1", body, 0, plan, places={"query.hook": HOOK})
    return [delivery.state for delivery in planned_deliveries(contract, new_job)]


def test_every_change_is_told_unless_the_contract_says_otherwise(tmp_path: Path) -> None:
    assert _told(tmp_path, {}) == ["FLYING", "LANDED"]


def test_only_the_named_phases_are_told(tmp_path: Path) -> None:
    assert _told(tmp_path, {}, on=["succeeded", "failed", "cancelled"]) == ["LANDED"]


@pytest.mark.parametrize(
    ("listed", "states"),
    [
        (["start", "completed"], ["FLYING", "LANDED"]),
        (["completed"], ["LANDED"]),
        (["start"], ["FLYING"]),
        (["logs"], []),
        (["nonsense"], []),
        ([], []),
        (None, ["LANDED"]),
        ("completed", ["LANDED"]),
    ],
)
def test_a_submit_chooses_what_it_is_told(tmp_path: Path, listed: Any, states: list[str]) -> None:
    body = {} if listed is None else {"events": listed}
    choice = {"at": "/events", "words": WORDS}
    assert _told(tmp_path, body, on=["succeeded", "failed", "cancelled"], filter=choice) == states
