"""What WireMock, Prism and aimock are given, so that they answer what our server does."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from tests.bench.scenes import MARK, READS, REFUSED, REQUESTS, SUBMIT, Part, Scene
from tests.serving import client

_VIDEOS: Final = "/v1/videos"


class Answers(NamedTuple):
    """Our server's answers as JSON; the id in those to a submit and to a read is `job`."""

    job: str
    submit: Any
    read: Any
    refused: Any
    listed: Any


def answers_of(url: str, asked: Mapping[str, Scene]) -> Answers:
    """What the server at `url` answers."""
    with client(url, "bench-peers") as asker:
        submit = asker.post(REQUESTS, json=SUBMIT).json()
        job = submit["request_id"]
        refused = asker.post(REQUESTS, json=REFUSED).json()
        read = asker.get(asked["read"].parts[0].path, headers=_bearer(asked["read"].parts)).json()
        listed = asker.get(REQUESTS, headers=_bearer(asked["list of 30"].parts)).json()
    text = json.dumps(read).replace(read["request_id"], job)
    return Answers(job, submit, json.loads(text), refused, listed)


def _bearer(parts: Sequence[Part]) -> Mapping[str, str]:
    return {"Authorization": f"Bearer {parts[0].key}"}


def wiremock_mappings(home: Path, answers: Answers) -> None:
    """Write the stubs: an id is drawn for each submit, and a read shows that of its path."""
    at = len(REQUESTS.split("/")) - 1
    submit = _compact(answers.submit).replace(answers.job, "{{randomValue type='UUID'}}")
    read = _compact(answers.read).replace(answers.job, f"{{{{request.pathSegments.[{at}]}}}}")
    is_bad = [{"matchesJsonPath": "$.payload[?(@.duration == '8')]"}]
    is_good = [{"matchesJsonPath": "$.model"}, {"matchesJsonPath": "$.payload.prompt"}]
    stubs = [
        _stub("POST", {"urlPath": REQUESTS}, 400, _compact(answers.refused), is_bad, priority=1),
        _stub("POST", {"urlPath": REQUESTS}, 200, submit, is_good, templated=True),
        _stub("GET", {"urlPathPattern": f"{REQUESTS}/[^/]+"}, 200, read, templated=True),
        _stub("GET", {"urlPath": REQUESTS}, 200, _compact(answers.listed)),
    ]
    folder = home / "mappings"
    folder.mkdir()
    (folder / "stubs.json").write_text(json.dumps({"mappings": stubs}), encoding="utf-8")


def _stub(
    method: str,
    url: Mapping[str, str],
    status: int,
    body: str,
    patterns: Sequence[Any] = (),
    *,
    templated: bool = False,
    priority: int = 5,
) -> dict[str, Any]:
    response: dict[str, Any] = {
        "status": status,
        "body": body,
        "headers": {"Content-Type": "application/json"},
    }
    if templated:
        response["transformers"] = ["response-template"]
    request = {"method": method, **url, **({"bodyPatterns": patterns} if patterns else {})}
    return {"priority": priority, "request": request, "response": response}


def prism_document(home: Path, answers: Answers) -> Path:
    """The file of an OpenAPI document whose examples are our answers."""
    body = {
        "type": "object",
        "required": ["model", "payload"],
        "properties": {
            "model": {"type": "string"},
            "payload": {
                "type": "object",
                "required": ["prompt"],
                "properties": {"prompt": {"type": "string"}, "duration": {"enum": ["5", "10"]}},
            },
        },
    }
    submit = {
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": {"200": _example(answers.submit), "400": _example(answers.refused)},
    }
    identifier = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Jobs", "version": "1"},
        "paths": {
            REQUESTS: {"post": submit, "get": {"responses": {"200": _example(answers.listed)}}},
            f"{REQUESTS}/{{id}}": {
                "get": {"parameters": [identifier], "responses": {"200": _example(answers.read)}}
            },
        },
    }
    path = home / "openapi.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def _example(body: Any) -> dict[str, Any]:
    return {"description": "as ours", "content": {"application/json": {"example": body}}}


def aimock_scenes() -> Mapping[str, Scene]:
    """The same by aimock's API for videos; it lists models and no jobs."""
    key = "bench"
    payload = SUBMIT["payload"]
    good = json.dumps({"model": "sora-2", "prompt": payload["prompt"], "seconds": "4"})
    submit = Part("POST", _VIDEOS, key, good, "number", id_behind='"id":"')
    bad = Part("POST", _VIDEOS, key, json.dumps({"model": MARK}), "number", 400)
    listed = Part("GET", "/v1/models", key)
    read = Part("GET", f"{_VIDEOS}/video-1", key)
    any_read = Part("GET", f"{_VIDEOS}/{MARK}", key, fill="id")
    parts = {
        "submit, on disk": [submit],
        # Once there is a job, it can be read.
        "read": [read],
        "refused, all new": [bad],
        "list of 30": [listed],
        "mixed job": [submit, *[any_read] * READS, listed],
    }
    return {name: Scene(name, 0.0, some) for name, some in parts.items()}


def _compact(body: Any) -> str:
    return json.dumps(body, separators=(",", ":"))
