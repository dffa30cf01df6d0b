"""What could not be judged is no pass: each way in which a run can fail to judge, in every kind of report."""

from __future__ import annotations

import html
import io
import json
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any, Final
from uuid import uuid4
from xml.etree import ElementTree

import pytest
from jsonschema import Draft202012Validator
from rich.console import Console
from schemathesis.engine import Status, events
from schemathesis.engine import run as engine_run
from schemathesis.engine.recorder import ScenarioRecorder
from schemathesis.engine.run import Phase, PhaseName

from mockserver.contract.model import Contract
from mockserver.errors import KitError
from mockserver.kit.contracts import load
from mockserver.kit.findings.account import families_judged
from mockserver.kit.findings.run import INCOMPLETE, Run
from mockserver.kit.report import render
from mockserver.kit.report.json import SCHEMA
from mockserver.kit.report.text import show
from mockserver.kit.verify import verify as verifying
from mockserver.kit.verify.context import Context
from mockserver.kit.verify.schemathesis_account import PHASES
from mockserver.kit.verify.stages import callbacks
from mockserver.kit.verify.stages.listing import ListingStage
from mockserver.kit.verify.state_machine import SearchOptions
from mockserver.kit.verify.verify import Progress, VerifyOptions, verify
from tests.kit.miniatures.base import KEYS, GoodServer
from tests.kit.miniatures.wire import Reply
from tests.kit.miniatures.wire import Request as Asked

LITTLE: Final = SearchOptions(examples=1, steps=4)
FREE: Final = ("access", "listing", "refusals")
CASES: Final = json.loads(SCHEMA.read_text(encoding="utf-8"))


def judged(server: GoodServer, *stages: str, key: str | None = KEYS[0], **more: Any) -> Run:
    """A run over a server, without a pause."""
    with server:
        options = VerifyOptions(
            server.url, server.contract, key, stages=stages, search=LITTLE, interval=0.0, **more
        )
        return verify(options, Progress(sleep=lambda seconds: None))[0]


def plain(text: str) -> str:
    """The text as it reads, without line breaks, markup and escapes."""
    return " ".join(html.unescape(text).replace("\\", "").split())


def shown(run: Run) -> str:
    """The report on a terminal."""
    file = io.StringIO()
    show(run, Console(file=file, width=80, force_terminal=False, highlight=False), quiet=False)
    return file.getvalue()


def assert_told_everywhere(run: Run, reason: str) -> None:
    """That nothing failed, and that every report says first that something was not judged, and why."""
    assert not run.failed, [finding.sentence for finding in run.findings]
    assert run.exit_code == INCOMPLETE
    assert_reason_everywhere(run, load("gmicloud"), reason, "INCOMPLETE")


def assert_reason_everywhere(run: Run, contract: Contract, reason: str, word: str) -> None:
    text = shown(run)
    assert text.startswith(word)
    assert text.splitlines()[-1].startswith(word) or word in text.splitlines()[-2]
    assert reason in plain(text)
    page = render(run, contract, "html")
    assert f">{word.capitalize()}<" in page
    assert page.index('id="not-judged"') < page.index('id="findings"')
    assert reason in plain(page)
    lines = render(run, contract, "markdown")
    assert lines.index("Not judged") < lines.index("| stage |")
    assert reason in plain(lines)
    report = json.loads(render(run, contract, "json"))
    assert not list(Draft202012Validator(CASES).iter_errors(report))
    assert report["verdict"]["incomplete"] is (word == "INCOMPLETE")
    assert any(reason in line for line in report["not_judged"])
    (invocation,) = json.loads(render(run, contract, "sarif"))["runs"][0]["invocations"]
    assert invocation["executionSuccessful"] is False
    assert invocation["exitCode"] == run.exit_code
    assert invocation["toolExecutionNotifications"][0]["message"]["text"].startswith("not judged: ")
    assert any(reason in told["message"]["text"] for told in invocation["toolExecutionNotifications"])
    tree = ElementTree.fromstring(render(run, contract, "junit"))
    assert int(tree.get("errors", "0")) == len(run.not_judged)
    assert any(reason in plain(error.get("message", "")) for error in tree.iter("error"))


class Limited(GoodServer):
    """Answers everything with 429."""

    def respond(self, request: Asked) -> Reply:
        """The documented refusal, without a time to come back."""
        return Reply(429, self.error("limited", "too many").body)


class Unpaid(GoodServer):
    """Refuses every submit, as the account has no money."""

    def submit(self, owner: str, request: Asked) -> Reply:
        """The documented refusal."""
        return Reply(402, {"error": "insufficient balance"})


class Gateway(GoodServer):
    """Stands behind a proxy that does not reach it."""

    def respond(self, request: Asked) -> Reply:
        """The proxy's own page."""
        return Reply(503, b"<html>no upstream</html>", {"Content-Type": "text/html"})


