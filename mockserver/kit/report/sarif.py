"""The run as SARIF 2.1.0: each result at the line of the contract that it breaks."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import orjson

from mockserver import __version__
from mockserver.escapes import plain
from mockserver.kit.checks.base import checks
from mockserver.kit.findings.finding import Finding, Severity
from mockserver.kit.findings.run import Run
from mockserver.kit.report.formatting import day_and_time, reason, verdict, where
from mockserver.kit.report.locations import SourceLocation, SourceLocations

Json = dict[str, Any]
_LEVEL: Final[dict[Severity, str]] = {"failure": "error", "warning": "warning", "note": "note"}
_SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_MARKUP: Final = re.compile(r"[\\`*_\[\]<>#]")
_FINGERPRINT: Final = "mockserverFinding/v1"
_CHECKOUT: Final = "%SRCROOT%"
_CONTRACT: Final = "CONTRACT"
_LEVELS_EXPLAINED: Final = (
    "Failure: the documents or the vendor say so. Warning: it was observed so. Note: it is assumed."
)


def render(run: Run, places: SourceLocations) -> str:
    """The run as a SARIF log."""
    rules = _rules(run)
    order = {rule["id"]: index for index, rule in enumerate(rules)}
    written: Json = {
        "tool": {
            "driver": {
                "name": "mockserver",
                "fullName": f"mockserver {run.kind}",
                "semanticVersion": __version__,
                "rules": rules,
            }
        },
        "automationDetails": {"id": f"mockserver/{run.kind}/{run.provider}/{run.profile}/"},
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(run)],
        "originalUriBaseIds": _bases(places),
        "results": [_result(run, finding, order, places) for finding in (*run.findings, *run.excused)],
        "properties": {
            "target": run.target,
            "calls": run.calls,
            "jobs": run.jobs,
            "verdict": verdict(run),
            "account": [asdict(row) for row in run.account],
        },
    }
    log = _safe({"$schema": _SCHEMA, "version": "2.1.0", "runs": [written]})
    return orjson.dumps(log, option=orjson.OPT_INDENT_2).decode() + "\n"


def _safe(value: Any) -> Any:
    if isinstance(value, dict):
        return {plain(key): _safe(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_safe(inner) for inner in value]
    if isinstance(value, str):
        return plain(value)
    return value


def _rules(run: Run) -> list[Json]:
    rules = {check.id: check.requirement for check in checks()}
    rules |= {finding.check: finding.requirement for finding in (*run.findings, *run.excused)}
    return [_rule(check, requirement) for check, requirement in rules.items()]


def _rule(check: str, requirement: str) -> Json:
    family = check.partition(".")[0]
    return {
        "id": check,
        "name": "".join(part.capitalize() for part in check.replace(".", "_").replace("-", "_").split("_")),
        "shortDescription": {"text": requirement},
        "help": {
            "text": f"{requirement} {_LEVELS_EXPLAINED}",
            "markdown": f"**{check}**: {_escaped(requirement)}\n\n{_LEVELS_EXPLAINED}",
        },
        "defaultConfiguration": {"level": "error"},
        "properties": {"tags": ["contract", family]},
    }


def _escaped(text: str) -> str:
    return _MARKUP.sub(r"\\\g<0>", text)


def _invocation(run: Run) -> Json:
    return {
        "executionSuccessful": not run.not_judged,
        "exitCode": run.exit_code,
        "startTimeUtc": day_and_time(run.started),
        "endTimeUtc": day_and_time(run.started + run.took),
        "toolExecutionNotifications": list(_notifications(run)),
    }


def _notifications(run: Run) -> Iterable[Json]:
    for line in run.not_judged:
        yield {"level": "error", "message": {"text": f"not judged: {line}"}}
    for stage in run.stages:
        if stage.left_out:
            yield {"level": "note", "message": {"text": f"{stage.name} was left out: {stage.left_out}"}}
    for entry in run.stale:
        text = f"known failure {entry.fingerprint!r}: {entry.outcome} ({entry.reason})"
        yield {"level": "error", "message": {"text": text}}
    for note in run.notes:
        yield {"level": "note", "message": {"text": note}}


def _result(run: Run, finding: Finding, order: dict[str, int], places: SourceLocations) -> Json:
    result: Json = {
        "ruleId": finding.check,
        "ruleIndex": order[finding.check],
        "level": _LEVEL[finding.severity],
        "message": {"text": _message(run, finding)},
        "locations": [_location(finding, places)],
        "partialFingerprints": {_FINGERPRINT: finding.fingerprint},
        "properties": {
            "expected": finding.expected,
            "actual": finding.actual,
            "source": finding.source,
            "exchange": finding.exchange,
            "curl": finding.curl,
        },
    }
    if run.known:
        result["suppressions"] = _suppressions(run, finding)
    return result


def _message(run: Run, finding: Finding) -> str:
    source = finding.source or "nobody says so"
    message = f"{where(finding)}: {finding.actual}; expected {finding.expected} [{source}]"
    steps = run.histories.get(finding.fingerprint, ())
    history = "".join(f"\n{number}. {step}" for number, step in enumerate(steps, 1))
    # SARIF reads brackets in a message as a link.
    return (message + history).replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")


def _suppressions(run: Run, finding: Finding) -> list[Json]:
    if not any(excused is finding for excused in run.excused):
        return []
    return [{"kind": "external", "status": "accepted", "justification": reason(run, finding)}]


def _location(finding: Finding, places: SourceLocations) -> Json:
    place = places.of(finding)
    location: Json = {}
    if place is not None and places.folder is not None:
        region = {"startLine": place.line, "startColumn": place.column}
        location["physicalLocation"] = {"artifactLocation": _artifact(place, places.folder), "region": region}
    named = {"name": finding.operation or "request", "fullyQualifiedName": finding.clause or finding.check}
    location["logicalLocations"] = [named]
    return location


def _artifact(place: SourceLocation, folder: Path) -> Json:
    """The file relative to the current directory, a checkout's root in a pipeline; else to the folder."""
    within = _within(folder)
    if within is None:
        return {"uri": quote(place.file), "uriBaseId": _CONTRACT}
    return {"uri": quote(f"{within}/{place.file}".removeprefix("./")), "uriBaseId": _CHECKOUT}


def _bases(places: SourceLocations) -> Json:
    if places.folder is None:
        return {}
    if _within(places.folder) is not None:
        return {_CHECKOUT: {"description": {"text": "The directory that mockserver was run in."}}}
    return {_CONTRACT: {"uri": f"{places.folder.as_uri()}/"}}


def _within(folder: Path) -> str | None:
    here = Path.cwd()
    if not folder.is_relative_to(here):
        return None
    return folder.relative_to(here).as_posix()
