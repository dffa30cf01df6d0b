"""The control plane's documentation as one page without scripts, fonts or images from the network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any, Final

import orjson
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse

router = APIRouter(tags=["docs"])
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; form-action 'none'"
_STYLE: Final = """
:root { color-scheme: light dark }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
code, pre { font: 14px/1.4 ui-monospace, monospace }
h2 { margin-top: 3rem; border-bottom: 1px solid }
article { margin: 1.5rem 0; padding-left: 1rem; border-left: 3px solid #8888 }
h3 { margin: 0 } pre { overflow-x: auto; padding: .5rem; background: #8882 }
table { border-collapse: collapse; width: 100% } td, th { text-align: left }
td, th { vertical-align: top; padding: .2rem .8rem .2rem 0 }
nav a { margin-right: 1rem }
"""


@router.get("/docs", response_class=HTMLResponse)
def docs(request: Request) -> HTMLResponse:
    """The documentation of this API as a page. A browser asks for the token as a password."""
    headers = {"content-security-policy": _POLICY, "x-content-type-options": "nosniff"}
    return HTMLResponse(page(request.app.openapi()), headers=headers)


@router.get("/openapi.json", include_in_schema=False)
def openapi(request: Request) -> JSONResponse:
    """The OpenAPI document. FastAPI's own route makes it in the event loop, which takes a second."""
    return JSONResponse(request.app.openapi())


def page(document: Mapping[str, Any]) -> str:
    """One self-contained HTML page for an OpenAPI document."""
    nouns = _nouns(document)
    title = escape(f"{document['info']['title']} {document['info']['version']}")
    links = "".join(f'<a href="#{escape(noun)}">{escape(noun)}</a>' for noun in nouns)
    parts = [f'<h2 id="{escape(noun)}">{escape(noun)}</h2>{"".join(nouns[noun])}' for noun in nouns]
    schemas = document.get("components", {}).get("schemas", {})
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head>'
        f"<body><h1>{title}</h1><p>Each call needs <code>Authorization: Bearer TOKEN</code>, "
        f"<code>GET /__mock/health</code> aside.</p>"
        f'<nav>{links}<a href="#schemas">schemas</a></nav>{"".join(parts)}'
        f'<h2 id="schemas">schemas</h2>{"".join(_schema(name, node) for name, node in schemas.items())}'
        f"</body></html>"
    )


def _nouns(document: Mapping[str, Any]) -> dict[str, list[str]]:
    nouns: dict[str, list[str]] = {}
    for path, verbs in document["paths"].items():
        for verb, node in verbs.items():
            for tag in node.get("tags", ["other"]):
                nouns.setdefault(tag, []).append(_operation(verb, path, node))
    return dict(sorted(nouns.items()))


def _operation(verb: str, path: str, node: Mapping[str, Any]) -> str:
    about = escape(node.get("description") or node.get("summary", ""))
    head = f"<h3><code>{verb.upper()} {escape(path)}</code></h3><p>{about}</p>"
    return f"<article>{head}{_parameters(node)}{_bodies(node)}</article>"


def _parameters(node: Mapping[str, Any]) -> str:
    rows = [
        f"<tr><td><code>{escape(parameter['name'])}</code></td><td>{escape(parameter['in'])}</td>"
        f"<td>{_type(parameter.get('schema', {}), required=parameter.get('required', False))}</td>"
        f"<td>{escape(parameter.get('description', ''))}</td></tr>"
        for parameter in node.get("parameters", ())
    ]
    if not rows:
        return ""
    head = "<tr><th>parameter</th><th>in</th><th>type</th><th></th></tr>"
    return f"<table>{head}{''.join(rows)}</table>"


def _bodies(node: Mapping[str, Any]) -> str:
    lines = [f"<p>body: {kind}</p>" for kind in _contents(node.get("requestBody", {}))]
    for status, response in node.get("responses", {}).items():
        shown = ", ".join(_contents(response)) or escape(response.get("description", ""))
        lines.append(f"<p>{escape(status)}: {shown}</p>")
    return "".join(lines)


def _contents(node: Mapping[str, Any]) -> Iterator[str]:
    for kind, content in node.get("content", {}).items():
        yield f"<code>{escape(kind)}</code> {_type(content.get('schema', {}))}".strip()


def _type(schema: Mapping[str, Any], *, required: bool = False) -> str:
    """A schema in a few words, with links to those that have a name."""
    if required:
        return f"{_type(schema)}, needed"
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f'<a href="#schema-{name}">{name}</a>'
    for key in ("anyOf", "oneOf"):
        if key in schema:
            return " or ".join(_type(branch) for branch in schema[key])
    if "enum" in schema:
        return " | ".join(f"<code>{escape(str(value))}</code>" for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    return escape(str(schema.get("type", "")))


def _schema(name: str, node: Mapping[str, Any]) -> str:
    head = f'<article id="schema-{escape(name)}"><h3>{escape(name)}</h3>'
    about = f"<p>{escape(node.get('description', ''))}</p>"
    required = node.get("required", ())
    rows = [
        f"<tr><td><code>{escape(key)}</code></td><td>{_type(schema, required=key in required)}</td>"
        f"<td>{escape(schema.get('description', ''))}</td></tr>"
        for key, schema in node.get("properties", {}).items()
    ]
    text = escape(orjson.dumps(node, option=orjson.OPT_INDENT_2).decode())
    whole = f"<details><summary>JSON Schema</summary><pre>{text}</pre></details>"
    return f"{head}{about}<table>{''.join(rows)}</table>{whole}</article>"
