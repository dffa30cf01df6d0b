"""Answers for the client's side: whatever varies, the schema holds and the job stays the same one."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from mockserver.contract.model import Contract
from mockserver.errors import SettingsError
from mockserver.kit.strategies import DrawnAnswer, evolutions, responses
from mockserver.kit.strategies.answer_fields import AnswerField
from mockserver.kit.strategies.answers import _fixed
from mockserver.kit.strategies.jobs import job_ids
from mockserver.kit.strategies.pool import collect
from mockserver.kit.traffic import answer_templates, facts
from tests.kit.strategies.loading import FEW, READINGS, loaded

SHRUNK = settings(phases=(Phase.generate, Phase.shrink), database=None)
"""Whatever profile the run has: the smallest is what it is about."""
ID = "11111111-2222-4333-8444-555555555555"
RECORD = {
    "request_id": ID,
    "org_id": "org",
    "model": "Kling-Image2Video-V1.6-Pro",
    "status": "success",
    "is_public": False,
    "payload": {"image": "https://example.com/first.png"},
    "outcome": {
        "video_url": "https://example.com/v.mp4",
        "thumbnail_image_url": "https://example.com/t.jpg",
    },
    "qworker_id": "worker-mock",
    "created_at": 1_790_000_000,
    "updated_at": 1_790_000_008,
    "queued_at": 1_790_000_000,
}


def valid(contract: Contract, operation: str, when: str, body: Any) -> bool:
    """Whether a body keeps the schema of that answer."""
    schema = contract.operations[operation].answers[when].schema
    return schema is None or schema.is_valid(body)


@pytest.mark.parametrize(("name", "profile"), READINGS)
def test_every_answer_keeps_its_schema(name: str, profile: str) -> None:
    contract = loaded(name, profile)
    for operation in contract.operations.values():
        for when in sorted({"default", "invalid", "unknown", "unauthenticated"} & operation.answers.keys()):
            for answer in collect(responses(contract, operation.id, when), 4):
                assert valid(contract, operation.id, when, answer.body)
                assert answer.status == operation.answers[when].status
                assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize(("name", "profile"), READINGS)
def test_an_answer_tells_of_one_job(name: str, profile: str) -> None:
    contract = loaded(name, profile)
    operation = next(entry for entry in contract.operations.values() if entry.role == "read")
    template = answer_templates.template(contract, operation)

    (job,) = collect(job_ids(contract), 1)
    answers = responses(
        contract, operation.id, job_id=st.just(job), phase="succeeded", video_url=st.just("http://v/")
    )

    @FEW
    @given(answers)
    def check(answer: DrawnAnswer) -> None:
        (sighting,) = facts.sightings(contract, template, answer.body)
        assert sighting.job_id == job
        assert sighting.text("media.video") == "http://v/"
        assert sighting.state in (None, answer.drawn_job.job_state)
        made, changed = sighting.moment("job.created_at"), sighting.moment("job.updated_at")
        assert made is None or changed is None or made <= changed

    check()


@pytest.mark.parametrize("state", loaded("gmicloud").states)
def test_a_state_is_answered_with_what_belongs_to_it(state: str) -> None:
    for answer in collect(responses(loaded("gmicloud"), "read", state=state), 20):
        assert answer.body["status"] == state
        assert ("video_url" in (answer.body["outcome"] or {})) is (state == "success")
        assert ("error" in (answer.body["outcome"] or {})) >= (state == "failed")


def test_optional_fields_come_and_go_and_strangers_appear() -> None:
    contract = loaded("gmicloud")
    bodies = collect(evolutions(RECORD, contract), 120)
    known = set(RECORD)
    assert any("qworker_id" not in body for body in bodies)
    assert any(body.keys() - known for body in bodies)
    assert any(body["outcome"].keys() - {"video_url", "thumbnail_image_url", "error"} for body in bodies)
    assert any(body["is_public"] for body in bodies)
    assert any(len(body["org_id"]) > 20 for body in bodies)


def test_evolutions_keep_schema_and_facts() -> None:
    contract = loaded("gmicloud")

    @FEW
    @given(evolutions(RECORD, contract))
    def check(body: Any) -> None:
        assert valid(contract, "readRequest", "default", body)
        assert body["request_id"] == ID
        assert body["status"] == "success"
        assert body["outcome"]["video_url"] == "https://example.com/v.mp4"
        assert body["payload"] == RECORD["payload"]
        assert body["created_at"] == RECORD["created_at"]

    check()


def test_what_breaks_a_client_shrinks_to_one_field() -> None:
    smallest = find(
        evolutions(RECORD, loaded("gmicloud")), lambda body: "qworker_id" not in body, settings=SHRUNK
    )
    assert smallest == {name: value for name, value in RECORD.items() if name != "qworker_id"}


@pytest.mark.parametrize(
    ("place", "at", "fixed"),
    [
        (AnswerField("/a", fixed=True, of_job=False), "/a", (True, True)),
        (AnswerField("/b", fixed=True, of_job=False), "/a", (False, False)),
        (AnswerField("/b", fixed=True, of_job=False), "/c", (False, False)),
        (AnswerField("/a", fixed=False, of_job=True), "/a", (False, False)),
        (AnswerField("/a", fixed=True, of_job=False), "/a/b", (False, False)),
        (AnswerField("/a", fixed=True, of_job=False, whole=True), "/a/b", (True, True)),
        (AnswerField("/a", fixed=True, of_job=False, whole=True), "/ab", (False, False)),
        (AnswerField("/a/b", fixed=True, of_job=False), "/a", (False, True)),
    ],
)
def test_a_place_is_fixed_by_itself_in_a_whole_or_by_what_it_holds(
    place: AnswerField, at: str, fixed: tuple[bool, bool]
) -> None:
    path = tuple(at[1:].split("/"))
    assert tuple(_fixed({place.at: place}, path, below=below) for below in (False, True)) == fixed


def test_the_body_that_came_is_not_changed() -> None:
    before = repr(RECORD)
    collect(evolutions(RECORD, loaded("gmicloud")), 30)
    assert repr(RECORD) == before


def test_lists_hold_several_jobs() -> None:
    bodies = [answer.body for answer in collect(responses(loaded("gmicloud"), "list"), 30)]
    assert {len(body["requests"]) for body in bodies} == {0, 1, 2, 3}


@pytest.mark.parametrize(
    ("operation", "when", "said"),
    [("abort", "default", "no operation"), ("read", "teapot", "no answer"), ("read", "default", "no state")],
)
def test_what_is_not_there_is_refused(operation: str, when: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        responses("aimlapi", operation, when, state="paused")
