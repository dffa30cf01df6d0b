"""The provider's folder of a design."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from mockserver.contract.model import Contract
from mockserver.kit import contracts
from tests.kit.generated.answers import Answers
from tests.kit.generated.design import Design

NAME: Final = "made"
BY: Final = {"x-provenance": "DOCUMENTED D1"}
TEXT: Final = {"type": "string", **BY}
Json = dict[str, Any]


def write(design: Design, root: Path) -> Path:
    """The design's folder below `root`; gives the folder, as `load_dir` and `verify --contracts` take it."""
    folder = root / NAME
    folder.mkdir(parents=True)
    (folder / "openapi.json").write_text(json.dumps(document(design), indent=1))
    return folder


@cache
def contract_of(**choices: str) -> Contract:
    """The contract of a design with these choices, the others being the plainest ones."""
    with TemporaryDirectory() as folder:
        write(Design(**choices), Path(folder))
        return contracts.load(NAME, folders=(Path(folder),))


def document(design: Design) -> Json:
    """The design's OpenAPI document, whole in one file."""
    answers = Answers(design)
    shared = {
        when: {"status": answers.status(when), "response": {"$ref": f"#/components/responses/{when}"}}
        for when in (answers.CASES if design.refusal == "shared" else ("method",))
    }
    bases = ("/a/v1", "/b") if design.prefix == "two" else ("",)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Made up", "version": "1"},
        "servers": [{"url": f"https://made.example.com{base}", **BY} for base in bases],
        "security": [] if design.key == "open" else [{key: [] for key in _schemes(design)}],
        "x-job": {
            "provider": NAME,
            "title": "Made up",
            "sources": {"D1": "a page that does not exist"},
            "id": _id(design),
            "time": design.time,
            "states": _states(design),
            "models": {name: _model() for name in ("small", "large")},
            "media": {"prompt": "/prompt", "seconds": "/seconds"},
            "reasons": {"default": {"text": "it went wrong", **BY}},
            "profiles": {"documented": [], "vendor": [], "observed": []},
            "answers": shared,
        },
        "paths": _paths(design, answers),
        "components": {
            "securitySchemes": _schemes(design),
            "responses": {when: answers.refusal(when) for when in answers.CASES},
            "schemas": {"payload": _payload(design)},
        },
    }


def _id(design: Design) -> Json:
    more: Json = {
        "uuid": {}, "digits": {"length": 18}, "base36": {"length": 12},
        "token": {"length": 20, "prefix": "job_"},
    }  # fmt: skip
    return {"kind": design.shape, **more[design.shape], **BY}


def _schemes(design: Design) -> Json:
    bearer = {"key": {"type": "http", "scheme": "bearer", **BY}}
    match design.key:
        case "header" | "query" | "cookie":
            return {"key": {"type": "apiKey", "in": design.key, "name": "X-Made-Key", **BY}}
        case "both":
            return bearer | {"other": {"type": "apiKey", "in": "query", "name": "account_key", **BY}}
    return bearer


def _states(design: Design) -> Json:
    ends = ["done", "broken", *(["stopped"] if design.cancel == "state" else [])]
    states = {
        "queued": {"phase": "waiting", "next": ["working", *ends[1:]], "seconds": 2, **BY},
        "working": {"phase": "running", "next": ends, "seconds": 4, **BY},
        "done": {"phase": "succeeded", "next": [], **BY},
        "broken": {"phase": "failed", "next": [], **BY},
    }
    if design.cancel == "state":
        states["stopped"] = {"phase": "cancelled", "next": [], **BY}
    return states


def _model() -> Json:
    clip = {"height": 64, "fps": 8, "seconds": 2, **BY}
    return {"payload": {"$ref": "#/components/schemas/payload"}, "clip": clip, **BY}


