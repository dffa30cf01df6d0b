"""What is no job, plan or fact is refused with its place, whoever wrote it."""

from __future__ import annotations

import copy
from typing import Any, Final

import orjson
import pytest

from mockserver.jobs.codec import dump_fact, dump_job
from mockserver.jobs.job import Fact, Job, Plan, Step
from mockserver.jobs.records import read_facts, read_job

STEPS: Final = (Step("queued", "waiting", 2000), Step("success", "succeeded"))
JOB: Final = Job("one", "ann", "p", "submit", "m", {"prompt": "a kite"}, 1000, Plan(STEPS), "mine")
FACTS: Final = (
    Fact("polled", 1),
    Fact("forced", 2, "failed", "failed", "too dark"),
    Fact("paced", 3, plan=Plan(STEPS, "polls", 3)),
)


def changed(document: Any, pointer: str, value: Any) -> Any:
    """A copy with another value at a pointer; `...` drops what is there."""
    document = copy.deepcopy(document)
    *path, last = (int(part) if part.isdigit() else part for part in pointer.split("/"))
    holder = document
    for part in path:
        holder = holder[part]
    if value is ...:
        del holder[last]
    else:
        holder[last] = value
    return document


@pytest.mark.parametrize(
    ("pointer", "value", "said"),
    [
        ("id", "", "id: a text of 0 characters, not of 1 to 500"),
        ("id", "a/b", "id: 'a/b' is not made of letters, digits and . _ ~ : -"),
        ("id", "..", "id: '..' is not made of letters"),
        ("id", "a\0", r"id: 'a\\x00' is not made of letters"),
        ("tenant", None, "tenant: None is not a text"),
        ("provider", "\ud800", r"provider: '\\ud800' is not Unicode text"),
        ("operation", ["x"], "operation: a list is not a text"),
        ("model", 1, "model: 1 is not a text"),
        ("request", [], "request: a list is not an object"),
        ("created_at", -1, "created_at: -1 is not from 0 to 253402300799999"),
        ("created_at", 253_402_300_800_000, "created_at: 253402300800000 is not from 0"),
        ("created_at", 1.0, "created_at: 1.0 is not a whole number"),
        ("created_at", True, "created_at: True is not a whole number"),
        ("alias", 5, "alias: 5 is not a text"),
        ("seconds", "5", "seconds: '5' is not a number"),
        ("seconds", -0.1, r"seconds: -0.1 is not from 0 to 1e\+09"),
        ("seconds", 1_000_000_000.5, "seconds: 1000000000.5 is not from 0 to"),
        ("places", [], "places: a list is not an object"),
        (
            "places",
            dict.fromkeys(map(str, range(101)), "x"),
            "places: an object of 101 members, not of 0 to 100",
        ),
        ("places", {"path.owner": 1}, "places.path.owner: 1 is not a text"),
        ("plan", ..., "it: 'plan' is missing"),
        ("more", 1, "it: 'more' is not known"),
        ("plan/steps", [], "plan.steps: a list of 0 items, not of 1 to 10000"),
        ("plan/steps/1/phase", "done", r"plan.steps\[1\].phase: 'done' is not one of cancelled, failed"),
        ("plan/steps/0/lasts", -1, r"plan.steps\[0\].lasts: -1 is not from 0 to"),
        ("plan/steps/0/lasts", 2**62, r"plan.steps\[0\].lasts: 4611686018427387904 is not from 0 to"),
        ("plan/steps/0/state", ..., r"plan.steps\[0\]: 'state' is missing"),
        ("plan/pace", "swift", "plan.pace: 'swift' is not one of manual, polls, time"),
        ("plan/polls", -1, "plan.polls: -1 is not from 0 to 999999"),
        ("plan/polls", 2**62, "plan.polls: 4611686018427387904 is not from 0 to 999999"),
        ("plan/reason", 1, "plan.reason: 1 is not a text"),
        ("plan/faults", "slow", "plan.faults: 'slow' is not a list"),
    ],
)
def test_a_wrong_job_is_told_with_its_place(pointer: str, value: Any, said: str) -> None:
    record = changed(orjson.loads(dump_job(JOB)), pointer, value)

    with pytest.raises(ValueError, match=f"^{said}"):
        read_job(record)


@pytest.mark.parametrize(
    ("pointer", "value", "said"),
    [
        ("0/kind", "eaten", r"facts\[0\].kind: 'eaten' is not one of cancelled, forced, paced, polled"),
        ("0/at", 2**62, r"facts\[0\].at: 4611686018427387904 is not from 0 to"),
        ("0/state", "failed", r"facts\[0\]: 'state' is not known"),
        ("1/state", ..., r"facts\[1\]: 'state' is missing"),
        ("1/phase", "x", r"facts\[1\].phase: 'x' is not one of"),
        ("2/plan", ..., r"facts\[2\]: 'plan' is missing"),
        ("2/plan/steps", [], r"facts\[2\].plan.steps: a list of 0 items"),
        ("2", None, r"facts\[2\].kind: None is not one of"),
    ],
)
def test_a_wrong_fact_is_told_with_its_place(pointer: str, value: Any, said: str) -> None:
    records = changed([orjson.loads(dump_fact(fact)) for fact in FACTS], pointer, value)

    with pytest.raises(ValueError, match=f"^{said}"):
        read_facts(records)


def test_what_is_right_is_read() -> None:
    assert read_job(orjson.loads(dump_job(JOB))) == JOB
    assert read_facts([orjson.loads(dump_fact(fact)) for fact in FACTS]) == FACTS


def test_a_job_may_have_a_hundred_places() -> None:
    places = dict.fromkeys(map(str, range(100)), "x")

    assert read_job(changed(orjson.loads(dump_job(JOB)), "places", places)).places == places


@pytest.mark.parametrize("seconds", [None, 0, 0.5, 1_000_000_000])
def test_a_clip_may_have_any_length_or_none(seconds: float | None) -> None:
    assert read_job(changed(orjson.loads(dump_job(JOB)), "seconds", seconds)).seconds == seconds
