"""A job's life as a record shows it."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.kit.checks.observations import reachable
from tests.kit.checks.histories import GMI, JOB, contract, exchange, findings, ids, read, record, submit

STATES = ("queued", "processing", "success", "failed", "cancelled")
LEGAL = contract("gmicloud").states


@given(st.lists(st.sampled_from(STATES), max_size=6))
def test_states_are_legal_exactly_where_each_follows_all_before(words: list[str]) -> None:
    told = [submit(), *(read(word, number + 1) for number, word in enumerate(words))]
    wrong = any(
        after != before and after not in reachable(LEGAL, before)
        for before, after in pairwise(["queued", *words])
    )
    found = {"lifecycle.forward", "lifecycle.final"} & set(ids(told))
    assert bool(found) == wrong


def test_a_breach_names_the_step_and_who_documents_it() -> None:
    found = findings([submit(), read("success", 1), read("processing", 2)])
    assert [one.check for one in found] == ["lifecycle.final"]
    assert found[0].severity == "failure"
    assert found[0].source.startswith("DOCUMENTED GMI Cloud documentation page")
    assert found[0].clause == "/x-job/states/success"
    assert found[0].pointer == "/status"
    assert (found[0].expected, found[0].actual) == (
        "success after success",
        "processing after success (call 11)",
    )


def test_answers_that_overlapped_are_not_held_against_each_other() -> None:
    assert ids([submit(), read("processing", 1, took=2), read("queued", 1.5)]) == []


def test_a_job_seen_first_in_a_list_is_held_to_it() -> None:
    listed = exchange("GET", f"{GMI}/requests", 0, {"requests": [record("processing")], "total": 1})
    assert ids([listed, read("queued", 1)]) == ["lifecycle.forward"]


def test_without_a_submit_answers_are_compared_with_one_another() -> None:
    assert ids([read("queued", 0), read("queued", 1)]) == []
    assert ids([read("queued", 0), read("queued", 1, payload={"prompt": "b"})]) == ["lifecycle.echo"]


def test_where_null_counts_as_not_sent_a_body_with_and_without_it_repeats_what_was_submitted() -> None:
    sent = {"prompt": "a", "negative_prompt": None}

    def checks_of(payload: dict[str, str | None]) -> list[str]:
        return ids([submit(payload=sent), read("queued", 1, payload=payload)], profile="vendor")

    assert "lifecycle.echo" not in checks_of(sent) + checks_of({"prompt": "a"})
    assert "lifecycle.echo" in checks_of({"prompt": "b"})


def test_a_link_may_be_signed_anew_but_a_thumbnail_does_not_vanish() -> None:
    signed = {
        "video_url": "https://files.example/a.mp4?x=2",
        "thumbnail_image_url": "https://files.example/b.jpg",
    }
    assert ids([read("success", 0), read("success", 1, outcome=signed)]) == []
    bare = {"video_url": "https://files.example/a.mp4", "thumbnail_image_url": None}
    assert "lifecycle.lasting" in ids([read("success", 0), read("success", 1, outcome=bare)])


def test_a_job_that_failed_has_no_link() -> None:
    outcome = {"error": "no", "video_url": "https://files.example/a.mp4"}
    assert ids([submit(), read("failed", 1, outcome=outcome)]) == ["lifecycle.early-link"]


def test_the_job_that_is_read_is_the_one_that_was_asked_for() -> None:
    other = "12340000-0000-0000-0000-000000000002"
    assert ids([submit(), read("queued", 1, request_id=other)]) == ["lifecycle.named"]


@pytest.mark.parametrize("name", [JOB.replace("-", ""), "1", f"{JOB}0"])
def test_an_id_has_the_documented_shape(name: str) -> None:
    assert "lifecycle.id" in ids([submit(request_id=name)])


def test_an_id_is_given_once() -> None:
    assert ids([submit(), submit(1)]) == ["lifecycle.fresh"]


def test_ending_inside_the_submit_is_no_more_than_noted() -> None:
    found = findings([submit(status="success")])
    assert [(one.check, one.severity) for one in found] == [("lifecycle.beginning", "note")]
