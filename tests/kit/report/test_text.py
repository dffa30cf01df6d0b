"""The report on a terminal: worst first, verdict last, legible without colour at 80 columns."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from hypothesis import given
from rich.console import Console

from mockserver.kit.findings.run import Run
from mockserver.kit.report.text import show
from tests.kit.report.runs import CLEAN, FULL, HOSTILE, WORD, hostile, runs


def _told(run: Run, *, quiet: bool = False, terminal: bool = False, width: int = 80) -> str:
    file = io.StringIO()
    console = Console(
        file=file, width=width, force_terminal=terminal, highlight=False, markup=False, emoji=False,
        color_system="standard" if terminal else None, legacy_windows=False, _environ={},
    )  # fmt: skip
    show(run, quiet=quiet, console=console)
    return file.getvalue()


def test_the_verdict_is_the_last_line() -> None:
    assert _told(FULL).splitlines()[-1] == (
        "FAILED: 1 failure, 1 warning, 1 note, 1 known, 1 stale known entry"
    )
    assert _told(CLEAN).splitlines()[-1] == ("PASSED: 0 failures, 0 warnings, 0 notes")


def test_the_worst_comes_first() -> None:
    text = _told(FULL)
    assert text.index("FAILURE lifecycle.word") < text.index("WARNING envelope.type") < text.index("NOTE")


def test_a_finding_has_what_a_person_needs_to_act() -> None:
    text = _told(FULL)
    for said in (
        "expected  one of",
        'actual    "created"',
        "source    DOCUMENTED",
        "submitRequest at /status",
    ):
        assert said in text
    assert "1.  submit\n" in text
    assert "2.  read job 1\n" in text


def test_the_line_to_ask_again_is_whole_so_that_it_can_be_copied() -> None:
    long = replace(WORD, curl="curl -X POST http://127.0.0.1:1/" + "a/" * 200)
    assert long.curl in _told(replace(FULL, findings=(long,)))


@given(runs())
def test_without_a_terminal_there_is_no_colour_and_only_what_is_to_be_copied_is_wide(run: Run) -> None:
    text = _told(run)
    assert "\x1b" not in text
    curls = {line for finding in run.findings for line in finding.curl.splitlines()}
    if not curls:
        assert [line for line in text.splitlines() if len(line) > 80 and line.isascii()] == []
    assert [line for line in text.split("\n") if line != line.rstrip()] == []


def test_on_a_terminal_there_is_colour() -> None:
    assert "\x1b[1;31m" in _told(FULL, terminal=True)


@pytest.mark.parametrize("terminal", [False, True])
@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_what_a_server_says_does_not_steer_the_terminal(text: str, terminal: bool) -> None:
    told = _told(hostile(text), terminal=terminal)
    for strange in ("\x1b[2J", "\x1b]", "\x07", "\u202e", "\x00"):
        assert strange not in told


def test_markup_is_shown_as_it_is() -> None:
    assert "[red]markup[/red] :boom:" in _told(hostile(HOSTILE[4]))


def test_quiet_leaves_findings_stale_entries_and_the_verdict() -> None:
    text = _told(FULL, quiet=True)
    assert "lifecycle.word" in text
    assert "passes unexpectedly" in text
    assert "FAILED" in text
    assert not [title for title in ("Stages", "Coverage", "Drift", "Notes", "ticket 12") if title in text]


def test_many_findings_of_a_check_are_not_all_told() -> None:
    many = tuple(replace(WORD, exchange=number) for number in range(1, 31))
    text = _told(replace(FULL, findings=many))
    assert "FAILURE lifecycle.word (30)" in text
    assert "and 25 more like this" in text


def test_drift_is_told_apart_with_what_to_do() -> None:
    text = _told(FULL)
    assert 'new status word: readRequest 200 at /status: "created", 2 times' in text
    assert "never seen: 1 field: readRequest /outcome/error" in text
    assert "--write-overlay FILE" in text


def test_where_nothing_but_silence_drifted_no_overlay_is_offered() -> None:
    assert "--write-overlay" not in _told(replace(FULL, drifts=FULL.drifts[:1]))


def test_coverage_says_how_much_and_what_was_not_exercised() -> None:
    text = _told(FULL)
    assert "operations  66 % (2 of 3)" in text
    assert "states      100 % (1 of 1)" in text
    assert "operations  c\n" in text
