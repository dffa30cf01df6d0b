"""The honest small server with an operation that no built-in contract has: a job can be cancelled."""

from __future__ import annotations

import json
import shutil
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import unquote

from mockserver.contract import source
from mockserver.contract.model import Contract
from mockserver.kit import contracts
from tests.kit.miniatures.base import GoodServer, Job
from tests.kit.miniatures.wire import Reply, Request


@cache
def _contract() -> Contract:
    """GMI Cloud's contract with DELETE on a request."""
    with TemporaryDirectory() as name:
        folder = Path(name) / "gmicloud"
        shutil.copytree(source.builtin_root() / "gmicloud", folder)
        document = folder / source.DOCUMENT
        content = json.loads(document.read_text())
        path = content["paths"]["/requests/{request_id}"]
        path["delete"] = _operation(path["get"])
        document.write_text(json.dumps(content))
        return contracts.load("gmicloud", folders=[Path(name)], replaced=["gmicloud"])


def _operation(read: dict[str, Any]) -> dict[str, Any]:
    """Cancelling answers with the record, and with 409 for a job that has ended."""
    conflict = {
        "description": "It has ended.",
        "content": {"application/json": {"schema": {"$ref": "schemas/error.json"}}},
        "x-job": {"when": ["conflict"], "says": "it has ended", "body": {"error": {"$": "error.message"}}},
        "x-provenance": "DOCUMENTED S1 a page of the tests",
    }
    return {
        **read,
        "operationId": "cancelRequest",
        "x-job": {**read["x-job"], "role": "cancel"},
        "responses": {**read["responses"], "409": conflict},
    }


class Cancelling(GoodServer):
    """GMI Cloud, where DELETE cancels a job that has not ended."""

    def __init__(self) -> None:
        super().__init__()
        self.cancelled: dict[str, int] = {}

    @property
    def contract(self) -> Contract:
        """With the operation."""
        return _contract()

    def route(self, request: Request, path: str) -> Reply:
        """The answer to a request below `base`."""
        if request.method == "DELETE" and path.startswith("/requests/"):
            return self.cancel(self.authorise(request), unquote(path.removeprefix("/requests/")))
        return super().route(request, path)

    def cancel(self, owner: str, name: str) -> Reply:
        """End a job, if it has not ended."""
        job = self.find(owner, name)
        if job is None:
            return self.error("unknown", "request not found")
        if self.state(job) not in dict(self.steps):
            return Reply(409, {"error": "it has ended"})
        self.stop(job)
        return Reply(200, self.record(job))

    def stop(self, job: Job) -> None:
        """Note that a job is cancelled."""
        self.cancelled[job.id] = self.now

    def entered(self, job: Job, now: int) -> Any:
        """The states it has entered, cancelled the last."""
        stopped = self.cancelled.get(job.id)
        if stopped is None or stopped > now:
            return super().entered(job, now)
        return [*super().entered(job, stopped), ("cancelled", stopped)]
