"""What a run may spend, by its own clock: each limit, at the limit and beside it."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.kit.findings.finding_log import MAX_OF_JOB
from mockserver.kit.traffic.exchange import Exchange
from mockserver.kit.verify.accounting import is_about_account
from mockserver.kit.verify.budget import MAX_UNANSWERED, Budget, BudgetExceeded
from mockserver.kit.verify.distinct_findings import DistinctFindings
from mockserver.kit.verify.ledger import Ledger, Outcome
from mockserver.kit.verify.rate_limit_waits import MAX_WAIT, MAX_WAITED, RateLimitWaits
from tests.kit.report.runs import WORD


class Clock:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        """Move on at once."""
        self.slept.append(seconds)
        self.now += seconds


def _budget(
    clock: Clock, rate: float | None = None, time_limit: float = math.inf, requests: int = 100
) -> Budget:
    ledger = Ledger(None, "")
    return Budget(ledger, requests, 3, rate, clock.sleep, lambda: clock.now, time_limit=time_limit)


@given(st.sampled_from((0.5, 1.0, 4.0)), st.lists(st.sampled_from((0.0, 0.1, 0.25, 1.0, 3.0)), max_size=8))
def test_no_two_requests_are_closer_than_the_rate_allows_nor_later_than_they_must(
    rate: float, pauses: list[float]
) -> None:
    clock = Clock()
    budget = _budget(clock, rate)
    due = 0.0
    for pause in pauses:
        clock.now += pause
        due = max(clock.now, due)
        budget.take_request()
        assert clock.now == pytest.approx(due)
        due += 1 / rate
    assert budget.requests == len(pauses)


def test_without_a_rate_nothing_waits() -> None:
    clock = Clock()
    budget = _budget(clock, requests=2)
    budget.take_request()
    budget.take_request()
    assert (clock.slept, budget.requests) == ([], 2)
    with pytest.raises(BudgetExceeded, match=r"^--max-requests 2 is used up$"):
        budget.take_request()
    assert budget.requests == 2


def test_the_time_of_a_run_counts_from_its_beginning_and_ends_a_wait() -> None:
    clock = Clock()
    budget = _budget(clock, time_limit=10)
    assert budget.time_left == 10
    budget.wait(4)
    assert budget.time_left == 6
    budget.take_request()
    assert not budget.out_of_time
    budget.wait(60)
    budget.wait(1)
    budget.wait(-1)
    assert clock.slept == [4, 6, 0, 0]
    with pytest.raises(BudgetExceeded, match=r"^--time-limit 10 s is over$"):
        budget.take_request()
    assert (budget.out_of_time, budget.requests) == (True, 1)


@pytest.mark.parametrize("beyond", [0.0, 0.25, 9.0])
def test_after_the_time_of_a_run_nothing_is_sent_however_long_the_last_answer_took(beyond: float) -> None:
    clock = Clock()
    budget = _budget(clock, time_limit=10)
    clock.now += 10 + beyond
    with pytest.raises(BudgetExceeded, match=r"^--time-limit 10 s is over$"):
        budget.take_request()
    assert (budget.out_of_time, budget.requests) == (True, 0)


def test_a_request_that_would_wait_beyond_the_time_is_not_sent() -> None:
    clock = Clock()
    budget = _budget(clock, rate=0.1, time_limit=5)
    budget.take_request()
    with pytest.raises(BudgetExceeded, match="--time-limit"):
        budget.take_request()
    assert (clock.slept, budget.requests) == ([5], 1)


def test_waits_in_vain_add_up_until_an_answer_comes() -> None:
    budget = _budget(Clock())
    budget.note_wait(MAX_UNANSWERED - 1, answered=False)
    budget.take_request()
    budget.note_wait(5, answered=True)
    assert budget.unanswered == 0
    budget.note_wait(MAX_UNANSWERED - 1, answered=False)
    budget.note_wait(1, answered=False)
    with pytest.raises(BudgetExceeded, match=r"^no request of the last 180 s was answered$"):
        budget.take_request()


@given(st.lists(st.sampled_from(("accepted", "refused", "unknown", None)), max_size=6))
def test_a_job_is_taken_unless_as_many_may_have_been_paid(outcomes: list[Outcome | None]) -> None:
    budget = _budget(Clock())
    paid = 0
    for outcome in outcomes:
        assert budget.jobs_left == max(0, 3 - paid)
        if paid >= 3:
            with pytest.raises(BudgetExceeded, match=r"^--max-jobs 3 is used up$"):
                budget.take_job()
            continue
        number = budget.take_job()
        if outcome is not None:
            budget.ledger.settle(number, outcome)
        paid += outcome != "refused"
    tried = budget.ledger.outcomes.values()
    assert budget.ledger.paid == paid
    assert budget.ledger.uncertain == sum(outcome in ("unknown", None) for outcome in tried)


def _limited(after: str | None, status: int = 429) -> Exchange:
    headers = () if after is None else (("Retry-After", after),)
    return Exchange(1, 0.0, 0.0, "GET", "http://127.0.0.1/", (), b"", status, headers, b"")


@pytest.mark.parametrize(
    ("exchange", "wait"),
    [
        (_limited("3"), 3),
        (_limited("0"), 0),
        (_limited(f"{MAX_WAIT:.0f}"), MAX_WAIT),
        (_limited(f"{MAX_WAIT + 1:.0f}"), None),
        (_limited(None), None),
        (_limited("3", 503), None),
        (_limited("3", 200), None),
    ],
)
def test_only_a_rate_limit_is_waited_for_and_only_so_long(exchange: Exchange, wait: float | None) -> None:
    waits = RateLimitWaits()
    assert waits.after(exchange) == wait
    assert waits.waited == (wait or 0)


def test_the_waits_of_a_run_have_an_end_in_all() -> None:
    waits = RateLimitWaits(MAX_WAITED - 10)
    assert waits.after(_limited("11")) is None
    assert waits.after(_limited("10")) == 10
    assert waits.after(_limited("0")) == 0
    assert waits.after(_limited("1")) is None
    assert waits.waited == MAX_WAITED


@pytest.mark.parametrize("status", [200, 400, 401, 402, 403, 404, 428, 429, 430, 499, 500, 503, 599])
def test_limits_and_trouble_say_nothing_of_a_request_and_denials_only_where_a_key_was_given(
    status: int,
) -> None:
    trouble = status in (429, 500, 503, 599)
    assert is_about_account(status, denied=False) == trouble
    assert is_about_account(status, denied=True) == (trouble or status in (401, 402, 403))


def test_a_finding_is_listed_once_and_counted_in_each_stage_that_has_it() -> None:
    log = DistinctFindings()
    log.begin_stage()
    log.add([WORD, WORD, replace(WORD, expected="another")])
    assert (list(log), log.of_stage) == ([WORD, replace(WORD, expected="another")], 2)
    log.begin_step()
    log.begin_stage()
    assert (log.step, log.of_stage) == ([], 0)
    log.add([WORD])
    assert (len(list(log)), log.step, log.of_stage) == (2, [WORD], 1)
    assert not log.unlisted


def test_a_distinct_finding_without_room_is_counted_and_no_finding_of_the_stage() -> None:
    log = DistinctFindings()
    log.begin_stage()
    log.add(replace(WORD, expected=f"{number}") for number in range(MAX_OF_JOB + 2))
    assert (len(log.findings), log.of_stage, len(log.step)) == (MAX_OF_JOB, MAX_OF_JOB, MAX_OF_JOB + 2)
    assert log.unlisted == {WORD.fingerprint: 2}
