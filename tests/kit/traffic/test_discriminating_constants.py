"""Fixed values of answers that tell cases apart: which count, and what a body says by them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, Final

import pytest

from mockserver.kit.traffic.discriminating_constants import (
    DiscriminatingConstants,
    PossibleValues,
    _constants,
    _copies_of,
    discriminating_constants,
)


@pytest.mark.parametrize(
    ("template", "constants"),
    [
        ({"a": 1, "b": {"c": "x"}}, {"/a": PossibleValues((1,)), "/b/c": PossibleValues(("x",))}),
        ({"a": None, "b": [1], "c": False}, {"/c": PossibleValues((False,))}),
        ("whole", {"": PossibleValues(("whole",))}),
        ({"a": {"$": "job.id"}}, {}),
        ({"a": {"$": "job.code"}}, {"/a": PossibleValues(("bad", 7), others=True)}),
        ({"a": {"$when": ["failed"], "$then": 1, "$else": 2}}, {"/a": PossibleValues((1, 2))}),
        ({"a": {"$when": ["failed"], "$then": 1}}, {"/a": PossibleValues((1,))}),
        (
            {"a": {"$when": ["failed"], "$then": {"$": "job.id"}, "$else": 2}},
            {"/a": PossibleValues((2,), others=True)},
        ),
        ({"a": {"$when": ["failed"], "$then": {"b": 1}, "$else": {"$": "job.id"}}}, {}),
        (
            {"a": {"$when": ["failed"], "$then": {"b": 1}, "$else": {"b": 2, "c": 3}}},
            {"/a/b": PossibleValues((1, 2)), "/a/c": PossibleValues((3,))},
        ),
        ({"$when": ["failed"], "$then": {"a": 1}, "$else": {"ab": {"$": "x"}, "abc": 2}},
         {"/a": PossibleValues((1,)), "/abc": PossibleValues((2,))}),
    ],
)  # fmt: skip
def test_the_values_that_a_template_can_show_at_a_place(template: Any, constants: Any) -> None:
    assert _constants(template, ("bad", 7)) == constants


def test_a_value_is_copied_where_a_template_shows_it() -> None:
    status = {"$": "error.status"}
    template = {
        "a": status,
        "b": {"c": status, "d/e": status},
        "f": {"$when": [], "$then": status},
        "g": [status],
    }
    assert [*_copies_of("error.status", template, "")] == ["/a", "/b/c", "/b/d~1e"]
    assert [*_copies_of("error.message", template, "")] == []


KNOWN: Final = DiscriminatingConstants(
    {
        "unpaid": {"/code": PossibleValues((1,)), "/more": PossibleValues(("a", "b"))},
        "unknown": {"/code": PossibleValues((2,))},
        "failed": {"/code": PossibleValues((3,), others=True)},
        "flag": {"/flag": PossibleValues((True,))},
    },
    {},
)


@pytest.mark.parametrize(
    ("case", "body", "mismatches"),
    [
        ("unpaid", {"code": 1, "more": "b"}, []),
        ("unpaid", {"code": 2}, [("/code", 1, 2)]),
        ("unpaid", {"code": 1, "more": "c"}, [("/more", ["a", "b"], "c")]),
        ("unpaid", {"code": 2, "more": "c"}, [("/code", 1, 2), ("/more", ["a", "b"], "c")]),
        ("unpaid", {}, []),
        ("unpaid", "text", []),
        ("failed", {"code": 3}, []),
        ("failed", {"code": 9}, []),
        ("failed", {"code": 2}, [("/code", 3, 2)]),
        ("flag", {"flag": 1}, [("/flag", True, 1)]),
        ("unpaid", {"code": True}, [("/code", 1, True)]),
        ("other", {"code": 9}, []),
    ],
)
def test_a_body_contradicts_a_case_by_a_value_that_it_cannot_have(
    case: str, body: Any, mismatches: list[Any]
) -> None:
    assert KNOWN.mismatches(case, body) == mismatches


@pytest.mark.parametrize(
    ("cases", "body", "is_named"),
    [
        (["unpaid"], {"code": 1}, True),
        (["unpaid"], {"more": "b"}, True),
        (["unpaid"], {"code": 1, "more": "c"}, False),
        (["unpaid"], {"code": 2}, False),
        (["unpaid"], {}, False),
        (["unpaid", "unknown"], {"code": 2}, True),
        (["failed"], {"code": 3}, False),
        (["flag"], {"flag": 1}, False),
        ([], {"code": 1}, False),
        (["other"], {"code": 1}, False),
    ],
)
def test_a_body_names_a_case_by_a_value_of_that_case_alone(
    cases: list[str], body: Any, is_named: bool
) -> None:
    assert KNOWN.name(cases, body) is is_named


def test_only_what_differs_between_cases_counts_and_no_place_of_a_message() -> None:
    def response(*bodies: tuple[str, Any]) -> dict[str, Any]:
        return {"x-job": [{"when": [when], "body": body} for when, body in bodies]}

    message = {"$": "error.message"}
    own = response(
        ("a", {"code": 1, "same": 0, "text": "x", "status": {"$": "error.status"}}),
        ("b", {"code": 2, "same": 0, "text": message, "lone": 5}),
        ("c", {"text": "y", "reason": {"$": "job.code"}}),
        ("d", {"reason": 8}),
    )
    shared = response(("e", {"code": 3}))
    ignored = response(("method", {"same": 9}))
    job = {
        "answers": {"e": {"response": shared}, "method": {"response": ignored}},
        "reasons": {"one": {"code": 7}, "other": {}},
    }
    document = {"x-job": job, "paths": {"/a": {"get": {"responses": {"200": own}}}}}
    contract: Any = SimpleNamespace(document=document)
    operation: Any = SimpleNamespace(path="/a", method="GET")
    found = discriminating_constants.__wrapped__(contract, operation)
    assert found.constants == {
        "a": {"/code": PossibleValues((1,))},
        "b": {"/code": PossibleValues((2,))},
        "c": {"/reason": PossibleValues((7,), others=True)},
        "d": {"/reason": PossibleValues((8,))},
        "e": {"/code": PossibleValues((3,))},
    }
    assert found.status_copies == {"a": ("/status",), "b": (), "c": (), "d": (), "e": ()}