class Leaving(GoodServer):
    """Is there for a few requests."""

    left = 12

    def respond(self, request: Asked) -> Reply:
        """Answer, and hang up after that."""
        self.left -= 1
        return super().respond(request) if self.left >= 0 else Reply(0, b"")


class Hopeless(GoodServer):
    """Fails every job."""

    def submit(self, owner: str, request: Asked) -> Reply:
        """Take it on, for a prompt that makes it fail."""
        body = json.loads(request.body)
        body["payload"]["prompt"] = "fail"
        reply = super().submit(owner, request)
        next(reversed(self.jobs.values())).request["payload"]["prompt"] = "fail"
        self.now += 60_000
        return reply


@pytest.mark.parametrize("stage", FREE)
def test_a_limit_is_no_judgement_of_the_request(stage: str) -> None:
    run = judged(Limited(), stage)
    assert_told_everywhere(run, "the answer was 429, which says nothing about the request")
    assert run.stages[0].calls > 0
    assert run.stages[0].judged == 0


def test_one_limited_answer_among_many_is_told_where_each_call_asks_something_else() -> None:
    class Once(GoodServer):
        """Refuses its fifth submit by a limit."""

        submits_left = 5

        def submit(self, owner: str, request: Asked) -> Reply:
            """Count, and judge by the contract."""
            self.submits_left -= 1
            if not self.submits_left:
                return Reply(429, {"error": "rate limit exceeded"})
            operation = self.contract.operations["submitRequest"]
            assert operation.body is not None
            valid = operation.body.is_valid(self.body(request))
            return super().submit(owner, request) if valid else self.error("invalid", "no")

    run = judged(Once(), "refusals")
    assert "refusals: 1 of" in run.not_judged[0]
    assert "the answer was 429" in run.not_judged[0]


def test_a_limit_that_asks_to_come_back_and_then_answers_keeps_nothing_from_being_judged() -> None:
    class Later(GoodServer):
        """Answers every request the second time."""

        last: Asked | None = None

        def respond(self, request: Asked) -> Reply:
            """The refusal first."""
            if self.last != request:
                self.last = request
                return self.error("limited", "wait")
            self.last = None
            return super().respond(request)

    run = judged(Later(), "listing")
    assert run.not_judged == ()
    assert run.exit_code == 0


def test_submits_that_are_all_refused_make_no_job_to_judge() -> None:
    run = judged(Unpaid(), "job")
    assert_told_everywhere(run, "no submit made a job; the answer was 402")


def test_sequences_without_a_job_are_not_judged() -> None:
    run = judged(Unpaid(), "sequences", key=None)
    assert any("no submit made a job" in line for line in run.not_judged)


def test_a_job_that_does_not_end_or_fails_shows_no_clip() -> None:
    run = judged(GoodServer(), "job", patience=0.0)
    assert_told_everywhere(run, "did not end within")
    run = judged(Hopeless(), "job")
    assert any("ended as failed, so none of its files was judged" in line for line in run.not_judged)


def test_a_key_that_is_refused_everywhere_is_told_first() -> None:
    run = judged(GoodServer(), *FREE, key="key-of-nobody")
    assert_told_everywhere(run, "every request with the key: was answered with 401 or 403: check the key")
    assert "check the key" in run.not_judged[0]


@pytest.mark.parametrize(("server", "reason"), [(Gateway, "the answer was 503"), (Leaving, "disconnected")])
def test_a_failure_wins_and_what_was_not_judged_is_told_all_the_same(
    server: type[GoodServer], reason: str
) -> None:
    run = judged(server(), *FREE)
    assert run.exit_code == 1
    assert_reason_everywhere(run, load("gmicloud"), reason, "FAILED")


@pytest.mark.parametrize("error", [RuntimeError("a bug of ours"), KitError("the clock stands")])
def test_a_stage_that_raises_is_not_judged_and_the_others_are(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: ListingStage, context: Context) -> None:
        raise error

    monkeypatch.setattr(ListingStage, "run", broken)
    run = judged(GoodServer(), "access", "listing")
    assert_told_everywhere(run, f"stage listing: could not go on: {type(error).__name__}: {error}")
    assert [stage.judged > 0 for stage in run.stages] == [True, False]


def test_a_budget_that_ends_leaves_the_rest_unjudged() -> None:
    run = judged(GoodServer(), "access", "listing", max_requests=3)
    assert_told_everywhere(run, "stage access; stage listing: stopped: --max-requests 3 is used up")


