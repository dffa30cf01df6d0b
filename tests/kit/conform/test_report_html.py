"""The matrix as HTML: one file, nothing in it that came from outside is obeyed, and a browser shows it."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given

from mockserver.kit.conform.reports.render import render
from mockserver.kit.conform.reports.sequence_diagram import DRAWN, ROOMY, draw
from mockserver.kit.conform.results.result import Matrix, Result
from tests.browser import CHROMIUM, look_once
from tests.kit.conform.matrices import CLEAN, FAILED, FULL, KEY, OTHER, PAGE, STEPS, hostile, matrices, matrix
from tests.kit.report.runs import HOSTILE
from tests.kit.report.test_html import Page

WIDE: Final = "--window-size=500,900"
SCRIPT: Final = """<script>
const seen = query => [...document.querySelectorAll(query)].filter(one => one.checkVisibility()).length;
document.querySelector("[data-show=fail]").click();
const failed = seen(".matrix tr[data-number]") + "/" + seen(".case");
document.querySelector("[data-show='']").click();
const words = document.querySelector("input");
words.value = "LOST submit"; words.dispatchEvent(new Event("input"));
const found = seen(".matrix tr[data-number]") + "/" + seen(".case");
words.value = ""; words.dispatchEvent(new Event("input"));
const cells = [...document.querySelectorAll("a.cell")];
cells[0].focus();
const event = key => new KeyboardEvent("keydown", { key, bubbles: true });
const press = key => document.activeElement.dispatchEvent(event(key));
press("ArrowDown"); press("ArrowDown"); press("ArrowUp"); press("ArrowRight");
const at = document.activeElement.hash + " " + cells.filter(one => one.tabIndex === 0).length;
for (const one of document.querySelectorAll(".case")) one.open = false;
location.hash = document.activeElement.hash;
addEventListener("hashchange", () => {
  document.title = [failed, found, at, seen(".case[open]")].join(" | ");
});
</script>"""


def _page(*runs: Matrix) -> Page:
    return Page(render(runs, ".html"))


def _svg(one: Result) -> str:
    found = re.search(r'<svg class="timeline".*?</figure>', render([matrix(one)], ".html"), re.DOTALL)
    assert found
    return found[0]


@pytest.mark.parametrize("run", [FULL, CLEAN, matrix()])
def test_it_needs_no_other_file_and_no_network(run: Matrix) -> None:
    page = _page(run)
    assert all(link == "data:," or link.startswith("#") for link in page.links)
    assert not re.search(r"@import|url\(|src=", render([run], ".html"))
    assert "default-src 'none'" in render([run], ".html")


@given(matrices())
def test_whatever_is_told_stays_text(run: Matrix) -> None:
    page = _page(run)
    assert page.tags.count("script") == 1
    assert "img" not in page.tags
    assert page.handlers == []
    assert all(link == "data:," or link.startswith("#") for link in page.links)
    assert KEY not in render([run], ".html")


@pytest.mark.parametrize("text", HOSTILE[:5])
def test_hostile_text_is_shown_as_it_is(text: str) -> None:
    assert text in _page(hostile(text)).text


def test_each_cell_leads_to_its_story() -> None:
    text = render([FULL, OTHER], ".html")
    cells = re.findall(r'<a class="cell \w+" href="#(r\d+-\d+)"', text)
    assert len(cells) == len(FULL.results) + len(OTHER.results)
    assert sorted(cells) == sorted(re.findall(r' id="(r\d+-\d+)"', text))


def test_each_story_has_all_that_is_needed_to_act_on_it() -> None:
    text = _page(matrix(FAILED)).text
    for said in (
        "It goes well.", "It is paid twice.", "Look before you submit again.", "https://example.com/thread",
        "at most 1 job", "2 jobs", "(exchange #1, #2)", "it does so in the baseline case too",
        "state is absent",
        "killed by the case after 0.5 s; exit code 0 after 1.0 s", "a warning", "no such operation",
        "mockserver conform --case submit-answer-lost --trace",
    ):  # fmt: skip
        assert said in text


def test_the_score_stands_on_top_and_its_formula_below() -> None:
    text = render([FULL, OTHER], ".html")
    assert "Client conformance: 57 % · 2 MUST failed (1 known)" in re.sub(r"<[^>]*>", "", text)
    assert "A case is worth 5 points" in text
    assert "100 x 16 / 28 = 57" in text
    assert "At risk: <b>money in 2 cases</b>" in text


def test_a_shade_is_told_by_a_sign_and_a_word_and_not_by_colour_alone() -> None:
    text = render([FULL], ".html")
    for sign, word in (("✗", "fail"), ("▲", "weak"), ("✓*", "remark"), ("✓", "pass"), ("?", "could not run")):
        assert re.search(rf"<b aria-hidden=\"true\">{re.escape(sign)}</b> <span class=\"word\">{word}", text)


def test_the_picture_has_a_lane_for_each_role_and_a_mark_for_each_exchange() -> None:
    svg = _svg(FAILED)
    assert re.findall(r'<text class="lane"[^>]*>(\w+)', svg) == ["submit", "read", "media", "other"]
    assert re.findall(r'class="mark (\w+)"', svg) == ["silent", "fine", "broken", "fine", "moved", "refused"]
    assert svg.count('class="bolt"') == 2
    assert svg.count('class="shows"') == 3
    assert "#1 at 0.500 s: POST /requests: no answer (lost-answer)" in svg
    assert 'aria-label="6 exchanges from 0.50 s to 1.60 s: submit no answer (lost-answer)' in svg
    assert ">502 (gateway-page)<" in svg


@given(matrices())
def test_labels_of_a_line_never_touch_and_nothing_leaves_the_picture(run: Matrix) -> None:
    for one in run.results:
        drawn = draw(one)
        assert (drawn is None) == (one.steps == ())
        for lane in drawn.lanes if drawn else ():
            assert all(0 <= mark.x <= 100 and mark.x + mark.width <= 100 for mark in lane.marks)
            for line in (0, 1):
                spans = sorted(
                    _span(each.x, each.anchor, each.text) for each in lane.labels if each.line == line
                )
                assert all(left[1] <= right[0] for left, right in pairwise(spans))


def _span(x: float, anchor: str, text: str) -> tuple[float, float]:
    width = 100 * len(text) * 6.2 / ROOMY
    start = {"start": x, "middle": x - width / 2, "end": x - width}[anchor]
    return start, start + width


def test_a_client_that_hammers_is_drawn_and_told_in_part() -> None:
    many = tuple(replace(PAGE, number=number, at=float(number)) for number in range(1, 301))
    text = render([matrix(replace(FAILED, steps=many))], ".html")
    assert text.count('class="mark ') == DRAWN
    assert "200 more in the middle" in text
    assert "… 260 more …" in text
    assert "300 exchanges" in text
    assert len(text) < 100_000


def test_one_long_pause_does_not_press_the_rest_together() -> None:
    drawn = draw(replace(FAILED, steps=(*STEPS[:5], replace(STEPS[5], at=900.0)), virtual=True))
    assert drawn is not None
    assert drawn.scale == "evenly spaced, not by time; the clock was moved"
    assert len({mark.x for lane in drawn.lanes for mark in lane.marks}) == 6


def test_a_case_without_exchanges_has_no_picture() -> None:
    assert "<figure>" not in render([matrix(replace(FAILED, steps=()))], ".html")


needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here to look at the report")


def _shown(tmp_path: Path, run: list[Matrix], script: str, *more: str) -> str:
    path = tmp_path / "matrix.html"
    path.write_text(render(run, ".html").replace("</body>", f"{script}</body>"), encoding="utf-8")
    dom = look_once(path, tmp_path / "profile", "--dump-dom", *more)
    found = re.search("<title>(.*)</title>", dom)
    assert found
    return found[1]


@needs_chromium
def test_chromium_filters_finds_words_moves_by_arrows_and_opens_the_story(tmp_path: Path) -> None:
    title = _shown(tmp_path, [FULL, FULL], SCRIPT, "--virtual-time-budget=2000")
    assert title == "2/2 | 1/1 | #r1-2 1 | 1"


@needs_chromium
def test_chromium_runs_nothing_of_a_clients_and_shows_nothing_too_wide_on_a_phone(tmp_path: Path) -> None:
    text = "".join(HOSTILE[:5]) + "long" * 200 + "<script>document.title = 'broken in'</script>"
    measure = """<script>for (const one of document.querySelectorAll("details")) one.open = true;
    document.title += " " + (document.documentElement.scrollWidth <= innerWidth)</script>"""
    title = _shown(tmp_path, [hostile(text), OTHER], measure, WIDE)
    assert title.endswith("MUST failed (2 known) · 1 could not run true")


@needs_chromium
def test_it_prints_what_went_wrong_opened(tmp_path: Path) -> None:
    path, pdf = tmp_path / "matrix.html", tmp_path / "matrix.pdf"
    path.write_text(render([FULL], ".html"), encoding="utf-8")
    look_once(path, tmp_path / "profile", "--no-pdf-header-footer", f"--print-to-pdf={pdf}")
    assert pdf.read_bytes().startswith(b"%PDF")
    reader = shutil.which("pdftotext")
    if reader:
        text = subprocess.run([reader, str(pdf), "-"], capture_output=True, check=True).stdout.decode()
        assert "Look before you submit again." in text
