"""Readers of JSON take what is in their range, to the last number, and say of the rest where and why."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from mockserver.jobs import codec, job, reading, records
from mockserver.jobs.reading import (
    choice,
    flag,
    items,
    members,
    moment,
    number,
    optional_text,
    text,
    texts,
    whole,
)

LAST = 253_402_300_799_999


@pytest.mark.parametrize(
    ("module", "limit", "value"),
    [
        (reading, "LATEST", LAST),
        (reading, "MOST", 9_007_199_254_740_992),
        (reading, "NAME", 500),
        (reading, "TEXT", 20_000),
        (records, "MOST_STEPS", 10_000),
        (records, "MOST_POLLS", 999_999),
        (records, "MOST_FACTS", 16_000_000),
        (records, "MOST_NAMES", 100_000),
        (records, "MOST_SUBMITTED", 67_108_864),
        (records, "MOST_PLACES", 100),
        (codec, "LONG_PLAN", 8192),
        (job, "LONGEST_CLIP", 1_000_000_000),
        (job, "MOST_NOTED", 10_000),
    ],
)
def test_what_older_versions_wrote_is_read_by_the_same_limits(
    module: ModuleType, limit: str, value: float
) -> None:
    assert getattr(module, limit) == value


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (lambda value: whole(value, "n", -2, 5), -2),
        (lambda value: whole(value, "n", -2, 5), 5),
        (lambda value: moment(value, "n"), 0),
        (lambda value: moment(value, "n"), LAST),
        (lambda value: number(value, "n", 0.5, 2), 0.5),
        (lambda value: number(value, "n", 0.5, 2), 2.0),
        (lambda value: text(value, "n", 3, least=2), "ab"),
        (lambda value: text(value, "n", 3, least=2), "abc"),
        (lambda value: text(value, "n"), ""),
        (lambda value: text(value, "n"), "ä" * 500),
        (lambda value: optional_text(value, "n"), None),
        (lambda value: optional_text(value, "n", 2), "ab"),
        (lambda value: items(value, "n", 2, least=1), [1]),
        (lambda value: items(value, "n", 2, least=1), [1, 2]),
        (lambda value: items(value, "n", 2), []),
        (lambda value: texts(value, "n", 2), ()),
        (lambda value: flag(value, "n"), True),
        (lambda value: flag(value, "n"), False),
        (lambda value: choice(value, "n", ("a", "b")), "b"),
        (lambda value: members(value, "n", frozenset("a"), frozenset("bc")), {"a": 1}),
        (lambda value: members(value, "n", frozenset("a"), frozenset("bc")), {"a": 1, "c": 2}),
    ],
)
def test_what_is_just_in_range_comes_back(read: Callable[[Any], Any], value: Any) -> None:
    given = list(value) if isinstance(value, tuple) else value

    assert read(given) == value
    assert type(read(given)) is type(value)


@pytest.mark.parametrize(
    ("read", "value", "said"),
    [
        (lambda value: whole(value, "n", -2, 5), -3, "n: -3 is not from -2 to 5"),
        (lambda value: whole(value, "n", -2, 5), 6, "n: 6 is not from -2 to 5"),
        (lambda value: whole(value, "n", -2, 5), True, "n: True is not a whole number"),
        (lambda value: moment(value, "n"), -1, f"n: -1 is not from 0 to {LAST}"),
        (lambda value: number(value, "n", 0.5, 2), 0.25, "n: 0.25 is not from 0.5 to 2"),
        (lambda value: number(value, "n", 0.5, 2), 2.5, "n: 2.5 is not from 0.5 to 2"),
        (lambda value: number(value, "n", 0.5, 2), True, "n: True is not a number"),
        (lambda value: number(value, "n", 0.5, 2), float("nan"), "n: nan is not a number"),
        (lambda value: number(value, "n", 0.5, 2), float("inf"), "n: inf is not a number"),
        (lambda value: text(value, "n", 3, least=2), "a", "n: a text of 1 characters, not of 2 to 3"),
        (lambda value: text(value, "n", 3, least=2), "abcd", "n: a text of 4 characters, not of 2 to 3"),
        (lambda value: text(value, "n"), "a" * 501, "n: a text of 501 characters, not of 0 to 500"),
        (lambda value: text(value, "n"), "a\ud800", r"n: 'a\ud800' is not Unicode text"),
        (lambda value: optional_text(value, "n", 2), "abc", "n: a text of 3 characters, not of 0 to 2"),
        (lambda value: items(value, "n", 2, least=1), [], "n: a list of 0 items, not of 1 to 2"),
        (lambda value: items(value, "n", 2, least=1), [1, 2, 3], "n: a list of 3 items, not of 1 to 2"),
        (lambda value: items(value, "n", 2), "ab", "n: 'ab' is not a list"),
        (lambda value: texts(value, "n", 2), ["a", 2], "n[1]: 2 is not a text"),
        (lambda value: flag(value, "n"), 1, "n: 1 is not true or false"),
        (lambda value: choice(value, "n", ("b", "a")), "c", "n: 'c' is not one of a, b"),
        (lambda value: choice(value, "n", ("b", "a")), ["a"], "n: a list is not one of a, b"),
        (lambda value: choice(value, "", ("b", "a")), {}, "it: an object is not one of a, b"),
        (lambda value: members(value, "n", frozenset("ab"), frozenset()), {"b": 1}, "n: 'a' is missing"),
        (lambda value: members(value, "", frozenset("ab"), frozenset()), {}, "it: 'a' is missing"),
        (
            lambda value: members(value, "", frozenset(), frozenset("b")),
            {"d": 1, "c": 1},
            "it: 'c' is not known",
        ),
        (lambda value: members(value, "n", frozenset(), frozenset("b")), {"d": 1}, "n: 'd' is not known"),
        (lambda value: members(value, "n", frozenset(), frozenset()), [], "n: a list is not an object"),
    ],
)
def test_what_is_just_out_of_range_is_refused_with_its_place(
    read: Callable[[Any], Any], value: Any, said: str
) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(said)}$"):
        read(value)


def test_sixty_characters_of_a_wrong_value_are_shown() -> None:
    long = "x" * 100

    assert str(reading.wrong("n", long, "short")) == f"n: '{long[:59]} is not short"
    assert str(reading.wrong("n", 10**99, "short")) == f"n: 1{'0' * 59} is not short"
    with pytest.raises(ValueError, match=f"^n: '{long[:60]}' is not known$"):
        members({long: 1}, "n", frozenset(), frozenset())
    with pytest.raises(ValueError, match=rf"^n: '{long[:59]}\\ud800' is not Unicode"):
        text(long[:59] + "\ud800" + long, "n")
