"""What our own server recorded of itself is clean, and what has been falsified in it is found."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from mockserver.kit.contracts import load
from mockserver.kit.trace.judge import check_trace
from mockserver.kit.trace.open import parse
from tests.engine.test_lifecycle import STATE_AT, SUBMITS
from tests.kit.trace.recording import (
    FILES_AT,
    LISTS,
    PROVIDERS,
    Har,
    change,
    drop,
    exchanges,
    findings,
    is_read,
    judged,
    put,
)

BEGIN = {"gmicloud": "queued", "aimlapi": "queued", "kkiai": "submitted"}
"""The word in which each provider's jobs begin."""
JOB_AT = {"gmicloud": "/request_id", "aimlapi": "/id", "kkiai": "/data/task_id"}


@pytest.mark.parametrize("profile", ["documented", "vendor", "observed"])
@pytest.mark.parametrize("provider", PROVIDERS)
def test_our_own_archive_is_clean(recorded: tuple[Har, Har], provider: str, profile: str) -> None:
    run = judged(recorded[0], provider, profile)

    assert run.findings == ()
    assert run.jobs == 1
    assert run.calls == (10 if provider in LISTS else 9)
    assert "paths that the contract does not have" in run.notes[0]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_journal_says_the_same_as_the_archive(recorded: tuple[Har, Har], provider: str) -> None:
    read = parse(json.dumps(recorded[1]).encode(), "journal")

    run, _ = check_trace(read, load(provider), target="journal")

    assert run.findings == ()
    assert [exchange._replace(url="") for exchange in read] == [
        exchange._replace(url="") for exchange in exchanges(recorded[0])
    ]


def test_callers_are_told_apart_without_their_keys(recorded: tuple[Har, Har]) -> None:
    callers = {exchange.caller for exchange in exchanges(recorded[0]) if exchange.caller is not None}

    assert len(callers) == 2
    assert "" in callers
    assert "test-key" not in repr(exchanges(recorded[0]))


CORRUPTIONS: dict[str, Callable[[str], Callable[[Any], Any]]] = {
    "a status word that nobody knows": lambda provider: put(STATE_AT[provider], "warming-up"),
    "no status word": lambda provider: drop(STATE_AT[provider]),
    "no id": lambda provider: drop(JOB_AT[provider]),
    "the id of another job": lambda provider: put(
        JOB_AT[provider], "5c6fdc5c-32d4-4b4e-8dd7-29dbbe4f8a33" if provider == "gmicloud" else "82072488"
    ),
    "an id that is a number": lambda provider: put(JOB_AT[provider], 17),
    "back to the first word": lambda provider: put(STATE_AT[provider], BEGIN[provider]),
    "no link": lambda provider: drop(FILES_AT[provider]),
    "a link that is none": lambda provider: put(FILES_AT[provider], "video.mp4"),
}


@pytest.mark.parametrize("what", CORRUPTIONS)
@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_falsified_poll_is_found(recorded: tuple[Har, Har], provider: str, what: str) -> None:
    is_poll = is_read(provider)
    last = max(
        index for index, entry in enumerate(recorded[0]["log"]["entries"]) if is_poll(entry)
    )  # the job has succeeded
    entry = recorded[0]["log"]["entries"][last]

    falsified = change(recorded[0], CORRUPTIONS[what](provider), where=lambda candidate: candidate == entry)
    results = findings(falsified, provider)

    assert results, what
    assert any(finding.exchange == last + 1 for finding in results)
    assert all(finding.curl.startswith("curl") for finding in results)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_refusal_that_turns_into_an_acceptance_is_found(recorded: tuple[Har, Har], provider: str) -> None:
    path, _, _, _ = SUBMITS[provider]
    entries = recorded[0]["log"]["entries"]
    ours = [entry for entry in entries if path in entry["request"]["url"]]
    good = next(entry for entry in ours if entry["request"]["method"] == "POST")
    falsified = json.loads(json.dumps(recorded[0]))
    for entry in falsified["log"]["entries"]:
        if entry["request"].get("postData", {}).get("text") == "{}" and path in entry["request"]["url"]:
            entry["response"] = good["response"]

    assert "status.refuses" in {finding.check for finding in findings(falsified, provider)}


@pytest.mark.parametrize("provider", PROVIDERS)
def test_an_undocumented_status_is_found(recorded: tuple[Har, Har], provider: str) -> None:
    falsified = json.loads(json.dumps(recorded[0]))
    where = is_read(provider)
    entry = next(entry for entry in falsified["log"]["entries"] if where(entry))
    entry["response"]["status"] = 418

    assert "status.documented" in {finding.check for finding in findings(falsified, provider)}
