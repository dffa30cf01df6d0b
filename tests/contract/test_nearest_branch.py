"""What fits none of several forms is told by the form that was meant."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.contract.validate import SchemaContext, Validator
from mockserver.media.picture import measure

TAGGED = {
    "type": "object",
    "required": ["kind"],
    "properties": {"kind": {"const": "first"}, "seconds": {"maximum": 30}},
}
OTHER = {**TAGGED, "properties": {"kind": {"const": "last"}, "note": {"type": "string"}}}
TEXT = {"type": "string", "maxLength": 3}


def explained(branches: list[Any], value: Any, keyword: str = "oneOf", **node: Any) -> list[str]:
    """The violations of a body whose member `at` has these forms."""
    schema = {"properties": {"at": {keyword: branches, **node}}}
    context = SchemaContext({"components": {"schemas": {"Body": schema}}}, {}, measure)
    return [each.text() for each in Validator(context, "/components/schemas/Body").explain({"at": value})]


@pytest.mark.parametrize("keyword", ["oneOf", "anyOf"])
@pytest.mark.parametrize(("branches", "value", "cause"), [
    ([TAGGED, TEXT], {"kind": "first", "seconds": 40}, "at.seconds is 40, expected at most 30"),
    ([TAGGED, TEXT], {}, "at.kind is required"),
    ([TAGGED, TEXT], "a text", 'at is "a text", expected at most 3 characters'),
    ([TAGGED, TEXT], "x" * 5000, f'at is "{"x" * 57}..." (5000 characters), expected at most 3 characters'),
    ([TAGGED, OTHER], {"kind": "first", "seconds": 40}, "at.seconds is 40, expected at most 30"),
    ([TAGGED, OTHER], {"kind": "last", "note": 1}, "at.note is 1, expected a string"),
    ([{"oneOf": [TAGGED, OTHER]}, TEXT], {"kind": "last", "note": 1},
     "at fits none of the forms: at.note is 1, expected a string; expected one of 2 forms"),
])  # fmt: skip
def test_the_form_of_that_type_or_tag_was_meant(
    keyword: str, branches: list[Any], value: Any, cause: str
) -> None:
    [text] = explained(branches, value, keyword)
    assert text == f"at fits none of the forms: {cause}; expected one of 2 forms"


@pytest.mark.parametrize(("branches", "value"), [
    ([TAGGED, TEXT], 7),
    ([TAGGED, OTHER], {"kind": "middle"}),
    ([{"type": "string", "maxLength": 3}, {"type": "string", "pattern": "^a"}], "other"),
])  # fmt: skip
def test_where_it_can_be_any_or_none_no_form_is_named(branches: list[Any], value: Any) -> None:
    [text] = explained(branches, value)
    assert text.endswith(", expected one of 2 forms")
    assert text.startswith("at is ")


def test_words_of_the_contract_go_first() -> None:
    [text] = explained([TAGGED, TEXT], "a text", **{"x-expected": "a short text"})
    assert text == 'at is "a text", expected a short text'