def _payload(design: Design) -> Json:
    seconds = {"type": "integer", "minimum": 1, "maximum": 2, **BY}
    if design.fields == "default":
        seconds["default"] = 2
    return {
        "type": "object",
        "required": ["model", "prompt"],
        "properties": {
            "model": {"type": "string", "enum": ["small", "large"], **BY},
            "prompt": {"type": "string", "minLength": 1, "maxLength": 100, **BY},
            "seconds": seconds,
            **({"hook": {"type": "string", "format": "uri", **BY}} if design.callback == "told" else {}),
        },
        **BY,
    }


def _paths(design: Design, answers: Answers) -> Json:
    place = "path" if design.naming == "path" else "query"
    one = "/jobs/{job}" if place == "path" else "/job"
    key = {"name": "job", "in": place, "required": True, "schema": {"type": "string", "minLength": 1}, **BY}
    paths: Json = {"/jobs": {"post": _submit(design, answers)}}
    about = {"key": f"{place}.job", "parameters": [key]}
    paths[one] = {"get": _operation(answers, "read", answers.job(200), "unknown", "invalid", **about)}
    if design.listing != "none":
        paths["/jobs"]["get"] = _list(design, answers)
    if design.cancel != "none":
        cases = ("unknown", "invalid", *(["conflict"] if design.late == "conflict" else []))
        given = answers.job(200) if design.cancelled == "body" else answers.empty()
        paths[one]["delete"] = _operation(answers, "cancel", given, *cases, **about)
    if design.models != "none":
        paths["/models"] = {"get": _operation(answers, "models", answers.models())}
    if design.models == "both":
        name = {"name": "name", "in": "path", "required": True, "schema": {"type": "string"}, **BY}
        asked: Json = {"key": "path.name", "parameters": [name]}
        paths["/models/{name}"] = {
            "get": _operation(answers, "model", answers.model(), "unknown-model", "invalid", **asked)
        }
    return paths


def _operation(answers: Answers, role: str, given: Json, *cases: str, **more: Any) -> Json:
    job = {
        "role": role,
        **{name: value for name, value in more.items() if name in ("key", "filters", "page")},
    }
    opened = role in ("models", "model") and answers.design.key == "some-open"
    needs = () if opened or answers.design.key == "open" else ("unauthenticated",)
    node: Json = {
        "operationId": role,
        "x-job": {**job, **BY},
        "responses": answers.responses(given, *cases, *needs, "limited"),
    }
    if "parameters" in more:
        node["parameters"] = more["parameters"]
    if opened:
        node["security"] = []
    return node


def _submit(design: Design, answers: Answers) -> Json:
    cases = ("invalid", "malformed", "media-type", "too-large", "unknown-model")
    node = _operation(answers, "submit", answers.job(201), *cases)
    node["x-job"] |= {"model": "/model"}
    example = {"model": "small", "prompt": "a lantern", "seconds": 1}
    examples = {name: {"value": {**example, "model": name}} for name in ("small", "large")}
    schema = {"$ref": "#/components/schemas/payload"}
    content = {"application/json": {"schema": schema, "examples": examples}}
    node["requestBody"] = {"required": True, "content": content}
    if design.fields == "header":
        version = {"type": "string", "const": "2026-01-01"}
        node["parameters"] = [
            {"name": "X-Version", "in": "header", "required": True, "schema": version, **BY}
        ]
    if design.callback == "told":
        node["x-job"]["callback"] = "/hook"
        node["callbacks"] = {"changed": {"{$request.body#/hook}": {"post": answers.callback()}}}
    return node


def _list(design: Design, answers: Answers) -> Json:
    whole = {"type": "integer", "minimum": 1, "maximum": 50}
    pages = [{"name": name, "in": "query", "schema": whole, **BY} for name in ("page", "size")]
    only = {"name": "only", "in": "query", "schema": {"type": "string", "enum": ["small", "large"]}, **BY}
    match design.listing:
        case "pages":
            page = {"number": "query.page", "size": "query.size", "most": 20}
            return _operation(answers, "list", answers.jobs(), "invalid", parameters=pages, page=page)
        case "filter":
            filters = {"query.only": "model"}
            return _operation(answers, "list", answers.jobs(), "invalid", parameters=[only], filters=filters)
    return _operation(answers, "list", answers.jobs())
