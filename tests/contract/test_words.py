"""The words of violations, pointers and parameters, one by one."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract import fields, pointer
from mockserver.contract.describe import parameters_of
from mockserver.contract.extension import _shortened
from mockserver.contract.shortened import Shortener
from mockserver.contract.violation import (
    Violation,
    beside,
    brief,
    cite,
    in_words,
    provenance_at,
    read_clause,
    shown,
)


def test_properties_beside_a_reference_do_not_hide_those_of_its_schema() -> None:
    document = {"base": {"properties": {"a": {"type": "string"}, "b": {}}}}
    node = {"oneOf": [{"$ref": "#/base", "properties": {"a": {"const": "x"}}}]}

    assert {field.name for field in fields.of_body(document, node)} == {"a", "b"}


@pytest.mark.parametrize(
    ("node", "text"),
    [
        ({}, "the value is there"),
        ({"type": "string"}, "the value is string"),
        ({"const": 1}, "the value is 1"),
        ({"pattern": "^a"}, "the value matches ^a"),
        ({"properties": {"a": {}}}, "a is there"),
        ({"properties": {"a": {"const": "x"}}}, 'a is "x"'),
        ({"properties": {"a": {"type": "string", "pattern": "b"}}}, "a matches b"),
        ({"type": "object", "properties": {"a": {"const": 1}}}, "a is 1"),
        ({"required": ["a", "b"], "properties": {"a": {"const": 1}}}, "a is 1 and b is sent"),
        ({"type": "object", "required": ["a"]}, "a is sent"),
        ({"properties": {"a": {"type": "object", "required": ["b"]}}}, "a.b is sent and a is object"),
        ({"properties": {"a": {"properties": {"b": {"minimum": 2}}}}}, "a.b is at least 2"),
        ({"allOf": [{"required": ["a"]}, {"required": ["b"]}]}, "a is sent and b is sent"),
        ({"anyOf": [{"required": ["a"]}, {"required": ["b"]}]}, "(a is sent or b is sent)"),
        ({"oneOf": [{"const": 1}, {"const": 2}]}, "(the value is 1 or the value is 2)"),
        ({"not": {"required": ["a"]}}, "not (a is sent)"),
        ({"properties": {"a": {"contains": {"const": 1}}}}, "a[] is 1"),
        ({"properties": {"a": False}}, "a is never sent"),
    ],
)
def test_a_condition_is_said_in_words(node: dict[str, Any], text: str) -> None:
    assert fields.condition_text({}, node) == text


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        ({}, ""),
        ({"minimum": 1}, "at least 1"),
        ({"maximum": 1}, "at most 1"),
        ({"minimum": 0, "maximum": 1}, "0 to 1"),
        ({"minLength": 1}, "at least 1 character"),
        ({"minLength": 2}, "at least 2 characters"),
        ({"maxLength": 11}, "at most 11 characters"),
        ({"minItems": 1, "maxItems": 1}, "1 to 1 item"),
        ({"minItems": 0, "maxItems": 21}, "0 to 21 items"),
        ({"enum": ["a", 1, None]}, '"a" | 1 | null'),
        ({"exclusiveMinimum": 0, "exclusiveMaximum": 1}, "more than 0, less than 1"),
        ({"multipleOf": 5, "minimum": 5}, "a multiple of 5, at least 5"),
        ({"format": "uri-reference", "pattern": "x"}, "matches x"),
        ({"format": "uri"}, "uri"),
        ({"x-never": True, "const": 1}, "never sent"),
    ],
)
def test_what_a_schema_allows_is_said_in_words(schema: dict[str, Any], text: str) -> None:
    assert fields.allowed(schema) == text


FIELDS = {
    "type": "object",
    "required": ["a", "z"],
    "properties": {
        "a": {"type": "string", "default": "x", "x-provenance": "DOC page 1"},
        "list": {
            "type": "array",
            "items": {"type": "object", "properties": {"b": {"type": ["string", "null"]}}},
        },
        "words": {"type": "array", "items": {"type": "string"}},
    },
    "allOf": [{"properties": {"c": {"minimum": 1}}}],
    "oneOf": [{"required": ["d"]}, {"properties": {"e": {}}}],
    "dependentSchemas": {"c": {"properties": {"f": {"const": 1}}}},
    "if": {"required": ["c"]},
    "then": {"properties": {"g": {}}},
    "else": {"properties": {"h": {}}},
}


def test_the_fields_of_a_body_have_their_type_their_need_and_their_condition() -> None:
    listed = [
        (field.name, field.type, field.required, field.allowed, field.default, field.when)
        for field in fields.of_body({}, FIELDS)
    ]

    assert listed == [
        ("a", "string", True, "", '"x"', ""),
        ("list", "array of object", False, "", "", ""),
        ("list[].b", "string or null", False, "", "", ""),
        ("words", "array of string", False, "", "", ""),
        ("c", "", False, "at least 1", "", ""),
        ("d", "", True, "", "", "one of several"),
        ("e", "", False, "", "", "one of several"),
        ("f", "", False, "1", "", "c is sent"),
        ("g", "", False, "", "", "c is sent"),
        ("h", "", False, "", "", "not (c is sent)"),
    ]


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (("body", "/a/0/b", "type", 5, "a string", ""), "a[0].b is 5, expected a string"),
        (("body", "", "type", [], "an object", "S"), "the body is [], expected an object [S]"),
        (("path", "/id", "type", "x", "an integer", ""), 'path parameter id is "x", expected an integer'),
        (("body", "/a", "required", None, "is required", "S"), "a is required [S]"),
        (("body", "/a", "unknown", None, "is not known", ""), "a is not known"),
        (("body", "/a", "x", 1, "b", "", "has c"), "a has c; expected b"),
    ],
)
def test_a_violation_is_one_clause(given: tuple[Any, ...], text: str) -> None:
    assert Violation(*given).text() == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("x" * 60, f'"{"x" * 60}"'),
        ("x" * 61, f'"{"x" * 57}..." (61 characters)'),
        (None, "null"),
        (1.5, "1.5"),
        ([1, {"a": "é"}], '[1,{"a":"é"}]'),
        (["x" * 76], f'["{"x" * 76}"]'),
        (["x" * 77], f'["{"x" * 75}...'),
    ],
)
def test_a_sent_value_is_brief(value: Any, text: str) -> None:
    assert brief(value) == text


def test_a_name_is_shown_up_to_200_characters() -> None:
    assert shown("a" * 200) == "a" * 200
    assert shown("a" * 201) == "a" * 200 + "..."


def test_a_message_of_a_library_keeps_both_ends() -> None:
    assert _shortened("a" * 200) == "a" * 200
    text = "".join(chr(0x4E00 + number) for number in range(300))
    assert _shortened(text) == f"{text[:60]} ... {text[-135:]}"


def test_a_source_has_its_title() -> None:
    titles = {"S1": "The page", "C20": "Both"}

    assert cite("DOCUMENTED S1 Errors", titles) == "DOCUMENTED The page Errors"
    assert cite("READ-OFF C20", titles) == "READ-OFF Both"
    assert cite("DOCUMENTED S2 Errors", titles) == "DOCUMENTED S2 Errors"
    assert cite("see S1", titles) == "see The page"
    assert cite("DOCUMENTED S1 C20 Errors; C20's, as S1", titles) == (
        "DOCUMENTED The page and 1 more, Errors; Both's, as The page"
    )
    assert cite("VENDOR S1, S2 and C20", titles) == "VENDOR S1, S2 and C20"
    assert cite("OBSERVED C20 of S1.6, S1-b and xS1", titles) == "OBSERVED Both of S1.6, The page-b and xS1"
    notes = "in the contract's NOTES.md"
    assert (
        cite("DOCUMENTED S1 Errors; reading C01 C02", titles)
        == f"DOCUMENTED The page Errors; explained at C01 C02 {notes}"
    )
    assert cite("the other reading of C01 C02", titles) == f"the other reading at C01 C02 {notes}"
    assert cite("ASSUMED reading N9", titles) == f"ASSUMED explained at N9 {notes}"
    assert (
        cite("VENDOR K1, readings C1, C2 and C3", titles) == f"VENDOR K1, explained at C1, C2 and C3 {notes}"
    )
    assert cite("DOCUMENTED S2 reading the page", titles) == "DOCUMENTED S2 reading the page"
    assert cite("", titles) == ""


DOCUMENT = {
    "x-provenance": "of the document",
    "a": {"x-provenance": "of a", "b": {"c": {}}, "x-rule": "rule", "properties": {"p": {}}},
    "d": {"minimum": 1, "x-expected": "what d says", "description": "a description"},
    "e": {"if": 1, "description": "a description"},
    "f": {"if": {"a": 1}},
}


@pytest.mark.parametrize(("path", "source"), [(("a", "b", "c"), "of a"), (("a",), "of a"), (("d",), "")])
def test_provenance_is_that_of_the_nearest(path: tuple[str, ...], source: str) -> None:
    assert provenance_at(DOCUMENT, path) == source


@pytest.mark.parametrize(
    ("node", "keyword", "expected"),
    [
        ({"enum": ["a", 1]}, "enum", 'one of "a", 1'),
        ({"enum": ["a"]}, "enum", '"a"'),
        ({"const": None}, "const", "what const null allows"),
        ({"const": 5}, "const", "5"),
        ({"type": "integer"}, "type", "an integer"),
        ({"type": ["string", "null", "object"]}, "type", "a string or null or an object"),
        ({"minimum": 1}, "minimum", "at least 1"),
        ({"maximum": 1}, "maximum", "at most 1"),
        ({"exclusiveMinimum": 1}, "exclusiveMinimum", "more than 1"),
        ({"exclusiveMaximum": 1}, "exclusiveMaximum", "less than 1"),
        ({"minLength": 1}, "minLength", "at least 1 characters"),
        ({"maxLength": 1}, "maxLength", "at most 1 characters"),
        ({"minItems": 1}, "minItems", "at least 1 items"),
        ({"maxItems": 1}, "maxItems", "at most 1 items"),
        ({"pattern": "^a"}, "pattern", "text that matches ^a"),
        ({"required": ["a"], "x-expected": "x"}, "required", "is required"),
        ({"minimum": 1, "x-expected": "what d says"}, "minimum", "what d says"),
        ({"if": 1, "description": "a description"}, "if", "a description"),
        ({"if": {"a": 1}}, "if", 'what if {"a":1} allows'),
    ],
)
def test_what_is_expected_is_said_in_words(node: dict[str, Any], keyword: str, expected: str) -> None:
    clause = read_clause({"n": {**node, "x-provenance": "A S1"}}, ("n", keyword), {"S1": "page"})

    assert clause == (expected, "A page", None, {}, f"/n/{keyword}", "", 0)


def test_a_clause_names_its_rule_and_properties() -> None:
    clause = read_clause(DOCUMENT, ("a", "anyOf"), {})

    assert (clause.rule, clause.properties) == ("rule", {"p": {}})


@given(st.lists(st.text(st.sampled_from("~/01ab[."), max_size=4), max_size=4))
def test_a_pointer_is_read_as_it_was_written(path: list[str]) -> None:
    assert pointer.parts(pointer.write(path)) == tuple(path)


@pytest.mark.parametrize(
    ("text", "dotted"),
    [
        ("", ""),
        ("/a", "a"),
        ("/a/0/1/b", "a[0][1].b"),
        ("/a/0b", "a.0b"),
        ("/a~1b/~0c", "a/b.~c"),
        ("/0", "[0]"),
    ],
)
def test_a_pointer_for_people_has_dots_and_brackets(text: str, dotted: str) -> None:
    assert pointer.dotted(text) == dotted


def test_pointers_of_any_length_are_read_and_only_short_ones_remembered() -> None:
    pointer._parts.cache_clear()
    pointer._dotted.cache_clear()
    for length, more in ((499, 1), (500, 0)):
        before = pointer._parts.cache_info().currsize, pointer._dotted.cache_info().currsize
        text = f"/{length % 10}" + "x" * (length - 1)
        assert pointer.parts(text) == (text[1:],)
        assert pointer.dotted(text) == text[1:]
        after = pointer._parts.cache_info().currsize, pointer._dotted.cache_info().currsize
        assert after == (before[0] + more, before[1] + more)


def test_the_parameters_of_a_model_are_described() -> None:
    document = {"Size": {"type": "string", "enum": ["s", "m"]}}
    payload = {
        "required": ["size_of_it"],
        "properties": {
            "size_of_it": {"$ref": "#/Size", "description": "How big."},
            "n": {"type": ["integer", "null"], "minimum": 1, "maximum": 9, "default": 0},
            "t": {"minLength": 0, "maxLength": 7},
        },
    }

    assert parameters_of(document, payload) == [
        {
            "name": "size_of_it", "display_name": "Size of it", "description": "How big.", "type": "string",
            "required": True, "options": ["s", "m"],
        },
        {
            "name": "n", "display_name": "N", "description": "", "type": "integer|null", "required": False,
            "default": 0, "min": 1, "max": 9,
        },
        {
            "name": "t", "display_name": "T", "description": "", "type": "any", "required": False,
            "min_length": 0, "max_length": 7,
        },
    ]  # fmt: skip


def test_texts_keep_64_kib_each_and_a_mebibyte_together() -> None:
    shortener = Shortener()
    whole, long = "a" * 65_536, "b" * 65_537
    short, cut = shortener.shorten([whole, long])
    assert (short, cut) == (whole, long[:65_536])
    assert (shortener.original(cut), shortener.original("other")) == (long, "other")
    texts = shortener.shorten([chr(0x4E00 + number) * 65_536 for number in range(15)])
    assert [len(text) for text in texts] == [65_536] * 14 + [201]
    assert shortener.shorten(["c" * 200, {"d" * 200: 1}]) == ["c" * 200, {"d" * 200: 1}]
    assert [len(key) for key in shortener.shorten({"e" * 999: 1})] == [202]


@pytest.mark.parametrize(
    ("says", "sent", "body", "words"),
    [
        ("mode value '{value}' is invalid", "max", {}, "mode value 'max' is invalid"),
        ("of {/a}/{/b/0}/{value}", 7, {"a": "x", "b": [1.5]}, "of x/1.5/7"),
        ("with {/c}", None, {}, "with 5"),
        ("with {/c}", None, {"c": None}, "with 5"),
        ("with {/d}", None, {"d": {"e": [1]}}, 'with {"e":[1]}'),
        ("with {/e}", None, [], "with "),
        ("{value}", "x" * 61, {}, "x" * 57 + "... (61 characters)"),
        ("{other} {}", "x", {}, "{other} {}"),
    ],
)
def test_words_of_a_provider_have_what_was_sent_in_their_places(
    says: str, sent: Any, body: Any, words: str
) -> None:
    assert in_words(says, sent, body, {"c": "5"}) == words


@pytest.mark.parametrize(
    ("sent", "name", "asking"),
    [
        ({"a": 1}, "x", "a"),
        ({"c": 1}, "x", "c"),
        ({"b": 1, "c": 1}, "x", "c"),
        ({"b": 1, "c": 1}, "y", "b"),
        ({"c": 1, "a": 1}, "x", "a"),
    ],
)
def test_a_member_is_required_beside_the_first_one_that_was_sent_and_asks_for_it(
    sent: dict[str, Any], name: str, asking: str
) -> None:
    document = {"body": {"dependentRequired": {"a": ["x"], "b": ["y"], "c": ["z", "x"]}}}

    assert beside(document, ("body", "dependentRequired"), name, sent) == f"is required beside {asking}"
