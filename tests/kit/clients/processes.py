"""Clients that forget, or that keep too much, when they are killed and started again."""

from __future__ import annotations

import json
from pathlib import Path

from mockserver.kit.conform import Task
from mockserver.kit.reference_client import BROKEN, ApiReply, ApiRequest, Json
from tests.kit.clients.base import BY_THE_WAY, ENDLESS, GoodClient


class KeepsNothing(GoodClient):
    """It has the job's id in memory alone: started again, or beside a second worker, it pays again."""

    command = True
    fails = frozenset(
        {
            "process-killed-and-resumed",
            "process-killed-at-submit",
            "process-killed-while-fetching",
            "process-resumed-in-an-outage",
            "process-resumed-to-failure",
            "process-two-workers",
            "secrets-job-file",
        }
    )

    def arguments(self, task: Task) -> Json:
        return super().arguments(task) | {"state_file": None}


class KeepsTheKey(GoodClient):
    """It writes the key beside the job's id."""

    served = "aimlapi"
    command = True
    fails = (
        ENDLESS
        | BY_THE_WAY
        | frozenset(
            {
                "poll-key-revoked",
                "poll-no-link",
                "process-killed-and-resumed",
                "process-killed-while-fetching",
                "process-resumed-in-an-outage",
                "process-resumed-to-failure",
                "process-two-workers",
                "result-cut-for-good",
                "result-html-page-for-good",
                "result-links-expired-for-good",
                "secrets-job-file",
            }
        )
    )

    def work(self, task: Task) -> None:
        file = Path(task.job_file)
        self.on_accepted = lambda _: file.write_text(
            json.dumps(json.loads(file.read_text()) | {"key": self.key})
        )
        super().work(task)


class StartsOverInAnOutage(GoodClient):
    """Where a job of an earlier run cannot be asked for at once it makes another."""

    served = "kkiai"
    command = True
    fails = frozenset({"process-resumed-in-an-outage"})

    def work(self, task: Task) -> None:
        self.resumed = Path(task.job_file).exists()
        try:
            super().work(task)
        except ConnectionError:
            Path(task.job_file).unlink()
            super().work(task)

    async def _send(self, request: ApiRequest) -> ApiReply:
        answer = await super()._send(request)
        if answer.status == BROKEN and self.resumed:
            raise ConnectionError("not now")
        return answer
