"""Each kind of drift is seen for what it is, and is none once its overlay is laid."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockserver.contract.extension import problems
from mockserver.kit.contracts import load
from mockserver.kit.drift import collect
from tests.engine.test_lifecycle import STATE_AT
from tests.kit.drift.scene import history_of, notes, try_out
from tests.kit.trace.recording import FILES_AT, PROVIDERS, Har, change, drop, is_read, put

BESIDE = {"gmicloud": "/outcome", "aimlapi": "/video", "kkiai": "/data"}
"""An object in a poll's answer that has ended."""
MIDDLE = {"gmicloud": "processing", "aimlapi": "generating", "kkiai": "processing"}
RATES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 99) | st.floats(0, 9) | st.text("ab$~/", max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("xyz$~/", min_size=1, max_size=3), inner)
    ),
    max_leaves=6,
)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_server_that_keeps_to_its_documents_drifts_nowhere(
    documented: Har, provider: str, tmp_path: Path
) -> None:
    outcome = try_out(documented, provider, tmp_path)

    assert outcome.before == ()
    assert outcome.proposal.overlay is None


@pytest.mark.parametrize(
    ("provider", "pointers"),
    [
        (
            "gmicloud",
            {"/user_id", "/outcome/media_urls", "/requests/*/user_id", "/requests/*/outcome/media_urls"},
        ),
        ("aimlapi", {"/video/content_type", "/video/file_name"}),
        ("kkiai", set()),
    ],
)
def test_the_lenient_server_drifts_just_where_its_overlays_say(
    observed: Har, provider: str, pointers: set[str], tmp_path: Path
) -> None:
    outcome = try_out(observed, provider, tmp_path)

    assert {drift.pointer for drift in outcome.before} == pointers
    assert outcome.kinds <= {"undocumented field"}
    assert not any(drift.breaks for drift in outcome.before)
    assert outcome.after == ()
    assert outcome.complaints == []


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_field_that_nobody_documents(documented: Har, provider: str, tmp_path: Path) -> None:
    at = f"{BESIDE[provider]}/$~1~0cost"
    har = change(documented, put(at, {"credits": 3, "of": ["a"]}), where=is_read(provider))

    outcome = try_out(har, provider, tmp_path)

    drift = outcome.one("undocumented field")
    assert drift.pointer == at
    assert drift.examples == ('{"credits":3,"of":["a"]}',)
    assert drift.file.startswith("schemas/")
    assert drift.at.endswith("/properties")
    assert outcome.found_before == outcome.found_after == ()
    assert (outcome.after, outcome.complaints) == ((), [])


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=RATES, name=st.text("ab$~/", min_size=1, max_size=4), provider=st.sampled_from(PROVIDERS))
def test_whatever_a_new_field_holds_its_overlay_allows_it(
    documented: Har, tmp_path: Path, value: Any, name: str, provider: str
) -> None:
    written = name.replace("~", "~0").replace("/", "~1")
    har = change(documented, put(f"{BESIDE[provider]}/{written}", value), where=is_read(provider))

    outcome = try_out(har, provider, tmp_path)

    assert outcome.kinds == {"undocumented field"}
    assert (outcome.after, outcome.found_after) == ((), ())


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_new_word_between_two_known_ones(documented: Har, provider: str, tmp_path: Path) -> None:
    at, middle = STATE_AT[provider], MIDDLE[provider]
    har = change(
        documented,
        put(at, lambda word: "rendering" if word == middle else word),
        where=lambda entry: is_read(provider)(entry) and f'"{middle}"' in _text(entry),
    )

    outcome = try_out(har, provider, tmp_path)

    drift = outcome.one("new status word")
    assert drift.breaks
    assert drift.word is not None
    assert (drift.word.text, drift.word.phase) == ("rendering", "running")
    assert "schema.answer" in {finding.check for finding in outcome.found_before}
    assert (outcome.after, outcome.found_after, outcome.complaints) == ((), (), [])
    assert (
        load(provider, overlays=[], folders=[tmp_path], replaced=[provider]).states.keys()
        == load(provider).states.keys()
    )


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_new_word_for_success(documented: Har, provider: str, tmp_path: Path) -> None:
    at, link = STATE_AT[provider], FILES_AT[provider].rpartition("/")[2]
    har = change(
        documented,
        lambda body: json.loads(_renamed(json.dumps(body), provider)),
        where=lambda entry: f'"{link}"' in _text(entry),
    )

    outcome = try_out(har, provider, tmp_path)

    drifts = [drift for drift in outcome.before if drift.kind == "new status word"]
    assert at in {drift.pointer for drift in drifts}
    assert {drift.word.phase for drift in drifts if drift.word} == {"succeeded"}
    assert (outcome.after, outcome.complaints) == ((), [])
    assert "schema.answer" not in {finding.check for finding in outcome.found_after}


def _renamed(text: str, provider: str) -> str:
    words = {"gmicloud": "success", "aimlapi": "completed", "kkiai": "succeed"}
    return text.replace(f'"{words[provider]}"', '"delivered"')


def _text(entry: Har) -> str:
    return str(entry["response"]["content"].get("text", ""))


