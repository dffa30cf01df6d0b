"""Matrices to report: one with something of everything, hostile ones, any ones."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, get_args

from hypothesis import strategies as st

from mockserver.kit.conform.judges.base import Level
from mockserver.kit.conform.results.result import (
    SHADES,
    CaseBreach,
    ClientRunSummary,
    KnownCaseOutcome,
    Matrix,
    Result,
    Shade,
    TimelineStep,
    count,
)
from tests.kit.report.runs import HOSTILE

KEY: Final = "sk-conform-0123456789abcdef01234567"
LEVELS: Final = get_args(Level)
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
LOUD: Final = CaseBreach(
    "valid-requests",
    "Requests are valid.",
    "MUST",
    "an operation",
    "PUT /nowhere",
    (6,),
    general=True,
    as_ever=True,
)


def result(case: str, shade: Shade, level: Level = "MUST", **more: object) -> Result:
    """A case that came to that."""
    family = case.partition("-")[0]
    made = Result(
        case, family, f"Title of {case}", level, "It goes well.", "It is paid twice.", "money",
        "https://example.com/thread", "Look before you submit again.", "gmicloud", shade,
    )  # fmt: skip
    return replace(made, **more)  # type: ignore[arg-type]


FAILED: Final = result(
    "submit-answer-lost", "fail", breaches=(TWICE, LOUD), steps=STEPS, jobs=2, budget=5.0, seconds=1.5,
    runs=(ClientRunSummary("killed", None, 0.5), ClientRunSummary("exited", 0, 1.0, "job-2", "a warning")),
    reproduce="mockserver conform --case submit-answer-lost --trace -- ./client",
    changes=("state is absent",),
)  # fmt: skip
RESULTS: Final = (
    result("request-plain", "pass", steps=STEPS[3:5]),
    FAILED,
    result("poll-stuck", "fail", excused="our ticket 12", breaches=(TWICE,)),
    result("poll-slow", "weak", "SHOULD", breaches=(replace(TWICE, level="SHOULD"),)),
    result("result-cut", "remark", "MAY", breaches=(LOUD,), steps=STEPS),
    result("callback-twice", "not applicable", reason="for clients that support callback"),
    result("process-killed", "could not run", reason="exit code 127: no such program"),
)


def matrix(*results: Result, **more: object) -> Matrix:
    """A run of one client with gmicloud."""
    made = Matrix(
        "./client", ("/opt/some where/client", "--url", "{base_url}"), "gmicloud", "documented", 3, 0.05,
        1_790_000_000.0, 12.5, "0.1.0", results, counts=count(results),
    )  # fmt: skip
    return replace(made, **more)  # type: ignore[arg-type]


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
    results=tuple(replace(one, provider="kkiai") for one in CLEAN.results),
)


def hostile(text: str) -> Matrix:
    """A run whose every text is `text`, but for what the code itself chooses."""
    steps = tuple(
        replace(one, role=text, method=text, path=text, state=text, job=text, faults=(text,), note=text)
        for one in STEPS
    )
    breaches = tuple(replace(one, judge=text, rule=text, expected=text, actual=text) for one in (TWICE, LOUD))
    told = {
        "title": text, "requirement": text, "why": text, "source": text, "advice": text, "reason": text,
        "changes": (text,), "reproduce": text, "steps": steps, "breaches": breaches,
        "runs": (ClientRunSummary("exited", 1, 0.1, text, text),),
    }  # fmt: skip
    results = [replace(one, **told) for one in RESULTS]  # type: ignore[arg-type]
    results += [result(text, "fail", family=text, excused=text), result(f"{text} 2", "fail", harm=text)]
    known = tuple(replace(one, case=text, reason=text) for one in FULL.known)
    return replace(
        FULL, client=text, command=(text, text), provider=text, profile=text, supports=(text,), known=known,
        results=tuple(results), notes=(text,),
    )  # fmt: skip


def results(shades: tuple[Shade, ...] = SHADES) -> st.SearchStrategy[list[Result]]:
    """Any results."""
    one = st.builds(result, st.just("poll-x"), st.sampled_from(shades), st.sampled_from(LEVELS))
    return st.lists(one, max_size=12).map(
        lambda found: [replace(each, case=f"poll-{number}") for number, each in enumerate(found)]
    )


@st.composite
def matrices(draw: st.DrawFn) -> Matrix:
    """Any run."""
    texts = st.one_of(st.text(max_size=30), st.sampled_from(HOSTILE), st.just(KEY))
    numbers = st.floats(0, 1000).map(lambda one: round(one, 3))
    step = st.builds(
        TimelineStep, st.integers(1, 400), numbers, numbers, st.sampled_from(("", "submit", "read", "media")),
        texts, texts, st.sampled_from((0, 200, 302, 404, 502)), texts, texts,
        st.tuples(texts) | st.just(()), st.booleans(), texts,
    )  # fmt: skip
    steps = st.lists(step, max_size=8, unique_by=lambda one: one.number).map(
        lambda found: tuple(sorted(found, key=lambda one: one.at))
    )
    breach = st.builds(
        CaseBreach, texts, texts, st.sampled_from(LEVELS), texts, texts, st.tuples(st.integers(1, 400)),
        as_ever=st.booleans(),
    )  # fmt: skip
    breaches = st.lists(breach, max_size=2).map(tuple)
    told = [
        replace(
            one, title=draw(texts), advice=draw(texts), reason=draw(texts), excused=draw(st.just("") | texts),
            steps=draw(steps), breaches=draw(breaches),
            runs=(ClientRunSummary("exited", 1, 0.5, draw(texts), draw(texts)),), reproduce=draw(texts),
            virtual=draw(st.booleans()),
        )
        for one in draw(results())[:4]
    ]  # fmt: skip
    return replace(
        FULL, results=tuple(told), command=(draw(texts),), known=draw(st.sampled_from((FULL.known, ())))
    )
