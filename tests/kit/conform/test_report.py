"""Every form of the report: the document and its schema, JUnit, Markdown, badge; what all of them keep to."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner
from hypothesis import given
from jsonschema import Draft202012Validator
from junitparser import Error, Failure, JUnitXml, Skipped, TestCase

from mockserver.cli.conform import command
from mockserver.errors import SettingsError
from mockserver.kit.conform.reports.badge import text
from mockserver.kit.conform.reports.json import SCHEMA, read_matrices, report_schema
from mockserver.kit.conform.reports.render import FORMS, render, write
from mockserver.kit.conform.reports.text import render as to_text
from mockserver.kit.conform.results.comparison_table import client_label, tabulate, without_secrets
from mockserver.kit.conform.results.result import Matrix
from mockserver.kit.conform.results.score import FORMULA
from tests.kit.conform.matrices import (
    CLEAN,
    FAILED,
    FULL,
    KEY,
    OTHER,
    altered,
    hostile,
    matrices,
    matrix,
    result,
)
from tests.kit.report.runs import HOSTILE

VALIDATOR = Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
FORMULA_WORDS = re.sub(r"\W+", " ", FORMULA)


def _told(*runs: Matrix) -> Any:
    return json.loads(render(runs, ".json"))


def _cases(*runs: Matrix) -> dict[str, TestCase]:
    suites = JUnitXml.fromstring(render(runs, ".xml").encode())
    return {case.name: case for suite in suites for case in suite}


# What every form keeps to


@pytest.mark.parametrize("ending", FORMS)
def test_a_key_is_in_none(ending: str) -> None:
    whole = render([hostile(f"before {KEY} after http://me:secret@127.0.0.1/")], ending)
    assert KEY[:20] not in whole
    assert "secret@" not in whole
    assert "[key]" in whole or "\\[key\\]" in whole or ending == ".svg"


@pytest.mark.parametrize("ending", FORMS)
@pytest.mark.parametrize("said", HOSTILE, ids=ascii)
def test_hostile_text_is_written_whole(ending: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "new" / f"report{ending}"
    write([hostile(said)], path)
    assert path.read_text("utf-8")


@pytest.mark.parametrize("ending", [one for one in FORMS if one != ".svg"])
def test_the_formula_is_shown_with_its_numbers(ending: str) -> None:
    whole = render([FULL], ending)
    words = re.sub(r"\W+", " ", whole if ending == ".xml" else re.sub(r"<[^>]*>|\\(?=\W)", "", whole))
    assert FORMULA_WORDS.strip() in words
    assert "33" in words


def test_the_text_shows_it_too() -> None:
    assert FORMULA_WORDS.strip() in re.sub(r"\W+", " ", to_text(FULL))
    assert "conformance 33 % · 2 MUST failed (1 known)" in to_text(FULL)


@pytest.mark.parametrize("ending", FORMS)
def test_it_is_the_same_each_time_and_of_no_run_too(ending: str) -> None:
    assert render([FULL, OTHER], ending) == render([FULL, OTHER], ending)
    assert render([], ending)
    assert render([matrix()], ending)


def test_another_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"reports end in \.json, \.html"):
        write([FULL], tmp_path / "report.docx")


def test_a_folder_in_its_place_is_named(tmp_path: Path) -> None:
    (tmp_path / "report.md").mkdir()
    with pytest.raises(SettingsError, match=r"report\.md: cannot be written: Is a directory"):
        write([FULL], tmp_path / "report.md")


# The document


def test_the_schema_is_the_published_one_and_closed() -> None:
    published = json.loads(SCHEMA.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(published)
    assert published == report_schema()
    records = [*published["$defs"].values(), published]
    assert {record["title"] for record in records} >= {
        "Matrix", "Result", "TimelineStep", "CaseBreach", "KnownCaseOutcome", "Score",
    }  # fmt: skip
    for record in records:
        assert record["additionalProperties"] is False
        assert record["required"] == list(record["properties"])


@pytest.mark.parametrize("run", [FULL, CLEAN, matrix(), *map(hostile, HOSTILE)])
def test_a_report_keeps_to_it(run: Matrix) -> None:
    assert list(VALIDATOR.iter_errors(_told(run))) == []


@given(matrices())
def test_any_report_keeps_to_it(run: Matrix) -> None:
    assert list(VALIDATOR.iter_errors(_told(run, FULL))) == []


@given(matrices())
def test_what_is_written_is_read_again(tmp_path_factory: pytest.TempPathFactory, run: Matrix) -> None:
    path = tmp_path_factory.getbasetemp() / "read-again.json"
    write([run, FULL], path)
    assert read_matrices(path) == (without_secrets(run), FULL)


def test_it_has_the_score_of_all_and_of_each() -> None:
    told = _told(FULL, OTHER)
    assert told["format"] == 1
    assert (told["score"]["number"], told["score"]["formula"]) == (57, FORMULA)
    assert [one["number"] for one in told["scores"]] == [33, 100]


# JUnit


def test_every_case_is_a_test_case() -> None:
    cases = _cases(FULL)
    assert set(cases) == {*(result.case.id for result in FULL.results), "result-*"}
    assert cases["request-plain"].is_passed
    assert cases["submit-answer-lost"].time == 1.5


def test_a_broken_must_fails_with_all_that_is_needed_to_act_on_it() -> None:
    [failure] = _cases(FULL)["submit-answer-lost"].result
    assert isinstance(failure, Failure)
    assert failure.type == "jobs-made"
    assert failure.message == "Title of submit-answer-lost: expected at most 1 job, but 2 jobs"
    for said in ("It is paid twice.", "Look before you", "#1", "lost-answer", "reproduce"):
        assert said in failure.text


def test_other_shades_are_told_apart() -> None:
    cases = _cases(FULL)
    assert isinstance(cases["process-killed"].result[0], Error)
    assert isinstance(cases["callback-twice"].result[0], Skipped)
    assert cases["callback-twice"].result[0].message == "not applicable: for clients that support callback"
    for name in ("poll-slow", "result-cut"):
        assert cases[name].is_passed
        assert cases[name].system_out


def test_known_failures_are_skipped_and_stale_entries_fail() -> None:
    suites = JUnitXml.fromstring(render([FULL], ".xml").encode())
    found = [case for suite in suites for case in suite]
    [case] = [
        case for case in found if case.classname == "conform.gmicloud.poll" and case.name == "poll-stuck"
    ]
    assert case.result[0].message == "known: our ticket 12"
    [stale] = [case for case in found if case.name == "result-*"]
    assert stale.result[0].message == "result-*: passes unexpectedly"


@given(matrices())
def test_the_counts_of_junit_are_true(run: Matrix) -> None:
    suites = JUnitXml.fromstring(render([run, OTHER], ".xml").encode())
    every = [case for suite in suites for case in suite]
    assert suites.tests == len(every) == sum(suite.tests for suite in suites)
    for kind, said in ((Failure, suites.failures), (Error, suites.errors), (Skipped, suites.skipped)):
        assert said == sum(isinstance(one, kind) for case in every for one in case.result)
    assert bool(suites.failures) == (run.exit_code == 1)


# Markdown


def _lines(*runs: Matrix) -> list[str]:
    return render(runs, ".md").splitlines()


def test_the_verdict_is_the_first_line_of_markdown() -> None:
    assert (
        _lines(FULL)[0]
        == "### ❌ mockserver conform: conformance 33 % · 2 MUST failed (1 known) · 1 could not run"
    )
    assert _lines(CLEAN)[0] == "### ✅ mockserver conform: conformance 100 % · 0 MUST failed"


def test_markdown_has_what_an_author_of_a_change_needs() -> None:
    said = render([FULL, OTHER], ".md")
    for part in (
        "at most 1 job",
        "`2 jobs`",
        "It is paid twice.",
        "Look before",
        "breaks where `state is absent`",
        "again: `mockserver conform",
    ):
        assert part in said
    assert "| `submit-answer-lost` | MUST | ✗ fail |   |" in said
    assert said.index("✗ fail: a MUST") < said.index("▲ weak: a SHOULD is broken\n")


@given(matrices())
def test_every_row_of_a_table_has_its_cells(run: Matrix) -> None:
    lines, cells = _lines(run, OTHER), 0
    for index, line in enumerate(lines):
        if line.startswith("|"):
            found = len(re.findall(r"(?<!\\)(?:\\\\)*\|", line))
            cells = found if not lines[index - 1].startswith("|") else cells
            assert found == cells


@pytest.mark.parametrize("said", HOSTILE, ids=ascii)
def test_hostile_text_makes_no_markup(said: str) -> None:
    lines = _lines(hostile(said))
    assert [line.partition(" ")[0] for line in lines].count("###") == 1
    for line in lines:
        bare = re.sub(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)", "", line)
        assert not re.search(r"<(?!/?(details|summary|sub)\b)|(?<!\\)\]\(|@everyone", bare), line


def test_markdown_of_a_run_where_all_fails_fits_a_comment() -> None:
    every = matrix(*(altered(FAILED, id=f"submit-{number}") for number in range(120)))
    assert len(render([every, every, every], ".md").encode()) < 60_000


# The badge


def test_the_badge_says_the_score() -> None:
    assert text([CLEAN]) == "conformance 100 % · 0 MUST failed"
    root = ElementTree.fromstring(render([CLEAN], ".svg"))
    texts = [one.text for one in root.iter("{http://www.w3.org/2000/svg}text")]
    assert texts == ["conformance", "100 % · 0 MUST failed"]
    assert root.get("role") == "img"
    assert root.get("aria-label") == "conformance: 100 % · 0 MUST failed"


def test_the_badge_is_red_amber_green_or_grey() -> None:
    weak = matrix(result("poll-x", "weak", "SHOULD"))
    fills = [
        re.findall(r'fill="(#\w{6})"', render([run], ".svg"))[1] for run in (FULL, weak, CLEAN, matrix())
    ]
    assert fills == ["#b3141c", "#8a5a00", "#2e7d32", "#59636e"]


# Runs side by side


def test_runs_of_several_clients_and_providers_are_columns_of_one_matrix() -> None:
    sides = tabulate([FULL, OTHER])
    assert [column.name for column in sides.columns] == [
        "client --url {base_url} with gmicloud",
        "other with kkiai",
    ]
    row = next(row for row in sides.rows if row.case.id == "poll-stuck")
    assert [one and one.verdict for one in row.cells] == ["fail", "pass"]
    assert row.worst == "fail"
    assert [name for name, _ in sides.families] == [
        "request",
        "submit",
        "poll",
        "result",
        "callback",
        "process",
    ]


def test_two_runs_of_the_same_are_told_apart_by_their_moment() -> None:
    names = [column.name for column in tabulate([CLEAN, replace(CLEAN, started=CLEAN.started + 60)]).columns]
    assert [name.rpartition(", ")[2] for name in names] == ["2026-09-21T14:13:20Z", "2026-09-21T14:14:20Z"]


def test_a_long_command_is_cut_in_the_middle() -> None:
    short = client_label(replace(CLEAN, command=("/usr/bin/python", "x" * 50, "y" * 50)))
    assert short.startswith("python xxx")
    assert short.endswith("yyy")
    assert len(short) < 70


def test_the_command_merges_runs(tmp_path: Path) -> None:
    for name, run in (("a", FULL), ("b", OTHER)):
        write([run], tmp_path / f"{name}.json")
    files = [str(tmp_path / name) for name in ("a.json", "b.json")]
    done = CliRunner().invoke(command, ["report", *files, "--report", str(tmp_path / "c.json")])
    assert done.exit_code == 0, done.output
    assert read_matrices(tmp_path / "c.json") == (FULL, OTHER)
    assert "other with kkiai: 100 % · 0 MUST failed" in done.output
    assert "together: 57 %" in done.output
