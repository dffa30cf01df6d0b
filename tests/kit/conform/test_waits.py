"""A client may let its submit wait for the end, as Replicate's `run` does, and has to go on by itself."""

from __future__ import annotations

import time
from typing import Final

import httpx

from mockserver.kit.conform import Task
from mockserver.kit.conform.case import PLAIN, load_cases
from mockserver.kit.conform.running.run_options import RunOptions
from tests.kit.conform.environments import fetched
from tests.kit.conform.shared_servers import conform

ENDS: Final = ("succeeded", "failed", "canceled")
CASES: Final = [case for case in load_cases() if case.id in (PLAIN, "poll-cancelled")]


def output_of(task: Task) -> str | None:
    """The link of a prediction's clip, after one request if it ends in time."""
    headers = {"authorization": f"Bearer {task.key}"}
    with httpx.Client(base_url=task.base_url, headers=headers, trust_env=False, timeout=30) as api:
        body = {"input": {"prompt": task.prompt}}
        answer = api.post(f"/models/{task.model}/predictions", json=body, headers={"prefer": "wait"})
        prediction = answer.raise_for_status().json()
        print(prediction["id"])
        while prediction["status"] not in ENDS:
            time.sleep(task.interval)
            prediction = api.get(prediction["urls"]["get"]).json()
    return None if prediction["output"] is None else str(prediction["output"])


def runs(task: Task) -> None:
    """Right in every way that is asked for here."""
    output = output_of(task)
    if output is None:
        raise SystemExit("there is no clip")
    fetched(task, output)


def takes_each_end_for_a_success(task: Task) -> None:
    """Wrong: it is content with a prediction without a clip."""
    output = output_of(task)
    if output is not None:
        fetched(task, output)


def test_a_client_that_takes_every_end_for_a_success_is_wrong_and_one_that_waits_is_not() -> None:
    for client, verdict in ((runs, "pass"), (takes_each_end_for_a_success, "fail")):
        options = RunOptions(supports=("text",))
        matrix = conform(client, provider="replicate", cases=CASES, options=options)
        verdicts = {result.case.id: result.verdict for result in matrix.results}
        assert verdicts == {PLAIN: "pass", "poll-cancelled": verdict}
