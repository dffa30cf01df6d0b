"""Known failures: excused while they are true, and a failure of the run as soon as they are not."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.errors import SettingsError
from mockserver.kit.checks.base import checks
from mockserver.kit.findings.finding import Finding
from mockserver.kit.findings.known import KnownFailure, apply_known, read_known
from tests.kit.report.runs import CLEAN, WORD

TODAY = date(2026, 8, 1)
IDS = [check.id for check in checks()]
POINTERS = ("", "/status", "/data/0/url", "/data/12/url")
FINDINGS = st.lists(
    st.builds(
        lambda check, operation, at: replace(WORD, check=check, operation=operation, pointer=at),
        st.sampled_from(IDS),
        st.sampled_from((None, "submitRequest", "readRequest")),
        st.sampled_from(POINTERS),
    ),
    max_size=6,
)
EXPIRIES = st.none() | st.integers(-3, 3).map(lambda days: TODAY + timedelta(days))
ENTRIES = st.lists(
    st.builds(
        KnownFailure,
        st.one_of(
            st.sampled_from(IDS).map(lambda check: f"{check} *"),
            FINDINGS.filter(bool).map(lambda found: found[0].fingerprint),
            st.sampled_from(
                ("*", "no.such *", "lifecycle.* *", "status.documented readRequest /data/[*]/url")
            ),
        ),
        st.just("their ticket"),
        EXPIRIES,
    ),
    max_size=4,
)


def _sorted(
    findings: list[Finding], *entries: KnownFailure
) -> tuple[list[Finding], list[Finding], list[str]]:
    counted, excused, outcomes = apply_known(findings, entries, TODAY, IDS)
    return counted, excused, [outcome.outcome for outcome in outcomes]


@given(FINDINGS, ENTRIES)
def test_every_finding_either_counts_or_is_excused_by_an_entry_that_holds(
    findings: list[Finding], entries: list[KnownFailure]
) -> None:
    counted, excused, outcomes = _sorted(findings, *entries)
    assert sorted(map(id, (*counted, *excused))) == sorted(map(id, findings))
    holding = [entry for entry in entries if entry.expires is None or entry.expires >= TODAY]
    assert all(any(entry.matches(finding) for entry in holding) for finding in excused)
    assert not any(any(entry.matches(one) for entry in holding) for one in counted)
    assert len(outcomes) == len(entries)


@given(FINDINGS, ENTRIES)
def test_an_entry_says_what_became_of_it(findings: list[Finding], entries: list[KnownFailure]) -> None:
    for entry, outcome in zip(entries, _sorted(findings, *entries)[2], strict=True):
        found = any(entry.matches(finding) for finding in findings)
        expired = entry.expires is not None and entry.expires < TODAY
        assert (outcome in ("failed as known", "expired")) == found
        assert not found or (outcome == "expired") == expired


@given(FINDINGS, ENTRIES)
def test_a_run_fails_unless_every_failure_is_known_and_every_entry_true(
    findings: list[Finding], entries: list[KnownFailure]
) -> None:
    counted, excused, outcomes = apply_known(findings, entries, TODAY, IDS)
    run = replace(CLEAN, findings=tuple(counted), excused=tuple(excused), known=tuple(outcomes))
    stale = any(outcome.outcome != "failed as known" for outcome in outcomes)
    assert run.failed == (bool(counted) or stale)


@given(st.sampled_from(IDS), st.sampled_from(("submitRequest", "readRequest")), st.integers(0, 99))
def test_a_fingerprint_matches_itself_whatever_the_index(check: str, operation: str, index: int) -> None:
    first, other = (
        replace(WORD, check=check, operation=operation, pointer=f"/data/{one}/url") for one in (index, 0)
    )
    assert KnownFailure(first.fingerprint, "why").matches(other)


def test_it_holds_on_the_day_of_its_expiry_and_not_after() -> None:
    entry = KnownFailure(WORD.fingerprint, "why", TODAY)
    assert _sorted([WORD], entry) == ([], [WORD], ["failed as known"])
    assert _sorted([WORD], replace(entry, expires=TODAY - timedelta(1))) == ([WORD], [], ["expired"])


def test_an_expired_entry_does_not_keep_another_from_excusing() -> None:
    old = KnownFailure("lifecycle.* *", "old", TODAY - timedelta(1))
    new = KnownFailure(WORD.fingerprint, "new")
    assert _sorted([WORD], old, new)[:2] == ([], [WORD])


@pytest.mark.parametrize(
    ("fingerprint", "outcome"),
    [
        ("lifecycle.word submitRequest /other", "passes unexpectedly"),
        ("lifecycle.* *", "passes unexpectedly"),
        ("lifecycle.wrod submitRequest /status", "matches nothing"),
        ("Lifecycle.word *", "matches nothing"),
    ],
)
def test_what_is_not_found_any_more_is_told_from_what_never_could_be(fingerprint: str, outcome: str) -> None:
    assert _sorted([], KnownFailure(fingerprint, "why"))[2] == [outcome]


def _written(tmp_path: Path, content: Any) -> Path:
    path = tmp_path / "known.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def test_a_file_is_read(tmp_path: Path) -> None:
    first = {"fingerprint": "a.b *", "reason": "why", "expires": "2027-01-31"}
    second = {"fingerprint": "c.d - /", "reason": "why"}
    path = _written(tmp_path, {"known": [first, second]})
    assert read_known(path) == [
        KnownFailure("a.b *", "why", date(2027, 1, 31)),
        KnownFailure("c.d - /", "why"),
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "is not JSON"),
        ("\ufeff", "is not JSON"),
        ("[]", "expected"),
        ({"known": 3}, "expected"),
        ({"known": ["a"]}, "entry 1 is not an object"),
        ({"known": [], "more": 1}, "unknown key 'more'"),
        ({"known": [{"fingerprint": "a"}]}, "entry 1 needs a fingerprint and a reason"),
        ({"known": [{"fingerprint": 3, "reason": "b"}]}, "entry 1 needs a fingerprint and a reason"),
        ({"known": [{"fingerprint": "a", "reason": " "}]}, "entry 1 needs a fingerprint and a reason"),
        ({"known": [{"fingerprint": "a", "reason": "b", "until": 1}]}, "unknown key 'until'"),
        ({"known": [{"fingerprint": "a", "reason": "b", "expires": "soon"}]}, "expires is a day"),
        ({"known": [{"fingerprint": "a", "reason": "b", "expires": 20270131}]}, "expires is a day"),
        ({"known": [{"fingerprint": "a", "reason": "b", "expires": "20270131"}]}, "expires is a day"),
    ],
)
def test_a_file_that_makes_no_sense_is_refused_in_a_line(tmp_path: Path, content: Any, said: str) -> None:
    with pytest.raises(SettingsError, match=r"known\.json: ") as refused:
        read_known(_written(tmp_path, content))
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_file_that_is_not_there_or_no_text_is_refused_in_a_line(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        read_known(tmp_path / "none.json")
    (tmp_path / "bytes.json").write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match="is not JSON"):
        read_known(tmp_path / "bytes.json")
