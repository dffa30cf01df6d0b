"""What the checks make of a job that was deleted, where it is refused as an unknown model is."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any, Final

import pytest

from mockserver.contract.model import Contract
from mockserver.kit import contracts
from mockserver.kit.checks.base import run_checks
from mockserver.kit.traffic.history import History
from tests.kit.checks.histories import exchange
from tests.serving import ROOT

URL: Final = "https://aurora.example/v1/videos"
JOB: Final = "video_" + "a" * 26
GONE: Final = {
    "error": {"message": "Video not found", "type": "invalid_request_error", "param": None, "code": None}
}
SHOWN: Final[dict[str, Any]] = {
    "id": JOB, "object": "video", "model": "sora-2", "status": "queued", "progress": 0,
    "created_at": 1_790_000_000, "completed_at": None, "expires_at": None, "prompt": "a",
    "size": "720x1280", "seconds": "4", "remixed_from_video_id": None, "error": None,
}  # fmt: skip


@pytest.fixture
def aurora(tmp_path: Path) -> Contract:
    """OpenAI's contract, but that a model that is not served is unknown as a job is."""
    shutil.copytree(ROOT / "contracts" / "openai", tmp_path / "aurora")
    path = tmp_path / "aurora" / "openapi.json"
    document = json.loads(path.read_text())
    document["x-job"]["provider"] = "aurora"
    document["x-job"]["answers"]["unknown-model"] = document["x-job"]["answers"]["unknown"]
    responses = document["components"]["responses"]
    responses["Invalid"]["x-job"][0]["when"].remove("unknown-model")
    responses["Unknown"]["x-job"]["when"].append("unknown-model")
    path.write_text(json.dumps(document))
    return contracts.load("aurora", folders=[tmp_path])


@pytest.mark.parametrize("deleted", [True, False])
def test_only_a_job_that_was_deleted_may_be_unknown(aurora: Contract, deleted: bool) -> None:
    submit = exchange("POST", URL, 0, SHOWN, {"prompt": "a"})
    delete = exchange("DELETE", f"{URL}/{JOB}", 1, {"object": "video.deleted", "deleted": True, "id": JOB})
    read = exchange("GET", f"{URL}/{JOB}", 2, GONE, status=404)
    history = History(aurora)

    findings = run_checks(history, map(history.read, [submit, delete, read] if deleted else [submit, read]))

    refused = [finding for finding in findings if finding.check == "status.accepts"]
    assert bool(refused) is not deleted
