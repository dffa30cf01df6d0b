"""The whole run as JSON, in the form of report.schema.json."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import orjson

from mockserver.escapes import plain
from mockserver.kit.findings.finding import Finding
from mockserver.kit.findings.run import CoveragePart, Run
from mockserver.kit.report.formatting import day_and_time
from mockserver.kit.report.locations import SourceLocations

VERSION: Final = 1
"""It increases when a reader of the old form would misread the new one."""
SCHEMA: Final = Path(__file__).with_name("report.schema.json")
"""The published schema of the report."""


def render(run: Run, places: SourceLocations) -> str:
    """The run as JSON, indented; `plain` does not change what it means."""
    content = orjson.dumps(document(run, places), default=str, option=orjson.OPT_INDENT_2)
    return plain(content.decode()) + "\n"


def document(run: Run, places: SourceLocations) -> dict[str, Any]:
    """The run as a JSON object. Times are ISO 8601 in UTC, durations seconds."""
    written: dict[str, Any] = {
        "version": VERSION,
        "kind": run.kind,
        "provider": run.provider,
        "profile": run.profile,
        "target": run.target,
        "started": day_and_time(run.started),
        "took": round(run.took, 3),
        "seed": run.seed,
        "calls": run.calls,
        "jobs": run.jobs,
        "verdict": _verdict(run),
        "stages": [asdict(stage) for stage in run.stages],
        "findings": [_finding(finding, places) for finding in run.findings],
        "excused": [_finding(finding, places) for finding in run.excused],
        "known": [asdict(known) for known in run.known],
        "drifts": [drift.row() for drift in run.drifts],
        "coverage": [_part(part) for part in run.coverage],
        "notes": run.notes,
        "not_judged": run.not_judged,
        "account": [asdict(row) for row in run.account],
        "histories": dict(run.histories),
    }
    safe: dict[str, Any] = _encodable(written)
    return safe


def _verdict(run: Run) -> dict[str, Any]:
    return {
        "failed": run.failed,
        "incomplete": run.incomplete,
        "failures": run.count("failure"),
        "warnings": run.count("warning"),
        "notes": run.count("note"),
        "excused": len(run.excused),
        "stale": len(run.stale),
    }


def _part(part: CoveragePart) -> dict[str, Any]:
    return {
        "name": part.name,
        "percent": round(part.percent, 2),
        "seen": part.exercised,
        "unseen": part.missing,
    }


def _finding(finding: Finding, places: SourceLocations) -> dict[str, Any]:
    place = places.of(finding)
    return {
        **asdict(finding),
        "fingerprint": finding.fingerprint,
        "contract": place and place.row(),
    }


def _encodable(value: Any) -> Any:
    """The value with lone surrogates written as escapes, because JSON in UTF-8 cannot hold them."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {_encodable(key): _encodable(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_encodable(inner) for inner in value]
    return value
