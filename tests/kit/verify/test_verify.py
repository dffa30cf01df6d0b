"""Our own server, judged from outside by the contracts that it is driven by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from mockserver import in_process
from mockserver.errors import SettingsError
from mockserver.kit.contracts import load
from mockserver.kit.findings.run import Run
from mockserver.kit.report.summary import summarize
from mockserver.kit.verify.state_machine import SearchOptions
from mockserver.kit.verify.verify import Progress, VerifyOptions, verify
from mockserver.settings import Settings

PROVIDERS = ("gmicloud", "aimlapi", "kkiai")
PROFILES = ("documented", "vendor", "observed")
LITTLE = SearchOptions(examples=4, steps=12, seed=1)


@contextmanager
def served(profile: str) -> Iterator[in_process.Running]:
    with in_process.serve(Settings(profile=profile), store="memory:") as running:
        yield running


def judged(provider: str, served_by: str, judged_by: str, effort: SearchOptions = LITTLE) -> Run:
    with served(served_by) as running, running.control() as control:
        contract = load(provider, profile=judged_by)
        request = VerifyOptions(
            url=running.base(provider), contract=contract, search=effort, control=control, interval=1.0
        )
        run, target = verify(request, Progress())
        return summarize(run, target.full_history())


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_profile_of_ours_is_clean(provider: str, profile: str) -> None:
    run = judged(provider, profile, profile)
    assert [one.sentence for one in run.findings] == []
    assert [one.sentence for one in run.drifts if one.kind != "never seen"] == []
    assert {one.name for one in run.stages if not one.calls and not one.left_out} == set()


@pytest.mark.parametrize(
    ("provider", "found"),
    [
        ("gmicloud", {"/payload/duration"}),
        ("aimlapi", {"/duration", "/prompt"}),
        (
            "kkiai",
            {
                "/camera_control/type",
                "/cfg_scale",
                "/duration",
                "/mode",
                "/model_name",
                "/multi_prompt/0/duration",
                "/sound",
                "/voice_list",
            },
        ),
    ],
)
def test_a_lenient_server_differs_from_the_documents_just_where_its_profile_says(
    provider: str, found: set[str]
) -> None:
    run = judged(provider, "observed", "documented")
    # Null counts as not sent with it, in whatever field it is tried.
    others = [one for one in run.findings if one.check != "schemathesis.negative_data_rejection"]
    others = [one for one in others if " is null, expected" not in one.expected]
    # A last frame that a model does not take was seen refused, and the page says nothing of it.
    framed = [one for one in others if one.check == "status.accepts"]
    assert all(provider == "kkiai" and "image_tail" in str(one) for one in framed)
    others = [one for one in others if one not in framed]
    assert {one.check for one in others} == {"status.refuses"}
    assert {one.pointer for one in others} == found


def test_the_same_seed_asks_the_same() -> None:
    first, second = (judged("aimlapi", "documented", "documented") for _ in range(2))
    assert [(one.name, one.calls, one.jobs) for one in first.stages] == [
        (one.name, one.calls, one.jobs) for one in second.stages
    ]


def test_coverage_reaches_every_operation_field_and_rule() -> None:
    run = judged("gmicloud", "documented", "documented", SearchOptions(examples=15, steps=20, seed=0))
    assert (run.exit_code, run.not_judged) == (0, ())
    judges = {row.phase for row in run.account if "schemathesis" in row.families}
    assert judges == {"examples", "coverage", "fuzzing", "stateful"}
    reached = {part.name: part.percent for part in run.coverage}
    assert {name for name, percent in reached.items() if percent == 100} >= {
        "operations", "request fields", "keywords",
    }  # fmt: skip


def test_an_unknown_stage_and_an_unknown_model_are_named() -> None:
    contract = load("gmicloud")
    with pytest.raises(SettingsError, match="no stage 'paid'; stages: access"):
        verify(VerifyOptions("http://127.0.0.1:1", contract, stages=["paid"]))
    with pytest.raises(SettingsError, match="no model 'none'; models: "):
        verify(VerifyOptions("http://127.0.0.1:1", contract, models=["none"]))


def test_a_server_that_is_not_there_is_one_finding_an_operation() -> None:
    run, _ = verify(VerifyOptions("http://127.0.0.1:1", load("aimlapi"), stages=["access"]))
    assert Counter(one.check for one in run.findings)["status.answered"] == 2
    assert run.failed


def told(fault: str | None) -> tuple[Run, int]:
    """A run over the callbacks of kkiai's contract, and how many came."""
    with served("documented") as running, running.control() as control:
        if fault is not None:
            control.add_rule(fault)
        request = VerifyOptions(
            url=running.base("kkiai"),
            contract=load("kkiai"),
            stages=["callbacks"],
            interval=1.0,
            control=control,
        )
        run, target = verify(request, Progress())
        return run, sum(call.exchange.callback for call in target.full_history().calls)


def test_callbacks_are_heard_and_judged() -> None:
    run, came = told(None)
    assert came >= 2
    assert not run.findings


def test_callbacks_that_never_come_are_missed() -> None:
    run, came = told("callback-never")
    assert came == 0
    assert {one.check for one in run.findings} == {"callbacks.ended"}


@pytest.mark.parametrize("provider", ["gmicloud", "aimlapi"])
def test_without_callbacks_the_stage_is_left_out(provider: str) -> None:
    run, _ = verify(VerifyOptions("http://127.0.0.1:1", load(provider), stages=["callbacks"]))
    assert [one.left_out for one in run.stages] == [
        "the contract has no callbacks for a submit of these models"
    ]


@pytest.mark.parametrize(("spoilt", "caught"), [("", set()), ("html-page", {"media.type"})])
def test_the_images_of_a_job_are_fetched_and_judged(spoilt: str, caught: set[str]) -> None:
    with served("vendor") as running, running.control() as control:
        if spoilt:
            control.add_rule(spoilt, when={"operation": "image-0.png"})
        contract = load("kkiai", profile="vendor")
        request = VerifyOptions(
            url=running.base("kkiai"), contract=contract, search=LITTLE, control=control, interval=5.0,
            stages=("job",),
        )  # fmt: skip
        run, target = verify(request, Progress())

    fetched = [call.exchange.url for call in target.history.calls if call.operation is None]
    assert sum("/image-0.png" in url for url in fetched) == 1
    assert sum("/video.mp4" in url for url in fetched) == 1
    assert caught <= {finding.check for finding in run.findings}
    assert bool(run.findings) == bool(spoilt)
