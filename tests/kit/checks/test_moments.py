"""Moments: unit and order, whatever the numbers."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract.template import iso8601
from mockserver.kit.checks.moments import _unit
from tests.kit.checks.histories import START, findings, ids, read, submit

MOMENTS = st.integers(1_420_070_400_000, 4_102_444_799_999)


@given(MOMENTS)
def test_a_moment_of_our_time_shows_its_unit(moment: int) -> None:
    assert _unit(moment) == "milliseconds"
    assert _unit(moment // 1000) == "seconds"
    assert _unit(iso8601(moment)) == "iso8601"
    assert _unit(iso8601(moment).removesuffix("Z")) == "ISO 8601 text without a time zone"


@pytest.mark.parametrize("value", [True, 1.5, "1790000000", "yesterday", [], {}])
def test_what_is_no_moment_is_told_apart(value: Any) -> None:
    assert _unit(value) not in ("seconds", "milliseconds", "iso8601")


@given(st.integers(-5, 5), st.integers(-5, 5))
def test_the_last_change_never_falls_nor_precedes_the_making(first: int, second: int) -> None:
    told = [
        submit(),
        read("processing", 1, updated_at=START + first),
        read("success", 2, updated_at=START + second),
    ]
    assert ("moments.order" in ids(told)) == (first < 0 or second < 0 or second < first)


def test_a_wrong_unit_is_told_in_words() -> None:
    found = [one for one in findings([submit(created_at=START * 1000)]) if one.check == "moments.unit"]
    assert found[0].expected == "whole Unix seconds"
    assert found[0].actual == "1790000000000, which looks like whole Unix milliseconds"
    assert found[0].clause.endswith("/properties/created_at")
    assert found[0].severity == "failure"


def test_a_clock_that_starts_with_the_server_is_not_plausible() -> None:
    assert ids([submit(created_at=90, updated_at=90, queued_at=90)]) == ["moments.plausible"]


def test_only_a_field_that_says_so_stays_while_the_state_stays() -> None:
    told = [submit(), read("processing", 1), read("processing", 2, updated_at=START + 1)]
    assert ids(told) == ["moments.change"]
