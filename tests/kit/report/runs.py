"""Runs to report: one with something of everything, hostile ones, any ones, and those of small servers."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Final

from hypothesis import strategies as st

from mockserver.contract.model import Contract
from mockserver.kit.checks.base import run_checks
from mockserver.kit.contracts import load
from mockserver.kit.drift.drift import Drift, UndocumentedState
from mockserver.kit.findings.account import AccountRow
from mockserver.kit.findings.finding import SEVERITIES, Finding
from mockserver.kit.findings.run import CoveragePart, KnownFailureOutcome, Run, StageResult
from mockserver.kit.report.coverage import coverage
from mockserver.kit.traffic.history import History
from tests.kit.miniatures.base import GoodServer
from tests.kit.miniatures.walk import recorded

PROVIDER: Final = "gmicloud"
HOSTILE: Final = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7 * 7 }} {% raw %}",
    "]]> &amp; <![CDATA[",
    "[red]markup[/red] :boom:",
    "\x1b[2J\x1b]0;title\x07",
    "\u202eevil\u2066",
    "| a | b |\n# heading\n```\n`` ` @everyone [x](javascript:alert(1))",
    "\ud800 half",
    "\x00\ufffe\r\n",
)

WORD: Final = Finding(
    check="lifecycle.word",
    severity="failure",
    requirement="A job's state is one of the documented words.",
    source="DOCUMENTED the page: the row",
    expected="one of queued, processing, success",
    actual='"created"',
    exchange=7,
    provider=PROVIDER,
    operation="submitRequest",
    job="job-1",
    pointer="/status",
    clause="/components/schemas/status/enum",
    curl='curl -sS -X POST http://127.0.0.1:1/requests -H "authorization: Bearer $MOCKSERVER_KEY"',
)
SEEN: Final = replace(WORD, check="envelope.type", severity="warning", source="OBSERVED a ticket", clause="")
GUESSED: Final = replace(WORD, check="schemathesis.odd", severity="note", source="", operation=None, job=None,
                         curl="", pointer="", clause="")  # fmt: skip
KNOWN: Final = replace(WORD, check="status.documented", operation="readRequest")
DRIFT: Final = Drift(
    "new status word", "readRequest", 200, "/status", ('"created"',), 2, 7, "/components/schemas/status",
    "schemas/status.json", "", "DOCUMENTED S1", UndocumentedState("created", "waiting", (), ("processing",)),
)  # fmt: skip
UNSEEN: Final = replace(DRIFT, kind="never seen", pointer="/outcome/error", word=None)
FULL: Final = Run(
    kind="verify",
    provider=PROVIDER,
    profile="documented",
    target="http://127.0.0.1:8787/api",
    started=1_790_000_000.0,
    took=12.345,
    calls=42,
    jobs=1,
    findings=(GUESSED, SEEN, WORD),
    seed=3,
    stages=(
        StageResult("access", "without a key", 4),
        StageResult("job", "one whole job", 9, 1, 1, "stopped: enough"),
    ),
    coverage=(CoveragePart("operations", ("a", "b"), ("c",)), CoveragePart("states", ("queued",), ())),
    excused=(KNOWN,),
    known=(
        KnownFailureOutcome("status.documented *", "their ticket 12", "2027-01-31", "failed as known"),
        KnownFailureOutcome("lists.order *", "was fixed", None, "passes unexpectedly"),
    ),
    drifts=(UNSEEN, DRIFT),
    notes=("one note",),
    histories={WORD.fingerprint: ("submit", "read job 1")},
)
CLEAN: Final = replace(
    FULL, findings=(), excused=(), known=(), drifts=(), notes=(), histories={}, coverage=(), stages=()
)


def hostile(text: str) -> Run:
    """A run whose every text from outside is `text`."""
    finding = replace(
        WORD, requirement=text, source=text, expected=text, actual=text, operation=text, job=text,
        pointer="/" + text, curl=text,
    )  # fmt: skip
    return replace(
        FULL,
        target=text,
        findings=(finding,),
        excused=(replace(finding, check="status.documented"),),
        known=(KnownFailureOutcome("status.documented *", text, None, "failed as known"),),
        stages=(StageResult(text, text, left_out=text),),
        coverage=(CoveragePart(text, (), (text,)),),
        drifts=(replace(DRIFT, examples=(text,), pointer="/" + text),),
        notes=(text,),
        not_judged=(text,),
        account=(AccountRow(text, text, text, "200", 2, 1, {"schema": 1}, {text: 1}),),
        histories={finding.fingerprint: (text,)},
    )


@st.composite
def runs(draw: st.DrawFn) -> Run:
    """Any run."""
    texts = st.one_of(st.text(max_size=40), st.sampled_from(HOSTILE))
    finding = st.builds(
        Finding,
        check=st.sampled_from(("schema.answer", "lifecycle.word", "schemathesis.use_after_free")),
        severity=st.sampled_from(SEVERITIES),
        requirement=texts, source=texts, expected=texts, actual=texts,
        exchange=st.integers(0, 999),
        provider=st.just(PROVIDER),
        operation=st.none() | st.sampled_from(("submitRequest", "readRequest")) | texts,
        job=st.none() | texts,
        pointer=st.sampled_from(("", "/status", "/a~1b/0")),
        clause=st.sampled_from(("", "/components/schemas/status/enum", "/paths/nowhere/get", "/x-job")),
        curl=texts,
    )  # fmt: skip
    findings = draw(st.lists(finding, max_size=5))
    return replace(
        FULL,
        findings=tuple(findings),
        excused=tuple(draw(st.lists(finding, max_size=2))),
        notes=tuple(draw(st.lists(texts, max_size=2))),
        seed=draw(st.none() | st.integers(0, 2**31)),
        stages=tuple(draw(st.lists(st.builds(StageResult, texts, texts, left_out=texts), max_size=2))),
        not_judged=tuple(draw(st.lists(texts, max_size=2))),
        coverage=tuple(
            draw(st.lists(st.builds(CoveragePart, texts, _names(texts), _names(texts)), max_size=2))
        ),
        known=draw(st.sampled_from((FULL.known, ()))),
        histories={finding.fingerprint: (draw(texts),) for finding in findings[:1]},
    )


def _names(texts: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(texts, max_size=3).map(tuple)


@cache
def contract(profile: str = "documented") -> Contract:
    """The contract that these runs are judged by."""
    return load(PROVIDER, profile=profile)


def history_of(miniature: type[GoodServer]) -> tuple[History, list[Finding]]:
    """A walk through a small server, and what is found in it."""
    history = History(miniature().contract)
    return history, run_checks(history, [history.read(exchange) for exchange in recorded(miniature)])


def run_of(miniature: type[GoodServer]) -> tuple[Run, Contract]:
    """The run that such a walk is."""
    history, found = history_of(miniature)
    run = replace(FULL, findings=tuple(found), excused=(), known=(), drifts=(), coverage=coverage(history))
    return run, history.contract
