"""Recorded traffic as a document: paths with places for ids, schemas of the bodies, how the key was sent."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest

from mockserver.errors import KitError
from mockserver.kit.draft.recording import _scheme, _template, describe, schema_of
from mockserver.kit.traffic.exchange import Exchange

ROOT: Final = "https://a.example"
JSON: Final = (("content-type", "application/json; charset=utf-8"),)


def call(
    method: str, url: str, answer: Any = None, body: Any = None, status: int = 200, **more: Any
) -> Exchange:
    content = b"" if answer is None else json.dumps(answer).encode()
    sent = b"" if body is None else json.dumps(body).encode()
    made = Exchange(1, 0.0, 0.0, method, ROOT + url, (), sent, status, JSON, content)
    return made._replace(**more)


@pytest.mark.parametrize(
    ("path", "template"),
    [
        ("/v1/videos", "/v1/videos"),
        ("/v1/videos/7dea6cc5-5952-4f82-a906-1ed2328bc1c5", "/v1/videos/{id}"),
        ("/v1/videos/job-1/clip", "/v1/videos/{id}/clip"),
        ("/123/a", "/123/a"),
        ("/1234/a/abcdefghijk1/abcdefghijkl", "/{id}/a/{id2}/abcdefghijkl"),
        ("/abcdefghij1/a", "/abcdefghij1/a"),
        ("/v1234567890123/a", "/v1234567890123/a"),
        ("/", "/"),
        ("", "/"),
    ],
)
def test_an_id_in_a_path_is_a_place(path: str, template: str) -> None:
    assert _template(path, {"job-1", ""}) == template


def test_an_id_that_an_answer_gave_is_a_place_from_then_on() -> None:
    calls = [
        call("GET", "/jobs/task-1", {"n": 1}),
        call("POST", "/jobs", {"id": "task-1"}, {"prompt": "a"}),
        call("GET", "/jobs/task-1", {"n": 2}),
    ]
    assert [*describe(calls, "a")["paths"]] == ["/jobs/task-1", "/jobs", "/jobs/{id}"]


def test_the_document_is_of_the_server_with_the_most_json() -> None:
    calls = [
        call("GET", "/page")._replace(url="https://b.example/page", response_body=b"<html>"),
        call("GET", "/page", [1])._replace(url="https://b.example/page"),
        call("GET", "/page", "text")._replace(url="https://b.example/page"),
        call("POST", "/told", {"a": 1})._replace(url="https://b.example/told", callback=True),
        call("GET", "/jobs", {"a": 1}),
        call("GET", "/jobs", [], status=404),
        call("GET", "/gone", status=0),
    ]
    document = describe(calls, "a")
    assert {name: part for name, part in document.items() if name != "paths"} == {
        "openapi": "3.1.0",
        "info": {"title": "Recorded traffic of a.example", "version": "recorded"},
        "servers": [{"url": ROOT}],
    }
    assert {path: [*item] for path, item in document["paths"].items()} == {"/jobs": ["get"]}
    with pytest.raises(KitError, match="a: no recorded exchange has JSON, so there is nothing to draft from"):
        describe([call("GET", "/a", "text"), call("GET", "/a"), calls[3]], "a")


def test_an_operation_has_what_its_calls_had() -> None:
    calls = [
        call("POST", "/jobs?page=1&name=a&big=123456", {"id": "a"}, {"n": 1}),
        call("POST", "/jobs?page=2", {"id": "b"}, {"n": 2}, status=201),
        call("POST", "/jobs?page=3", {"code": 1}, {"bad": 1}, status=400),
        call("POST", "/jobs?page=4", None, [1], status=204),
    ]
    operation = describe(calls, "a")["paths"]["/jobs"]["post"]
    assert operation["parameters"] == [
        {"name": name, "in": "query", "required": required, "schema": {"type": kind}}
        for name, required, kind in (
            ("page", True, "integer"),
            ("name", False, "string"),
            ("big", False, "string"),
        )
    ]
    body = operation["requestBody"]["content"]["application/json"]
    assert operation["requestBody"]["required"] is True
    assert body["schema"] == {
        "type": "object", "properties": {"n": {"type": "integer", "examples": [1, 2]}}, "required": ["n"],
    }  # fmt: skip
    assert body["examples"] == {"recorded-1": {"value": {"n": 1}}, "recorded-2": {"value": {"n": 2}}}
    assert [*operation["responses"]] == ["200", "201", "204", "400"]
    assert operation["responses"]["204"] == {
        "description": "As recorded.",
        "content": {"application/json": {}},
    }
    assert "application/json" in operation["responses"]["400"]["content"]


def test_three_different_bodies_are_shown() -> None:
    calls = [call("POST", "/jobs", {"id": "a"}, {"n": number}) for number in (1, 1, 2, 3, 4)]
    post = describe(calls, "a")["paths"]["/jobs"]["post"]
    shown = post["requestBody"]["content"]["application/json"]["examples"]
    assert [example["value"]["n"] for example in shown.values()] == [1, 2, 3]
    got = describe([call("GET", "/jobs/1234", [1], None)], "a")["paths"]["/jobs/{id}"]["get"]
    assert got["parameters"] == [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}]
    assert "requestBody" not in got


@pytest.mark.parametrize(
    ("values", "schema"),
    [
        ([1, 2, 1], {"type": "integer", "examples": [1, 2]}),
        ([True], {"type": "boolean"}),
        (["a" * 80], {"type": "string", "examples": ["a" * 80]}),
        (["a" * 81], {"type": "string"}),
        (["http://a/?sig=1"], {"type": "string"}),
        ([*range(13)], {"type": "integer", "examples": [*range(12)]}),
        ([{"a": 1}, {"a": 2, "b": "x"}],
         {"type": "object", "required": ["a"], "properties": {
             "a": {"type": "integer", "examples": [1, 2]}, "b": {"type": "string", "examples": ["x"]}}}),
        ([{"a": 1}, {"b": 2}],
         {"type": "object", "properties": {
             "a": {"type": "integer", "examples": [1]}, "b": {"type": "integer", "examples": [2]}}}),
        ([[{"a": 1}], [], [{}]],
         {"type": "array", "items": {
             "type": "object", "properties": {"a": {"type": "integer", "examples": [1]}}}}),
    ],
)  # fmt: skip
def test_a_schema_is_of_all_values(values: list[Any], schema: dict[str, Any]) -> None:
    assert schema_of(values) == schema


@pytest.mark.parametrize(
    ("headers", "scheme"),
    [
        ([("Authorization", "Bearer a")], {"type": "http", "scheme": "bearer"}),
        ([("Authorization", "Basic a")], {"type": "http", "scheme": "basic"}),
        ([("Authorization", "a")], {"type": "http", "scheme": "bearer"}),
        ([("X-Api-Key", "a")], {"type": "apiKey", "in": "header", "name": "x-api-key"}),
        ([("X-Odd", "a")], None),
        ([], None),
    ],
)
def test_how_the_key_was_sent(headers: list[tuple[str, str]], scheme: dict[str, str] | None) -> None:
    plain = call("GET", "/a", {})
    found = _scheme([plain, plain._replace(request_headers=tuple(headers))])
    assert (found and {**found, **({"name": found["name"].lower()} if "name" in found else {})}) == scheme
    document = describe([plain, plain._replace(request_headers=tuple(headers))], "a")
    assert ("security" in document, "components" in document) == (scheme is not None, scheme is not None)
