"""The page of a failed test: one file that obeys nothing of what came from outside, laid out for people."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.control_client.answers import ExplanationAnswer, JournalEntryAnswer, MessageAnswer
from mockserver.kit.failed_test import (
    LONGEST_BODY,
    ExchangeStory,
    FailedTest,
    ServerPart,
    body_lines,
    moments_asked,
    render,
    spans,
)
from tests.browser import CHROMIUM, chromium

HOSTILE = (
    "</pre><script>document.title='run'</script><img src=x onerror=\"document.title='run'\">\u202e\x1b[31m"
)


def message(text: str | None, *, cut: bool = False) -> MessageAnswer:
    """A message of that body."""
    headers = [["x-what", HOSTILE]]
    return {"headers": headers, "size": len(text or "1234"), "cut": cut, "text": text, "base64": None}


def entry(**more: Any) -> JournalEntryAnswer:
    """An exchange."""
    plain: JournalEntryAnswer = {
        "number": 7, "at": 3000, "took": 0, "provider": "acme", "operation": "read", "role": "read",
        "tenant": "0123456789abcdef", "job": "job-1", "model": "m", "method": "GET", "path": "/jobs/1",
        "query": "", "status": 200, "shown_status": "200", "request": message(""), "response": message("{}"),
        "violations": [], "warnings": [], "faults": [], "state": "running", "refusal": None, "delivery": None,
        "meaning": "running",
    }  # fmt: skip
    return {**plain, **more}  # type: ignore[typeddict-item]


def job(entered: list[int], planned: list[int], now: int, *, ended: bool) -> ExplanationAnswer:
    """A job that entered states at these moments and will enter others at those."""
    moments = [*entered, *planned]
    phases = ["waiting", *["running"] * (len(moments) - 1)]
    phases[-1] = "succeeded" if ended else phases[-1]
    states: Any = [
        {"at": at, "what": "state", "cause": HOSTILE, "state": f"s{number}", "phase": phase, "reason": None}
        for number, (at, phase) in enumerate(zip(moments, phases, strict=True))
    ]
    row: Any = {
        "provider": "acme", "id": "job-1", "tenant": "0123456789abcdef", "alias": None, "model": HOSTILE,
        "state": "s0", "phase": "waiting", "since": 0, "reason": HOSTILE, "created_at": moments[0],
        "faults": [],
    }  # fmt: skip
    return {
        "job": row, "now": now, "timeline": states[: len(entered)], "planned": states[len(entered) :],
        "next": {"said": HOSTILE, "state": None, "at": None, "polls": None}, "text": [],
    }  # fmt: skip


def page(*exchanges: JournalEntryAnswer) -> str:
    """The page of a test that failed, in which everything is hostile."""
    texts = "+1.000 s", HOSTILE, HOSTILE, HOSTILE
    stories = [ExchangeStory(exchange, *texts, [HOSTILE]) for exchange in exchanges]
    life = job([0, 2000], [8000], 3000, ended=True)
    part = ServerPart(HOSTILE, {HOSTILE: HOSTILE}, stories, [life], ["job-1"], [HOSTILE])
    return render(FailedTest(HOSTILE, {"call": HOSTILE}, 0.0, [part]))


REFUSED = entry(
    number=8, method=HOSTILE, path=f"/{HOSTILE}", query=HOSTILE, status=400, refusal=HOSTILE,
    faults=[HOSTILE], violations=["payload.duration is 8, expected 5"], tenant=None,
    request=message(json.dumps({"payload": {"duration": 8, "prompt": HOSTILE}})), response=message(HOSTILE),
)  # fmt: skip


class Tags(HTMLParser):
    """The elements of a page, and their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note it."""
        self.tags.append(tag)
        self.attributes += attrs


def test_nothing_that_came_from_outside_is_markup() -> None:
    tags = Tags(page(entry(), REFUSED))
    assert {"script", "img", "iframe", "form"}.isdisjoint(tags.tags)
    assert not [name for name, _ in tags.attributes if name.startswith("on") or name == "style"]
    links = [value or "" for name, value in tags.attributes if name in ("href", "src", "action")]
    assert all(link.startswith(("#", "data:,")) for link in links)
    assert "\u202e" not in page(REFUSED)
    assert "\x1b" not in page(REFUSED)


def test_a_body_is_laid_out_and_the_refused_line_marked() -> None:
    body = {"model": "m", "payload": {"duration": 8, "durations": [1, {}]}, "duration": 5}
    lines = body_lines(message(json.dumps(body)), ["payload.duration is 8, expected 5"])
    assert [line for line, marked in lines if marked] == ['    "duration": 8,']
    assert json.loads("\n".join(line for line, _ in lines)) == body


@given(
    st.recursive(
        st.none() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_a_laid_out_body_is_the_same_json(value: Any) -> None:
    lines = body_lines(message(json.dumps(value)), ["a is b"])
    if sum(len(line) for line, _ in lines) < LONGEST_BODY:
        assert json.loads("\n".join(line for line, _ in lines)) == value


def test_a_body_that_is_long_cut_or_no_json_says_so() -> None:
    assert body_lines(message("x" * 100_000)) == [("x" * LONGEST_BODY, False), ("... the rest is cut", False)]
    assert body_lines(message("no\njson", cut=True))[-1] == ("... the rest is cut", False)
    assert body_lines(message(None)) == [("4 bytes that are no text", False)]
    assert body_lines(message("")) == []


@given(
    st.lists(st.integers(0, 10**9), min_size=1, max_size=6),
    st.integers(1, 6),
    st.integers(0, 2 * 10**9),
    st.booleans(),
)
def test_a_line_of_a_life_is_full_and_no_state_is_lost(
    moments: list[int], entered: int, now: int, ended: bool
) -> None:
    ordered = sorted(moments)
    life = job(ordered[:entered], ordered[entered:], now, ended=ended)
    shown = spans(life)
    assert len(shown) == len(ordered)
    assert sum(span.width for span in shown) == pytest.approx(100)
    assert all(span.width > 0.5 for span in shown)
    stories = [ExchangeStory(entry(at=now), "", "200", "Answer", "running", [])]
    assert all(0 <= at <= 100 for at, _ in moments_asked(life, stories))


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_a_browser_shows_it_runs_nothing_and_asks_for_nothing(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text(page(entry(), entry(number=9, role="submit"), REFUSED), "utf-8")
    with chromium(tmp_path / "profile") as browser:
        tab = browser.tab()
        tab.open(file.as_uri())
        tab.until("document.querySelectorAll('details.exchange').length === 3")
        opened = tab.ask("[...document.querySelectorAll('details.exchange')].map(one => one.open)")
        assert opened == [False, False, True], "what was refused, and the last one"
        assert tab.ask("document.querySelector('mark').textContent.trim()") == '"duration": 8,'
        assert tab.ask("document.title") != "run"
        assert tab.ask("document.documentElement.scrollWidth <= innerWidth")
        assert {url.partition(":")[0] for url in tab.requested} <= {"file", "data"}
        assert not tab.errors
