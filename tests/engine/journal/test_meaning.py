"""What an exchange meant, in one sentence."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.engine.admin.touches import delivery_outcome
from mockserver.engine.journal import meaning as meanings
from mockserver.engine.journal.exchange import JournalEntry
from mockserver.engine.journal.meaning import (
    LastStates,
    meaning,
    named_cause,
    request_line,
    short_tenant,
    split_source,
)

ENTRY = JournalEntry(1, 0, 0, "orbit", "get", None, "ann", None, None, "GET", "http://here", "/jobs", "", 200)


@pytest.mark.parametrize(
    ("fields", "before", "sentence"),
    [
        ({}, None, ""),
        ({"role": "submit"}, None, ""),
        ({"role": "submit", "job_id": "j"}, None, "accepted, job j"),
        ({"role": "submit", "job_id": "j", "state": "queued"}, None, "accepted, job j"),
        ({"role": "read", "job_id": "j", "state": "queued"}, None, "queued"),
        ({"role": "read", "job_id": "j", "state": "queued"}, "queued", "queued"),
        ({"role": "read", "job_id": "j", "state": "done"}, "queued", "queued → done"),
        ({"role": "cancel", "job_id": "j", "state": "over"}, None, "job is over"),
        ({"role": "cancel", "job_id": "j", "state": "over"}, "over", "job is over"),
        ({"role": "cancel", "job_id": "j", "state": "over"}, "queued", "queued → over"),
        ({"role": "media", "job_id": "j", "response_size": 12}, None, "12 bytes of job j"),
        ({"role": "content", "job_id": "j", "status": 299, "response_size": 1}, None, "1 byte of job j"),
        ({"role": "content", "job_id": "j", "status": 300}, None, ""),
        ({"role": "content", "job_id": "j", "state": "queued"}, None, "job is queued"),
        ({"refusal": "no key"}, "queued", "refused: no key"),
        (
            {"refusal": "a", "violations": ("a: b [VENDOR V1]", "c [odd]")}, None,
            "refused: a: b; c [odd]",
        ),
        (
            {"refusal": "a", "violations": tuple("abc")}, None, "refused: a; b; c",
        ),
        ({"refusal": "a", "violations": tuple("abcde")}, None, "refused: a; b; c; 2 more"),
        ({"faults": ("r", "slow"), "warnings": ("late",)}, None, "fault delay (r); slow; warning late"),
        (
            {"role": "read", "state": "done", "faults": tuple("abcd")}, None,
            "done; fault a; b; c; 1 more",
        ),
    ],
)  # fmt: skip
def test_an_exchange_has_its_sentence(fields: dict[str, Any], before: str | None, sentence: str) -> None:
    assert meaning(ENTRY._replace(**fields), {"r": "delay", "slow": "slow"}, before) == sentence


def test_the_state_before_is_that_of_the_same_job_at_the_same_provider() -> None:
    states = LastStates()
    exchanges = [
        ("orbit", "j", "queued"), ("comet", "j", "running"), ("orbit", "k", "done"), ("orbit", "j", None),
        ("orbit", None, "lost"), ("orbit", "j", "done"), ("comet", "j", "over"), ("orbit", "j", "late"),
    ]  # fmt: skip
    entries = [
        ENTRY._replace(provider=provider, job_id=job, state=state) for provider, job, state in exchanges
    ]
    assert [states.before(entry) for entry in entries] == [
        None, None, None, None, None, "queued", "running", "done",
    ]  # fmt: skip


def test_the_states_of_so_many_jobs_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meanings, "_REMEMBERED", 2)
    states = LastStates()
    before = [states.before(ENTRY._replace(job_id=job, state=job)) for job in "abacba"]
    # The job that was not shown for longest is forgotten.
    assert before == [None, None, "a", None, None, None]


@pytest.mark.parametrize(
    ("violation", "parts"),
    [
        ("a: b", ("a: b", "")),
        ("a: b [ASSUMED x, y]", ("a: b", "ASSUMED x, y")),
        ("a [OBSERVED x] b [DOCUMENTED y]", ("a [OBSERVED x] b", "DOCUMENTED y")),
        ("a [THIRD-PARTY x]", ("a", "THIRD-PARTY x")),
        ("a [DOCUMENTEDLY x]", ("a [DOCUMENTEDLY x]", "")),
        ("a [VENDOR x] b", ("a [VENDOR x] b", "")),
    ],
)
def test_a_violation_is_told_from_where_its_rule_is_written(violation: str, parts: tuple[str, str]) -> None:
    assert split_source(violation) == parts


def test_short_forms() -> None:
    assert [short_tenant(name) for name in ("123456789", "a", "", None)] == ["12345678", "a", "-", "-"]
    assert request_line(ENTRY) == "GET /jobs"
    assert request_line(ENTRY._replace(query="a=1")) == "GET /jobs?a=1"
    assert [named_cause(name, {"r": "delay", "slow": "slow"}) for name in ("r", "slow", "x")] == [
        "delay (r)", "slow", "x",
    ]  # fmt: skip
    assert delivery_outcome({"status": None, "error": "refused", "url": "http://there"}) == "refused"
    assert delivery_outcome({"status": 204, "error": None, "url": "http://there"}) == "204 from http://there"
