"""Which families of checks have something to judge in a call: each that finds something, and not all."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from types import SimpleNamespace
from typing import Any, Final

import pytest

from mockserver.kit.checks.applicability import APPLIES, families_of, label
from mockserver.kit.checks.base import checks, examine
from mockserver.kit.findings.account import CALLBACKS, FILES, NO_OPERATION
from mockserver.kit.traffic.history import History
from tests.kit.miniatures import every
from tests.kit.miniatures.base import GoodServer
from tests.kit.miniatures.walk import recorded

MINIATURES: Final = 4
"""Wrong servers of each family that are asked: the first, of more they would take long."""


@pytest.mark.parametrize(
    ("operation", "callback", "path_known", "word"),
    [
        ("submit", False, True, "submit"),
        (None, True, True, CALLBACKS),
        (None, False, True, NO_OPERATION),
        (None, False, False, FILES),
    ],
)
def test_a_call_is_counted_by_its_operation_or_by_what_else_it_is(
    operation: str | None, callback: bool, path_known: bool, word: str
) -> None:
    call: Any = SimpleNamespace(
        operation=operation and SimpleNamespace(id=operation),
        exchange=SimpleNamespace(callback=callback),
        path_known=path_known,
    )
    assert label(call) == word


def test_every_family_of_checks_says_where_it_applies() -> None:
    assert set(APPLIES) == {check.family for check in checks()}


@pytest.mark.parametrize("family", sorted(APPLIES))
def test_what_finds_something_in_a_call_applies_to_it(family: str) -> None:
    wrong = (miniature for miniature in every() if any(map(family_of(family), miniature.caught_by)))
    for miniature in islice(wrong, MINIATURES):
        history = History(miniature().contract)
        for exchange in recorded(miniature):
            call = history.read(exchange)
            findings = [one for one in examine(call, history) if family_of(family)(one.check)]
            assert not findings or family in set(families_of(call, history)), findings[0].sentence
            history.add(call)


def family_of(family: str) -> Callable[[str], bool]:
    """Whether a check belongs to a family."""
    return lambda check: check.partition(".")[0] == family


def test_a_family_that_has_nothing_to_judge_in_a_call_does_not_apply() -> None:
    history = History(GoodServer().contract)
    families: dict[str, set[str]] = {}
    for exchange in recorded(GoodServer):
        call = history.read(exchange)
        if call.operation is not None and call.exchange.status == 200:
            families.setdefault(call.operation.id, set()).update(families_of(call, history))
        history.add(call)
    assert families["listModels"] == {"auth", "envelope", "schema", "status"}
    assert families["submitRequest"] == {"auth", "envelope", "lifecycle", "moments", "schema", "status"}
    assert "lists" in families["listRequests"]
    assert "lifecycle" not in families["listRequests"]
