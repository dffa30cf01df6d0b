"""What the checks make of answers that a contract gives without a word for the case: Replicate's."""

from __future__ import annotations

from typing import Any, Final

import pytest

from mockserver.kit.checks.base import run_checks
from mockserver.kit.traffic.exchange import Exchange
from mockserver.kit.traffic.history import History
from tests.kit.checks.histories import VIDEO, contract, exchange

URL: Final = "https://replicate.example/v1"
JOB: Final = "gm3qorzdhgbfurvjtvhg6dckhu"
MODEL: Final = "minimax/video-01"
GONE: Final = {"detail": "The requested resource could not be found.", "status": 404}
MADE: Final = "2026-09-21T14:13:20Z"
ENDED: Final = ("succeeded", "canceled")


def prediction(state: str) -> dict[str, Any]:
    """JOB in a state."""
    return {
        "id": JOB, "model": MODEL, "version": "hidden", "input": {"prompt": "a"}, "logs": "", "error": None,
        "output": VIDEO if state == "succeeded" else None, "status": state, "data_removed": False,
        "source": "api", "created_at": MADE, "started_at": None if state == "starting" else MADE,
        "completed_at": MADE if state in ENDED else None,
        "metrics": {"predict_time": 0} if state in ENDED else {},
        "urls": {"get": f"{URL}/predictions/{JOB}", "cancel": f"{URL}/predictions/{JOB}/cancel"},
    }  # fmt: skip


def submit(model: str, status: int, answer: Any) -> Exchange:
    """A submit of a model that the path names."""
    sent = {"input": {"prompt": "a"}}
    return exchange("POST", f"{URL}/models/{model}/predictions", 0, answer, sent, status=status)


def cancel(state: str) -> Exchange:
    """A cancel of JOB."""
    return exchange("POST", f"{URL}/predictions/{JOB}/cancel", 1, prediction(state))


def read(state: str, at: float) -> Exchange:
    """JOB is read."""
    return exchange("GET", f"{URL}/predictions/{JOB}", at, prediction(state))


def found(*exchanges: Exchange) -> list[str]:
    """The checks of a job's life and of statuses that find something."""
    history = History(contract("replicate"))
    findings = run_checks(history, map(history.read, exchanges))
    return [one.check for one in findings if one.check.startswith(("lifecycle.", "status."))]


@pytest.mark.parametrize(
    ("model", "wrong"), [("minimax/video-02", []), ("0/video-01", []), (MODEL, ["status.accepts"])]
)
def test_a_path_may_be_refused_that_names_no_model_of_the_contract(model: str, wrong: list[str]) -> None:
    assert found(submit(model, 404, GONE)) == wrong


@pytest.mark.parametrize(
    ("body", "headers", "check"),
    [
        (b"{", {"content-type": "application/json"}, "status.malformed"),
        (b"a=b", {"content-type": "application/x-www-form-urlencoded"}, "status.media-type"),
    ],
)
def test_a_path_without_a_model_may_be_told_before_the_body_is_read(
    body: bytes, headers: dict[str, str], check: str
) -> None:
    def refused(model: str) -> list[str]:
        sent = submit(model, 404, GONE)._replace(request_body=body, request_headers=tuple(headers.items()))
        return found(sent)

    assert refused("minimax/video-02") == []
    assert refused(MODEL) == [check]


@pytest.mark.parametrize(
    ("state", "later", "wrong"),
    [
        ("canceled", "canceled", []),
        ("succeeded", "succeeded", []),
        ("processing", "succeeded", ["lifecycle.cancelled", "lifecycle.cancelled"]),
        ("canceled", "succeeded", ["lifecycle.cancelled", "lifecycle.final"]),
    ],
)
def test_a_cancel_without_an_answer_for_it_may_show_that_it_came_too_late(
    state: str, later: str, wrong: list[str]
) -> None:
    told = (submit(MODEL, 201, prediction("starting")), cancel(state), read(later, 2))
    assert sorted(found(*told)) == wrong
