"""The OpenAPI document: FastAPI's, with examples, with problems, and with the nouns in the order of use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import import_module
from importlib.resources import files
from inspect import cleandoc
from typing import Any, Final

import orjson
from fastapi import FastAPI

from mockserver.control.access import is_public
from mockserver.control.problems import KIND, Problem

NOUNS: Final = (
    "health", "index", "jobs", "clock", "journal", "rules", "faults", "callbacks", "quotas", "usage",
    "tenants", "contracts", "unreadable", "docs", "page",
)  # fmt: skip
"""What a reader needs first stands first; other nouns follow by name."""
EXAMPLES: Final = "examples"
"""The folder with a file for each noun: calls in an order in which they can be made, with their answers."""
JSON: Final = "application/json"
_GENERATED: Final = {"HTTPValidationError", "ValidationError"}
"""FastAPI's own schemas of a refusal, which this application does not send."""
Json = dict[str, Any]


class ControlApp(FastAPI):
    """FastAPI with a document that is true of this application."""

    def openapi(self) -> Json:
        """The OpenAPI document, made once."""
        if self.openapi_schema is None:
            self.openapi_schema = _completed(super().openapi())
        return self.openapi_schema


@cache
def examples(noun: str) -> list[Json]:
    """The example calls of a noun, in their order.

    Each has `call` (METHOD /path), `parameters` by name, `status`, `type`, and where there are any `body` and
    `answer`; `shortened` says that the answer has more than is shown.
    """
    file = files("mockserver.control") / EXAMPLES / f"{noun}.json"
    if not file.is_file():
        return []
    calls: list[Json] = orjson.loads(file.read_bytes())
    return calls


def operations(document: Mapping[str, Any]) -> Iterator[tuple[str, Json]]:
    """Every `METHOD /path` of a document with its operation."""
    for path, verbs in document["paths"].items():
        for verb, operation in verbs.items():
            yield f"{verb.upper()} {path}", operation


def _completed(document: Json) -> Json:
    by_call = dict(operations(document))
    nouns = in_order(noun for operation in by_call.values() for noun in operation["tags"])
    for noun in nouns:
        for example in examples(noun):
            _add_example(by_call[example["call"]], example)
    for call, operation in by_call.items():
        operation["responses"].pop("422", None)
        for response in operation["responses"].values():
            response["description"] = response["description"].replace("Successful Response", "")
        operation["responses"]["default"] = {"$ref": "#/components/responses/Problem"}
        operation["security"] = [{"token": []}]
        if is_public(call.partition(" ")[2]):
            operation["security"] = []
    components = document["components"]
    schemas = {name: schema for name, schema in components["schemas"].items() if name not in _GENERATED}
    components["schemas"] = schemas | {"Problem": Problem.model_json_schema()}
    problem = {KIND: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    components["responses"] = {"Problem": {"description": "What is wrong.", "content": problem}}
    components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    document["tags"] = [{"name": noun, "description": _about(noun)} for noun in nouns]
    return document


def in_order(nouns: Iterable[str]) -> list[str]:
    """Each noun once, in the order of use, and those that NOUNS does not name after them."""
    present = set(nouns)
    return [*(noun for noun in NOUNS if noun in present), *sorted(present.difference(NOUNS))]


def _about(noun: str) -> str:
    """What the module of a noun says of itself."""
    return cleandoc(import_module(f"mockserver.control.{noun}").__doc__ or "").partition("\n\n")[0]


def _add_example(operation: Json, example: Mapping[str, Any]) -> None:
    for parameter in operation.get("parameters", ()):
        if parameter["name"] in example["parameters"]:
            parameter["example"] = example["parameters"][parameter["name"]]
    if "body" in example:
        operation["requestBody"]["content"][JSON]["example"] = example["body"]
    response = operation["responses"].setdefault(str(example["status"]), {"description": ""})
    if "answer" in example:
        content = response.setdefault("content", {}).setdefault(example["type"], {})
        content["example"] = example["answer"]
        if example.get("shortened"):
            response["description"] = "The example is shortened."
