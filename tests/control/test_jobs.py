"""Jobs by hand, over a real socket: each provider's own words, and what the provider's read says then."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from mockserver.control_client import ControlError
from mockserver.jobs.ids import tenant_of
from tests.control.conftest import Bench
from tests.engine.test_lifecycle import ORDER, SUBMITS
from tests.serving import KEY, START

FAILED = {"gmicloud": "failed", "aimlapi": "error", "kkiai": "failed"}
CANCELLED = {"gmicloud": "cancelled", "aimlapi": "error", "kkiai": "failed"}


def _refused(act: Callable[..., Any], *arguments: Any) -> int:
    with pytest.raises(ControlError) as caught:
        act(*arguments)
    return caught.value.status


def test_jobs_are_listed_newest_first_and_filtered(bench: Bench) -> None:
    old = bench.submit()
    bench.mock.advance(2)
    new = bench.submit("kkiai", key="other")
    rows = bench.mock.jobs()
    assert [(row["id"], row["state"], row["phase"]) for row in rows] == [
        (new, "submitted", "waiting"), (old, "processing", "running"),
    ]  # fmt: skip
    assert [row["id"] for row in bench.mock.jobs(provider="kkiai")] == [new]
    assert [row["id"] for row in bench.mock.jobs(phase="running")] == [old]
    assert [row["id"] for row in bench.mock.jobs(limit=1, offset=1)] == [old]
    assert [row["id"] for row in bench.open_client(key=KEY).jobs()] == [old]
    assert bench.mock.jobs(state="no-such") == []


def test_a_job_is_shown_with_request_plan_and_facts(bench: Bench) -> None:
    job = bench.submit()
    bench.mock.force("gmicloud", job, "processing")
    shown = bench.mock.job("gmicloud", job)
    assert shown["request"] == SUBMITS["gmicloud"][1]
    assert [step["state"] for step in shown["plan"]["steps"]] == ["queued", "processing", "success"]
    assert [(fact["kind"], fact["state"]) for fact in shown["facts"]] == [("forced", "processing")]
    assert shown["tenant"] == tenant_of(KEY)


@pytest.mark.parametrize("provider", SUBMITS)
def test_a_job_is_forced_into_every_state_of_its_provider(bench: Bench, provider: str) -> None:
    for word in ORDER[provider]:
        job = bench.submit(provider)
        assert bench.mock.force(provider, job, word)["state"] == word
        assert bench.state(job, provider) == word
        bench.mock.advance(100)
        ends = word == ORDER[provider][0] or word == ORDER[provider][1]
        assert bench.state(job, provider) == word or not ends


def test_another_providers_word_is_refused_with_the_words_there_are(bench: Bench) -> None:
    with pytest.raises(ControlError, match="queued, processing, success") as caught:
        bench.mock.force("gmicloud", bench.submit(), "succeed")
    assert caught.value.status == 422


def test_an_end_stays(bench: Bench) -> None:
    job = bench.submit()
    bench.mock.advance(8)
    assert _refused(bench.mock.force, "gmicloud", job, "failed") == 409
    assert _refused(bench.mock.fail, "gmicloud", job) == 409
    assert _refused(bench.mock.cancel, "gmicloud", job) == 409
    assert _refused(bench.mock.pace, "gmicloud", job, "immediate") == 409
    assert bench.state(job) == "success"


@pytest.mark.parametrize("provider", SUBMITS)
@pytest.mark.parametrize("reason", [None, "the moon was full"])
def test_a_job_fails_with_a_reason(bench: Bench, provider: str, reason: str | None) -> None:
    job = bench.submit(provider)
    row = bench.mock.fail(provider, job, reason)
    contract = bench.running.app.services.contracts[provider]
    assert row["state"] == FAILED[provider]
    assert row["reason"] == (reason or contract.reasons["default"])


def test_a_reason_has_a_name_in_the_contract(bench: Bench) -> None:
    contract = bench.running.app.services.contracts["kkiai"]
    row = bench.mock.fail("kkiai", bench.submit("kkiai"), "risk-control")
    assert row["reason"] == contract.reasons["risk-control"]


@pytest.mark.parametrize("provider", SUBMITS)
def test_a_job_is_cancelled_and_once_more(bench: Bench, provider: str) -> None:
    job = bench.submit(provider)
    assert bench.mock.cancel(provider, job)["state"] == CANCELLED[provider]
    assert bench.mock.cancel(provider, job)["state"] == CANCELLED[provider]
    assert bench.state(job, provider) == CANCELLED[provider]


def test_a_deleted_job_is_unknown(bench: Bench) -> None:
    job = bench.submit()
    bench.mock.delete("gmicloud", job)
    assert bench.mock.jobs() == []
    assert _refused(bench.mock.job, "gmicloud", job) == 404
    assert _refused(bench.mock.delete, "gmicloud", job) == 404
    assert _refused(bench.mock.delete, "nobody", job) == 404
    with bench.running.client() as client:
        assert client.get(f"/api/v1/apikey/requests/{job}").status_code == 404


def test_a_job_is_paced_by_itself(bench: Bench) -> None:
    manual, immediate, fast, polled, left = (bench.submit() for _ in range(5))
    bench.mock.pace("gmicloud", manual, "manual")
    bench.mock.pace("gmicloud", immediate, "immediate")
    bench.mock.pace("gmicloud", fast, "time", 4)
    bench.mock.pace("gmicloud", polled, "polls:2")
    assert bench.state(immediate) == "success"
    assert [bench.state(polled) for _ in range(2)] == ["queued", "success"]
    bench.mock.advance(2)
    assert (bench.state(manual), bench.state(fast), bench.state(left)) == ("queued", "success", "processing")
    bench.mock.pace("gmicloud", manual, "time")
    bench.mock.advance(2)
    assert bench.state(manual) == "processing"
    assert _refused(bench.mock.pace, "gmicloud", left, "sometimes") == 422


def test_a_forced_job_goes_on_when_it_is_paced(bench: Bench) -> None:
    job = bench.submit("aimlapi")
    bench.mock.force("aimlapi", job, "generating")
    bench.mock.advance(60)
    assert bench.state(job, "aimlapi") == "generating"
    bench.mock.pace("aimlapi", job, "time")
    assert bench.mock.jump("aimlapi", job)["seconds"] == 6.0
    assert bench.state(job, "aimlapi") == "completed"


def test_explain_tells_what_why_and_what_is_next(bench: Bench) -> None:
    job = bench.submit()
    told = bench.mock.explain("gmicloud", job)
    assert [(entry["state"], entry["cause"]) for entry in told["timeline"]] == [("queued", "submitted")]
    assert (told["next"]["state"], told["next"]["at"]) == ("processing", START + 2000)
    assert told["next"]["said"] == "processing in 2 s"

    bench.mock.advance(3)
    told = bench.mock.explain("gmicloud", job)
    assert (told["timeline"][1]["state"], told["timeline"][1]["at"]) == ("processing", START + 2000)
    assert told["timeline"][1]["cause"] == "planned: queued lasted 2 s"
    assert told["next"]["at"] == START + 8000

    bench.mock.fail("gmicloud", job, "the moon was full")
    told = bench.mock.explain("gmicloud", job)
    last = told["timeline"][-1]
    assert (last["state"], last["at"], last["reason"]) == ("failed", START + 3000, "the moon was full")
    assert "forced" in last["cause"]
    assert told["next"]["said"] == "nothing: the job has ended"
    assert told["text"][0].endswith("is failed (failed)")
    assert "+3.000 s" in told["text"][3]


def test_explain_counts_polls(start: Callable[..., Bench]) -> None:
    from mockserver.settings import Pace

    bench = start(pace=Pace("polls", 3))
    job = bench.submit()
    assert bench.mock.explain("gmicloud", job)["next"] == {
        "said": "processing at the second poll from now", "state": "processing", "at": None, "polls": 2,
    }  # fmt: skip
    for _ in range(3):
        bench.state(job)
    told = bench.mock.explain("gmicloud", job)
    assert [entry["cause"] for entry in told["timeline"]] == ["submitted", "poll 2 of 3", "poll 3 of 3"]


def test_explain_tells_of_a_change_of_pace_and_a_hand(bench: Bench) -> None:
    job = bench.submit("kkiai")
    bench.mock.pace("kkiai", job, "manual")
    assert "manual" in bench.mock.explain("kkiai", job)["next"]["said"]
    bench.mock.advance(1)
    bench.mock.force("kkiai", job, "processing")
    told = bench.mock.explain("kkiai", job)
    assert [(entry["what"], entry["state"]) for entry in told["timeline"]] == [
        ("state", "submitted"), ("pace", None), ("state", "processing"),
    ]  # fmt: skip
    assert "forced" in told["next"]["said"]


@pytest.mark.parametrize("provider", SUBMITS)
def test_of_many_hands_one_ends_the_job_and_the_others_are_told(bench: Bench, provider: str) -> None:
    jobs = [bench.submit(provider) for _ in range(4)]
    words = [*ORDER[provider][2:], "cancel", "fail"]

    def act(number: int) -> tuple[str, str | None]:
        job, word = jobs[number % 4], words[number // 4 % len(words)]
        try:
            if word == "cancel":
                return job, str(bench.mock.cancel(provider, job)["state"])
            if word == "fail":
                return job, str(bench.mock.fail(provider, job, f"hand {number}")["state"])
            return job, str(bench.mock.force(provider, job, word, f"hand {number}")["state"])
        except ControlError as error:
            return job, None if error.status == 409 else str(error)

    with ThreadPoolExecutor(16) as pool:
        done = list(pool.map(act, range(64)))
    for job in jobs:
        ends = {state for name, state in done if name == job and state is not None}
        assert ends == {bench.state(job, provider)}
        told = bench.mock.explain(provider, job)["timeline"]
        assert len([entry for entry in told if entry["what"] == "state"]) == 2
