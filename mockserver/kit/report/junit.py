"""The run as JUnit XML: a test case for each check, those that nothing broke included."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from xml.etree import ElementTree

from mockserver.kit.checks.base import checks
from mockserver.kit.findings.finding import Finding
from mockserver.kit.findings.run import KnownFailureOutcome, Run, StageResult
from mockserver.kit.report.formatting import day_and_time, plain, plural, reason, share, where
from mockserver.kit.report.locations import SourceLocations

Cases = dict[str, list[ElementTree.Element]]


def render(run: Run, places: SourceLocations) -> str:
    """The run as JUnit XML."""
    suites: Cases = {}
    for check, requirement in _checks(run).items():
        suites.setdefault(check.partition(".")[0], []).append(_check(run, check, requirement, places))
    for stage in run.stages:
        suites.setdefault("stages", []).append(_stage(stage))
    for entry in run.known:
        suites.setdefault("known failures", []).append(_known(entry))
    root = element("testsuites", name=f"mockserver {run.kind} {run.provider}", time=f"{run.took:.3f}")
    for name, cases in suites.items():
        root.append(_suite(run, name, cases))
    count(root, [case for cases in suites.values() for case in cases])
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _checks(run: Run) -> dict[str, str]:
    """Every check that ran and its rule: the catalogue, and what others found by their own."""
    known = {one.id: one.requirement for one in checks()} if run.calls else {}
    return known | {one.check: one.requirement for one in (*run.findings, *run.excused)}


def _suite(run: Run, name: str, cases: Sequence[ElementTree.Element]) -> ElementTree.Element:
    suite = element("testsuite", name=name, timestamp=day_and_time(run.started)[:-1], time="0")
    suite.append(_properties(run))
    suite.extend(cases)
    count(suite, cases)
    return suite


def _properties(run: Run) -> ElementTree.Element:
    said = {
        "provider": run.provider,
        "profile": run.profile,
        "target": run.target,
        "seed": "" if run.seed is None else str(run.seed),
        "calls": str(run.calls),
        "jobs": str(run.jobs),
        **{f"coverage.{one.name}": share(one) for one in run.coverage},
        **({"drifts": str(len(run.drifts))} if run.drifts else {}),
    }
    properties = ElementTree.Element("properties")
    properties.extend(element("property", name=name, value=value) for name, value in said.items())
    return properties


def count(suite: ElementTree.Element, cases: Iterable[ElementTree.Element]) -> None:
    """Say how many cases a suite has, and how they ended."""
    results = [{child.tag for child in case} for case in cases]
    suite.set("tests", str(len(results)))
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(name, str(sum(tag in one for one in results)))


def _case(family: str, name: str) -> ElementTree.Element:
    return element("testcase", classname=f"mockserver.{family}", name=name, time="0")


def _check(run: Run, check: str, requirement: str, places: SourceLocations) -> ElementTree.Element:
    """Failed where a failure counts, skipped where all of them are known, else passed."""
    case = _case(check.partition(".")[0], check)
    found = [one for one in run.findings if one.check == check]
    failures = [one for one in found if one.severity == "failure"]
    excused = [one for one in run.excused if one.check == check]
    if failures:
        more = f" (and {len(failures) - 1} more)" if len(failures) > 1 else ""
        case.append(element("failure", type=check, message=failures[0].sentence + more))
        case[-1].text = _texts(run, requirement, failures, places)
    elif excused:
        case.append(element("skipped", message=f"known: {reason(run, excused[0])}"))
    beside = [one for one in found if one.severity != "failure"]
    if beside:
        case.append(ElementTree.Element("system-out"))
        case[-1].text = _texts(run, requirement, beside, places)
    return case


def _texts(run: Run, requirement: str, findings: Iterable[Finding], places: SourceLocations) -> str:
    parts = [requirement, *(_text(run, one, places) for one in findings)]
    return plain("\n\n".join(parts))


def _text(run: Run, finding: Finding, places: SourceLocations) -> str:
    place = places.of(finding)
    said = {
        "severity": finding.severity,
        "where": where(finding),
        "expected": finding.expected,
        "actual": finding.actual,
        "source": finding.source,
        "contract": "" if place is None else f"{place.file}:{place.line}",
        "again": finding.curl,
        "fingerprint": finding.fingerprint,
    }
    lines = [f"{name}: {text}" for name, text in said.items() if text]
    steps = run.histories.get(finding.fingerprint, ())
    return "\n".join([*lines, *(f"step {number}: {step}" for number, step in enumerate(steps, 1))])


def _stage(stage: StageResult) -> ElementTree.Element:
    case = _case("stages", stage.name)
    if stage.left_out:
        case.append(element("skipped", message=stage.left_out))
    case.append(ElementTree.Element("system-out"))
    work = f"{plural(stage.calls, 'call')}, {plural(stage.jobs, 'job')}"
    case[-1].text = plain(f"{stage.title}: {work}, {plural(stage.findings, 'finding')}")
    return case


def _known(entry: KnownFailureOutcome) -> ElementTree.Element:
    case = _case("known", entry.fingerprint)
    if entry.outcome != "failed as known":
        case.append(element("failure", type="known", message=entry.outcome))
        case[-1].text = plain(f"{entry.outcome}: {entry.fingerprint}\n{entry.reason}")
    return case


def element(tag: str, **attributes: str) -> ElementTree.Element:
    """An element whose texts are safe to show."""
    return ElementTree.Element(tag, {name: plain(value) for name, value in attributes.items()})
