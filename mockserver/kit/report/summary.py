"""The summary of a run: coverage, drift, and known failures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import orjson

from mockserver.errors import SettingsError
from mockserver.kit import drift
from mockserver.kit.checks.base import checks
from mockserver.kit.findings.known import apply_known, read_known
from mockserver.kit.findings.run import Run
from mockserver.kit.report.coverage import coverage
from mockserver.kit.traffic.history import History

_LONGEST: Final = 500
"""Characters of the reason why there is no coverage."""


def summarize(run: Run, history: History, known: Path | None = None, folders: Sequence[Path] = ()) -> Run:
    """The run with its coverage and drift, and with the findings that the file `known` lists excused.

    Raises SettingsError where that file is invalid.
    """
    run = _with_coverage(run, history, folders)
    if known is None:
        return run
    today = datetime.now(UTC).date()
    ids = [check.id for check in checks()] + [finding.check for finding in run.findings]
    counted, excused, outcomes = apply_known(run.findings, read_known(known), today, ids)
    return replace(run, findings=tuple(counted), excused=tuple(excused), known=tuple(outcomes))


def _with_coverage(run: Run, history: History, folders: Sequence[Path]) -> Run:
    """The run with its coverage and drift; what answers make of these must not lose the findings."""
    try:
        return replace(run, coverage=coverage(history), drifts=drift.collect(history, folders))
    except Exception as error:  # answers may be anything
        reason = f"coverage and drift: {type(error).__name__}: {error}"[:_LONGEST]
        return replace(run, not_judged=(*run.not_judged, reason))


def write_overlay(run: Run, history: History, path: Path, folders: Sequence[Path] = ()) -> bool:
    """Write the drift as an overlay for the contract's folder; False and no file where nothing drifted.

    Raises SettingsError where it cannot be written.
    """
    day = datetime.fromtimestamp(run.started, UTC).date()
    overlay = drift.settle(history, record=f"recorded traffic judged on {day}", folders=folders).overlay
    if overlay is None:
        return False
    content = orjson.dumps(overlay, option=orjson.OPT_INDENT_2)
    try:
        path.write_bytes(content + b"\n")
    except OSError as error:
        raise SettingsError(f"{path}: cannot be written: {error.strerror}") from None
    return True
