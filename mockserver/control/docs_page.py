"""The control plane's documentation as one page without scripts, fonts or images from the network."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any, Final

import orjson

from mockserver.control.docs_command import command, json_text
from mockserver.control.document import JSON, examples, operations

Json = Mapping[str, Any]
_CODE: Final = re.compile(r"`([^`]+)`")
_INTRODUCTION: Final = """\
Every call but `GET /__mock/health` needs the token that the server shows at its start; the commands have it
from a variable: `export MOCKSERVER_TOKEN=...`. In the query, `key=API_KEY` or `tenant=HASH` names the tenant
that a call is about; without either, it is about everybody. A problem is answered as
`application/problem+json`, a `Problem`.

The examples of a noun are calls that were made in this order, on a server with a job or a few."""


def page(document: Json, base: str) -> str:
    """One self-contained HTML page for an OpenAPI document; its commands call the server at `base`."""
    title = escape(f"{document['info']['title']} {document['info']['version']}")
    nouns = [*(tag["name"] for tag in document["tags"]), "schemas"]
    links = "".join(f'<a href="#{escape(noun)}">{escape(noun)}</a>' for noun in nouns)
    schemas = "".join(_schema(name, schema) for name, schema in document["components"]["schemas"].items())
    parts = [_text(_INTRODUCTION), *(_noun(tag, document, base) for tag in document["tags"])]
    parts.append(_section("schemas", "The types of bodies and answers.", schemas))
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_style()}</style></head>'
        f'<body><nav><a href="..">← jobs and exchanges</a>{links}</nav>'
        f"<main><h1>{title}</h1>{''.join(parts)}</main></body></html>"
    )


@cache
def _style() -> str:
    folder = files("mockserver.control") / "page_files"
    return "".join((folder / name).read_text("utf-8") for name in ("palette.css", "docs.css"))


def _section(name: str, about: str, content: str) -> str:
    return f'<section id="{escape(name)}"><h2>{escape(name)}</h2>{_text(about)}{content}</section>'


def _noun(tag: Json, document: Json, base: str) -> str:
    noun = tag["name"]
    of_noun = {call: operation for call, operation in operations(document) if noun in operation["tags"]}
    order = [example["call"] for example in examples(noun)]
    calls = [*order, *(call for call in of_noun if call not in order)]
    articles = [_operation(call, of_noun[call], document, base) for call in calls]
    return _section(noun, tag["description"], "".join(articles))


def _operation(call: str, operation: Json, document: Json, base: str) -> str:
    return (
        f"<article><h3><code>{escape(call)}</code></h3>{_text(operation['description'])}"
        f'{_inputs(operation, document)}<pre class="command">{escape(command(call, operation, base))}</pre>'
        f"{_answers(operation)}</article>"
    )


def _text(text: str) -> str:
    """Paragraphs of HTML."""
    return "".join(f"<p>{_line(part)}</p>" for part in text.split("\n\n"))


def _line(text: str) -> str:
    """A text as HTML, in which what stands in backticks is code."""
    return _CODE.sub(r"<code>\1</code>", escape(text))


def _inputs(operation: Json, document: Json) -> str:
    """A table of the parameters and of the body's members."""
    rows = [
        _row(parameter["name"], parameter["in"], parameter["schema"], parameter)
        for parameter in operation.get("parameters", ())
    ]
    body = operation.get("requestBody", {}).get("content", {}).get(JSON, {}).get("schema", {})
    schema = _resolved(body, document)
    required = schema.get("required", ())
    rows += [
        _row(name, "body", node, {**node, "required": name in required})
        for name, node in schema.get("properties", {}).items()
    ]
    if not rows:
        return ""
    head = "<tr><th>name</th><th>in</th><th>type</th><th></th></tr>"
    about = _text(schema.get("description", ""))
    return f'<div class="wide"><table>{head}{"".join(rows)}</table></div>{about}'


def _resolved(schema: Json, document: Json) -> Json:
    """The schema itself where it is named by a reference, also where it may be null."""
    branches = [branch for branch in schema.get("anyOf", (schema,)) if branch.get("type") != "null"]
    if len(branches) == 1 and "$ref" in branches[0]:
        resolved: Json = document["components"]["schemas"][branches[0]["$ref"].rpartition("/")[2]]
        return resolved
    return schema


def _row(name: str, place: str, schema: Json, more: Json) -> str:
    notes = [_type(schema, null=False)]
    if more.get("required"):
        notes.append("needed")
    if schema.get("default") not in (None, "", -1):
        notes.append(f"else <code>{escape(orjson.dumps(schema['default']).decode())}</code>")
    about = _line(more.get("description", ""))
    return _cells(f"<code>{escape(name)}</code>", place, ", ".join(notes), about)


def _cells(*cells: str) -> str:
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _answers(operation: Json) -> str:
    """Every answer but that of a problem, which all calls have."""
    return "".join(
        _answer(status, response)
        for status, response in operation["responses"].items()
        if status != "default"
    )


def _answer(status: str, response: Json) -> str:
    contents = response.get("content", {})
    kinds = [f"<code>{escape(kind)}</code> {_type(contents[kind].get('schema', {}))}" for kind in contents]
    head = f"<p>{escape(status)} {', '.join(kinds) or 'without a body'}</p>{_text(response['description'])}"
    shown = [
        f'<pre class="answer">{escape(json_text(content["example"]))}</pre>'
        for content in contents.values()
        if "example" in content
    ]
    return head + "".join(shown)


def _type(schema: Json, *, null: bool = True) -> str:
    """A schema in a few words, with links to those that have a name; `null` says whether null is one."""
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f'<a href="#schema-{name}">{name}</a>'
    for key in ("anyOf", "oneOf"):
        if key in schema:
            branches = [branch for branch in schema[key] if null or branch.get("type") != "null"]
            return " or ".join(_type(branch) for branch in branches)
    if "enum" in schema:
        return " | ".join(f"<code>{escape(str(value))}</code>" for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    return escape(str(schema.get("type", "")))


def _schema(name: str, schema: Json) -> str:
    required = schema.get("required", ())
    rows = [
        _row(member, "", node, {**node, "required": member in required})
        for member, node in schema.get("properties", {}).items()
    ]
    about = _text(schema.get("description", ""))
    whole = f"<details><summary>JSON Schema</summary><pre>{escape(json_text(schema))}</pre></details>"
    return (
        f'<article id="schema-{escape(name)}"><h3>{escape(name)}</h3>{about}'
        f'<div class="wide"><table>{"".join(rows)}</table></div>{whole}</article>'
    )