TYPES = [
    ("gmicloud", "/created_at", "2026-11-21", "integer"),
    ("gmicloud", "/is_public", 1, "boolean"),
    ("gmicloud", "/outcome", ["a"], "object"),
    ("aimlapi", "/video/duration", "5.0", "number"),
    ("aimlapi", "/error", "none", "object"),
    ("kkiai", "/data/task_status_msg", None, "string"),
    ("kkiai", "/data/created_at", "17", "integer"),
]


@pytest.mark.parametrize(("provider", "at", "value", "was"), TYPES)
def test_a_type_that_changed(
    documented: Har, provider: str, at: str, value: Any, was: str, tmp_path: Path
) -> None:
    har = change(documented, put(at, value), where=is_read(provider))

    outcome = try_out(har, provider, tmp_path)

    drifts = [drift for drift in outcome.before if drift.kind == "changed type"]
    assert {drift.pointer for drift in drifts} == {at}
    assert all(drift.breaks and drift.at.endswith("/type") for drift in drifts)
    assert outcome.after == ()
    assert outcome.complaints == []
    assert "schema.answer" not in {finding.check for finding in outcome.found_after}


def test_a_business_code_that_is_in_no_table(documented: Har, tmp_path: Path) -> None:
    har = change(
        documented,
        put("/code", lambda code: 1999 if code == 1201 else code),
        where=lambda entry: "/kling/" in entry["request"]["url"] and entry["response"]["status"] == 400,
    )

    outcome = try_out(har, "kkiai", tmp_path)

    assert outcome.one("new enum value").examples == ("1999",)
    assert (outcome.after, outcome.complaints) == ((), [])
    codes = outcome.proposal.overlay["patch"]["schemas/error.json"]["properties"]["code"]["oneOf"]  # type: ignore[index]
    assert {"const": 1000, "description": "401: authentication failed"} in codes
    assert 1999 in {choice["const"] for choice in codes}


@pytest.mark.parametrize("body", ['{"detail": "teapot", "$ref": 1}', '{"detail": "teapot"}', "<html>"])
@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_status_that_nobody_documents(documented: Har, provider: str, body: str, tmp_path: Path) -> None:
    har = json.loads(json.dumps(documented))
    where = is_read(provider)
    entry = next(entry for entry in har["log"]["entries"] if where(entry))
    entry["response"].update(status=418, content={"size": len(body), "text": body})

    outcome = try_out(har, provider, tmp_path)

    drift = outcome.one("undocumented status")
    assert (drift.status, drift.breaks, drift.count) == (418, True, 1)
    assert "status.documented" in {finding.check for finding in outcome.found_before}
    assert "status.documented" not in {finding.check for finding in outcome.found_after}
    assert (outcome.after, outcome.complaints) == ((), [])


@pytest.mark.parametrize(
    ("provider", "at"),
    [("gmicloud", "/org_id"), ("kkiai", "/data/task_info"), ("kkiai", "/data/task_status_msg")],
)
def test_a_field_that_vanished_is_only_noted(documented: Har, provider: str, at: str) -> None:
    assert at not in notes(documented, provider)

    har = change(documented, drop(at), where=is_read(provider))

    assert at in notes(har, provider)
    drifts = collect(history_of(har, provider))
    assert not any(drift.breaks for drift in drifts if drift.pointer == at)


def test_what_only_a_failed_job_has_is_not_missed_without_one(documented: Har) -> None:
    assert "/outcome/error" not in notes(documented, "gmicloud")
    assert "/error" not in notes(documented, "aimlapi")


def test_a_drift_says_where_the_contract_says_otherwise(documented: Har, tmp_path: Path) -> None:
    har = change(documented, put("/status", "lurking"), where=is_read("gmicloud"))

    drift = try_out(har, "gmicloud", tmp_path).one("new status word")

    assert (drift.file, drift.at) == ("schemas/status.json", "/enum")
    assert drift.clause == "/components/schemas/status/enum"
    assert drift.source.startswith("DOCUMENTED")
    assert drift.sentence == 'new status word: readRequest 200 at /status: "lurking", 5 times'
    assert drift.row()["phase"] == drift.word.phase  # type: ignore[union-attr]


def test_what_breaks_a_rule_and_is_nothing_new_is_a_violation_and_no_drift(
    documented: Har, tmp_path: Path
) -> None:
    har = change(documented, drop("/request_id"), where=is_read("gmicloud"))
    har = change(har, put("/created_at", -5), where=is_read("gmicloud"))

    outcome = try_out(har, "gmicloud", tmp_path)

    assert outcome.before == ()
    assert "schema.answer" in {finding.check for finding in outcome.found_before}


def test_all_at_once_make_one_overlay_that_is_well_made(documented: Har, tmp_path: Path) -> None:
    har = documented
    for at, value in {
        "/status": lambda word: "rendering" if word == "processing" else word,
        "/cost": 1.5,
        "/is_public": "no",
        "/payload": "as sent",
    }.items():
        har = change(har, put(at, value), where=is_read("gmicloud"))

    outcome = try_out(har, "gmicloud", tmp_path)

    assert outcome.kinds == {"new status word", "undocumented field", "changed type"}
    assert (outcome.after, outcome.complaints) == ((), [])
    assert list(problems(outcome.proposal.overlay, "overlay")) == []
    assert outcome.proposal.overlay is not None
    assert outcome.proposal.overlay["x-provenance"] == "OBSERVED NOTES recorded traffic of a test"
