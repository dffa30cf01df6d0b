"""An OpenAPI document as the draft reads it: operations, forms of values, fields, bodies and keys."""

from __future__ import annotations

from typing import Any, Final

import pytest

from mockserver.kit.draft import finder
from mockserver.kit.draft.description import types_of
from mockserver.kit.draft.security import guess_security
from mockserver.kit.draft.submits import examples, read_body, sent_fields
from tests.kit.draft.small import described, sending

TEXT: Final = {"type": "string"}
COMPONENTS: Final[dict[str, Any]] = {
    "schemas": {
        "A": {"type": "object", "properties": {"a": TEXT}},
        "Loop": {"$ref": "#/components/schemas/Loop"},
    }
}
A: Final = {"$ref": "#/components/schemas/A"}
NONE: Final = described({}, components=COMPONENTS)


def of(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def test_operations_have_the_parameters_of_their_path_and_their_own() -> None:
    shared = [{"name": "id", "in": "path", "n": 1}, {"name": "id", "in": "query", "n": 2}]
    paths = {
        "/a": {
            "parameters": shared,
            "get": {"parameters": [{"name": "id", "in": "path", "n": 3}]},
            "head": {},
        },
        "b": {"get": {}},
        "/c": {"$ref": "#/paths/~1a"},
        "/d": {"get": "no operation"},
    }
    operations = described(paths).operations
    assert [operation.name for operation in operations] == ["GET /a", "GET /c"]
    for operation in operations:
        assert [parameter["n"] for parameter in operation.parameters] == [3, 2]


def test_the_words_of_an_operation_are_of_its_path_id_summary_and_tags() -> None:
    (operation,) = described(
        {"/A": {"get": {"operationId": "B", "tags": ["D", 3], "description": "E"}}}
    ).operations
    assert operation.text == "/a b d 3"


@pytest.mark.parametrize(
    ("content", "forms", "schema"),
    [
        ({}, [], None),
        ({"Application/JSON; q=1": {"schema": of(a=TEXT)}}, ["application/json"], of(a=TEXT)),
        ({"text/plain": {"schema": TEXT}}, ["text/plain"], TEXT),
        ({"text/plain": {}, "*/*": {"schema": of(a=TEXT)}}, ["text/plain", "*/*"], of(a=TEXT)),
        (
            {
                "application/json": {
                    "schema": of(a=TEXT),
                    "example": {"a": "x"},
                    "examples": {"one": {"value": {"a": "y"}}, "two": {}},
                }
            },
            ["application/json"],
            {**of(a=TEXT), "examples": [{"a": "x"}, {"a": "y"}]},
        ),
        (
            {"application/json": {"schema": {}, "example": {"a": 1}}},
            ["application/json"],
            {
                "type": "object",
                "properties": {"a": {"type": "integer", "examples": [1]}},
                "examples": [{"a": 1}],
            },
        ),
        ({"application/json": {"schema": {}, "example": 3}}, ["application/json"], {"examples": [3]}),
        ({"application/json": {"schema": True, "example": 3}}, ["application/json"], True),
    ],
)
def test_the_body_of_a_request(content: Any, forms: list[str], schema: Any) -> None:
    (operation,) = described({"/a": {"post": {"requestBody": {"content": content}}}}).operations
    assert (operation.forms, operation.body, operation.body_required) == (forms, schema, False)


@pytest.mark.parametrize(
    ("schema", "forms"),
    [
        (3, [{}]),
        (A, [COMPONENTS["schemas"]["A"]]),
        ({**A, "title": "b"}, [{**COMPONENTS["schemas"]["A"], "title": "b"}]),
        ({"anyOf": [{"a": 1}, {"a": 2}], "b": 3}, [{"b": 3, "a": 1}, {"b": 3, "a": 2}]),
        ({"anyOf": [{"a": 1}, {"a": 2}], "oneOf": [{"b": 1}, {"b": 2}]},
         [{"a": 1, "b": 1}, {"a": 1, "b": 2}, {"a": 2, "b": 1}, {"a": 2, "b": 2}]),
        ({"allOf": [{"anyOf": [{"a": 1}, {"a": 2}]}, {"b": 3}]}, [{"a": 1, "b": 3}, {"a": 2, "b": 3}]),
        ({"$ref": "#/components/schemas/Loop"}, [{}]),
        ({"$ref": "#/nowhere"}, [{}]),
    ],
)  # fmt: skip
def test_the_forms_of_a_value(schema: Any, forms: list[dict[str, Any]]) -> None:
    assert NONE.branches(schema) == forms


def test_of_very_many_forms_the_first_are_given() -> None:
    choice = {
        "anyOf": [{"n": number} for number in range(7)],
        "oneOf": [{"m": number} for number in range(7)],
    }
    forms = NONE.branches(choice)
    assert (len(forms), forms[0], forms[-1]) == (48, {"n": 0, "m": 0}, {"n": 6, "m": 5})


def test_what_a_schema_says_of_a_value() -> None:
    schema = {"anyOf": [of(a=TEXT, b=TEXT), of(a=TEXT, b={"const": 1}), of(b={"const": 2}), of(b=TEXT)]}
    assert NONE.properties(schema) == {"a": TEXT, "b": {"anyOf": [TEXT, {"const": 1}, {"const": 2}]}}
    listed = {
        "anyOf": [{"enum": ["a", 1, "b"]}, {"const": "c"}, {"const": "a", "default": 5}],
        "examples": [7],
    }
    assert NONE.words(listed) == ["a", "b", "c"]
    assert NONE.shown(listed) == [7, 7, 7, 5]
    assert NONE.types({"anyOf": [TEXT, {"type": ["null", "string"]}, {}]}) == {"string", "null"}
    assert NONE.knows("#/components/schemas/A")
    assert not NONE.knows("#/components/schemas/B")
    assert not NONE.knows("components/schemas/A")


@pytest.mark.parametrize(
    ("form", "types"),
    [
        ({"type": "null", "items": {}}, ["null"]),
        ({"properties": {}}, ["object"]),
        ({"const": 1.5}, ["number"]),
        ({"enum": ["a", 1, "b"]}, ["string", "integer"]),
        ({"items": {}}, ["array"]),
        ({"enum": []}, []),
    ],
)
def test_types_are_named_or_given_away(form: Any, types: list[str]) -> None:
    assert types_of(form) == types


def test_fields_are_found_three_levels_deep_those_further_out_first() -> None:
    schema = of(a=of(b=of(c=of(d=TEXT))), e={"type": "array", "items": of(f=TEXT)})
    assert [field.path for field in finder.fields(NONE, schema)] == [
        ("a",),
        ("e",),
        ("a", "b"),
        ("a", "b", "c"),
    ]
    assert [field.path for field in finder.fields(NONE, schema, 1)] == [("a",), ("e",)]


@pytest.mark.parametrize(
    ("schema", "path"),
    [
        (of(status=TEXT), ("status",)),
        (of(status={"type": "integer"}), None),
        (of(status={}), ("status",)),
        (of(status=TEXT, data=of(state={"enum": ["queued"]})), ("data", "state")),
        (of(status={"enum": ["a"]}, data=of(state={"enum": ["b"]})), ("status",)),
        (of(status={"enum": ["queued"]}, data=of(state={"enum": ["queued", "done"]})), ("data", "state")),
        (of(other=TEXT), None),
    ],
)
def test_the_status_is_the_field_with_the_most_words_of_states(schema: Any, path: Any) -> None:
    field = finder.status_field(NONE, schema)
    assert (field and field.path) == path


@pytest.mark.parametrize(
    ("schema", "path"),
    [
        (of(data={"type": "array", "items": of(id=TEXT)}), ("data",)),
        ({"type": "array", "items": of(id=TEXT)}, ()),
        (of(data={"type": "array", "items": of(name={"type": "boolean"})}), None),
        (of(data={"type": "array", "items": TEXT}), None),
        (of(data={"items": of(id=TEXT)}), ("data",)),
        (of(data={"type": "object", "items": of(id=TEXT)}), None),
        (of(a=of(b={"items": of(id=TEXT)})), ("a", "b")),
        (of(a=of(b=of(c={"items": of(id=TEXT)}))), None),
    ],
)
def test_a_list_is_of_objects_that_have_ids(schema: Any, path: Any) -> None:
    field = finder.list_field(NONE, schema)
    assert (field and field.path) == path


@pytest.mark.parametrize(("schema", "is_one"), [({"type": "boolean"}, True), ({}, False), (TEXT, False)])
def test_what_says_that_a_job_is_done_is_a_boolean(schema: Any, is_one: bool) -> None:
    assert (finder.done_field(NONE, of(is_done=schema)) is not None) is is_one


WORDS: Final = frozenset({"prompt", "seconds", "first", "sound"})


@pytest.mark.parametrize(
    ("schema", "media"),
    [
        (of(prompt=TEXT, text=TEXT), {"prompt": "/prompt"}),
        (of(text=TEXT, prompt={"type": "integer"}), {"prompt": "/text"}),
        (of(duration=TEXT), {"seconds": "/duration"}),
        (of(duration={"type": "integer"}), {"seconds": "/duration"}),
        (of(duration={"type": "boolean"}), {}),
        (of(audio={"type": "boolean"}), {"sound": "/audio"}),
        (of(audio=TEXT), {}),
        (of(image=of(url=TEXT)), {"first": "/image/url"}),
        (of(image=of(href=TEXT)), {}),
        (of(image=of(url={"type": "integer"})), {}),
        (of(duration=of(url=TEXT)), {}),
        (of(ratio=TEXT), {}),
        (of(input=of(a=of(prompt=TEXT))), {"prompt": "/input/a/prompt"}),
    ],
)
def test_where_a_body_says_what_the_clip_shows(schema: Any, media: dict[str, str]) -> None:
    (operation,) = described({"/a": {"post": sending(schema)}}).operations
    assert read_body(NONE, operation, WORDS).media == media


def test_models_and_the_place_of_a_callback() -> None:
    schema = of(model={"enum": ["a", "b"]}, callback_url=TEXT)
    (listed,) = described({"/a": {"post": sending(schema)}}).operations
    assert read_body(NONE, listed, WORDS) == ("/model", ["a", "b"], {}, "/callback_url", False)
    (shown,) = described({"/a": {"post": sending(of(model={**TEXT, "examples": ["c"]}))}}).operations
    assert read_body(NONE, shown, WORDS) == ("/model", ["c"], {}, "", True)
    (bare,) = described({"/a": {"post": {}}}).operations
    assert read_body(NONE, bare, WORDS) == ("", [], {}, "", True)
    many = {"enum": [f"m{number}" for number in range(201)]}
    (long,) = described({"/a": {"post": sending(of(model=many))}}).operations
    assert len(read_body(NONE, long, WORDS).models) == 200


def test_fields_that_all_submits_take_alike_can_be_shown_again() -> None:
    first = {
        **of(a=TEXT, b=TEXT, c={}, d=of(e=TEXT), f={"type": ["integer", "null"]}, g=TEXT),
        "required": ["a", "e"],
    }
    second = {**of(a=TEXT, b={"type": "integer"}, d=of(e=TEXT)), "required": ["a"]}
    operations = described({"/a": {"post": sending(first)}, "/b": {"post": sending(second)}}).operations
    alone, both = sent_fields(NONE, operations[:1]), sent_fields(NONE, operations)
    text = frozenset({"string"})
    assert alone == {
        "e": ("/d/e", text, frozenset(), False),
        "g": ("/g", text, frozenset(), False),
        "b": ("/b", text, frozenset(), False),
        "a": ("/a", text, frozenset(), True),
    }
    assert both == {"e": alone["e"], "a": alone["a"]}


def test_bodies_that_the_document_shows_are_objects_once_each() -> None:
    schema = {**of(a=TEXT), "examples": [{"a": "x"}, "text", {"a": "y"}, {"a": "x"}], "default": {"a": "z"}}
    operations = described({"/a": {"post": sending(schema), "put": {}}}).operations
    shown = {operation.method: examples(NONE, operation) for operation in operations}
    assert shown == {"post": [{"a": "x"}, {"a": "y"}, {"a": "z"}], "put": []}


BEARER: Final = {"type": "http", "scheme": "bearer"}


def header(name: str) -> dict[str, str]:
    return {"type": "apiKey", "in": "header", "name": name}


@pytest.mark.parametrize(
    ("schemes", "required", "scheme", "headers"),
    [
        ({"a": {"type": "http", "scheme": "Bearer"}}, None, BEARER, {"authorization"}),
        ({"a": header("X-Key")}, None, header("X-Key"), {"x-key"}),
        ({"a": header("Authorization")}, None, BEARER, {"authorization"}),
        ({"a": {"type": "oauth2"}}, None, BEARER, {"authorization"}),
        ({"a": {"type": "http", "scheme": "basic"}, "b": header("X-Key")}, None, header("X-Key"), {"x-key"}),
        ({"a": header("X-One"), "b": header("X-Two")}, [{"b": []}], header("X-Two"), {"x-two"}),
        ({"a": {"type": "apiKey", "in": "query", "name": "k"}}, None, header("Api-Key"), {"api-key"}),
        ({}, [{"gone": []}], header("Api-Key"), {"api-key"}),
    ],
)
def test_how_a_key_is_sent(schemes: Any, required: Any, scheme: Any, headers: set[str]) -> None:
    parameters = [
        {"name": "Api-Key", "in": "query"},
        {"name": "X-Odd", "in": "header"},
        {"name": "Api-Key", "in": "header"},
    ]
    node = {"parameters": parameters} if "Api-Key" in str(scheme) else {}
    more = {} if required is None else {"security": required}
    description = described({"/a": {"get": node}}, components={"securitySchemes": schemes}, **more)
    guess = guess_security(description, description.operations)
    assert (guess.schemes, guess.requirement, guess.headers) == (
        {"key": scheme},
        [{"key": []}],
        frozenset(headers),
    )
    assert len(guess.todos) == len(node)


def test_what_operations_require_comes_before_what_the_document_does() -> None:
    schemes = {"a": header("X-One"), "b": header("X-Two")}
    paths: dict[str, Any] = {"/a": {"get": {"security": [{"b": []}]}}}
    description = described(paths, components={"securitySchemes": schemes}, security=[{"a": []}])
    assert guess_security(description, description.operations).headers == {"x-two"}
    none = described({"/a": {"get": {}}})
    assert guess_security(none, none.operations)[:3] == ({}, [], frozenset())
