"""The account of a run: each call counts once, at the place that it belongs to."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.kit.findings.account import (
    NO_ANSWER,
    Account,
    AccountRow,
    Gap,
    by_operation,
    families_judged,
    gap_lines,
)

CALLS = st.lists(
    st.tuples(
        st.sampled_from(("access", "job")),
        st.sampled_from(("", "Fuzzing")),
        st.sampled_from(("submit", "read")),
        st.sampled_from((0, 200, 404)),
        st.frozensets(st.sampled_from(("schema", "lifecycle"))),
        st.sampled_from(("", "no body", "cut off")),
    ),
    max_size=12,
)


def _account(calls: list[tuple[str, str, str, int, frozenset[str], str]]) -> Account:
    account = Account()
    for stage, phase, operation, status, families, reason in calls:
        account.begin(stage, phase)
        account.add(operation, status, families, reason)
    return account


@given(CALLS)
def test_each_call_is_in_one_row_as_judged_or_with_its_reason(
    calls: list[tuple[str, str, str, int, frozenset[str], str]],
) -> None:
    rows = _account(calls).rows()
    places = [
        (stage, phase, operation, str(status or NO_ANSWER)) for stage, phase, operation, status, *_ in calls
    ]
    assert [_place(row) for row in rows] == list(dict.fromkeys(places))
    for row in rows:
        here = [call for call, place in zip(calls, places, strict=True) if place == _place(row)]
        assert row.calls == len(here)
        assert row.judged == sum(not reason for *_, reason in here)
        assert row.not_judged == Counter(reason for *_, reason in here if reason)
        assert row.families == Counter(family for *_, families, _ in here for family in families)


def _place(row: AccountRow) -> tuple[str, str, str, str]:
    return row.stage, row.phase, row.operation, row.answer


@given(CALLS)
def test_sums_leave_out_no_call(calls: list[tuple[str, str, str, int, frozenset[str], str]]) -> None:
    rows = _account(calls).rows()
    pairs = [(call[0], call[2]) for call in calls]
    judged = Counter((stage, operation) for stage, _, operation, _, _, reason in calls if not reason)
    assert by_operation(rows) == {pair: (pairs.count(pair), judged[pair]) for pair in pairs}
    assert families_judged(rows) == Counter(family for call in calls for family in call[4])


def test_another_judge_is_credited_at_a_call_that_is_counted_already() -> None:
    account = Account()
    account.begin("schemathesis", "Fuzzing")
    account.add("read", 200, ["schema"])
    account.credit("read", 200, "schemathesis")
    account.credit("read", 200, "schemathesis")
    assert account.rows() == (
        AccountRow("schemathesis", "Fuzzing", "read", "200", 1, 1, {"schema": 1, "schemathesis": 2}, {}),
    )


def test_a_question_without_an_answer_is_missed_where_it_was_asked() -> None:
    account = Account()
    account.miss("read", "no answer")
    account.begin("job", "Fuzzing")
    account.miss("read", "no answer")
    account.miss("read", "no answer")
    account.begin("job")
    account.miss("read", "cut off")
    assert account.missed == {
        ("", "", "read"): {"no answer": 1},
        ("job", "Fuzzing", "read"): {"no answer": 2},
        ("job", "", "read"): {"cut off": 1},
    }
    assert account.rows() == ()
    assert not account.jobs


@pytest.mark.parametrize(
    ("places", "line"),
    [
        ("a", "a: why"),
        ("aba", "a; b: why"),
        ("abcde", "a; b; c; d; e: why"),
        ("abcdef", "a; b; c; d; e and 1 more: why"),
        ("abcdefgg", "a; b; c; d; e and 2 more: why"),
    ],
)
def test_a_reason_names_its_first_places_and_counts_the_others(places: str, line: str) -> None:
    assert gap_lines(Gap(place, "why") for place in places) == [line]


def test_each_reason_has_a_line_in_the_order_of_the_run() -> None:
    gaps = [Gap("a", "late"), Gap("b", "early"), Gap("c", "late")]
    assert gap_lines(gaps) == ["a; c: late", "b: early"]
    assert gap_lines([]) == []
