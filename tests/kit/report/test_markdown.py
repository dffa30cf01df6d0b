"""The Markdown summary, as text that GitHub's renderer reads."""

from __future__ import annotations

import re

import pytest
from hypothesis import given

from mockserver.kit.findings.run import Run
from mockserver.kit.report import render
from tests.kit.report.runs import CLEAN, FULL, HOSTILE, contract, hostile, runs


def _lines(run: Run) -> list[str]:
    return render(run, contract(), "markdown").splitlines()


def _without_code(line: str) -> str:
    return re.sub(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)", "", line)


def test_the_verdict_is_its_first_line() -> None:
    assert _lines(FULL)[0].startswith("### ❌ mockserver verify: 1 failure, 1 warning, 1 note, 1 known")
    assert _lines(CLEAN)[0].startswith("### ✅ mockserver verify: 0 failures")


def test_it_has_what_an_author_of_a_change_needs() -> None:
    text = "\n".join(_lines(FULL))
    for said in ("expected `one of", 'actual `"created"`', "`schemas/status.json:", "again: `curl", "step 2"):
        assert said in text
    assert text.index("lifecycle.word") < text.index("envelope.type")


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_hostile_text_makes_no_markup(text: str) -> None:
    lines = _lines(hostile(text))
    assert [line.partition(" ")[0] for line in lines].count("###") == 1
    for line in lines:
        bare = _without_code(line)
        assert not re.search(r"<(?!/?details>|/?summary>)|(?<!\\)\]\(|@everyone", bare), line


@given(runs())
def test_every_row_of_a_table_has_its_cells(run: Run) -> None:
    lines = _lines(run)
    for index, line in enumerate(lines):
        if line.startswith("|") and not lines[index - 1].startswith("|"):
            cells = line.count("|")
        if line.startswith("|"):
            assert len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)) == cells


def test_a_long_answer_is_cut_and_the_line_to_ask_again_is_not() -> None:
    long = "x" * 5000
    text = render(hostile(long), contract(), "markdown")
    assert f"again: `{long}`" in text
    assert f"actual `{'x' * 600}…`" in text
