"""Where a request names its job: by the id that the operation knows it by, at the place that the path has."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from mockserver.kit.traffic.facts import AnswerFact, Sighting
from mockserver.kit.verify import object_places
from mockserver.kit.verify.object_places import places_of


def _history(job: Any, ids: dict[str, Any] | None = None) -> Any:
    contract = SimpleNamespace(ids=ids or {})
    return SimpleNamespace(contract=contract, jobs={} if job is None else {"job-1": job})


def _job(*further: str | None, path: dict[str, Any] | None = None, submitted: bool = True) -> Any:
    """A job whose answers showed these further ids of it."""
    sightings = [(None, Sighting(None, {"job.ids.run": AnswerFact(text, "/run")})) for text in further]
    submit = SimpleNamespace(parameters={} if path is None else {"path": path}) if submitted else None
    return SimpleNamespace(job_id="job-1", submit=submit, sightings=sightings)


def _operation(place: str, *by: str) -> Any:
    return SimpleNamespace(key=(place, "job"), by=by or ("id",))


@pytest.fixture(autouse=True)
def _demanded(monkeypatch: pytest.MonkeyPatch) -> None:
    demanded = {"query": {"version": "1"}, "header": {"x-a": "b"}, "path": {"owner": "any"}}
    monkeypatch.setattr(object_places, "demanded", lambda _, __, place: dict(demanded[place]))


@pytest.mark.parametrize("place", ["path", "query", "headers"])
def test_the_id_stands_at_its_place_beside_what_is_demanded(place: str) -> None:
    values = places_of(_history(None), _operation(place), "job-1")
    expected = {"path": {"owner": "any"}, "query": {"version": "1"}, "headers": {"x-a": "b"}}
    expected[place]["job"] = "job-1"
    assert values == expected


@pytest.mark.parametrize(
    ("job", "path"),
    [
        (_job(), {"owner": "any", "job": "job-1"}),
        (_job(path={"owner": "me", "model": 7}), {"owner": "me", "model": "7", "job": "job-1"}),
        (_job(submitted=False), {"owner": "any", "job": "job-1"}),
        (None, {"owner": "any", "job": "job-1"}),
    ],
)
def test_other_places_of_the_path_are_as_the_submit_had_them(job: Any, path: dict[str, str]) -> None:
    assert places_of(_history(job), _operation("path"), "job-1")["path"] == path


RUN = SimpleNamespace(name="run", of=lambda job: f"run of {job}")


@pytest.mark.parametrize(
    ("by", "shown", "name"),
    [
        (("run",), ("run-7", "run-8"), "run-7"),
        (("run",), (None, "", "run-8"), "run-8"),
        (("run",), (), "run of job-1"),
        (("run", "id"), ("run-7",), "job-1"),
        (("id", "run"), ("run-7",), "job-1"),
        (("alias",), ("run-7",), "job-1"),
    ],
)
def test_a_job_is_named_by_the_id_that_the_operation_knows(
    by: tuple[str, ...], shown: tuple[str | None, ...], name: str
) -> None:
    values = places_of(_history(_job(*shown), {"run": RUN}), _operation("query", *by), "job-1")
    assert values["query"] == {"version": "1", "job": name}
