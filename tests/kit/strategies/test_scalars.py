"""Numbers and texts are within every limit, and reach each."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import find, given
from hypothesis import strategies as st

from mockserver.kit.strategies.scalars import choices, integers, numbers
from mockserver.kit.strategies.texts import texts
from tests.kit.strategies.loading import FEW, valid

LIMITS = st.dictionaries(
    st.sampled_from(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")),
    st.integers(-3, 3) | st.sampled_from((-0.5, 1.5)),
)


@FEW
@given(LIMITS, st.data())
def test_a_number_is_within_every_limit(limits: dict[str, Any], data: st.DataObject) -> None:
    for kind, draw in (("integer", integers), ("number", numbers)):
        strategy = draw([limits])
        if not strategy.is_empty:
            assert valid({**limits, "type": kind}, data.draw(strategy))


@pytest.mark.parametrize(
    ("schemas", "ends"),
    [
        ([{"minimum": 2, "maximum": 5}], (2, 5)),
        ([{"exclusiveMinimum": 2, "exclusiveMaximum": 5}], (3, 4)),
        ([{"minimum": 2}, {"minimum": 3, "maximum": 9}, {"maximum": 5}], (3, 5)),
        ([{"minimum": 2, "not": {"minimum": 5}, "maximum": 9}], (2, 4)),
        ([{"minimum": 4, "maximum": 4}], (4, 4)),
    ],
)
def test_whole_numbers_reach_both_ends(schemas: list[dict[str, Any]], ends: tuple[int, int]) -> None:
    for end in ends:
        assert find(integers(schemas), end.__eq__) == end
    assert integers([*schemas, {"maximum": ends[0] - 1}]).is_empty


@pytest.mark.parametrize(
    "limits",
    [
        {"minimum": 0, "exclusiveMaximum": 0},
        {"maximum": 0, "exclusiveMinimum": 0},
        {"exclusiveMinimum": 1.5, "exclusiveMaximum": 1.5},
        {"minimum": 2, "maximum": 1},
    ],
)
def test_limits_that_leave_no_number_give_none(limits: dict[str, Any]) -> None:
    assert numbers([limits]).is_empty


@FEW
@given(st.integers(0, 60), st.none() | st.integers(0, 60), st.data())
def test_a_text_is_as_long_as_it_may_be(least: int, more: int | None, data: st.DataObject) -> None:
    most = None if more is None else least + more
    length = len(data.draw(texts(least, most)))
    assert least <= length
    assert most is None or length <= most


@pytest.mark.parametrize(("least", "most"), [(0, 3), (2, 2), (5, 90)])
def test_a_text_reaches_both_limits(least: int, most: int) -> None:
    for length in (least, most):
        assert find(texts(least, most).map(len), length.__eq__) == length


def test_choices_are_those_that_every_schema_lists() -> None:
    assert choices([{"type": "string"}]) is None
    assert choices([{"enum": [1, "a", True]}, {"enum": ["a", True, 2]}]) == ["a", True]
    assert choices([{"enum": [1, "a"], "const": "a"}]) == ["a"]
    assert choices([{"enum": [1]}, {"const": True}]) == []
