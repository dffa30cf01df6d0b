"""A submit may ask its answer to wait, by a preference of RFC 7240."""

from __future__ import annotations

from typing import Final

import pytest

from mockserver.contract.wait_rule import WaitRule

RULE: Final = WaitRule(("header", "prefer"), "wait", 60)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("wait", 60),
        ("wait=5", 5),
        ("Wait = 5", 5),
        ('respond-async, wait="7"; strict', 7),
        ("wait=600", 60),
        ("wait=0", 0),
        ("wait=soon", 0),
        ("waiting", 0),
        ("wait=61, wait=5", 60),
        ("wait=-5", 0),
        ("wait=1.5", 0),
        ("wait; strict", 60),
        ("", 0),
    ],
)
def test_a_preference_says_how_long(text: str, seconds: float) -> None:
    assert RULE.seconds_of(text) == seconds


@pytest.mark.parametrize(
    ("at", "parameter", "is_it"),
    [
        (("header", "prefer"), ("header", "Prefer"), True),
        (("header", "prefer"), ("query", "prefer"), False),
        (("query", "wait"), ("query", "wait"), True),
        (("query", "wait"), ("query", "Wait"), False),
        (("query", "wait"), ("query", "weight"), False),
    ],
)
def test_a_header_is_known_in_any_case_and_a_query_by_its_own(
    at: tuple[str, str], parameter: tuple[str, str], is_it: bool
) -> None:
    place, name = parameter
    assert WaitRule(at, "wait", 60).is_at({"in": place, "name": name}) is is_it
