"""Which properties an example must have: all of a complete one, and those that lead to its focus."""

from __future__ import annotations

from typing import Any, cast

import pytest

from mockserver.kit.strategies.instances import Choices, InstanceGenerator


@pytest.mark.parametrize(
    ("at", "focus", "is_wanted"),
    [
        ("/a", "/a", True),
        ("/a", "/a/b", True),
        ("/a/b", "/a/b", True),
        ("/a", "/ab", False),
        ("/ab", "/a", False),
        ("/a/b", "/a", False),
        ("/b", "/a/b", False),
        ("/a", "", False),
    ],
)
def test_what_leads_to_the_focus_is_wanted_and_for_the_rest_a_coin_is_tossed(
    at: str, focus: str, is_wanted: bool
) -> None:
    coins: list[Any] = []

    def toss(strategy: Any) -> bool:
        coins.append(strategy)
        return len(coins) % 2 == 1

    generator = InstanceGenerator(cast(Any, None), cast(Any, toss), Choices({}, focus=focus))

    assert [generator._wanted(at) for _ in range(3)] == ([True] * 3 if is_wanted else [True, False, True])
    assert len(coins) == (0 if is_wanted else 3)
    complete = InstanceGenerator(cast(Any, None), cast(Any, toss), Choices({}, focus=focus, complete=True))
    assert complete._wanted(at)
