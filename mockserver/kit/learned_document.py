"""A bundled contract as a client reads it: operations by role, their answers, their paths."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import quote

from mockserver.contract.schema_places import schema_at
from mockserver.contract.source import resolve
from mockserver.contract.unchecked import object_in, one_or_more
from mockserver.kit.template_places import places_of_constants, places_of_facts, refusal_status

Json = dict[str, Any]
END: Final = {"succeeded": "done", "failed": "failed", "cancelled": "cancelled"}
"""The end that each ended phase is to a client."""


class ReadDocument:
    """One OpenAPI document, as `contracts bundle` writes it."""

    def __init__(self, document: Json) -> None:
        self.document = document
        self.job = document["x-job"]
        self.operations = list(self._operations())

    def _operations(self) -> Iterator[tuple[str, Json]]:
        for path, item in self.document["paths"].items():
            for method, operation in item.items():
                if isinstance(operation, dict) and "x-job" in operation and method != "parameters":
                    yield path, operation

    def of_role(self, role: str) -> list[tuple[str, Json]]:
        return [entry for entry in self.operations if entry[1]["x-job"].get("role") == role]

    def resolve(self, node: Any) -> Any:
        return resolve(self.document, node)

    def templates(self, operation: Json) -> Iterator[tuple[int, Any]]:
        """Status and template of each answer of an operation to what went well."""
        for status, answer in self._answers(operation):
            if refusal_status(status, answer["when"]) is None:
                yield status, answer.get("body")

    def refusals(self, operation: Json, *, shared: bool = True) -> Iterator[tuple[int, Any]]:
        """Status and template of each refusal of an operation, and of those that all operations share."""
        for status, answer in self._answers(operation, shared=shared):
            refused = refusal_status(status, answer["when"])
            if refused is not None:
                yield refused, answer.get("body")

    def _answers(self, operation: Json, *, shared: bool = False) -> Iterator[tuple[int, Json]]:
        responses = [(int(status), node) for status, node in operation.get("responses", {}).items()]
        if shared:
            responses += [
                (entry["status"], entry["response"]) for entry in self.job.get("answers", {}).values()
            ]
        for status, response in responses:
            for answer in one_or_more(self.resolve(response).get("x-job", [])):
                yield status, answer

    def facts(self, operation: Json) -> dict[str, tuple[str, ...]]:
        """The places of each fact in the good answers of an operation."""
        places: dict[str, tuple[str, ...]] = {}
        for _, template in self.templates(operation):
            for place, name in places_of_facts(template):
                if place not in places.get(name, ()):
                    places[name] = (*places.get(name, ()), place)
        return places

    def with_key(self, path: str, operation: Json, *, named: bool = False) -> str:
        """The path with `{}` for the job's id; of one that is named by its path, that alone."""
        where, _, name = operation["x-job"]["key"].partition(".")
        if named:
            return "/{}"
        if where == "path":
            return self.path(path, operation).replace(f"{{{name}}}", "{}")
        return self.path(path, operation, f"{name}={{}}")

    def path(self, path: str, operation: Json, *first: str) -> str:
        """The path with the query that it has to have."""
        pairs = self.demanded(path, operation, "query")
        query = "&".join((*first, *(f"{name}={quote(value)}" for name, value in pairs)))
        return f"{path}?{query}".rstrip("?")

    def demanded(self, path: str, operation: Json, where: str) -> Iterator[tuple[str, str]]:
        """Name and value of each parameter that has to be there and can have one value only."""
        shared = self.document["paths"][path].get("parameters", [])
        for parameter in map(self.resolve, (*shared, *operation.get("parameters", []))):
            schema = self.resolve(parameter.get("schema", {}))
            if parameter["in"] == where and parameter.get("required") and "const" in schema:
                yield parameter["name"], str(schema["const"])

    def schema(self, operation: Json) -> Json:
        content = self.resolve(operation.get("requestBody", {})).get("content", {})
        media: Json = content.get("application/json") or next(iter(content.values()), {})
        return {**media, "schema": self.resolve(media.get("schema", {}))}

    def models(self, submit: Json, place: str) -> Json:
        """The models that a submit may name at the place, each with what the contract says of it."""
        node = object_in(schema_at(self.document, self.schema(submit)["schema"], place.split(".")))
        names = node.get("enum", [node["const"]] if "const" in node else self.job["models"])
        return {name: model for name, model in self.job["models"].items() if name in names}

    def demands(self, submit: Json, place: str) -> bool:
        """Whether every body of the submit has something at the place."""
        node = self.schema(submit)["schema"]
        for name in filter(None, place.split(".")):
            if name not in object_in(self.resolve(node)).get("required", ()):
                return False
            node = schema_at(self.document, node, (name,))
        return bool(place)

    def words(self) -> dict[str, str]:
        """The end of each state's word, `ended` for a word of several ends."""
        words: dict[str, str] = {}
        for name, state in self.job["states"].items():
            word, end = str(state.get("word", name)).lower(), END.get(state["phase"], "")
            words[word] = ("ended", end)[words.get(word, end) == end]
        return words

    def constants(self, submit: Json, when: str) -> Iterator[tuple[str, Any]]:
        """The places with a constant in the answer of a case."""
        for _, answer in self._answers(submit, shared=True):
            if when in answer.get("when", ()):
                yield from places_of_constants(answer.get("body"))
                return
