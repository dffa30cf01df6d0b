"""The fourth provider, changed: refusals and failed jobs have HTTP 200 and a code; the clip stands at a file
with an id of its own, which is a number.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any, Final

from tests.serving import ROOT

EMBER: Final = ROOT / "tests" / "fourth" / "ember"
BY: Final = {"x-provenance": "ASSUMED invented"}
OK: Final = {"status_code": 0, "status_msg": "success"}
FAILED_CODE: Final = 1027


def coded_ember(folder: Path) -> Path:
    """Its folder, a copy in `folder`."""
    path = folder / "ember"
    shutil.copytree(EMBER, path)
    document = json.loads((path / "openapi.json").read_text())
    job, read = document["x-job"], document["paths"]["/query/video_generation"]["get"]
    for entry in job["answers"].values():
        entry["status"] = 200
    job["ids"] = {"file": {"prefix": "2", **BY}}
    for reason in job["reasons"].values():
        reason["code"] = FAILED_CODE
    shown = read["responses"]["200"]["x-job"]["body"]
    shown["file_id"] = {"$when": ["succeeded"], "$then": {"$": "job.ids.file"}}
    shown["base_resp"] = {
        "status_code": {"$when": ["failed"], "$then": {"$": "job.code"}, "$else": 0},
        "status_msg": "success",
    }
    for name in ("video_url", "cover_url"):
        del shown[name]
    document["paths"]["/files/retrieve"] = {"get": _retrieve()}
    (path / "openapi.json").write_text(json.dumps(document))
    _change_schemas(path / "schemas")
    return path


def _change_schemas(folder: Path) -> None:
    state, refusal = (json.loads((folder / name).read_text()) for name in ("state.json", "refusal.json"))
    base = state["properties"]["base_resp"]
    base["properties"]["status_code"] = {"type": "integer", **BY}
    for name in ("video_url", "cover_url"):
        del state["properties"][name]
    state["properties"]["file_id"] = {"type": "string", **BY}
    (folder / "state.json").write_text(json.dumps(state))
    text, number = {"type": "string", **BY}, {"type": "integer", **BY}
    file = {"type": "object", "properties": {"file_id": number, "url": text}, **BY}
    retrieved = {**refusal, "title": "A file", "properties": {"file": file, "base_resp": base}}
    (folder / "file.json").write_text(json.dumps(retrieved))


def _retrieve() -> dict[str, Any]:
    file = {"file_id": {"$": "job.ids.file", "$as": "integer"}, "url": {"$": "media.video"}}
    no_such = {"status_code": 1020, "status_msg": "no such file"}
    body = {
        "file": {"$when": ["succeeded"], "$then": file},
        "base_resp": {"$when": ["succeeded"], "$then": OK, "$else": no_such},
    }
    response = {
        "description": "The file.",
        "content": {"application/json": {"schema": {"$ref": "schemas/file.json"}}},
        "x-job": {"when": ["default"], "body": body},
        **BY,
    }
    where = {"name": "file_id", "in": "query", "required": True, "description": "The file.", **BY}
    return {
        "operationId": "retrieve",
        "summary": "Where a file is.",
        "x-job": {"role": "read", "key": "query.file_id", "by": ["file"], **BY},
        "parameters": [{**where, "schema": {"type": "integer"}}],
        "responses": {"200": response},
    }
