"""The run as a JSON document, by report.schema.json, and back."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from mockserver.errors import SettingsError
from mockserver.kit.conform.results.result import Matrix
from mockserver.kit.conform.results.score import Score, score

FORMAT: Final = 1
"""Goes up when a reader of the old form would misread the new one."""
SCHEMA: Final = Path(__file__).with_name("report.schema.json")
"""The published schema of the document."""


@dataclass(frozen=True, slots=True)
class Report:
    """The document: one matrix for each client and provider.

    `score` is that of all together, `scores` that of each matrix in their order.
    """

    matrices: tuple[Matrix, ...]
    score: Score
    scores: tuple[Score, ...]
    format: int = FORMAT


@dataclass(frozen=True, slots=True)
class _Read:
    """What is read again: a score is only ever computed."""

    matrices: tuple[Matrix, ...]
    format: int = FORMAT


_WRITTEN: Final = TypeAdapter(Report)
_READ: Final = TypeAdapter(_Read)


def render(matrices: Sequence[Matrix]) -> str:
    """The document."""
    every = [one for matrix in matrices for one in matrix.results]
    scores = tuple(score(matrix.results) for matrix in matrices)
    report = _WRITTEN.dump_python(Report(tuple(matrices), score(every), scores), mode="json")
    return json.dumps(report, indent=2, ensure_ascii=False) + "\n"


def read_matrices(path: Path) -> tuple[Matrix, ...]:
    """The matrices in a file that --report or --json wrote. Raises SettingsError with file and place."""
    try:
        read = _READ.validate_json(path.read_bytes())
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror}") from None
    except ValidationError as error:
        one = error.errors(include_url=False)[0]
        place = ".".join(map(str, one["loc"]))
        raise SettingsError(f"{path}: is no report of conform: {place}: {one['msg']}") from None
    if read.format > FORMAT:
        raise SettingsError(f"{path}: is of a newer mockserver: format {read.format}, not {FORMAT}")
    return read.matrices


def report_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of the document: every member is there, and no other."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **_WRITTEN.json_schema(mode="serialization"),
    }
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
