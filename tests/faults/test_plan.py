"""What plan faults make of a job's course."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.faults.base import PlanFault
from mockserver.faults.rule import make_fault
from mockserver.faults.seams import PlanDraft
from tests.faults.inputs import COURSE, WAY, WORDS


def bend(name: str, course: PlanDraft = COURSE, /, **settings: object) -> PlanDraft:
    fault = make_fault(name, settings)
    assert isinstance(fault, PlanFault)
    return fault.change(course, WORDS)


def words(course: PlanDraft) -> list[str]:
    return [word for word, _, _ in course.steps]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (None, "Video generation failed"),
        ("moderation", "The picture was refused"),
        ("Out of luck", "Out of luck"),
    ],
)
def test_fail_ends_with_a_reason(given: str | None, said: str) -> None:
    bent = bend("fail", reason=given)

    assert words(bent) == ["queued", "processing", "failed"]
    assert bent.reason == said


def test_cancel_is_a_failure_where_the_provider_has_no_word_for_it() -> None:
    assert words(bend("cancel")) == ["queued", "processing", "failed"]
    assert bend("cancel").reason == "cancelled"


def test_cancel_ends_in_the_providers_word() -> None:
    fault = make_fault("cancel", {})
    assert isinstance(fault, PlanFault)

    bent = fault.change(COURSE, WORDS._replace(endings={**WORDS.endings, "cancelled": "cancelled"}))

    assert bent.steps[-1] == ("cancelled", "cancelled", 0)


def test_stuck_jobs_stay_where_they_are() -> None:
    assert words(bend("stuck-waiting")) == ["queued"]
    assert words(bend("stuck-running")) == ["queued", "processing"]


def test_a_stuck_job_of_one_state_stays_in_it() -> None:
    assert words(bend("stuck-running", PlanDraft((("success", "succeeded", 0),), None, frozenset()))) == [
        "success"
    ]


def test_slow_lasts_longer() -> None:
    assert [lasts for _, _, lasts in bend("slow", factor=2).steps] == [4000, 12000, 0]
    assert [lasts for _, _, lasts in bend("slow", seconds=5).steps[:-1]] == [5000, 5000]


def test_late_failure_takes_its_time_and_fails() -> None:
    bent = bend("late-failure", factor=2)

    assert bent.steps == (
        ("queued", "waiting", 4000),
        ("processing", "running", 12000),
        ("failed", "failed", 0),
    )
    assert bent.reason == "Video generation failed"


def test_links_and_reasons_are_kept_back() -> None:
    assert bend("no-link") == PlanDraft(WAY, None, frozenset({"no-link"}))
    assert bend("no-link", what="thumbnail").quirks == {"no-thumbnail"}
    assert bend("no-reason") == PlanDraft((*WAY[:2], ("failed", "failed", 0)), None, frozenset({"no-reason"}))


def test_straight_to_success_skips_what_is_between() -> None:
    assert words(bend("straight-to-success")) == ["queued", "success"]
    assert words(bend("straight-to-success", at_once=True)) == ["success"]


def test_step_back_queues_a_running_job_again() -> None:
    bent = bend("step-back", seconds=1, rounds=2)

    assert words(bent) == ["queued", "processing", "queued", "processing", "queued", "processing", "success"]
    assert bent.steps[2] == ("queued", "waiting", 1000)


def test_step_back_needs_two_states() -> None:
    short = PlanDraft((WAY[0], WAY[2]), None, frozenset())
    assert bend("step-back", short) == short


def test_an_unknown_state_comes_between_or_last() -> None:
    assert bend("unknown-state").steps[2] == ("reviewing", "running", 2000)
    assert words(bend("unknown-state")) == ["queued", "processing", "reviewing", "success"]
    assert bend("unknown-state", word="expired", place="end").steps == (*WAY[:2], ("expired", "failed", 0))
    assert bend("unknown-state").quirks == {"off-contract"}


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, ["QUEUED", "PROCESSING", "SUCCESS"]),
        ({"style": "title"}, ["Queued", "Processing", "Success"]),
        ({"style": "related"}, ["pending", "in_progress", "succeeded"]),
        ({"words": {"success": "done"}}, ["QUEUED", "PROCESSING", "done"]),
    ],
)
def test_other_spelling(settings: dict[str, Any], expected: list[str]) -> None:
    bent = bend("other-spelling", **settings)

    assert words(bent) == expected
    assert [phase for _, phase, _ in bent.steps] == ["waiting", "running", "succeeded"]
    assert "off-contract" in bent.quirks


def test_faults_add_up() -> None:
    assert words(bend("other-spelling", bend("fail"))) == ["QUEUED", "PROCESSING", "FAILED"]
    assert bend("no-link", bend("other-spelling")).quirks == {"no-link", "off-contract"}
