"""What a client that learns from a bundled contract reads in it: paths, facts, models, keys."""

from __future__ import annotations

from typing import Any, Final

import pytest

from mockserver.kit.learned_document import ReadDocument
from mockserver.kit.learned_keys import learned_keys

HEADER: Final = {"name": "x-version", "in": "header", "required": True, "schema": {"const": 7}}
JOB: Final[dict[str, Any]] = {
    "states": {
        "queued": {"phase": "waiting"},
        "Done": {"phase": "succeeded"},
        "bad": {"phase": "failed"},
        "gone": {"phase": "cancelled"},
        "over": {"phase": "failed", "word": "ENDED"},
        "ended": {"phase": "succeeded"},
        "worse": {"phase": "failed", "word": "bad"},
    },
    "models": {"a": {"n": 1}, "b": {"n": 2}, "c": {"n": 3}},
    "answers": {"unpaid": {"status": 402, "response": {"$ref": "#/components/responses/Unpaid"}}},
}
MADE: Final = {
    "x-job": {"when": ["default"], "body": {"id": {"$": "job.id"}, "job": {"id": {"$": "job.id"}}}}
}
SUBMIT: Final[dict[str, Any]] = {
    "x-job": {"role": "submit"},
    "parameters": [{"$ref": "#/components/parameters/Version"}],
    "responses": {
        "200": {
            "x-job": [
                {"when": ["default"], "body": {"id": {"$": "job.id"}, "job": {"id": {"$": "job.id"}}}},
                {"when": ["invalid", "malformed"], "body": {"code": 7, "text": {"$": "error.message"}}},
            ]
        },
        "201": MADE,
        "204": {},
        "404": {"x-job": {"when": ["unknown-model"], "body": None}},
    },
}
DOCUMENT: Final[dict[str, Any]] = {
    "x-job": JOB,
    "paths": {
        "/clips": {
            "parameters": [{"name": "v", "in": "query", "required": True, "schema": {"const": "a b"}}],
            "post": SUBMIT,
            "get": {"x-job": {"role": "list"}},
            "summary": "Clips",
            "put": {"summary": "Not of a job"},
        },
        "/clips/{id}": {
            "get": {
                "x-job": {"role": "read", "key": "path.id"},
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "schema": {"const": "x"}},
                    {"name": "maybe", "in": "query", "schema": {"const": 1}},
                    {"name": "any", "in": "query", "required": True},
                    {"name": "must", "in": "query", "required": True, "schema": {"const": 1}},
                ],
            }
        },
        "/query": {"get": {"x-job": {"role": "read", "key": "query.task"}}},
    },
    "components": {
        "parameters": {"Version": HEADER},
        "responses": {"Unpaid": {"x-job": {"when": ["unpaid"], "body": {"code": 9, "sub": {"text": "no"}}}}},
        "schemas": {"Body": {"properties": {"model": {"enum": ["b", "c", "x"]}, "one": {"const": "a"}}}},
    },
}
READ: Final = ReadDocument(DOCUMENT)


def operation(path: str, method: str = "get") -> dict[str, Any]:
    node: dict[str, Any] = DOCUMENT["paths"][path][method]
    return node


def test_operations_are_those_that_have_a_role() -> None:
    assert [path for path, _ in READ.operations] == ["/clips", "/clips", "/clips/{id}", "/query"]
    assert READ.of_role("read") == [(path, operation(path)) for path in ("/clips/{id}", "/query")]
    assert READ.of_role("cancel") == []


def test_a_path_has_the_query_that_it_must_have() -> None:
    assert READ.path("/clips", SUBMIT) == "/clips?v=a%20b"
    assert READ.path("/clips", SUBMIT, "x=1", "y=2") == "/clips?x=1&y=2&v=a%20b"
    assert READ.path("/query", operation("/query")) == "/query"
    assert READ.with_key("/clips/{id}", operation("/clips/{id}")) == "/clips/{}?must=1"
    assert READ.with_key("/clips/{id}", operation("/clips/{id}"), named=True) == "/{}"
    assert READ.with_key("/query", operation("/query")) == "/query?task={}"


