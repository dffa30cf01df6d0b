"""What evidence says of a case: whose job a response shows, which end was told, which reads are polls."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mockserver.kit.conform.evidence import ClientRun, Evidence, LargeFile, _fault_of_rule, size_of
from tests.kit.conform.environments import FINE, JOB, LOST, evidence, fetch, read, submit

STRANGER = "99999999-2222-4333-8444-555555555555"


def _of_stranger(entry: dict[str, Any]) -> dict[str, Any]:
    """The same response, about a job that this case did not make."""
    text = entry["response"]["text"].replace(JOB, STRANGER)
    return {**entry, "response": {**entry["response"], "text": text}}


def _without_id(entry: dict[str, Any]) -> dict[str, Any]:
    text = entry["response"]["text"].replace(f'"request_id":"{JOB}",', "")
    return {**entry, "response": {**entry["response"], "text": text}}


LOST_END = read(0.1, "success", faults=("lost-answer",))
END = read(0.2, "success")


@pytest.mark.parametrize(
    ("entries", "number"),
    [
        ((submit(), read(0.1), END, read(0.3, "success")), 3),
        ((submit(), read(0.1, "failed"), END), 2),
        ((submit(), LOST_END, END), 3),
        ((submit(), read(0.1, "success", faults=("reset",)), END), 3),
        ((submit(), read(0.1, "success", faults=("slow",)), END), 2),
        ((submit(), _of_stranger(END), read(0.3, "success")), 3),
        ((submit(), _without_id(END)), 2),
        ((submit(), read(0.1), read(0.2, "processing")), None),
        ((submit(), _of_stranger(END)), None),
        ((submit(),), None),
    ],
)
def test_the_end_that_was_told_is_the_first_that_the_client_heard_of_its_own_job(
    entries: tuple[dict[str, Any], ...], number: int | None
) -> None:
    end = evidence(*entries).reported_end
    assert (end.number if end else None) == number


@pytest.mark.parametrize(
    ("entries", "reported"),
    [
        ((submit(),), (JOB,)),
        ((submit(faults=("lost-answer",)),), ()),
        ((submit(faults=("lost-answer",)), read(0.1)), (JOB,)),
        ((_of_stranger(submit()), read(0.1), read(0.2)), (JOB,)),
        ((fetch(0.1),), ()),
    ],
)
def test_a_job_is_known_to_the_client_once_a_response_reached_it(
    entries: tuple[dict[str, Any], ...], reported: tuple[str, ...]
) -> None:
    assert evidence(*entries).reported_job_ids == reported


def test_where_the_end_itself_shows_the_clip_every_read_is_a_poll() -> None:
    told = evidence(submit(), read(0.1), END, read(0.3, "success"))
    assert [poll.number for poll in told.polls] == [2, 3, 4]
    assert [poll.number for poll in evidence(submit(), read(0.1)).polls] == [2]


def test_an_exchange_says_what_its_response_shows() -> None:
    first, second, third = evidence(
        submit(1.5), read(2.0, "success", faults=("slow", "reset")), fetch(3)
    ).exchanges
    assert [(each.state, each.phase) for each in (first, second, third)] == [
        ("queued", "waiting"), ("success", "succeeded"), (None, None),
    ]  # fmt: skip
    assert [each.heard for each in (first, second, third)] == [True, False, True]
    assert second.faults == ("slow", "reset")
    assert [each.number for each in (first, second, third)] == [1, 2, 3]
    assert (first.sent_at, third.status) == (1.5, 200)


@pytest.mark.parametrize(
    ("rule", "fault"),
    [
        ("case.key:server-error.1", "server-error"),
        ("a:b:lost-answer.12", "lost-answer"),
        ("reset.3", "reset"),
        ("my-rule", "my-rule"),
        ("case:fault", "case:fault"),
    ],
)
def test_a_rule_is_named_for_its_fault(rule: str, fault: str) -> None:
    assert _fault_of_rule(rule) == fault


def test_a_large_file_has_its_own_size_and_not_that_of_its_head() -> None:
    assert size_of(b"abc") == 3
    assert size_of(LargeFile(b"abc", 700)) == 700


def test_the_times_and_texts_of_a_case() -> None:
    killed = ClientRun("killed", None, 1.0, "out", "err", last=False)
    whole: Evidence = replace(
        evidence(submit(5.0), read(7.5)), runs=(killed, FINE, LOST), began=4.0, job_files=("job", "more")
    )
    assert [whole.since_start(exchange) for exchange in whole.exchanges] == [1.0, 3.5]
    assert whole.last_runs == (FINE, LOST)
    assert whole.written_text == "out\nerr\n\n\n\n\njob\nmore"
    assert [exchange.role for exchange in whole.of("read", "media")] == ["read"]
