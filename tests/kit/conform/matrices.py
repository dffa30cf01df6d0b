"""Matrices to report: one with something of everything, hostile ones, any ones."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Final, get_args

from hypothesis import strategies as st

from mockserver.kit.conform.judges.base import Level
from mockserver.kit.conform.results.result import (
    VERDICTS,
    CaseBreach,
    CaseSummary,
    ClientRunSummary,
    KnownCaseOutcome,
    Matrix,
    Result,
    TimelineStep,
    Verdict,
    count,
)
from tests.kit.report.runs import HOSTILE

KEY: Final = "sk-conform-0123456789abcdef01234567"
LEVELS: Final = get_args(Level)
CASE_FIELDS: Final = frozenset(field.name for field in fields(CaseSummary))
LOST: Final = TimelineStep(
    1, 0.5, 0.1, "submit", "POST", "/requests", 200, "queued", "job-1", ("lost-answer",), heard=False
)
AGAIN: Final = TimelineStep(2, 0.7, 0.01, "submit", "POST", "/requests", 200, "queued", "job-2")
PAGE: Final = TimelineStep(3, 0.9, 0.01, "read", "GET", "/requests/job-2", 502, faults=("gateway-page",))
DONE: Final = TimelineStep(4, 1.0, 0.01, "read", "GET", "/requests/job-2", 200, "success", "job-2")
FETCHED: Final = TimelineStep(5, 1.1, 0.4, "media", "GET", "/media/job-2/video.mp4", 302)
STRANGE: Final = TimelineStep(6, 1.6, 0.0, "", "PUT", "/nowhere", 404, note="no such operation")
STEPS: Final = (LOST, AGAIN, PAGE, DONE, FETCHED, STRANGE)
TWICE: Final = CaseBreach("jobs-made", "One job is made.", "MUST", "at most 1 job", "2 jobs", (1, 2))
LEAKED: Final = CaseBreach(
    "valid-requests",
    "Requests are valid.",
    "MUST",
    "an operation",
    "PUT /nowhere",
    (6,),
    general=True,
    in_baseline=True,
)


def result(case: str, verdict: Verdict, level: Level = "MUST", **changes: object) -> Result:
    """A result with that verdict."""
    summary = CaseSummary(
        case, case.partition("-")[0], f"Title of {case}", level, "It goes well.", "It is paid twice.",
        "money", "https://example.com/thread", "Look before you submit again.",
    )  # fmt: skip
    return altered(Result(summary, "gmicloud", verdict), **changes)


def altered(plain: Result, **changes: object) -> Result:
    """The result with other values for some fields of its own or of its case."""
    of_case = {name: value for name, value in changes.items() if name in CASE_FIELDS}
    others = {name: value for name, value in changes.items() if name not in CASE_FIELDS}
    case = replace(plain.case, **of_case)  # type: ignore[arg-type]
    return replace(plain, case=case, **others)  # type: ignore[arg-type]


FAILED: Final = result(
    "submit-answer-lost", "fail", breaches=(TWICE, LEAKED), steps=STEPS, jobs=2, budget=5.0, seconds=1.5,
    runs=(ClientRunSummary("killed", None, 0.5), ClientRunSummary("exited", 0, 1.0, "job-2", "a warning")),
    reproduce="mockserver conform --case submit-answer-lost --trace -- ./client",
    changes=("state is absent",),
)  # fmt: skip
RESULTS: Final = (
    result("request-plain", "pass", steps=STEPS[3:5]),
    FAILED,
    result("poll-stuck", "fail", excused="our ticket 12", breaches=(TWICE,)),
    result("poll-slow", "weak", "SHOULD", breaches=(replace(TWICE, level="SHOULD"),)),
    result("result-cut", "remark", "MAY", breaches=(LEAKED,), steps=STEPS),
    result("callback-twice", "not applicable", reason="for clients that support callback"),
    result("process-killed", "could not run", reason="exit code 127: no such program"),
)


def matrix(*results: Result, **more: object) -> Matrix:
    """A run of one client with gmicloud."""
    plain = Matrix(
        "./client", ("/opt/some where/client", "--url", "{base_url}"), "gmicloud", "documented", 3, 0.05,
        1_790_000_000.0, 12.5, "0.1.0", results, counts=count(results),
    )  # fmt: skip
    return replace(plain, **more)  # type: ignore[arg-type]


FULL: Final = matrix(
    *RESULTS,
    supports=("resume",),
    known=(
        KnownCaseOutcome("poll-stuck", "gmicloud", "our ticket 12", "2027-01-31", "failed as known"),
        KnownCaseOutcome("result-*", "gmicloud", "was mended", None, "passes unexpectedly"),
    ),
)
CLEAN: Final = matrix(result("request-plain", "pass", steps=STEPS[3:5]), result("poll-stuck", "pass"))
OTHER: Final = replace(
    CLEAN,
    provider="kkiai",
    command=("other",),
    results=tuple(replace(result, provider="kkiai") for result in CLEAN.results),
)


def hostile(text: str) -> Matrix:
    """A run whose every text is `text`, but for what the code itself chooses."""
    steps = tuple(
        replace(step, role=text, method=text, path=text, state=text, job=text, faults=(text,), note=text)
        for step in STEPS
    )
    breaches = tuple(
        replace(breach, judge=text, rule=text, expected=text, actual=text) for breach in (TWICE, LEAKED)
    )
    texts: dict[str, object] = {
        "title": text, "requirement": text, "why": text, "source": text, "advice": text, "reason": text,
        "changes": (text,), "reproduce": text, "steps": steps, "breaches": breaches,
        "runs": (ClientRunSummary("exited", 1, 0.1, text, text),),
    }  # fmt: skip
    results = [altered(plain, **texts) for plain in RESULTS]
    results += [result(text, "fail", family=text, excused=text), result(f"{text} 2", "fail", harm=text)]
    known = tuple(replace(entry, case=text, reason=text) for entry in FULL.known)
    return replace(
        FULL, client=text, command=(text, text), provider=text, profile=text, supports=(text,), known=known,
        results=tuple(results), notes=(text,),
    )  # fmt: skip


def results(verdicts: tuple[Verdict, ...] = VERDICTS) -> st.SearchStrategy[list[Result]]:
    """Any results."""
    drawn = st.builds(result, st.just("poll-x"), st.sampled_from(verdicts), st.sampled_from(LEVELS))
    return st.lists(drawn, max_size=12).map(
        lambda several: [altered(plain, id=f"poll-{number}") for number, plain in enumerate(several)]
    )


# Made once: a strategy that is made in each draw is validated in each draw, which takes most of its time.
_TEXTS: Final = st.one_of(st.text(max_size=30), st.sampled_from(HOSTILE), st.just(KEY))
_NUMBERS: Final = st.floats(0, 1000).map(lambda number: round(number, 3))
_STEP: Final = st.builds(
    TimelineStep, st.integers(1, 400), _NUMBERS, _NUMBERS, st.sampled_from(("", "submit", "read", "media")),
    _TEXTS, _TEXTS, st.sampled_from((0, 200, 302, 404, 502)), _TEXTS, _TEXTS,
    st.tuples(_TEXTS) | st.just(()), st.booleans(), _TEXTS,
)  # fmt: skip
_STEPS: Final = st.lists(_STEP, max_size=8, unique_by=lambda step: step.number).map(
    lambda several: tuple(sorted(several, key=lambda step: step.at))
)
_BREACH: Final = st.builds(
    CaseBreach, _TEXTS, _TEXTS, st.sampled_from(LEVELS), _TEXTS, _TEXTS, st.tuples(st.integers(1, 400)),
    in_baseline=st.booleans(),
)  # fmt: skip
_BREACHES: Final = st.lists(_BREACH, max_size=2).map(tuple)
_EXCUSES: Final = st.just("") | _TEXTS
_KNOWN: Final = st.sampled_from((FULL.known, ()))


@st.composite
def matrices(draw: st.DrawFn) -> Matrix:
    """Any run."""
    drawn = [
        altered(
            plain, title=draw(_TEXTS), advice=draw(_TEXTS), reason=draw(_TEXTS),
            excused=draw(_EXCUSES), steps=draw(_STEPS), breaches=draw(_BREACHES),
            runs=(ClientRunSummary("exited", 1, 0.5, draw(_TEXTS), draw(_TEXTS)),), reproduce=draw(_TEXTS),
            virtual=draw(st.booleans()),
        )
        for plain in draw(results())[:4]
    ]  # fmt: skip
    return replace(FULL, results=tuple(drawn), command=(draw(_TEXTS),), known=draw(_KNOWN))
