"""Why nothing is known of a client: it asked for nothing, with another key, or never got as far."""

from __future__ import annotations

import time
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from mockserver.kit.conform.case import PLAIN
from mockserver.kit.conform.evidence import ClientRun, Evidence
from mockserver.kit.conform.running.another_job import PLACEHOLDER
from mockserver.kit.conform.running.applicability import OTHER_KEY, why_not_met, why_silent
from mockserver.kit.conform.running.baseline import Baseline
from mockserver.kit.conform.running.conditions import Conditions
from tests.kit.conform.environments import case, evidence, read, submit

MUTE = "the client made no request to MOCKSERVER_BASE_URL with its key: "
SILENT = evidence()
SPOKE = evidence(submit())


def _ran(exit_code: int | None, stdout: str = "", stderr: str = "") -> Evidence:
    return replace(
        SILENT, runs=(ClientRun("exited", exit_code, 1.0, stdout, stderr), ClientRun("exited", 9, 1.0))
    )


@pytest.mark.parametrize(
    ("shown", "reason"),
    [
        (SPOKE, ""),
        (replace(SPOKE, other_key=True), OTHER_KEY),
        (replace(SILENT, other_key=True), OTHER_KEY),
        (_ran(127), "exit code 127: the program was not found"),
        (_ran(126, "", "sh: no\nsuch thing\n"), "exit code 126: such thing"),
        (replace(_ran(127), exchanges=SPOKE.exchanges), ""),
    ],
)
def test_who_asked_for_nothing_says_nothing(shown: Evidence, reason: str) -> None:
    assert why_silent(shown) == reason


@pytest.mark.parametrize(
    ("shown", "says"),
    [
        (_ran(0), "it says nothing"),
        (_ran(3, "out\n", "why\n"), "it says: 'why'"),
        (_ran(125), "it says nothing"),
    ],
)
def test_what_a_silent_client_says_is_told(shown: Evidence, says: str) -> None:
    reason = why_silent(shown)
    assert reason.startswith(MUTE)
    assert reason.endswith(f", {says}")


def _faulty(*faults: str) -> dict[str, Any]:
    return {"setup": {"rules": [{"fault": fault} for fault in faults]}}


@pytest.mark.parametrize(
    ("changes", "shown", "reason"),
    [
        (_faulty("reset", "server-error"), SPOKE, "reset, server-error"),
        (_faulty("reset", "server-error"), evidence(submit(), read(1, faults=("reset",))), ""),
        (_faulty("reset"), evidence(read(1, faults=("server-error",))), "reset"),
        ({"outcome": "any"}, replace(SPOKE, jobs=()), "no job was made"),
        ({"outcome": "any"}, SPOKE, ""),
        ({}, replace(SPOKE, jobs=()), ""),
    ],
)
def test_a_case_is_met_where_its_faults_were_or_a_job_was_made(
    changes: dict[str, Any], shown: Evidence, reason: str
) -> None:
    told = why_not_met(case(**changes), shown)
    assert reason in told
    assert bool(told) == bool(reason)


class Runs:
    """Counts the runs of the baseline case, which show this evidence."""

    def __init__(self, shown: Evidence) -> None:
        self.shown, self.count = shown, 0

    def __call__(self) -> Evidence:
        """Run it."""
        self.count += 1
        return self.shown


OTHER, BASE = case(), case(id=PLAIN, family="request")


def test_a_case_that_says_something_needs_no_baseline() -> None:
    runs = Runs(SILENT)
    baseline = Baseline(runs)
    assert (baseline.why_silent(OTHER, SPOKE), runs.count, baseline.silence) == ("", 0, "")


def test_a_silent_client_is_run_through_the_baseline_case_once() -> None:
    runs = Runs(SILENT)
    baseline = Baseline(runs)
    reason = baseline.why_silent(OTHER, SILENT)
    assert reason.startswith(f"{PLAIN} could not run: {MUTE}")
    assert baseline.why_silent(OTHER, SILENT) == reason == baseline.silence
    assert runs.count == 1


def test_who_is_silent_in_a_case_of_its_own_alone_may_be_right() -> None:
    runs = Runs(SPOKE)
    baseline = Baseline(runs)
    assert [baseline.why_silent(OTHER, SILENT) for _ in range(2)] == ["", ""]
    assert (runs.count, baseline.silence) == (1, "")


@pytest.mark.parametrize(("shown", "silent"), [(SILENT, True), (SPOKE, False)])
def test_a_baseline_case_that_has_run_is_not_run_again(shown: Evidence, silent: bool) -> None:
    runs = Runs(SPOKE)
    baseline = Baseline(runs)
    assert baseline.why_silent(BASE, shown) == (why_silent(shown) if silent else "")
    assert bool(baseline.why_silent(OTHER, SILENT)) is silent
    assert runs.count == 0


class Control:
    """Notes what is asked of a control plane."""

    def __init__(self) -> None:
        self.asked: list[Any] = []

    def __getattr__(self, name: str) -> Any:
        """Note the call."""

        def note(*args: Any, **more: Any) -> dict[str, int]:
            self.asked.append((name, *args, *more.values()))
            return {"now": 7000}

        return note


@pytest.mark.parametrize("pace", ["time", "reads"])
def test_conditions_hold_for_one_key_and_leave_nothing_behind(pace: str) -> None:
    control: Any = Control()
    rules = [
        SimpleNamespace(fault="reset", settings={"a": 1}, when={"role": "read"}, times=2),
        SimpleNamespace(fault="mixed-up", settings={"text": PLACEHOLDER, "b": 2}, when={}, times=None),
    ]
    quota = SimpleNamespace(model_dump=lambda: {"jobs": 3})
    setup = SimpleNamespace(pace=pace, rules=rules, quota=quota)
    about: Any = SimpleNamespace(id="poll-a", setup=setup)
    conditions = Conditions(about, control, "sk-0123456789", lambda: "another job's text")

    before = time.time()
    began = conditions.set_up()

    assert began == 7 if pace == "time" else began >= before
    first, second = "poll-a.456789:reset.1", "poll-a.456789:mixed-up.2"
    assert control.asked == [
        *([("freeze",)] if pace == "time" else []),
        ("add_rule", "reset", {"role": "read"}, {"a": 1}, 2, first),
        ("add_rule", "mixed-up", {}, {"text": "another job's text", "b": 2}, None, second),
        ("set_quota", 3),
    ]
    control.asked.clear()
    conditions.drop_rules()
    assert control.asked == [("drop_rule", first), ("drop_rule", second)]
    control.asked.clear()
    conditions.clean_up()
    assert control.asked == [("clear_journal",), ("reset",)]


def test_a_case_without_rules_and_quota_sets_nothing() -> None:
    control: Any = Control()
    about: Any = SimpleNamespace(id="a", setup=SimpleNamespace(pace="reads", rules=[], quota=None))
    Conditions(about, control, "sk-0123456789").set_up()
    assert control.asked == []
