"""The run as a JSON document, by report.schema.json, and back.

In the document the facts of a case stand beside those of its result; a Result holds them as its `case`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from mockserver.errors import SettingsError
from mockserver.escapes import plain
from mockserver.kit.conform.results.causes import Cause, find_causes
from mockserver.kit.conform.results.result import CaseSummary, Matrix
from mockserver.kit.conform.results.score import Score, score

FORMAT: Final = 1
"""Goes up when a reader of the old form would misread the new one."""
SCHEMA: Final = Path(__file__).with_name("report.schema.json")
"""The published schema of the document."""


@dataclass(frozen=True, slots=True)
class Report:
    """The document: one matrix for each client and provider.

    `score` is that of all together; `scores` and `causes` are those of each matrix in their order.
    """

    format: int
    causes: tuple[tuple[Cause, ...], ...]
    matrices: tuple[Matrix, ...]
    scores: tuple[Score, ...]
    score: Score


@dataclass(frozen=True, slots=True)
class _StoredReport:
    """What is read again. The scores are not read: they are computed anew."""

    matrices: tuple[Matrix, ...]
    format: int = FORMAT


_WRITTEN: Final = TypeAdapter(Report)
_STORED: Final = TypeAdapter(_StoredReport)
_CASE_KEYS: Final = frozenset(TypeAdapter(CaseSummary).json_schema()["properties"])


def render(matrices: Sequence[Matrix]) -> str:
    """The document; `plain` does not change what it means."""
    results = [result for matrix in matrices for result in matrix.results]
    scores = tuple(score(matrix.results) for matrix in matrices)
    causes = tuple(find_causes(matrix.results) for matrix in matrices)
    report = Report(FORMAT, causes, tuple(matrices), scores, score(results))
    document = _WRITTEN.dump_python(report, mode="json", by_alias=True)
    return plain(json.dumps(_with_results(document, _flat), indent=2, ensure_ascii=False)) + "\n"


def read_matrices(path: Path) -> tuple[Matrix, ...]:
    """The matrices in a file that --report or --json wrote. Raises SettingsError with file and place."""
    try:
        document = _with_results(json.loads(path.read_bytes()), _nested)
        report = _STORED.validate_python(document)
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror}") from None
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        place = ".".join(map(str, problem["loc"]))
        raise SettingsError(f"{path}: is not a report of conform: {place}: {problem['msg']}") from None
    except ValueError as error:
        raise SettingsError(f"{path}: is not JSON: {error}") from None
    if report.format > FORMAT:
        raise SettingsError(f"{path}: is of a newer mockserver: format {report.format}, not {FORMAT}")
    return report.matrices


def _with_results(document: Any, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Any:
    """The document with every result changed; whatever is not as in a report stays as it is."""
    for matrix in _objects(document, "matrices"):
        for result in _objects(matrix, "results"):
            changed = change(result)
            result.clear()
            result.update(changed)
    return document


def _objects(node: Any, name: str) -> list[dict[str, Any]]:
    if not isinstance(node, dict) or not isinstance(node.get(name), list):
        return []
    return [child for child in node[name] if isinstance(child, dict)]


def _flat(result: dict[str, Any]) -> dict[str, Any]:
    others = {name: value for name, value in result.items() if name != "case"}
    return {**result["case"], **others}


def _nested(result: dict[str, Any]) -> dict[str, Any]:
    case = {name: value for name, value in result.items() if name in _CASE_KEYS}
    others = {name: value for name, value in result.items() if name not in _CASE_KEYS}
    return {"case": case, **others}


def report_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of the document: it has every member, and no other."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **_WRITTEN.json_schema(mode="serialization"),
    }
    case = schema["$defs"].pop("CaseSummary")
    result = schema["$defs"]["Result"]
    result["properties"] = _flat(result["properties"] | {"case": case["properties"]})
    for node in _records(schema):
        node["additionalProperties"] = False
        node["required"] = list(node["properties"])
    return schema


def _records(node: Any) -> Iterator[dict[str, Any]]:
    """Every schema of an object with named members."""
    if isinstance(node, dict):
        if isinstance(node.get("properties"), dict) and node.get("type") == "object":
            yield node
        for inner in node.values():
            yield from _records(inner)
