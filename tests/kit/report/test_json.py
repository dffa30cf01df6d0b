"""The JSON report keeps to its published schema, which leaves nothing open."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator

from mockserver.kit.findings.run import Run
from mockserver.kit.report import render
from mockserver.kit.report.json import SCHEMA
from tests.kit.miniatures.base import GoodServer
from tests.kit.miniatures.lifecycle import Capitals, Synonym
from tests.kit.report.runs import CLEAN, FULL, HOSTILE, WORD, contract, hostile, run_of, runs

DOCUMENT = json.loads(SCHEMA.read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(DOCUMENT)


def _told(run: Run) -> Any:
    return json.loads(render(run, contract(), "json"))


def _complaints(told: Any) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in VALIDATOR.iter_errors(told)]


def _objects(node: Any) -> Iterator[dict[str, Any]]:
    """Every schema of an object with named members."""
    if isinstance(node, dict):
        if "properties" in node and node.get("type") == "object":
            yield node
        for inner in node.values():
            yield from _objects(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from _objects(inner)


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(DOCUMENT)


def test_the_schema_is_closed_and_every_member_is_there_unless_it_belongs_to_a_new_word() -> None:
    found = list(_objects(DOCUMENT))
    assert len(found) >= 8
    assert [finding for finding in found if finding["additionalProperties"] is not False] == []
    optional = {name for finding in found for name in finding["properties"].keys() - set(finding["required"])}
    assert optional == {"phase", "before", "after"}


@pytest.mark.parametrize("run", [FULL, CLEAN, *map(hostile, HOSTILE)])
def test_a_report_keeps_to_it(run: Run) -> None:
    assert _complaints(_told(run)) == []


@given(runs())
def test_any_report_keeps_to_it(run: Run) -> None:
    assert _complaints(_told(run)) == []


@pytest.mark.parametrize("miniature", [Synonym, Capitals])
def test_the_report_of_a_wrong_server_keeps_to_it(miniature: type[GoodServer]) -> None:
    run, judged_by = run_of(miniature)
    told = json.loads(render(run, judged_by, "json"))
    assert _complaints(told) == []
    assert {finding["check"] for finding in told["findings"]} == miniature.caught_by
    assert all(finding["contract"]["line"] >= 1 for finding in told["findings"])


def test_nothing_of_a_run_is_lost() -> None:
    told = _told(FULL)
    assert [finding["fingerprint"] for finding in told["findings"]] == [
        finding.fingerprint for finding in FULL.findings
    ]
    assert told["excused"][0]["check"] == "status.documented"
    assert told["histories"] == {WORD.fingerprint: ["submit", "read job 1"]}
    assert told["drifts"][1]["phase"] == "waiting"
    assert told["started"] == "2026-09-21T14:13:20Z"
    assert told["verdict"] == {
        "failed": True, "incomplete": False, "failures": 1, "warnings": 1, "notes": 1, "excused": 1,
        "stale": 1,
    }  # fmt: skip


def test_a_clause_has_its_file_and_line() -> None:
    place = _told(FULL)["findings"][2]["contract"]
    assert place["file"] == "schemas/status.json"
    assert place["line"] > 1


def test_a_clause_that_an_overlay_changes_is_found_there() -> None:
    judged_by = contract("observed")
    assert judged_by.overlays
    told = json.loads(render(FULL, judged_by, "json"))
    files = {finding["contract"]["file"] for finding in told["findings"]}
    assert files <= {
        "schemas/status.json",
        "openapi.json",
        *(f"overlays/{o}.json" for o in judged_by.overlays),
    }
