"""The HTML report: one file, nothing in it that came from outside is obeyed, and a browser shows it."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given

from mockserver.kit.findings.run import Run
from mockserver.kit.report import render
from tests.browser import CHROMIUM, look_once
from tests.kit.report.runs import CLEAN, FULL, HOSTILE, contract, hostile, runs

VOID = {"meta", "link", "br", "img", "input"}
COUNT = """<script>
document.querySelector("[data-show=warning]").click();
const shown = [...document.querySelectorAll("[data-severity]")].filter(one => one.checkVisibility());
document.title = "shown " + shown.map(one => one.dataset.severity).join(" ");
</script>"""


class Page(HTMLParser):
    """A page's elements and links, and whether each element ends where it should."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.handlers: list[str] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("src", "href", "action", "data")]
        self.handlers += [name for name, _ in attrs if name.startswith("on") or name == "style"]
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Note that it ends."""
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Note its text."""
        self.text += data


def _page(run: Run) -> Page:
    return Page(render(run, contract(), "html"))


@pytest.mark.parametrize("run", [FULL, CLEAN])
def test_it_needs_no_other_file_and_no_network(run: Run) -> None:
    page = _page(run)
    assert page.links == ["data:,"]
    text = render(run, contract(), "html")
    assert not re.search(r"@import|url\(|https?://(?!127\.0\.0\.1)", text)
    assert "default-src 'none'" in text


@given(runs())
def test_whatever_is_told_stays_text(run: Run) -> None:
    page = _page(run)
    assert page.tags.count("script") == 1
    assert "img" not in page.tags
    assert page.handlers == []
    assert page.links == ["data:,"]


@pytest.mark.parametrize("text", HOSTILE[:5])
def test_hostile_text_is_shown_as_it_is(text: str) -> None:
    assert text in _page(hostile(text)).text


def test_a_clean_run_says_so() -> None:
    page = _page(CLEAN)
    assert "Passed" in page.text
    assert "Nothing was found." in page.text
    assert "button" not in page.tags


def test_the_worst_comes_first_and_stands_open() -> None:
    text = render(FULL, contract(), "html")
    found = re.findall(r'<details class="\w+" data-severity="(\w+)"( open)?', text)
    assert found == [("failure", " open"), ("warning", ""), ("note", "")]


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here to look at the report")
def test_chromium_shows_it_and_filters_by_severity(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text(render(FULL, contract(), "html").replace("</body>", f"{COUNT}</body>"), encoding="utf-8")
    dom = look_once(path, tmp_path / "profile", "--dump-dom")
    assert "<title>shown warning</title>" in dom
    assert re.search(r'<div class="filter"[^>]*>', dom)
    assert not re.search(r'<div class="filter"[^>]*hidden', dom)


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here to look at the report")
def test_chromium_runs_nothing_that_a_server_said_and_shows_nothing_too_wide(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    wide = hostile("".join(HOSTILE[:5]) + "long" * 300 + "<script>document.title = 'broken in'</script>")
    measure = "<script>document.title += ' ' + (document.documentElement.scrollWidth <= innerWidth)</script>"
    path.write_text(
        render(wide, contract(), "html").replace("</body>", f"{measure}</body>"), encoding="utf-8"
    )
    dom = look_once(path, tmp_path / "profile", "--dump-dom", "--window-size=400,800")
    assert "<title>Failed: gmicloud verify true</title>" in dom
