"""What the checks make of an API whose path names the model, and whose ends share one word: fal's."""

from __future__ import annotations

from typing import Any, Final

import pytest

from mockserver.kit.checks.base import run_checks
from mockserver.kit.traffic.exchange import Exchange
from mockserver.kit.traffic.history import History
from tests.kit.checks.histories import RECEIVER, contract, exchange

HOST: Final = "https://fal.example"
JOB: Final = "12340000-0000-0000-0000-000000000001"
APP: Final = f"{HOST}/fal-ai/kling-video"
ONE: Final = f"{APP}/requests/{JOB}"
VIDEO: Final = f"{HOST}/media/fal/{JOB}/video.mp4"
LATE: Final = {"error": "Request was cancelled", "error_type": "client_cancelled"}
BAD: Final = {"error": "no", "error_type": "content_policy_violation"}
UNKNOWN: Final = {"detail": "Not Found: there is no such model"}
LINKS: Final = {
    "request_id": JOB,
    "response_url": ONE,
    "status_url": f"{ONE}/status",
    "cancel_url": f"{ONE}/cancel",
}


def submit(model: str = "v2/master/text-to-video", **more: Any) -> Exchange:
    """JOB is taken on."""
    answer = {"status": "IN_QUEUE", **LINKS, "queue_position": 0, "logs": [], "metrics": {}}
    return exchange("POST", f"{APP}/{model}", 0, answer, {"prompt": "a"}, **more)


def cancel() -> Exchange:
    """JOB is cancelled."""
    return exchange("PUT", f"{ONE}/cancel", 1, {"status": "CANCELLATION_REQUESTED"}, status=202)


def status(**more: Any) -> Exchange:
    """JOB has ended."""
    answer = {"status": "COMPLETED", **LINKS, "logs": [], "metrics": {"inference_time": 0}, **more}
    return exchange("GET", f"{ONE}/status", 2, answer)


def result(at: float = 3) -> Exchange:
    """The result of JOB, which names it nowhere."""
    video = {"url": VIDEO, "content_type": "video/mp4", "file_name": "output.mp4"}
    return exchange("GET", ONE, at, {"video": video})


def found(*exchanges: Exchange) -> list[str]:
    """The checks that find something of a job's life and of statuses."""
    history = History(contract("fal"))
    findings = run_checks(history, map(history.read, exchanges))
    return [one.check for one in findings if one.check.startswith(("lifecycle.", "status."))]


@pytest.mark.parametrize(
    ("end", "wrong"), [(LATE, []), (BAD, ["lifecycle.cancelled"]), ({}, ["lifecycle.cancelled"])]
)
def test_a_word_of_several_ends_is_told_apart_by_what_is_fixed_beside_it(
    end: dict[str, str], wrong: list[str]
) -> None:
    assert found(submit(), cancel(), status(**end)) == wrong


def test_an_answer_that_names_no_job_is_one_of_the_job_that_was_asked_for() -> None:
    assert found(submit(), cancel(), result()) == ["lifecycle.cancelled"]
    assert found(submit(), status(), result()) == []


def test_a_file_is_no_request_of_the_contract_though_a_place_with_slashes_matches_its_path() -> None:
    file = exchange("GET", VIDEO, 4, b"\x00", response_headers=(("content-type", "video/mp4"),))
    assert found(submit(), result(), file) == []
    assert found(submit(), file) == ["status.verb"]


@pytest.mark.parametrize(("model", "wrong"), [("v9", []), ("v2/master/text-to-video", ["status.malformed"])])
def test_where_the_path_names_no_model_that_is_there_the_body_need_not_be_read(
    model: str, wrong: list[str]
) -> None:
    sent = exchange("POST", f"{APP}/{model}", 0, UNKNOWN, status=404)._replace(request_body=b"{")
    assert [one for one in found(sent) if one != "status.accepts"] == wrong


def test_a_callback_is_expected_where_the_query_has_its_address() -> None:
    def missing(*exchanges: Exchange) -> list[str]:
        history = History(contract("fal"))
        history.callbacks_complete = True
        findings = run_checks(history, map(history.read, exchanges))
        return [one.check for one in findings if one.check.startswith("callbacks.")]

    asked = submit()
    told = asked._replace(url=f"{asked.url}?fal_webhook={RECEIVER}")
    assert missing(asked, status()) == []
    assert missing(told, status()) == ["callbacks.ended"]
