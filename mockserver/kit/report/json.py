"""The whole run as JSON, by report.schema.json."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import orjson

from mockserver.kit.findings.finding import Finding
from mockserver.kit.findings.run import Run
from mockserver.kit.report.formatting import day_and_time
from mockserver.kit.report.locations import SourceLocations

VERSION: Final = 1
"""Goes up when a reader of the old form would misread the new one."""
SCHEMA: Final = Path(__file__).with_name("report.schema.json")
"""The published schema of the report."""


def render(run: Run, places: SourceLocations) -> str:
    """The run as JSON, indented."""
    content = orjson.dumps(document(run, places), default=str, option=orjson.OPT_INDENT_2)
    return content.decode() + "\n"


def document(run: Run, places: SourceLocations) -> dict[str, Any]:
    """The run as a JSON object. Moments are ISO 8601 in UTC, durations seconds."""
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
        "stages": [asdict(one) for one in run.stages],
        "findings": [_finding(one, places) for one in run.findings],
        "excused": [_finding(one, places) for one in run.excused],
        "known": [asdict(one) for one in run.known],
        "drifts": [one.row() for one in run.drifts],
        "coverage": [
            {"name": one.name, "percent": round(one.percent, 2), "seen": one.seen, "unseen": one.unseen}
            for one in run.coverage
        ],
        "notes": run.notes,
        "histories": dict(run.histories),
    }
    safe: dict[str, Any] = _whole(written)
    return safe


def _verdict(run: Run) -> dict[str, Any]:
    return {
        "failed": run.failed,
        "failures": run.count("failure"),
        "warnings": run.count("warning"),
        "notes": run.count("note"),
        "excused": len(run.excused),
        "stale": len(run.stale),
    }


def _finding(finding: Finding, places: SourceLocations) -> dict[str, Any]:
    place = places.of(finding)
    return {
        **asdict(finding),
        "fingerprint": finding.fingerprint,
        "contract": None if place is None else place.row(),
    }


def _whole(value: Any) -> Any:
    """Without halves of characters, which JSON in UTF-8 cannot hold."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {_whole(key): _whole(inner) for key, inner in value.items()}
    return [_whole(inner) for inner in value] if isinstance(value, list | tuple) else value