@pytest.mark.parametrize(
    ("path", "method", "where", "demanded"),
    [
        ("/clips", "post", "header", [("x-version", "7")]),
        ("/clips", "post", "query", [("v", "a b")]),
        ("/clips/{id}", "get", "query", [("must", "1")]),
        ("/clips/{id}", "get", "path", [("id", "x")]),
        ("/clips/{id}", "get", "header", []),
    ],
)
def test_what_has_to_be_there_and_can_have_one_value_only(
    path: str, method: str, where: str, demanded: list[tuple[str, str]]
) -> None:
    assert list(READ.demanded(path, operation(path, method), where)) == demanded


def test_answers_are_those_that_went_well_or_refusals() -> None:
    made = {"id": {"$": "job.id"}, "job": {"id": {"$": "job.id"}}}
    assert list(READ.templates(SUBMIT)) == [(200, made), (201, made)]
    refused = {"code": 7, "text": {"$": "error.message"}}
    unpaid = {"code": 9, "sub": {"text": "no"}}
    assert list(READ.refusals(SUBMIT, shared=False)) == [(400, refused), (404, None)]
    assert list(READ.refusals(SUBMIT)) == [(400, refused), (404, None), (402, unpaid)]
    assert READ.facts(SUBMIT) == {"job.id": ("id", "job.id")}
    assert list(READ.constants(SUBMIT, "malformed")) == [("code", 7)]
    assert list(READ.constants(SUBMIT, "unpaid")) == [("code", 9), ("sub.text", "no")]
    assert list(READ.constants(SUBMIT, "limited")) == []


@pytest.mark.parametrize(
    ("place", "names"), [("model", ["b", "c"]), ("one", ["a"]), ("none", ["a", "b", "c"])]
)
def test_models_are_those_that_the_place_takes(place: str, names: list[str]) -> None:
    for content in (
        {"text/plain": {}, "application/json": {"schema": {"$ref": "#/components/schemas/Body"}}},
        {"application/x-json": {"schema": {"$ref": "#/components/schemas/Body"}}},
    ):
        submit = {"requestBody": {"content": content}}
        assert READ.schema(submit)["schema"] == DOCUMENT["components"]["schemas"]["Body"]
        assert READ.models(submit, place) == {name: JOB["models"][name] for name in names}
    assert READ.schema({}) == {"schema": {}}


@pytest.mark.parametrize(
    ("place", "is_demanded"),
    [("a", True), ("a.b", True), ("a.c", False), ("d", False), ("d.e", False), ("", False)],
)
def test_a_place_is_demanded_where_each_step_is_required(place: str, is_demanded: bool) -> None:
    inner = {"required": ["b"], "properties": {"b": {}, "c": {}}}
    schema = {
        "required": ["a"],
        "properties": {"a": inner, "d": {"required": ["e"], "properties": {"e": {}}}},
    }
    submit = {"requestBody": {"content": {"application/json": {"schema": schema}}}}
    assert READ.demands(submit, place) is is_demanded


def test_a_word_of_several_ends_is_an_end() -> None:
    assert READ.words() == {
        "queued": "", "done": "done", "bad": "failed", "gone": "cancelled", "ended": "ended",
    }  # fmt: skip


SCHEMES: Final = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "header": {"type": "apiKey", "in": "header", "name": "X-Key"},
    "cookie": {"type": "apiKey", "in": "cookie", "name": "a"},
    "other": {"type": "apiKey", "in": "cookie", "name": "b"},
    "query": {"type": "apiKey", "in": "query", "name": "key"},
}


@pytest.mark.parametrize(
    ("document", "node", "keys"),
    [
        ([], {}, ({}, ())),
        (None, {}, ({}, ())),
        ([{"bearer": []}, {"header": []}], {}, ({"Authorization": "Bearer {}"}, ())),
        ([{"bearer": []}], {"security": []}, ({}, ())),
        ([{"bearer": []}], {"security": [{"header": []}]}, ({"X-Key": "{}"}, ())),
        ([{"cookie": [], "other": [], "query": []}], {}, ({"Cookie": "a={}; b={}"}, ("key",))),
    ],
)
def test_keys_are_sent_as_the_first_requirement_says(document: Any, node: Any, keys: Any) -> None:
    whole = {
        "components": {"securitySchemes": SCHEMES},
        **({} if document is None else {"security": document}),
    }
    assert learned_keys(whole, node) == keys
