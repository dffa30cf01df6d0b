"""An answer that has a place for a clip and one for an image, of which each job fills its own."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from mockserver.contract.model import Contract
from mockserver.in_process import serve
from mockserver.kit import contracts
from mockserver.kit.checks.base import run_checks
from mockserver.kit.traffic.history import History
from tests.kit.checks.histories import VIDEO, exchange
from tests.serving import ROOT

URL: Final = "https://glass.example/v1"
TASK: Final = "123456789012345"
MADE: Final = {"task_id": TASK, "code": 0}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The lantern, which also makes images, and shows them where it shows clips."""
    document = json.loads((ROOT / "fixtures/lantern/openapi.json").read_text())
    job, paths, schemas = document["x-job"], document["paths"], document["components"]["schemas"]
    job["provider"] = "glass"
    still = {
        **job["models"]["lantern-1"],
        "images": {"default": {"height": 480, "x-provenance": "ASSUMED size"}},
    }
    del still["clip"]
    job["models"]["still-1"] = still
    paths["/v1/images"] = copy.deepcopy({"post": {**paths["/v1/videos"]["post"], "operationId": "draw"}})
    submit = paths["/v1/images"]["post"]
    submit["x-job"] = {"role": "submit", "default-model": "still-1", "makes": "images"}
    del submit["callbacks"]
    submit["requestBody"]["content"]["application/json"] = {
        "schema": {"$ref": "#/components/schemas/Lantern1"},
        "examples": {"text": {"value": {"prompt": "A boat"}}},
    }
    read = paths["/v1/tasks"]["get"]["responses"]["200"]["x-job"]["body"]
    for name, fact in (("video", "media.video"), ("image", "media.image")):
        schemas["Task"]["properties"][name] = {"type": "string"}
        read[name] = {"$when": ["succeeded"], "$then": {"$": fact}}
    (tmp_path / "glass").mkdir()
    (tmp_path / "glass" / "openapi.json").write_text(json.dumps(document))
    return tmp_path


@pytest.fixture
def glass(folder: Path) -> Contract:
    return contracts.load("glass", folders=[folder])


def test_a_read_shows_what_the_job_makes(folder: Path) -> None:
    with (
        serve(pace="immediate", contracts=[folder]) as running,
        running.tenant() as tenant,
        httpx.Client(base_url=tenant.base("glass"), headers=tenant.headers("glass")) as client,
    ):
        shown = []
        for path, body in (("images", {}), ("videos", {"model": "lantern-1"})):
            made = client.post(f"/v1/{path}", json={"prompt": "A boat", **body}).json()
            task = client.get("/v1/tasks", params={"task_id": made["task_id"]}).json()
            shown.append({name: Path(task[name]).name for name in ("video", "image") if name in task})

    assert shown == [{"image": "image-0.png"}, {"video": "video.mp4"}]


@pytest.mark.parametrize(
    ("path", "links", "is_wrong"),
    [
        ("images", {"image": VIDEO}, False),
        ("images", {"video": VIDEO}, True),
        ("images", {}, True),
        ("videos", {"video": VIDEO}, False),
        ("videos", {"image": VIDEO}, True),
        ("videos", {}, True),
        ("", {"image": VIDEO}, False),
        ("", {}, False),
    ],
)
def test_a_job_is_asked_for_what_it_makes(
    glass: Contract, path: str, links: dict[str, Any], is_wrong: bool
) -> None:
    body = {"prompt": "A boat", **({"model": "lantern-1"} if path == "videos" else {})}
    submits = [exchange("POST", f"{URL}/{path}", 0, MADE, body)] if path else []
    task = {"task_id": TASK, "status": "Success", "file_id": 2123456789012345, "code": 0, **links}
    history = History(glass)

    findings = run_checks(
        history, map(history.read, [*submits, exchange("GET", f"{URL}/tasks?task_id={TASK}", 9, task)])
    )

    assert ("lifecycle.link" in {finding.check for finding in findings}) is is_wrong
