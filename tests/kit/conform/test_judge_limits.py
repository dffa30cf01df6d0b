"""Each judge at its limit and just beyond, with the words, the numbers and the exchanges that it shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import pytest

from mockserver.kit.conform.evidence import ClientRun, Evidence, LargeFile
from mockserver.kit.conform.judges.base import NothingToJudge, judges
from mockserver.kit.conform.judges.messages import last_line
from tests.kit.conform.environments import CLIP, FINE, JOB, LOST, TASK, evidence, fetch, read, submit

INTERVAL = TASK.interval
DEADLINE = TASK.deadline
THE_CLIP = f", the clip has {len(CLIP)} bytes"
STILLS: dict[str, Any] = {"stills": {JOB: b"still"}}
JOBS = tuple({"id": name, "phase": "running", "reason": None} for name in "abc")
FAILED = (
    {"id": "a", "phase": "failed", "reason": "Too  DARK"},
    {"id": "b", "phase": "failed", "reason": None},
)
STOPPED = ClientRun("over budget", None, 20.04)


class Judgement(NamedTuple):
    """A judge with settings, evidence, and its breaches: expected, actual, exchanges."""

    judge: str
    evidence: Evidence
    breaches: list[tuple[str, str, tuple[int, ...]]]
    settings: Mapping[str, Any] = {}


def _took(seconds: float, code: int = 2) -> ClientRun:
    return ClientRun("exited", code, seconds)


def _wrote(text: str) -> ClientRun:
    return ClientRun("exited", 2, 1.0, text)


def _ended(*runs: ClientRun, outputs: tuple[Any, ...] = (None,), **more: Any) -> Evidence:
    return evidence(runs=runs, outputs=outputs, **more)


def _limited(wait: str) -> dict[str, Any]:
    return submit(0.0, status=429, told=[["retry-after", wait]], job=None)


def _called_back(*statuses: int | None) -> Evidence:
    return evidence(callbacks=tuple({"status": status} for status in statuses))


JUDGEMENTS = (
    Judgement("polls-spaced", evidence(read(0), read(INTERVAL * 0.7 + 0.001)), []),
    Judgement(
        "polls-spaced",
        evidence(read(0), read(INTERVAL), read(INTERVAL + 0.004), read(INTERVAL + 0.006)),
        [
            (
                f"{INTERVAL:g} s between polls, as was asked",
                "2 came sooner, after 0.002 s at the least",
                (3, 4),
            )
        ],
    ),
    Judgement("slows-down", evidence(*(read(at) for at in (0, 1, 2.5, 4))), []),
    Judgement(
        "slows-down",
        evidence(*(read(at) for at in (0, 1, 2.49, 3.98))),
        [("longer and longer waits", "waits of 1.00, 1.49, 1.49 s", (1, 2, 3, 4))],
    ),
    Judgement("slows-down", evidence(*(read(at) for at in (0, 1, 3)), submit(4)), [], {"after": 2}),
    Judgement("slows-down", evidence(*(submit(at) for at in (0, 1, 3, 6))), [], {"role": "submit"}),
    Judgement("waits-as-told", evidence(_limited("1"), submit(0.95)), []),
    Judgement(
        "waits-as-told",
        evidence(_limited("1"), submit(0.94)),
        [("1.0 s of waiting, as Retry-After said", "0.94 s", (1, 2))],
    ),
    Judgement("waits-as-told", evidence(_limited("1"), submit(0.5), virtual=True), []),
    Judgement("waits-as-told", evidence(_limited("0"), submit(0.0)), []),
    Judgement("asks-at-most", evidence(read(0), read(1)), [], {"most": 2}),
    Judgement(
        "asks-at-most",
        evidence(*(read(at) for at in range(7))),
        [("at most 6 requests of the kind read", "7", (3, 4, 5, 6, 7))],
        {"most": 6},
    ),
    Judgement("asks-at-most", evidence(read(0), submit(1)), [], {"most": 1, "role": "submit"}),
    Judgement("asks-at-least", evidence(read(0), read(1)), [], {"least": 2}),
    Judgement(
        "asks-at-least",
        evidence(read(0)),
        [("at least 2 requests of the kind read", "1", (1,))],
        {"least": 2},
    ),
    Judgement("stops-at-deadline", _ended(_took(DEADLINE + 2)), []),
    Judgement(
        "stops-at-deadline",
        _ended(_took(DEADLINE + 2.1)),
        [(f"an end within {DEADLINE:g} s, as was asked", f"{DEADLINE + 2.1:.1f} s", ())],
    ),
    Judgement("stops-at-deadline", evidence(read(3), runs=(_took(DEADLINE + 4.9),)), []),
    Judgement(
        "stops-at-deadline",
        _ended(_took(DEADLINE + 5), _took(1)),
        [(f"an end within {DEADLINE:g} s, as was asked", f"{DEADLINE + 5:.1f} s", ())],
    ),
    Judgement("waits-until-deadline", _ended(_took(DEADLINE * 0.6)), []),
    Judgement(
        "waits-until-deadline",
        _ended(_took(DEADLINE * 0.5)),
        [(f"patience for {DEADLINE:g} s, as was asked", f"{DEADLINE * 0.5:.1f} s", ())],
    ),
    Judgement("waits-until-deadline", _ended(ClientRun("killed", None, 0.1)), []),
    Judgement("answers-callbacks", _called_back(200, 204, 299, None), []),
    Judgement("answers-callbacks", _called_back(), []),
    Judgement(
        "answers-callbacks", _called_back(200, 300, 404), [("2xx for every callback", "2 of 3 with 300", ())]
    ),
    Judgement("answers-callbacks", _called_back(199), [("2xx for every callback", "1 of 1 with 199", ())]),
    *(
        Judgement(
            "asks-for-fresh-link",
            evidence(fetch(0, status), fetch(1), fetch(2)),
            [("a read of the job before the next fetch", "the same link again", (1, 2))],
        )
        for status in (401, 403, 404, 410)
    ),
    *(
        Judgement("asks-for-fresh-link", evidence(fetch(0, status), fetch(1)), [])
        for status in (200, 429, 500)
    ),
    Judgement("fetches-at-most", evidence(fetch(0), fetch(1)), [], {"most": 2}),
    Judgement(
        "fetches-at-most",
        evidence(fetch(0), fetch(1)),
        [(f"at most 1 fetches of /media/gmicloud/{JOB}/video.mp4", "2", (1, 2))],
    ),
    Judgement("thumbnail-kept", evidence(**STILLS), [("a thumbnail file", "there is none", ())]),
    Judgement(
        "thumbnail-kept",
        evidence(**STILLS, thumbnail=b"other"),
        [("the job's thumbnail", "another file, of 5 bytes", ())],
    ),
    Judgement(
        "thumbnail-kept",
        evidence(**STILLS, thumbnail=LargeFile(b"still", 7000)),
        [("the job's thumbnail", "another file, of 7000 bytes", ())],
    ),
    Judgement("jobs-made", evidence(jobs=()), []),
    Judgement("jobs-made", evidence(jobs=JOBS[:1]), [], {"least": 1}),
    Judgement(
        "jobs-made",
        evidence(submit(), submit(job=None), submit(), jobs=JOBS[:2]),
        [("at most 1 job made and paid for", "2 jobs", (1, 3))],
    ),
    Judgement(
        "jobs-made", evidence(jobs=JOBS[:1]), [("at least 2 jobs made", "1 job", ())], {"most": 2, "least": 2}
    ),
    Judgement("submits-sent", evidence(submit()), [], {"least": 1}),
    Judgement("submits-sent", evidence(submit(), submit(1)), [("at most 1 submit", "2", (1, 2))]),
    Judgement(
        "submits-sent",
        evidence(submit(), submit(1), submit(2)),
        [("at most 2 submits", "3", (1, 2, 3))],
        {"most": 2},
    ),
    Judgement("submits-sent", evidence(), [("at least 1 submit", "0", ())], {"least": 1}),
    Judgement(
        "submits-sent", evidence(submit()), [("at least 2 submits", "1", (1,))], {"least": 2, "most": 2}
    ),
    Judgement(
        "looks-before-repeating",
        evidence(submit(), submit(1), submit(2)),
        [("a look for the job before the next submit", "none", (2,))],
    ),
    Judgement("looks-before-repeating", evidence(submit(job=None), submit(1), read(2), submit(3)), []),
    Judgement("delivers", _ended(FINE, outputs=(CLIP,)), []),
    Judgement(
        "delivers",
        _ended(_took(1.26), outputs=(CLIP,)),
        [("the clip is delivered, exit code 0", "exit code 2 after 1.3 s", ())],
    ),
    Judgement(
        "delivers",
        _ended(STOPPED),
        [("the clip is delivered, exit code 0", "still running after 20.0 s, stopped", ())],
    ),
    Judgement(
        "delivers", _ended(FINE), [("the clip is delivered", "exit code 0, and there is no output file", ())]
    ),
    *(
        Judgement(
            "delivers", _ended(FINE, outputs=(output,)), [("the output is the clip of the job", words, ())]
        )
        for output, words in (
            (b"", "an empty file"),
            (CLIP[:5], f"only the first 5 of {len(CLIP)} bytes"),
            (LargeFile(CLIP, 10**9), "a file of 1000000000 bytes, more than any clip of the case has"),
            (
                b"<html>\xe9 0123456789",
                f"another file: 18 bytes that begin with '<html>\\\\xe9 01234567'{THE_CLIP}",
            ),
        )
    ),
    Judgement(
        "delivers",
        _ended(FINE, outputs=(CLIP,), clips={}),
        [("the output is the clip of the job", f"a file of {len(CLIP)} bytes, though no job has a clip", ())],
    ),
    Judgement("gives-up", _ended(LOST), []),
    Judgement(
        "gives-up",
        _ended(STOPPED),
        [("the client gives up by itself", "still running after 20.0 s, stopped", ())],
    ),
    Judgement(
        "gives-up",
        _ended(FINE, outputs=(CLIP,)),
        [("an exit code that is not 0, as there is no clip to be had", "exit code 0", ())],
    ),
    Judgement(
        "gives-up",
        _ended(LOST, outputs=(b"abc",)),
        [("no output file, as there is no clip to be had", "a file of 3 bytes", ())],
    ),
    Judgement(
        "ends-in-time",
        _ended(STOPPED, FINE),
        [("the client ends by itself", "still running after 20.0 s, stopped", ())],
    ),
    Judgement("no-output", evidence(outputs=(None, b"abc")), [("no output file", "a file of 3 bytes", ())]),
    Judgement(
        "nothing-left-over",
        evidence(leftovers=("a.part", "b")),
        [("nothing but the output in its folder", "also a.part, b", ())],
    ),
    Judgement("true-to-outcome", _ended(LOST), []),
    Judgement(
        "true-to-outcome",
        _ended(STOPPED),
        [("the client ends by itself", "still running after 20.0 s, stopped", ())],
    ),
    Judgement(
        "true-to-outcome",
        _ended(FINE),
        [("exit code 0 means that the clip is there", "there is no output file", ())],
    ),
    Judgement(
        "true-to-outcome",
        _ended(LOST, outputs=(b"abc",)),
        [("no output file where the client failed", "a file of 3 bytes", ())],
    ),
    Judgement("keeps-id", evidence(submit(), job_files=(f"x{JOB}x", "")), []),
    Judgement("keeps-id", evidence(submit()), [(f"the job file names {JOB}", "there is none", ())]),
    Judgement(
        "keeps-id",
        evidence(submit(), job_files=("", JOB)),
        [(f"the job file names {JOB}", "it holds something else", ())],
    ),
    Judgement(
        "reads-before-fetching",
        evidence(submit(), fetch(1), read(2, "success"), fetch(3)),
        [("a read that tells of the success before the fetch", "none", (2,))],
    ),
    Judgement(
        "reads-before-fetching",
        evidence(read(0), fetch(1), fetch(2)),
        [("a read that tells of the success before the fetch", "none", (2, 3))],
    ),
    Judgement(
        "quiet-after-end",
        evidence(read(0, "success"), read(1, "success"), fetch(2), read(3, "success"), read(4, "success")),
        [("no further polls once 'success' was told", "2 more", (2, 5))],
    ),
    Judgement("tells", evidence(runs=(_wrote("NO CREDITS"),)), [], {"pattern": "credit"}),
    Judgement(
        "tells",
        evidence(runs=(_wrote("first\n last \n\n"),)),
        [("stdout or stderr says something like /credit/", "it says: 'last'", ())],
        {"pattern": "credit"},
    ),
    Judgement("tells-reason", evidence(jobs=FAILED, runs=(_wrote("it was: too\ndark!"),)), []),
    Judgement(
        "tells-reason",
        evidence(jobs=FAILED, runs=(_wrote(""),)),
        [("the reason 'Too  DARK' in stdout or stderr", "it says nothing", ())],
    ),
    Judgement("tells-id", evidence(submit(), runs=(_wrote(f"made {JOB}"),)), []),
    Judgement(
        "tells-id",
        evidence(submit(), runs=(_wrote("made"),)),
        [(f"the id {JOB} in stdout, stderr or the job file", "it says: 'made'", ())],
    ),
    Judgement(
        "key-not-said",
        evidence(runs=(ClientRun("exited", 0, 1.0, leaked_key=True),), job_files=("", TASK.key)),
        [
            ("the key is in nothing that the client prints", "it is in stdout or stderr", ()),
            ("the key is in no file", "it is in the job file", ()),
        ],
    ),
    Judgement(
        "key-not-to-media",
        evidence(fetch(0), fetch(1, query="a=[redacted]")),
        [("no key in a request for a file", "the key was sent along", (2,))],
    ),
    Judgement(
        "key-not-in-url",
        evidence(read(0), read(1, query="a=b&key=[redacted]")),
        [("no key in an address", "the key is in the address", (2,))],
    ),
)


@pytest.mark.parametrize("judgement", JUDGEMENTS, ids=lambda judgement: judgement.judge)
def test_a_judge_says_just_what_is_beyond_its_limit(judgement: Judgement) -> None:
    breaches = judges()[judgement.judge].judge(judgement.evidence, judgement.settings)
    assert [(each.expected, each.actual, tuple(each.exchanges)) for each in breaches] == judgement.breaches


def test_time_before_the_first_request_is_neither_patience_nor_the_lack_of_it() -> None:
    late = evidence(read(DEADLINE * 0.3), runs=(_took(DEADLINE * 0.7),))
    with pytest.raises(NothingToJudge, match=r"at work for 2\.0 s after its first request and 3\.5 s in all"):
        judges()["waits-until-deadline"].judge(late, {})


@pytest.mark.parametrize(
    ("output", "line"),
    [
        ("", ""),
        ("\n \n", ""),
        ("a\nb\n\n", "b"),
        ("ValueError: no\n  at line 3\n", "ValueError: no"),
        ("ValueError: no\nmain.Failure: x\njava.io.IOException: yes\n  at Main", "java.io.IOException: yes"),
        ("panic: first\nexit status 2", "panic: first"),
        ("an error was: seen\nthe end", "the end"),
        ("x" * 300, "x" * 200),
    ],
)
def test_the_last_line_is_that_which_names_the_error(output: str, line: str) -> None:
    assert last_line(output) == line
