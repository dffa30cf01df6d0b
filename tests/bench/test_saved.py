"""What has moved since the last run of the bench: figures whose spreads have nothing in common."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bench.saved import Figure, document, moved, save

rounds = st.lists(st.floats(0.01, 100), min_size=1, max_size=6)


def run(name: str, *values: float, better: Literal["higher", "lower"] = "higher") -> dict[str, Any]:
    return document([Figure(name, "ratio", better, values)], {})


@given(rounds, rounds)
def test_a_figure_has_moved_if_no_round_of_one_run_lies_among_those_of_the_other(
    tmp_path_factory: pytest.TempPathFactory, before: list[float], now: list[float]
) -> None:
    folder = tmp_path_factory.mktemp("bench")
    save(run("read", *before), folder)
    changes = moved(run("read", *now), folder)
    apart = all(new > old for new in now for old in before) or all(new < old for new in now for old in before)
    assert bool(changes) == apart


def test_more_is_better_for_a_ratio_of_rates_and_worse_for_one_of_times(tmp_path: Path) -> None:
    rates, times = Figure("read", "ratio", "higher", [1.0]), Figure("p99", "ratio", "lower", [1.0])
    save(document([rates, times], {}), tmp_path)
    later = document([rates._replace(values=[2.0]), times._replace(values=[2.0])], {})
    assert [(change.name, change.better) for change in moved(later, tmp_path)] == [
        ("read", True),
        ("p99", False),
    ]


def test_each_figure_is_compared_with_the_last_run_that_has_it(tmp_path: Path) -> None:
    for day, name, value in ((1, "read", 1.0), (2, "read", 5.0), (3, "clip", 9.0)):
        save({**run(name, value), "at": f"2026-01-0{day}T00:00:00+00:00"}, tmp_path)
    assert [change.before for change in moved(run("read", 1.0), tmp_path)] == [[5.0]]


def test_a_run_on_another_machine_is_not_compared_with(tmp_path: Path) -> None:
    save({**run("read", 1.0), "machine": {"name": "another"}}, tmp_path)
    (tmp_path / "broken.json").write_text("{", encoding="utf-8")
    assert moved(run("read", 2.0), tmp_path) == []