def test_a_far_run_says_how_to_choose_what_it_judges(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (verifying, callbacks):
        monkeypatch.setattr(module, "is_loopback", lambda url: False)
    run = judged(GoodServer())
    (line,) = [line for line in run.not_judged if line.startswith("stage sequences")]
    assert "left out: needs two jobs" in line
    assert line.endswith("choose stages with --stage, or allow more jobs with --max-jobs")
    chosen = judged(GoodServer(), "access", "listing")
    assert chosen.not_judged == ()


def test_what_the_user_leaves_out_is_his_choice_but_nothing_at_all_is_no_verdict() -> None:
    assert judged(GoodServer(), "access").exit_code == 0
    run = judged(GoodServer(), "callbacks")
    assert_told_everywhere(run, "the run: no answer could be judged")


Phases = Callable[..., Iterator[events.EngineEvent]]


def whole(engine: Any, phase: Phase) -> Iterator[events.EngineEvent]:
    """A phase that judges one case of each operation."""
    yield events.PhaseStarted(phase=phase, payload=None)
    for result in engine.schema.get_all_operations():
        recorder: Any = ScenarioRecorder(label=result.ok().label)
        recorder.cases["a"] = SimpleNamespace(value=SimpleNamespace(operation=result.ok(), method="get"))
        recorder.interactions["a"] = SimpleNamespace(
            request=SimpleNamespace(method="GET", uri="http://127.0.0.1:1/", headers={}, body=b""),
            response=SimpleNamespace(status_code=200, headers={}, content=b"{}"),
        )
        recorder.record_check_success(name="not_a_server_error", case_id="a")
        yield events.ScenarioFinished(
            id=uuid4(), phase=phase.name, suite_id=uuid4(), label=recorder.label, status=Status.SUCCESS,
            recorder=recorder, elapsed_time=0.0, skip_reason=None, is_final=True,
        )  # fmt: skip
    yield events.PhaseFinished(phase=phase, status=Status.SUCCESS, payload=None)


def raising(engine: Any, phase: Phase) -> Iterator[events.EngineEvent]:
    """An exception in the midst of a phase."""
    yield from whole(engine, phase)
    raise RuntimeError("broken by a release")


def fatal(engine: Any, phase: Phase) -> Iterator[events.EngineEvent]:
    """What the engine makes of an error that ends it."""
    yield events.FatalError(exception=RuntimeError("broken by a release"))


def complaining(engine: Any, phase: Phase) -> Iterator[events.EngineEvent]:
    """An error about an operation, after which the engine goes on."""
    yield events.NonFatalError(
        error=RuntimeError("broken by a release"), phase=phase.name, label="GET /models",
        related_to_operation=True,
    )  # fmt: skip
    yield events.PhaseFinished(phase=phase, status=Status.ERROR, payload=None)


def idle(engine: Any, phase: Phase) -> Iterator[events.EngineEvent]:
    """A phase that makes no case."""
    yield events.PhaseFinished(phase=phase, status=Status.SKIP, payload=None)


def silent(engine: Any, phase: Phase) -> Iterator[events.EngineEvent]:
    """A phase that ends without a word."""
    yield from ()


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize(
    ("way", "reason"),
    [
        (raising, "RuntimeError: broken by a release"),
        (fatal, "schemathesis: RuntimeError: broken by a release"),
        (complaining, "{phase}, listModels: schemathesis: RuntimeError: broken by a release"),
        (idle, "{phase}: schemathesis judged no case"),
        (silent, "{phase}: the phase of schemathesis did not come to its end"),
    ],
)
def test_a_phase_of_schemathesis_that_fails_is_not_judged(
    way: Phases, reason: str, phase: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def execute(engine: Any, part: Phase, **more: Any) -> Iterator[events.EngineEvent]:
        if part.name is PhaseName(phase):
            yield from way(engine, part)
        elif part.name.value in PHASES:
            yield from whole(engine, part)

    monkeypatch.setattr(engine_run, "execute", execute)
    run = judged(GoodServer(), "single", key=None)
    assert_told_everywhere(run, reason.format(phase=phase))


def test_a_run_of_schemathesis_in_which_every_phase_judges_lacks_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def execute(engine: Any, part: Phase, **more: Any) -> Iterator[events.EngineEvent]:
        yield from whole(engine, part)

    monkeypatch.setattr(engine_run, "execute", execute)
    run = judged(GoodServer(), "single", key=None)
    assert run.not_judged == ("stage single: made no call",)
    assert families_judged(run.account)["schemathesis"] == len(PhaseName) * len(load("gmicloud").operations)


def test_without_its_phases_schemathesis_judges_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_run, "execute", lambda engine, phase, **more: iter(()))
    run = judged(GoodServer(), "single", key=None)
    assert_told_everywhere(run, "the phase of schemathesis did not come to its end")


def test_the_account_says_who_judged_what() -> None:
    run = judged(GoodServer(), "access", "listing")
    assert sum(row.calls for row in run.account) == run.calls
    assert sum(row.judged for row in run.account) == sum(stage.judged for stage in run.stages) == run.calls
    families = families_judged(run.account)
    assert families["auth"] >= 10
    assert families["lists"] > 0
    assert not families["media"]
    tree = ElementTree.fromstring(render(run, load("gmicloud"), "junit"))
    skipped = {case.get("name") for case in tree.iter("testcase") if case.find("skipped") is not None}
    assert "media.plays" in skipped
    assert "auth.required" not in skipped
