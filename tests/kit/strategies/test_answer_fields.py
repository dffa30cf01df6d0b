"""Places that a template fills, and limits of values that are drawn in parts."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.kit.strategies.answer_fields import AnswerField, places
from mockserver.kit.strategies.limits import LIMITS
from mockserver.kit.strategies.verdicts import PENDING

STATE = {"$": "job.state"}


@pytest.mark.parametrize(
    ("template", "body", "fields"),
    [
        ({"a": 1, "b": ["x"]}, {"a": 1, "b": ["x"]}, []),
        ({"a/b": STATE}, {}, [AnswerField("/a~1b", True, True)]),
        ({"a": {"$": "job.reason"}}, None, [AnswerField("/a", False, True)]),
        ({"a": {"$": "request.id"}}, None, [AnswerField("/a", False, False)]),
        ({"a": {"$": "media.video"}}, None, [AnswerField("/a", True, True)]),
        ({"a": {"$": "job.request#/prompt"}}, None, [AnswerField("/a", True, True, True)]),
        ({"a": {"$link": "read"}}, None, [AnswerField("/a", True, True)]),
        ([STATE, {"a": STATE}], [], [AnswerField("/0", True, True), AnswerField("/1/a", True, True)]),
        ({"a": {"$when": ["failed"], "$then": "x", "$else": "y"}}, {}, [AnswerField("/a", True, False)]),
        ({"a": {"$when": ["failed"], "$then": "x", "$else": "x"}}, {}, [AnswerField("/a", False, False)]),
        ({"a": {"$when": ["failed"], "$then": "x"}}, {}, [AnswerField("/a", False, False)]),
        (
            {"$when": ["failed"], "$then": "x", "$else": {"$when": ["running"], "$then": "y"}},
            {},
            [AnswerField("", True, False), AnswerField("", False, False)],
        ),
        (
            {"$when": ["failed"], "$then": {"b": STATE}},
            {},
            [AnswerField("", False, False), AnswerField("/b", True, True)],
        ),
        ({"a": {"$each": "jobs", "$do": {"b": STATE}}}, {"a": "text"}, [AnswerField("/a", True, True)]),
        (
            {"a": [{"$each": "jobs", "$do": STATE}]},
            {"a": [[1, 2]]},
            [
                AnswerField("/a/0", True, True),
                *(AnswerField(f"/a/0/{number}", True, True) for number in (0, 1)),
            ],
        ),
        ({"a": [1, {"$each": "jobs", "$do": STATE}]}, {"a": [[1]]}, [AnswerField("/a/1", True, True)]),
    ],
)
def test_places_that_a_template_fills(template: Any, body: Any, fields: list[AnswerField]) -> None:
    assert list(places(template, body)) == fields


@pytest.mark.parametrize(
    ("word", "limit", "value", "verdict"),
    [
        ("minimum", 2, 2, True),
        ("minimum", 2, 1.9, False),
        ("maximum", 2, 2, True),
        ("maximum", 2, 2.1, False),
        ("exclusiveMinimum", 2, 2, False),
        ("exclusiveMinimum", 2, 2.1, True),
        ("exclusiveMaximum", 2, 2, False),
        ("exclusiveMaximum", 2, 1.9, True),
        ("multipleOf", 2, 4, True),
        ("multipleOf", 2, 3, False),
        ("minimum", 2, True, True),
        ("minimum", 2, "1", True),
        ("minLength", 2, "ab", True),
        ("minLength", 2, "a", False),
        ("minLength", 2, [], True),
        ("maxLength", 2, "ab", True),
        ("maxLength", 2, "abc", False),
        ("minItems", 1, [1], True),
        ("minItems", 1, [], False),
        ("maxItems", 1, [1], True),
        ("maxItems", 1, [1, 2], False),
        ("maxItems", 1, "ab", True),
        ("minProperties", 1, {"a": 1}, True),
        ("minProperties", 1, {"a": PENDING}, None),
        ("minProperties", 2, {"a": PENDING, "b": 1}, None),
        ("minProperties", 2, {"a": PENDING}, False),
        ("maxProperties", 1, {"a": 1, "b": 1}, False),
        ("maxProperties", 1, {"a": 1, "b": PENDING}, None),
        ("maxProperties", 1, {"a": PENDING}, True),
    ],
)
def test_a_limit_holds_fails_or_is_not_known_yet(
    word: str, limit: int, value: Any, verdict: bool | None
) -> None:
    assert LIMITS[word]({}, {word: limit})(value) is verdict
