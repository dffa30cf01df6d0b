"""Reports of every kind: which file gets which, what if it cannot be written, what never stands in one."""

from __future__ import annotations

import errno
import html
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

import pytest
from hypothesis import given

from mockserver.errors import SettingsError
from mockserver.kit.findings.run import Run
from mockserver.kit.report import KINDS, kind_of, render, write
from mockserver.kit.traffic.curl import curl_command
from mockserver.kit.traffic.exchange import Exchange
from tests.kit.miniatures import every
from tests.kit.miniatures.auth import KeyAsOwner, TellingKey
from tests.kit.miniatures.base import KEYS, SPENT, GoodServer
from tests.kit.report.runs import FULL, HOSTILE, contract, hostile, run_of, runs

EVERY = sorted(KINDS.values())


@pytest.mark.parametrize("ending", KINDS)
def test_the_ending_says_which(ending: str) -> None:
    assert kind_of(Path(f"a.b/c{ending}")) == kind_of(Path(f"C{ending.upper()}")) == KINDS[ending]


@pytest.mark.parametrize("name", ["report", "report.txt", ".json", "report.json.gz"])
def test_another_ending_is_refused_and_the_known_ones_named(name: str) -> None:
    with pytest.raises(SettingsError) as refused:
        kind_of(Path(name))
    assert all(ending in str(refused.value) for ending in KINDS)


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(SettingsError, match="no report 'pdf'"):
        render(FULL, contract(), "pdf")


@pytest.mark.parametrize("ending", KINDS)
def test_a_report_is_written_into_a_folder_that_was_not_there(tmp_path: Path, ending: str) -> None:
    path = tmp_path / "a" / "b" / f"report{ending}"
    write(FULL, contract(), path)
    assert path.read_text(encoding="utf-8") == render(FULL, contract(), KINDS[ending])


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES, errno.EROFS])
def test_what_cannot_be_written_is_said_in_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def full(self: Path, data: bytes) -> int:
        raise OSError(number, os.strerror(number), str(self))

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(SettingsError, match=f"report.md: cannot be written: {os.strerror(number)}$"):
        write(FULL, contract(), tmp_path / "report.md")


def test_a_file_in_the_way_of_the_folder_is_said_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError, match="cannot be written"):
        write(FULL, contract(), tmp_path / "file" / "report.md")


@pytest.mark.parametrize("kind", EVERY)
def test_a_report_says_who_what_where_and_how_to_see_it_again(kind: str) -> None:
    text = render(FULL, contract(), kind)
    assert all(
        said in text for said in ("lifecycle.word", "submitRequest", "$MOCKSERVER_KEY", "DOCUMENTED the page")
    )
    assert "created" in text
    assert "their ticket 12" in text
    assert "passes unexpectedly" in text
    assert "read job 1" in text


@pytest.mark.parametrize("kind", EVERY)
@given(run=runs())
def test_any_run_can_be_told(kind: str, run: Run) -> None:
    render(run, contract(), kind).encode()


@pytest.mark.parametrize("kind", EVERY)
@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_what_a_server_says_gives_a_reader_no_orders(kind: str, text: str) -> None:
    told = render(hostile(text), contract(), kind)
    # JSON is for programs, which get what was said; it escapes what is no text.
    strange = "\x00\x07\x1b\r\ud800" + ("" if kind == "json" else "\u202e\u2066\ufffe")
    assert [letter for letter in strange if letter in told] == []


@pytest.mark.parametrize("kind", EVERY)
@pytest.mark.parametrize("miniature", [TellingKey, KeyAsOwner])
def test_no_report_holds_a_key_even_where_the_server_shows_it(kind: str, miniature: type[GoodServer]) -> None:
    run, judged_by = run_of(miniature)
    assert run.findings
    text = render(run, judged_by, kind)
    assert [key for key in (*KEYS, SPENT, "key-of-nobody") if key in text] == []


@pytest.mark.parametrize("kind", EVERY)
def test_a_password_in_the_target_is_not_told(kind: str) -> None:
    url = "http://user:hunter2@example.test/a?at=1@2"
    finding = replace(FULL.findings[2], curl=f"curl -X GET '{url}'")
    text = render(replace(FULL, target=url, findings=(finding,)), contract(), kind)
    assert "hunter2" not in text
    assert "example.test/a" in text


LINE: Final = curl_command(
    Exchange(
        number=1, at=0.0, took=0.0, method="POST", url="http://user@127.0.0.1:1/a?b=[1]&c={d}%20`|",
        request_headers=(("authorization", "Bearer [redacted]"), ("x-empty", ""), ("x-odd", "a  b ``d``")),
        request_body=b"'<b>&amp;</b>'  `tick` \\n | $HOME \n\t \xc3\xbc http://user:word@host/ \xe2\x80\xae ",
        status=200, response_headers=(), response_body=b"",
    )
)  # fmt: skip


def _line_of(kind: str, text: str) -> str:
    """The line that a reader of a report copies out of it."""
    if kind == "json":
        return str(json.loads(text)["findings"][0]["curl"])
    if kind == "sarif":
        return str(json.loads(text)["runs"][0]["results"][0]["properties"]["curl"])
    if kind == "junit":
        text = "".join(ElementTree.fromstring(text).itertext())
        return next(line for line in text.splitlines() if "again: " in line).partition("again: ")[2]
    if kind == "html":
        return html.unescape(text.partition('<dt>again</dt><dd><pre tabindex="0">')[2].partition("</pre>")[0])
    return (
        next(line for line in text.splitlines() if "again: " in line)
        .partition("again: ")[2]
        .strip("`")
        .strip()
    )


@pytest.mark.parametrize("kind", EVERY)
def test_the_line_to_ask_again_is_copied_as_it_was_written(kind: str) -> None:
    run = replace(FULL, findings=(replace(FULL.findings[0], curl=LINE),), excused=())
    assert _line_of(kind, render(run, contract(), kind)) == LINE


@pytest.mark.parametrize("kind", EVERY)
def test_the_same_run_is_told_the_same(kind: str) -> None:
    assert render(FULL, contract(), kind) == render(FULL, contract(), kind)


def test_there_are_servers_enough_to_try_this_on() -> None:
    assert {TellingKey, KeyAsOwner} <= set(every())
