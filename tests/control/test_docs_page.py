"""The API's page and document: every call has an example, and each example is what a server answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import httpx
import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from mockserver.control import docs_page
from mockserver.control.document import JSON, NOUNS, examples, in_order, operations
from mockserver.control.problems import KIND
from tests.control.conftest import TOKEN
from tests.control.example_calls import Stage, nouns, shape, shorten, staged


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with staged(tmp_path_factory.mktemp("stage")) as ready:
        yield ready


def ask(stage: Stage, path: str) -> httpx.Response:
    return httpx.get(f"{stage.running.url}{path}", headers={"x-mock-token": TOKEN}, trust_env=False)


@pytest.fixture(scope="module")
def page(stage: Stage) -> str:
    return ask(stage, "/__mock/docs").text


@pytest.fixture(scope="module")
def document(stage: Stage) -> dict[str, Any]:
    answer: dict[str, Any] = ask(stage, "/__mock/openapi.json").json()
    return answer


@pytest.mark.parametrize("noun", nouns())
def test_each_command_of_the_page_is_answered_as_it_shows(noun: str, stage: Stage) -> None:
    how = "python -m tests.control.example_calls writes the answers anew"
    for example, played in zip(examples(noun), stage.play(noun), strict=True):
        assert (played.status, played.type) == (example["status"], example["type"]), example["call"]
        if "answer" in example:
            assert shape(shorten(played.answer)) == shape(example["answer"]), f"{example['call']}: {how}"


OTHER_ANSWERS: Final[dict[str, dict[str, list[str]]]] = {
    "GET /": {"200": []},
    "GET /__mock/page/{name}": {"200": []},
    "GET /__mock/docs": {"200": ["text/html"]},
    "GET /__mock/journal/events": {"200": ["text/event-stream"]},
    "GET /__mock/jobs/{provider}/{job_id}/files/{name}": {"200": ["video/mp4", "image/jpeg", "image/png"]},
    "DELETE /__mock/jobs/{provider}/{job_id}": {"204": []},
    "POST /__mock/rules": {"201": [JSON]},
}
"""All other calls are answered with 200 and JSON."""


def test_each_call_has_one_answer_that_is_no_problem(document: dict[str, Any]) -> None:
    for call, operation in operations(document):
        answers = {status: [*body.get("content", ())] for status, body in operation["responses"].items()}
        assert answers.pop("default") == [], call
        assert answers == OTHER_ANSWERS.get(call, {"200": [JSON]}), call
    assert OTHER_ANSWERS.keys() <= {call for call, _ in operations(document)}


def test_the_document_does_not_list_itself(document: dict[str, Any]) -> None:
    assert "/__mock/openapi.json" not in document["paths"]


def test_every_call_has_an_example(document: dict[str, Any]) -> None:
    shown = {example["call"] for noun in nouns() for example in examples(noun)}
    pages = {call for call, operation in operations(document) if {"docs", "page"} & {*operation["tags"]}}
    assert {call for call, _ in operations(document)} - pages == shown


@pytest.mark.quick
def test_the_document_is_valid_and_so_is_every_example_in_it(document: dict[str, Any]) -> None:
    validate(document)
    for call, operation in operations(document):
        bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
        for content in (body["content"][JSON] for body in bodies if JSON in body.get("content", {})):
            if "example" in content:
                schema = {**content["schema"], "components": document["components"]}
                problems = [
                    error.message for error in Draft202012Validator(schema).iter_errors(content["example"])
                ]
                assert problems == [], call


def test_a_refusal_is_what_the_document_promises(stage: Stage, document: dict[str, Any]) -> None:
    refusal = ask(stage, "/__mock/clock?key=")
    promised = document["paths"]["/__mock/clock"]["get"]["responses"]
    assert set(promised) == {"200", "default"}
    assert (refusal.status_code, refusal.headers["content-type"]) == (422, KIND)
    schema = document["components"]["responses"]["Problem"]["content"][KIND]["schema"]
    Draft202012Validator({**schema, "components": document["components"]}).validate(refusal.json())


def test_nouns_stand_in_the_order_of_use(page: str, document: dict[str, Any]) -> None:
    names = [tag["name"] for tag in document["tags"]]
    assert names == list(NOUNS)
    assert re.findall(r'<section id="([^"]+)"', page) == [*names, "schemas"]
    assert in_order(["kites", "jobs", "apes", "health", "jobs"]) == ["health", "jobs", "apes", "kites"]


def test_the_page_needs_no_network(stage: Stage, page: str) -> None:
    headers = ask(stage, "/__mock/docs").headers
    assert headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in headers["content-security-policy"]
    assert not re.findall(r"<(?:script|img|link|iframe)\b|\b(?:src|href)=\"(?!#|\.\.\")|url\(|@import", page)


def test_the_page_has_every_operation_and_schema(page: str, document: dict[str, Any]) -> None:
    for call, _ in operations(document):
        assert f"<code>{call}</code>" in page
    anchors = set(re.findall(r'id="([^"]+)"', page))
    assert {f"schema-{name}" for name in document["components"]["schemas"]} <= anchors
    assert set(re.findall(r'href="#([^"]+)"', page)) <= anchors


def test_what_stands_in_backticks_is_shown_as_code(page: str) -> None:
    assert "With <code>wait</code>, as soon as there are <code>count</code>" in page
    assert "`" not in re.sub(r"<pre.*?</pre>", "", page, flags=re.DOTALL)


KITES: dict[str, Any] = {
    "info": {"title": "Kites & co", "version": "7"},
    "tags": [{"name": "kites", "description": "They fly."}, {"name": "other", "description": "The rest."}],
    "paths": {
        "/kites/{id}": {
            "get": {
                "tags": ["kites"],
                "description": "Fetch <one>.",
                "parameters": [
                    {
                        "name": "id", "in": "path", "required": True, "example": "a b",
                        "schema": {"type": "string"},
                    },
                    {
                        "name": "size", "in": "query", "description": "How `big`.",
                        "schema": {"enum": ["s", 2]},
                    },
                    {"name": "wide", "in": "query", "schema": {"type": "boolean"}, "example": True},
                    *(
                        {"name": f"n{number}", "in": "query", "schema": {"type": "x", "default": default}}
                        for number, default in enumerate([None, "", -1, -2, 0, False, "<"])
                    ),
                ],
                "security": [{"token": []}],
                "responses": {
                    "200": {
                        "description": "A kite",
                        "content": {
                            "application/json": {
                                "schema": {"$ref": "#/components/schemas/Kite"}, "example": {"tail": ["<"]}
                            }
                        },
                    },
                    "default": {"description": "No kite"},
                },
            },
            "put": {
                "tags": ["other"],
                "description": "Mend it.",
                "parameters": [{"name": "id", "in": "path", "schema": {"type": "string"}}],
                "requestBody": {
                    "content": {
                        "application/json": {
                            "schema": {"$ref": "#/components/schemas/Kite"}, "example": {"colour": "it's red"}
                        }
                    }
                },
                "security": [],
                "responses": {"204": {"description": "Mended"}},
            },
        }
    },
    "components": {
        "schemas": {
            "Kite": {
                "description": "Flies.",
                "required": ["tail"],
                "properties": {
                    "tail": {"type": "array", "items": {"$ref": "#/components/schemas/Kite"}},
                    "colour": {"anyOf": [{"type": "string"}, {"type": "null"}], "description": "Its hue."},
                },
            }
        }
    },
}  # fmt: skip


@pytest.mark.parametrize(
    "part",
    [
        "<title>Kites &amp; co 7</title>",
        "<h1>Kites &amp; co 7</h1>",
        '<nav><a href="..">← jobs and exchanges</a><a href="#kites">kites</a><a href="#other">other</a>'
        '<a href="#schemas">schemas</a></nav>',
        '<section id="kites"><h2>kites</h2><p>They fly.</p>'
        "<article><h3><code>GET /kites/{id}</code></h3><p>Fetch &lt;one&gt;.</p>",
        "<tr><td><code>id</code></td><td>path</td><td>string, needed</td><td></td></tr>"
        "<tr><td><code>size</code></td><td>query</td><td><code>s</code> | <code>2</code></td>"
        "<td>How <code>big</code>.</td></tr>",
        "<tr><td><code>n0</code></td><td>query</td><td>x</td><td></td></tr>"
        "<tr><td><code>n1</code></td><td>query</td><td>x</td><td></td></tr>"
        "<tr><td><code>n2</code></td><td>query</td><td>x</td><td></td></tr>"
        "<tr><td><code>n3</code></td><td>query</td><td>x, else <code>-2</code></td><td></td></tr>"
        "<tr><td><code>n4</code></td><td>query</td><td>x, else <code>0</code></td><td></td></tr>"
        "<tr><td><code>n5</code></td><td>query</td><td>x, else <code>false</code></td><td></td></tr>"
        "<tr><td><code>n6</code></td><td>query</td><td>x, else <code>&quot;&lt;&quot;</code></td>"
        "<td></td></tr>",
        "curl &#x27;http://here/kites/a%20b?wide=true&#x27; \\\n"
        "  -H &quot;Authorization: Bearer $MOCKSERVER_TOKEN&quot;</pre>",
        '<p>200 <code>application/json</code> <a href="#schema-Kite">Kite</a></p><p>A kite</p>'
        '<pre class="answer">{&quot;tail&quot;:[&quot;&lt;&quot;]}</pre></article>',
        '<tr><td><code>tail</code></td><td>body</td><td>list of <a href="#schema-Kite">Kite</a>, needed</td>'
        "<td></td></tr><tr><td><code>colour</code></td><td>body</td><td>string</td><td>Its hue.</td></tr>",
        "curl http://here/kites/ID \\\n  -X PUT \\\n  -H &#x27;Content-Type: application/json&#x27; \\\n"
        "  -d &#x27;{&quot;colour&quot;:&quot;it&#x27;&quot;&#x27;&quot;&#x27;s red&quot;}&#x27;</pre>",
        "<p>204 without a body</p><p>Mended</p></article>",
        '<article id="schema-Kite"><h3>Kite</h3><p>Flies.</p>',
        "<details><summary>JSON Schema</summary><pre>{\n  &quot;description&quot;: &quot;Flies.&quot;,",
    ],
)
def test_the_page_says_all_that_a_document_says(part: str) -> None:
    assert part in docs_page.page(KITES, "http://here")


def test_a_call_without_parameters_and_body_has_no_table() -> None:
    assert docs_page._inputs({}, {}) == ""


@pytest.mark.parametrize(
    ("schema", "null", "text"),
    [
        ({"type": "string"}, True, "string"),
        ({}, True, ""),
        ({"$ref": "#/components/schemas/Kite<"}, True, '<a href="#schema-Kite&lt;">Kite&lt;</a>'),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, True, "string or null"),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, False, "string"),
        ({"oneOf": [{"type": "integer"}, {"anyOf": [{"type": "null"}]}]}, False, "integer or null"),
        ({"enum": ["a", None]}, True, "<code>a</code> | <code>None</code>"),
        (
            {"type": "array", "items": {"anyOf": [{"type": "null"}, {"type": "a"}]}},
            False,
            "list of null or a",
        ),
        ({"type": "array"}, True, "list of "),
    ],
)
def test_a_schema_is_told_in_a_few_words(schema: dict[str, Any], null: bool, text: str) -> None:
    assert docs_page._type(schema, null=null) == text
    if null:
        assert docs_page._type(schema) == text
