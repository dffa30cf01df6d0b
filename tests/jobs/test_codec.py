"""A job survives being written down, whatever JSON its request is."""

from __future__ import annotations

from typing import Any, get_args

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.jobs import codec
from mockserver.jobs.codec import (
    dump_fact,
    dump_facts,
    dump_job,
    dump_job_around,
    dump_whole_job,
    load_facts,
    load_job,
)
from mockserver.jobs.job import LONGEST_CLIP, Fact, Job, Plan, Step
from mockserver.jobs.reading import LATEST
from mockserver.jobs.records import MOST_POLLS
from mockserver.terms import Phase

numbers = st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)
values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | numbers | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)
requests = st.dictionaries(st.text(), values, max_size=4)
moments = st.integers(0, LATEST)
states = st.text(max_size=20)
phases = st.sampled_from(get_args(Phase))
steps = st.builds(Step, states, phases, moments)
names = st.lists(st.text(), max_size=2).map(tuple)
reasons = st.none() | st.text()
paces = st.sampled_from(["time", "polls", "manual"])
plans = st.builds(
    Plan,
    st.lists(steps, min_size=1, max_size=4).map(tuple),
    paces,
    st.integers(0, MOST_POLLS),
    reasons,
    names,
    names,
)
nothing = st.none()
facts = (
    st.builds(Fact, st.just("polled"), moments, nothing, nothing, nothing, nothing)
    | st.builds(Fact, st.sampled_from(["cancelled", "forced"]), moments, states, phases, reasons, nothing)
    | st.builds(Fact, st.just("paced"), moments, nothing, nothing, nothing, plans)
)
ids = st.from_regex(r"[A-Za-z0-9._~:-]{0,9}[A-Za-z0-9]", fullmatch=True)
several_facts = st.lists(facts, max_size=4).map(tuple)
texts = st.text()
lengths = st.none() | st.floats(0, LONGEST_CLIP)
places = st.dictionaries(st.text(max_size=20), st.text(), max_size=3)
jobs = st.builds(
    Job, ids, texts, texts, texts, texts, requests, moments, plans, reasons, several_facts, lengths, places
)

PLAIN = Job("id", "tenant", "provider", "submit", "model", {}, 0, Plan((Step("queued", "waiting"),)))


@given(jobs)
def test_a_job_comes_back_as_it_was(job: Job) -> None:
    written, noted = dump_job(job), dump_facts(job.facts)

    assert load_job(written)._replace(facts=load_facts(noted)) == job


@given(jobs, facts)
def test_the_lasting_part_knows_no_facts(job: Job, fact: Fact) -> None:
    assert dump_job(job) == dump_job(job._replace(facts=(*job.facts, fact)))


@given(facts)
def test_a_fact_alone_is_written_as_in_a_list(fact: Fact) -> None:
    assert b"[" + dump_fact(fact) + b"]" == dump_facts((fact,))


@given(jobs)
def test_a_job_around_its_request_as_it_came_is_the_same_record(job: Job) -> None:
    around = dump_job_around(job, orjson.dumps(job.request))

    assert orjson.loads(around) == orjson.loads(dump_job(job))


@given(jobs)
def test_a_whole_job_has_its_record_and_its_facts(job: Job) -> None:
    whole = orjson.loads(dump_whole_job(job))

    assert whole.pop("facts") == [orjson.loads(dump_fact(fact)) for fact in job.facts]
    assert whole == orjson.loads(dump_job(job))


def test_a_plain_plan_runs_by_time_without_faults_and_its_last_step_takes_none() -> None:
    assert orjson.loads(dump_job(PLAIN))["plan"] == {
        "steps": [{"state": "queued", "phase": "waiting", "lasts": 0}],
        "pace": "time",
        "polls": 0,
        "reason": None,
        "quirks": [],
        "faults": [],
    }


def test_a_poll_is_written_short() -> None:
    assert dump_fact(Fact("polled", 12)) == b'{"kind":"polled","at":12}'


def test_a_job_from_before_there_were_faults_still_loads() -> None:
    old = (
        b'{"id":"id","tenant":"tenant","provider":"provider","operation":"submit","model":"model","request":{},'
        b'"created_at":0,"plan":{"steps":[{"state":"queued","phase":"waiting","lasts":0}],"pace":"time",'
        b'"polls":0,"reason":null},"alias":null}'
    )

    assert load_job(old) == PLAIN
    assert load_facts('[{"kind":"polled","at":12}]') == (Fact("polled", 12),)


@pytest.mark.parametrize(
    "text",
    [
        r'{"a": "\ud83e\udd8a \u0000 \u2028"}',
        '{"a": 1e308, "b": -0.0, "c": 1.0}',
        '{"": {"": [[], {}, null]}}',
    ],
)
def test_odd_json_comes_back_as_it_was_read(text: str) -> None:
    request = orjson.loads(text)

    assert orjson.dumps(load_job(dump_job(PLAIN._replace(request=request))).request) == orjson.dumps(request)


@pytest.mark.parametrize("request_", [{"a": "\ud800"}, {"a": 2**70}, {1: "a"}, {"a": {1, 2}}])
def test_what_is_no_json_is_refused(request_: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        dump_job(PLAIN._replace(request=request_))


@pytest.mark.parametrize(
    "written", [b"", b"{}", b"[]", b'{"plan": 1}', b'{"plan": {"steps": [{}]}}', b"\xff"]
)
def test_what_is_no_job_is_refused(written: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        load_job(written)


@pytest.mark.parametrize(
    "text", ["", "{", '[{"kind": "polled"}]', '[{"kind": "paced", "at": 1, "plan": {}}]', "[1]", "1"]
)
def test_what_is_no_list_of_facts_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        load_facts(text)


def test_a_long_plan_is_not_remembered() -> None:
    plan = Plan((Step("queued", "waiting", 1),) * 1000)
    before = codec._load_plan.cache_info().currsize, codec._plan_text.cache_info().currsize
    text = codec.dump_plan(plan).decode()

    assert codec.load_plan(text) == plan
    assert (codec._load_plan.cache_info().currsize, codec._plan_text.cache_info().currsize) == before


@pytest.mark.parametrize(("number", "remembered"), [(64, 1), (65, 0)])
def test_a_plan_of_64_steps_is_remembered_and_a_longer_one_is_not(number: int, remembered: int) -> None:
    codec._plan_text.cache_clear()
    dump_fact(Fact("paced", 1, plan=Plan((Step("a", "succeeded"),) * number)))

    assert codec._plan_text.cache_info().currsize == remembered


def test_a_short_plan_that_many_jobs_have_is_read_once() -> None:
    text = codec.dump_plan(Plan((Step("queued", "waiting", 1),))).decode()

    assert codec.load_plan(text) is codec.load_plan(text)


def test_a_plan_that_other_jobs_have_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    plans: list[Any] = []

    def read_plan(value: Any, place: str) -> Plan:
        plans.append(value)
        return PLAIN.plan

    monkeypatch.setattr(codec, "read_plan", read_plan)
    codec._load_plan.cache_clear()
    for number in range(5):
        load_job(dump_job(PLAIN._replace(id=f"{number}")))
    codec._load_plan.cache_clear()
    assert len(plans) == 1


def test_a_plan_deeper_than_can_be_written_is_told_with_its_place() -> None:
    record = dump_job(PLAIN).replace(b'"reason":null', b'"reason":' + b"[" * 300 + b"]" * 300)
    with pytest.raises(ValueError, match=r"plan\.reason: a list is not a text"):
        load_job(record)
