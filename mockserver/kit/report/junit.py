"""The run as JUnit XML: a test case for each check that ran, each stage, and each known failure."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree import ElementTree

from mockserver.kit.checks.base import checks
from mockserver.kit.findings.account import AccountRow, families_judged
from mockserver.kit.findings.finding import Finding
from mockserver.kit.findings.run import KnownFailureOutcome, Run, StageResult
from mockserver.kit.report.formatting import reason, share, where
from mockserver.kit.report.junit_frame import add, document, element, suite
from mockserver.kit.report.locations import SourceLocations
from mockserver.numerals import plural


def render(run: Run, places: SourceLocations) -> str:
    """The run as JUnit XML."""
    cases: dict[str, list[ElementTree.Element]] = {}
    for check, requirement in _checks(run).items():
        cases.setdefault(check.partition(".")[0], []).append(_check(run, check, requirement, places))
    for stage in run.stages:
        cases.setdefault("stages", []).append(_stage(run, stage))
    for known in run.known:
        cases.setdefault("known failures", []).append(_known(known))
    if run.not_judged:
        cases["not judged"] = list(map(_not_judged, run.not_judged))
    suites = [suite(name, run.started, "0", _properties(run), members) for name, members in cases.items()]
    return document(f"mockserver {run.kind} {run.provider}", run.took, suites)


def _checks(run: Run) -> dict[str, str]:
    """Every check that ran and its rule: all of ours, and those of schemathesis that found something."""
    rules = {}
    if run.calls:
        rules = {check.id: check.requirement for check in checks()}
    return rules | {finding.check: finding.requirement for finding in (*run.findings, *run.excused)}


def _properties(run: Run) -> dict[str, str]:
    properties = {
        "provider": run.provider,
        "profile": run.profile,
        "target": run.target,
        "seed": "" if run.seed is None else str(run.seed),
        "calls": str(run.calls),
        "jobs": str(run.jobs),
        **{f"coverage.{part.name}": share(part) for part in run.coverage},
    }
    if run.drifts:
        properties["drifts"] = str(len(run.drifts))
    return properties


def _case(family: str, name: str) -> ElementTree.Element:
    return element("testcase", classname=f"mockserver.{family}", name=name, time="0")


def _check(run: Run, check: str, requirement: str, places: SourceLocations) -> ElementTree.Element:
    """Failed where a failure counts, skipped where all are known or nothing was to judge, else passed."""
    case = _case(check.partition(".")[0], check)
    findings = [finding for finding in run.findings if finding.check == check]
    failures = [finding for finding in findings if finding.severity == "failure"]
    excused = [finding for finding in run.excused if finding.check == check]
    if failures:
        message = failures[0].sentence
        if len(failures) > 1:
            message += f" (and {len(failures) - 1} more)"
        text = _texts(run, requirement, failures, places)
        add(case, "failure", text, type=check, message=message)
    elif excused:
        add(case, "skipped", message=f"known: {reason(run, excused[0])}")
    elif _is_idle(run, check) and not findings:
        add(case, "skipped", message="no answer to which a check of this family applies")
    others = [finding for finding in findings if finding.severity != "failure"]
    if others:
        add(case, "system-out", _texts(run, requirement, others, places))
    return case


def _is_idle(run: Run, check: str) -> bool:
    """Whether, by the account, no check of the family had anything to judge."""
    return bool(run.account) and not families_judged(run.account)[check.partition(".")[0]]


def _texts(run: Run, requirement: str, findings: Iterable[Finding], places: SourceLocations) -> str:
    return "\n\n".join([requirement, *(_text(run, finding, places) for finding in findings)])


def _text(run: Run, finding: Finding, places: SourceLocations) -> str:
    fields = {
        "severity": finding.severity,
        "where": where(finding),
        "expected": finding.expected,
        "actual": finding.actual,
        "source": finding.source,
        "contract": str(places.of(finding) or ""),
        "again": finding.curl,
        "fingerprint": finding.fingerprint,
    }
    lines = [f"{name}: {text}" for name, text in fields.items() if text]
    steps = run.histories.get(finding.fingerprint, ())
    return "\n".join([*lines, *(f"step {number}: {step}" for number, step in enumerate(steps, 1))])


def _stage(run: Run, stage: StageResult) -> ElementTree.Element:
    case = _case("stages", stage.name)
    if stage.left_out:
        add(case, "skipped", message=stage.left_out)
    work = f"{plural(stage.calls, 'call')}, {plural(stage.jobs, 'job')}"
    lines = [f"{stage.title}: {work}, {plural(stage.findings, 'finding')}"]
    lines += (_row(row) for row in run.account if row.stage == stage.name)
    add(case, "system-out", "\n".join(lines))
    return case


def _row(row: AccountRow) -> str:
    """One row of the account: what was asked, and who judged it."""
    where = f"{row.phase} {row.operation}".strip()
    line = f"{where} {row.answer}: {plural(row.calls, 'call')}, {row.judged} judged"
    counts = [f"{family} {count}" for family, count in row.families.items()]
    return f"{line} ({', '.join(counts)})" if counts else line


def _not_judged(reason: str) -> ElementTree.Element:
    case = _case("not judged", reason)
    add(case, "error", f"not judged: {reason}", type="not judged", message=reason)
    return case


def _known(known: KnownFailureOutcome) -> ElementTree.Element:
    case = _case("known", known.fingerprint)
    if known.outcome != "failed as known":
        text = f"{known.outcome}: {known.fingerprint}\n{known.reason}"
        add(case, "failure", text, type="known", message=known.outcome)
    return case
