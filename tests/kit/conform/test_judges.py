"""Every judge: what it lets pass, and what it does not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

import pytest

from mockserver.kit.conform.evidence import ClientRun, Evidence
from mockserver.kit.conform.judges.base import NothingToJudge, judge, judges
from tests.kit.conform.environments import (
    BASE,
    CLIP,
    FINE,
    JOB,
    KEY,
    LOST,
    TASK,
    entry,
    evidence,
    fetch,
    read,
    submit,
)

KEYED = [["host", "x"], ["authorization", "[redacted]"]]
LONG = ClientRun("over budget", None, 20.0)
NO_JOB: dict[str, Any] = {"outputs": (None,), "clips": {}, "runs": (LOST,)}
FAILED: dict[str, Any] = {**NO_JOB, "jobs": ({"id": JOB, "phase": "failed", "reason": "Too dark"},)}


class Shown(NamedTuple):
    """A judge with settings, evidence that it lets pass and evidence that it does not."""

    judge: str
    fine: Evidence
    wrong: Evidence
    settings: Mapping[str, Any] = {}


def said(text: str, code: int = 2) -> ClientRun:
    """A run that wrote something."""
    return ClientRun("exited", code, 1.0, "", text)


def read_of(name: str) -> dict[str, Any]:
    """A read of a job that there is not."""
    return entry(0.1, "read", "GET", f"{BASE}/requests/{name}", None, status=404, job=None)


STILL = entry(0.8, "media", "GET", f"/media/gmicloud/{JOB}/thumbnail.jpg", None)
LINKED = ClientRun("exited", 0, 1.0, json.dumps({"url": f"http://x/media/gmicloud/{JOB}/video.mp4"}))
MADE: dict[str, Any] = {
    "jobs": ({"id": JOB, "provider": "gmicloud", "phase": "succeeded"},),
    "outputs": (None,),
    "returns_link": True,
}
WELL = (submit(), read(0.2), read(0.4), read(0.6, "success"), fetch(0.7))
TWO = ({"id": JOB, "phase": "running", "reason": None}, {"id": "b", "phase": "running", "reason": None})
BUSY = submit(0.0, status=429, told=[["retry-after", "1"]], job=None)
SHOWN = (
    Shown("delivers", evidence(**MADE, runs=(LINKED,)), evidence(**MADE, runs=(FINE,))),
    Shown("delivers", evidence(**MADE, runs=(LINKED,)), evidence(**MADE, runs=(LOST,))),
    Shown("true-to-outcome", evidence(**MADE, runs=(LINKED,)), evidence(**MADE, runs=(FINE,))),
    Shown("delivers", evidence(*WELL), evidence(*WELL, outputs=(CLIP[:9],))),
    Shown("delivers", evidence(*WELL), evidence(*WELL, outputs=(None,))),
    Shown("delivers", evidence(*WELL), evidence(*WELL, runs=(LONG,))),
    Shown("delivers", evidence(*WELL), evidence(*WELL, runs=(LOST,))),
    Shown("delivers", evidence(*WELL), evidence(*WELL, runs=(FINE, FINE), outputs=(CLIP, b"other"))),
    Shown("gives-up", evidence(**NO_JOB), evidence(**{**NO_JOB, "runs": (FINE,)})),
    Shown(
        "gives-up",
        evidence(submit(faults=("lost-answer",)), **NO_JOB),
        evidence(**{**NO_JOB, "runs": (LONG,)}),
    ),
    Shown("gives-up", evidence(**NO_JOB), evidence(**{**NO_JOB, "outputs": (b"half",)})),
    Shown("gives-up", evidence(submit(), **NO_JOB), evidence(**{**NO_JOB, "runs": (FINE,)})),
    Shown("ends-in-time", evidence(), evidence(runs=(LONG,))),
    Shown("true-to-outcome", evidence(**NO_JOB), evidence(**{**NO_JOB, "outputs": (b"half",)})),
    Shown("true-to-outcome", evidence(), evidence(outputs=(b"half",))),
    Shown("true-to-outcome", evidence(), evidence(runs=(LONG,))),
    Shown("no-output", evidence(outputs=(None,)), evidence()),
    Shown("nothing-left-over", evidence(), evidence(leftovers=("clip.mp4.part",))),
    Shown("jobs-made", evidence(*WELL), evidence(*WELL, jobs=TWO)),
    Shown("jobs-made", evidence(*WELL, jobs=TWO), evidence(*WELL), {"most": 2, "least": 2}),
    Shown("submits-sent", evidence(*WELL), evidence(submit(), submit(0.1))),
    Shown("submits-sent", evidence(*WELL), evidence(), {"least": 1}),
    Shown(
        "looks-before-repeating", evidence(submit(), read(0.1), submit(0.2)), evidence(submit(), submit(0.2))
    ),
    Shown("asks-for-a-job", evidence(*WELL), evidence(submit(), read_of("None"))),
    Shown("asks-for-a-job", evidence(*WELL), evidence(submit(), read_of("undefined"))),
    Shown("reads-before-fetching", evidence(*WELL), evidence(submit(), read(0.1), fetch(0.2))),
    Shown("reads-before-fetching", evidence(*WELL), evidence(submit(), fetch(0.2), read(0.3, "success"))),
    Shown("key-not-to-media", evidence(*WELL), evidence(*WELL, fetch(1.0, headers=KEYED))),
    Shown("key-not-in-url", evidence(*WELL), evidence(read(0.1, query="key=[redacted]"))),
    Shown("key-not-said", evidence(), evidence(runs=(ClientRun("exited", 0, 1.0, leaked_key=True),))),
    Shown("key-not-said", evidence(), evidence(job_files=(f"key={KEY}",))),
    Shown("quiet-after-end", evidence(*WELL), evidence(*WELL[:4], read(0.8, "success"))),
    Shown(
        "quiet-after-end",
        evidence(read(0.2, "failed", job="b"), read(0.3, "failed"), runs=(FINE, FINE)),
        evidence(submit(), read(0.2, "failed"), read(0.4)),
    ),
    Shown("quiet-after-end", evidence(*WELL, read(0.8, "success")), evidence(*WELL, read(0.8), read(0.9))),
    Shown(
        "quiet-after-end",
        evidence(*WELL[:4], read(0.8)),
        evidence(*WELL[:4], read(0.8), read(0.9)),
        {"most": 1},
    ),
    Shown("polls-spaced", evidence(*WELL), evidence(read(0.0), read(0.01))),
    Shown("polls-spaced", evidence(read(0.0), read(0.01), virtual=True), evidence(read(0.0), read(0.01))),
    Shown(
        "slows-down",
        evidence(*(read(at) for at in (0, 0.1, 0.3, 0.7))),
        evidence(*(read(at) for at in (0, 1, 2, 3))),
    ),
    Shown(
        "slows-down",
        evidence(*(read(at) for at in (0, 0.74, 0.99, 1.44, 2.38))),
        evidence(*(read(at) for at in (0, 0.25, 0.95, 1.2, 1.5))),
    ),
    Shown("waits-as-told", evidence(BUSY, submit(1.1)), evidence(BUSY, submit(0.5))),
    Shown("asks-at-most", evidence(*WELL), evidence(*WELL, read(1.0)), {"most": 3}),
    Shown("asks-at-least", evidence(*WELL), evidence(), {"least": 2}),
    Shown("stops-at-deadline", evidence(), evidence(runs=(ClientRun("exited", 2, 9.0),))),
    Shown("waits-until-deadline", evidence(runs=(ClientRun("exited", 2, 4.9),)), evidence()),
    Shown(
        "valid-requests",
        evidence(*WELL),
        evidence(entry(0.1, None, "GET", "/nowhere", None, status=404)),
    ),
    Shown(
        "valid-requests",
        evidence(entry(0.0, None, "GET", "/account/costs", None, status=404), submit()),
        evidence(submit(), entry(0.1, None, "GET", f"{BASE}/jobs/{JOB}", None, status=404)),
    ),
    Shown(
        "key-in-its-place",
        evidence(read(0, status=401, faults=("unauthorized",))),
        evidence(read(0, status=401)),
    ),
    Shown("sends-json", evidence(*WELL), evidence(submit(headers=[["content-type", "text/plain"]]))),
    Shown("prompt-arrives", evidence(*WELL), evidence(*WELL, task={"prompt": "A ship"})),
    Shown("image-arrives", evidence(*WELL), evidence(*WELL, picture=b"GIF")),
    Shown("model-arrives", evidence(*WELL), evidence(*WELL, task={"model": "another"})),
    Shown(
        "callback-asked-for",
        evidence(*WELL, task={"callback_url": TASK.model}),
        evidence(*WELL, task={"callback_url": "http://127.0.0.1:1/c"}),
    ),
    Shown(
        "tells",
        evidence(runs=(said("HTTP 402: no credits"),)),
        evidence(runs=(said("oops"),)),
        {"pattern": "credit|402"},
    ),
    Shown("tells-reason", evidence(**{**FAILED, "runs": (said("too  dark."),)}), evidence(**FAILED)),
    Shown("tells-id", evidence(*WELL, job_files=(JOB,)), evidence(*WELL)),
    Shown("thumbnail-kept", evidence(thumbnail=b"t", stills={JOB: b"t"}), evidence(stills={JOB: b"t"})),
    Shown(
        "thumbnail-kept",
        evidence(thumbnail=b"t", stills={JOB: b"t"}),
        evidence(thumbnail=b"u", stills={JOB: b"t"}),
    ),
    Shown(
        "asks-for-fresh-link",
        evidence(*WELL[:4], fetch(1, 403), read(2, "success"), fetch(3)),
        evidence(fetch(1, 403), fetch(2)),
    ),
    Shown("fetches-at-most", evidence(*WELL), evidence(fetch(1), fetch(2))),
    Shown("fetches-at-most", evidence(*WELL, STILL), evidence(fetch(1), STILL, fetch(2))),
    Shown(
        "keeps-id",
        evidence(*WELL, job_files=(f'{{"id": "{JOB}"}}', "")),
        evidence(*WELL, job_files=("", JOB)),
    ),
    Shown(
        "answers-callbacks",
        evidence(callbacks=({"status": 204}, {"status": None})),
        evidence(callbacks=({"status": 500},)),
    ),
)


@pytest.mark.parametrize("shown", SHOWN, ids=lambda shown: shown.judge)
def test_a_judge_lets_what_is_fine_pass(shown: Shown) -> None:
    assert judges()[shown.judge].judge(shown.fine, shown.settings) == []


@pytest.mark.parametrize("shown", SHOWN, ids=lambda shown: shown.judge)
def test_a_judge_says_what_is_wrong_and_what_was_expected(shown: Shown) -> None:
    remarks = judges()[shown.judge].judge(shown.wrong, shown.settings)
    assert remarks
    assert all(one.expected and one.actual for one in remarks)
    numbers = {exchange.number for exchange in shown.wrong.exchanges}
    assert all(set(one.exchanges) <= numbers for one in remarks)


@pytest.mark.parametrize(
    ("name", "too_little"),
    [
        ("quiet-after-end", evidence(submit(), read(0.1))),
        ("polls-spaced", evidence(submit(), read(0.1))),
        ("slows-down", evidence(submit(), read(0.1), read(0.2))),
        ("waits-as-told", evidence(BUSY)),
        ("tells-id", evidence()),
        ("tells-reason", evidence(submit())),
        ("keeps-id", evidence()),
        ("reads-before-fetching", evidence(submit())),
        ("thumbnail-kept", evidence()),
        ("fetches-at-most", evidence(submit())),
        ("key-not-to-media", evidence(submit())),
        ("sends-json", evidence()),
        ("submits-sent", evidence(read(0.1))),
        ("prompt-arrives", evidence()),
        ("model-arrives", evidence()),
        ("image-arrives", evidence()),
        ("callback-asked-for", evidence()),
    ],
)
def test_who_gave_it_nothing_to_judge_has_not_passed(name: str, too_little: Evidence) -> None:
    with pytest.raises(NothingToJudge, match=r"\w"):
        judges()[name].judge(too_little, {})


@pytest.mark.parametrize(
    ("payload", "shown"),
    [
        ({}, "no picture"),
        ({"image": "a"}, "no Base64"),
        ({"image": "R0lG"}, "another picture, of 3 bytes"),
    ],
)
def test_what_arrived_in_place_of_the_picture_is_told(payload: dict[str, Any], shown: str) -> None:
    body = {"model": TASK.model, "payload": {"prompt": TASK.prompt, **payload}}
    sent = evidence(entry(0.0, "submit", "POST", f"{BASE}/requests", {}, sent=body))
    [breach] = judges()["image-arrives"].judge(sent, {})
    assert breach.actual == shown


def test_a_picture_that_is_sent_as_a_link_is_not_judged() -> None:
    body = {"model": TASK.model, "payload": {"prompt": TASK.prompt, "image": "https://example.com/i.png"}}
    linked = evidence(entry(0.0, "submit", "POST", f"{BASE}/requests", {}, sent=body))
    with pytest.raises(NothingToJudge, match="link to the picture"):
        judges()["image-arrives"].judge(linked, {})


def test_every_judge_is_shown_here() -> None:
    assert {one.judge for one in SHOWN} == judges().keys()


def test_settings_that_make_no_sense_are_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"settings\.mots.*jobs-made"):
        judges()["jobs-made"].check({"mots": 1})
    with pytest.raises(ValueError, match=r"settings\.most"):
        judges()["asks-at-most"].check({})


def test_two_judges_do_not_share_a_name() -> None:
    with pytest.raises(ValueError, match="two judges"):
        judge("delivers", "Again.")(lambda seen: iter(()))


def test_universal_judges_have_a_level() -> None:
    always = {one.name: one.always for one in judges().values() if one.always}
    assert always["jobs-made"] == "MUST"
    assert always["quiet-after-end"] == "SHOULD"
