"""The SARIF report: it validates, and its results stand at the contract's lines."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from jsonschema import Draft4Validator
from sarif_pydantic import Sarif  # type: ignore[import-untyped]

from mockserver.contract.source import builtin_root
from mockserver.kit.checks.base import checks
from mockserver.kit.findings.run import Run
from mockserver.kit.report import render
from tests.kit.report.runs import CLEAN, FULL, HOSTILE, contract, hostile, runs

OURS = jsonschema_rs.validator_for(
    json.loads(Path(__file__).with_name("sarif-2.1.0.schema.json").read_text(encoding="utf-8")),
    validate_formats=True,
)
OFFICIAL = os.environ.get("SARIF_SCHEMA", "")
"""A file that holds the schema which OASIS publishes; it is theirs, and no part of this checkout."""


def _told(run: Run) -> Any:
    return json.loads(render(run, contract(), "sarif"))


def _results(run: Run) -> dict[str, Any]:
    return {result["ruleId"]: result for result in _told(run)["runs"][0]["results"]}


def _complaints(told: Any) -> list[str]:
    return [f"{error.instance_path}: {error.message}" for error in OURS.iter_errors(told)]


@pytest.mark.parametrize("run", [FULL, CLEAN, *map(hostile, HOSTILE)])
def test_it_validates(run: Run) -> None:
    assert _complaints(_told(run)) == []


@given(runs())
def test_any_run_validates(run: Run) -> None:
    assert _complaints(_told(run)) == []


@pytest.mark.parametrize("run", [FULL, CLEAN, *map(hostile, HOSTILE)])
def test_an_independent_reader_takes_it_and_finds_the_same_results(run: Run) -> None:
    read = Sarif.model_validate(_told(run))
    results = read.runs[0].results or []
    assert [result.rule_id for result in results] == [
        result["ruleId"] for result in _told(run)["runs"][0]["results"]
    ]


if OFFICIAL:

    @pytest.mark.parametrize("run", [FULL, CLEAN, *map(hostile, HOSTILE)])
    def test_it_validates_by_the_official_schema(run: Run) -> None:
        schema = json.loads(Path(OFFICIAL).read_text(encoding="utf-8"))
        validator = Draft4Validator(schema, format_checker=Draft4Validator.FORMAT_CHECKER)
        assert [f"{error.json_path}: {error.message}" for error in validator.iter_errors(_told(run))] == []


@pytest.mark.parametrize(
    "spoil",
    [
        lambda log: log.update(version="2.0.0"),
        lambda log: log["runs"][0]["results"][0].update(level="failure"),
        lambda log: log["runs"][0]["results"][0].update(severity="error"),
        lambda log: log["runs"][0]["results"][0].pop("message"),
        lambda log: log["runs"][0]["tool"]["driver"].pop("name"),
    ],
)
def test_the_schema_tells_what_is_wrong(spoil: Any) -> None:
    log = _told(FULL)
    spoil(log)
    assert _complaints(log)


def test_a_result_stands_at_the_line_of_its_clause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(builtin_root().parent)
    place = _results(FULL)["lifecycle.word"]["locations"][0]["physicalLocation"]
    uri = place["artifactLocation"]["uri"]
    assert uri.endswith("gmicloud/schemas/status.json")
    line = Path(uri).read_text(encoding="utf-8").splitlines()[place["region"]["startLine"] - 1]
    assert line.lstrip().startswith('"enum"')
    assert line[place["region"]["startColumn"] - 1] == '"'


def test_outside_the_directory_of_the_run_it_stands_below_the_contract(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    [run] = _told(FULL)["runs"]
    location = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert not location["uri"].startswith(("/", ".."))
    assert run["originalUriBaseIds"][location["uriBaseId"]]["uri"].endswith("/gmicloud/")


def test_every_result_has_a_place_even_without_a_clause() -> None:
    for result in _results(FULL).values():
        assert result["locations"][0]["physicalLocation"]["region"]["startLine"] >= 1


def test_levels_come_from_who_says_so() -> None:
    levels = {check: one["level"] for check, one in _results(FULL).items()}
    assert levels["lifecycle.word"] == "error"
    assert levels["envelope.type"] == "warning"
    assert levels["schemathesis.odd"] == "note"


def test_each_rule_explains_itself_and_results_point_at_theirs() -> None:
    [run] = _told(FULL)["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert {check.id for check in checks()} < {rule["id"] for rule in rules}
    assert all(rule["help"]["text"] and rule["shortDescription"]["text"] for rule in rules)
    assert all(rules[result["ruleIndex"]]["id"] == result["ruleId"] for result in run["results"])


def test_the_fingerprint_is_the_same_in_every_run() -> None:
    later = replace(
        FULL, findings=tuple(replace(finding, exchange=99, job="other") for finding in FULL.findings)
    )
    kept = [
        {check: one["partialFingerprints"] for check, one in _results(run).items()} for run in (FULL, later)
    ]
    assert kept[0] == kept[1]


def test_a_known_failure_is_suppressed_and_no_other() -> None:
    results = _results(FULL)
    assert results["status.documented"]["suppressions"][0]["justification"] == "their ticket 12"
    assert results["lifecycle.word"]["suppressions"] == []
    assert "suppressions" not in _results(replace(FULL, known=(), excused=()))["lifecycle.word"]
