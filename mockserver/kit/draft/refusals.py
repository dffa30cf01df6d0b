"""Writes the answers to what goes wrong: those that the document has, and assumed ones for all others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import orjson

from mockserver.kit.draft.answers import refusal
from mockserver.kit.draft.description import JSON, DescribedOperation, Description
from mockserver.kit.draft.schema_files import SchemaFiles
from mockserver.kit.draft.todo import Todo, todo

_CASES: Final[Mapping[str, tuple[str, ...]]] = {
    "400": ("invalid", "malformed"),
    "422": ("invalid",),
    "401": ("unauthenticated", "bad-credentials"),
    "402": ("unpaid",),
    "403": ("forbidden",),
    "404": ("unknown",),
    "405": ("method",),
    "409": ("conflict",),
    "413": ("too-large",),
    "415": ("media-type",),
    "429": ("limited",),
    "500": ("error",),
    "503": ("unavailable",),
}
"""What each status says went wrong."""
_SHARED: Final[Mapping[str, int]] = {
    "invalid": 400,
    "malformed": 400,
    "unauthenticated": 401,
    "bad-credentials": 401,
    "unpaid": 402,
    "forbidden": 403,
    "unknown": 404,
    "unknown-model": 404,
    "method": 405,
    "too-large": 413,
    "media-type": 415,
    "limited": 429,
    "error": 500,
    "unavailable": 503,
}
"""What any operation may have to say, with the status that the field has for it."""
_NO_SUCH_PATH: Final = 404
_ASSUMED: Final = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["message"],
            "properties": {"message": {"type": "string"}},
        }
    },
}


class Refusals:
    """The answers of errors, as components that operations and `x-job.answers` refer to."""

    def __init__(
        self,
        description: Description,
        files: SchemaFiles,
        operations: Sequence[DescribedOperation],
        source: str,
    ) -> None:
        self._description = description
        self._files = files
        self._source = source
        self._names: dict[bytes, str] = {}
        self._usual = _usual(operations)
        self.components: dict[str, Any] = {}
        self.documented: set[str] = set()

    def of_operation(self, operation: DescribedOperation, role: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """The errors that the document lists for an operation: status and reference."""
        answered: set[str] = set()
        for status in sorted(operation.errors, reverse=True):
            cases = [case for case in _CASES.get(status, ()) if case not in answered]
            if role == "submit":
                cases = ["unknown-model" if case == "unknown" else case for case in cases]
            if cases:
                answered.update(cases)
                self.documented.update(cases)
                yield status, self._component(status, cases, operation.errors[status])

    def _component(self, status: str, cases: Sequence[str], schema: Any) -> dict[str, str]:
        key = orjson.dumps([status, cases, schema])
        if key not in self._names:
            name = f"Error{status}"
            while name in self.components:
                name += "b"
            self._names[key] = name
            self.components[name] = self._response(f"An answer with status {status}.", cases, schema, name)
        return {"$ref": f"#/components/responses/{self._names[key]}"}

    def _response(self, text: str, cases: Sequence[str], schema: Any, name: str) -> dict[str, Any]:
        return {
            "description": text,
            "content": {JSON: {"schema": self._files.message(schema, name)}},
            "x-job": {"when": list(cases), "body": refusal(self._description, schema)},
        }

    def shared(self) -> tuple[dict[str, Any], list[Todo]]:
        """The `answers` of `x-job`, what an operation says of errors that it does not list, and its
        `unknown-path`; and what is assumed.
        """
        schema = self._usual if self._usual is not None else _ASSUMED
        cases = [*_SHARED, "unknown-path"]
        component = self._response("What the document does not say.", cases, schema, "Refused")
        component["x-provenance"] = "ASSUMED status by the field's use, form as other errors of the document"
        self.components["Refused"] = component
        reference = {"$ref": "#/components/responses/Refused"}
        answers = {case: {"status": status, "response": reference} for case, status in _SHARED.items()}
        missing = [case for case in cases if case not in self.documented]
        text = f"the document does not say how these are answered, so it is assumed: {', '.join(missing)}"
        words = {"answers": answers, "unknown-path": {"status": _NO_SUCH_PATH, "response": reference}}
        return words, [todo(("components", "responses", "Refused"), text)]


def _usual(operations: Sequence[DescribedOperation]) -> Any:
    """The schema that most errors of the document have."""
    schemas = [orjson.dumps(schema) for operation in operations for schema in operation.errors.values()]
    if not schemas:
        return None
    return orjson.loads(Counter(schemas).most_common(1)[0][0])
