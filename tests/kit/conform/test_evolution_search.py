"""A search for the fewest changes of answers that break a client runs it so often and no more."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from mockserver.kit.conform.running import evolution_search
from mockserver.kit.conform.running.evolution_search import ATTEMPTS, EvolutionSearch


def _search(
    monkeypatch: pytest.MonkeyPatch, breaking: set[int], judge: str = "client"
) -> tuple[Any, list[tuple[int, ...]]]:
    """A search among numbers in place of changes, and what was tried in it."""
    tried: list[tuple[int, ...]] = []

    def run(_: object, changes: Sequence[int], name: str) -> bool:
        assert name == str(len(tried))
        tried.append(tuple(changes))
        return breaking <= set(changes)

    def judged(_: object, breaks: bool) -> list[SimpleNamespace]:
        return [SimpleNamespace(judge=judge)] * breaks

    monkeypatch.setattr(evolution_search, "judge_case", judged)
    case, environment = (SimpleNamespace(), SimpleNamespace(run=run))
    search: Any = EvolutionSearch
    return search(case, environment, {"known"}), tried


def test_the_first_set_that_breaks_the_client_is_reduced(monkeypatch: pytest.MonkeyPatch) -> None:
    search, tried = _search(monkeypatch, {3})
    assert search.fewest([[1, 2], [2, 3, 4, 5], [3]]) == [3]
    assert tried[:2] == [(1, 2), (2, 3, 4, 5)]


def test_what_the_client_breaks_without_changes_is_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    search, tried = _search(monkeypatch, {1}, "known")
    assert search.fewest([[1], [1, 2]]) is None
    assert tried == [(1,), (1, 2)]


def test_after_the_last_attempt_nothing_is_run(monkeypatch: pytest.MonkeyPatch) -> None:
    search, tried = _search(monkeypatch, {0})
    assert search.fewest([[number] for number in range(1, ATTEMPTS + 5)]) is None
    assert len(tried) == ATTEMPTS
