"""What a drafted contract says of itself: its facts, the reasons of its guesses and what is left to do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest

from mockserver.kit.draft.assemble import assemble
from mockserver.kit.draft.description import Description
from mockserver.kit.draft.document import read_origin
from mockserver.kit.draft.operations import OperationWriter
from mockserver.kit.draft.roles import guess_roles
from mockserver.kit.draft.todo import Draft
from tests.kit.draft.documents import NEW, OLD, RECORD
from tests.kit.draft.small import CLIP, ID, JOB, answering, described, sending

ASSUMED: Final = "ASSUMED by the draft"
STATUS: Final = {"enum": ["queued", "running", "done", "failed"]}
WHOLE: Final = {
    "properties": {"id": {**ID, "format": "uuid"}, "status": STATUS},
    "required": ["id", "status"],
}
BODY: Final = {"properties": {"model": {"enum": ["a", "b"]}, "prompt": ID}, "required": ["prompt"]}
PATHS: Final = {"/clips": {"post": answering(WHOLE, **sending(BODY))}, CLIP: {"get": answering(WHOLE)}}


def drafted(description: Description, *wanted: str) -> Draft:
    return assemble("reel", description, guess_roles(description, wanted))


def job_of(draft: Draft) -> dict[str, Any]:
    job: dict[str, Any] = draft.files["openapi.json"]["x-job"]
    return job


def todos_of(draft: Draft) -> list[str]:
    """The to-dos that are not the same of every draft."""
    always = ("/x-job/models: the size, rate", "/components/responses/Refused: the document does not say")
    lines = [todo.line().removeprefix("openapi.json#") for todo in draft.todos]
    assert sum(line.startswith(always) for line in lines) == 2
    return [line for line in lines if not line.startswith(always)]


def read(folder: Path, text: str, ending: str) -> Draft:
    path = folder / f"origin.{ending}"
    path.write_text(text, encoding="utf-8")
    return drafted(Description(read_origin(path)))


def test_a_document_that_says_all_leaves_little_to_do(tmp_path: Path) -> None:
    draft = read(tmp_path, OLD, "yaml")
    constants = "these are constants, as no fact of a job is known for them: error.message"
    assert todos_of(draft) == [
        f"/paths/~1videos{at}/x-job/body: {constants}"
        for at in (
            "/post/responses/202",
            "~1{video_id}/get/responses/200",
            "~1{video_id}~1cancel/post/responses/200",
        )
    ]
    assert draft.reasons[4:] == [
        "states: QUEUED (waiting), RUNNING (running), DONE (succeeded), FAILED (failed),"
        " CANCELED (cancelled): by the words of the status",
        "id: token after vid_: as the document shows it",
        "clip of POST /videos: prompt at /prompt, seconds at /duration, first at /image_url",
        "models of POST /videos: vidra-1, vidra-2: /model lists them",
    ]
    assert draft.left_out == ["GET /account"]


def test_a_document_may_lack_a_security_scheme_and_bodies(tmp_path: Path) -> None:
    draft = read(tmp_path, json.dumps(NEW), "json")
    assert todos_of(draft) == [
        "/components/securitySchemes/key: the document has no security scheme that is taken;"
        " the header x-api-key of its operations is",
        "/paths/~1v1~1text_to_video/post/requestBody: the document shows no body; the example is made up",
    ]
    assert draft.left_out == []


def test_a_recording_shows_and_lists_nothing(tmp_path: Path) -> None:
    draft = read(tmp_path, json.dumps(RECORD), "har")
    shown = [
        f"/x-job/states/{word}: the document does not list {word!r}; it only shows it"
        for word in ("submitted", "processing", "succeed")
    ]
    assert todos_of(draft)[:5] == [
        *shown,
        "/x-job/states/failed: the document has no word for it, so 'failed' is assumed",
        "/x-job/models: the document lists no models; name those that clients send, as others are refused",
    ]
    assert "models of POST /api/videos: flick-1: /model shows them" in draft.reasons


def test_what_is_guessed_of_a_job() -> None:
    source = "DOCUMENTED D1"
    word = {"x-provenance": f"{source} word; phase guessed"}
    clip = {"height": 720, "fps": 24, "seconds": 5, "x-provenance": ASSUMED}
    draft = drafted(described(PATHS, info={"title": "Reel", "version": 7}))
    job = job_of(draft)
    assert {
        name: part for name, part in job.items() if name not in ("models", "answers", "unknown-path")
    } == {
        "provider": "reel",
        "title": "Reel",
        "sources": {"D1": "a document"},
        "id": {"kind": "uuid", "x-provenance": source},
        "time": "iso8601",
        "states": {
            "queued": {"phase": "waiting", "next": ["running", "failed"], "seconds": 2, **word},
            "running": {"phase": "running", "next": ["done", "failed"], "seconds": 6, **word},
            "done": {"phase": "succeeded", "next": [], **word},
            "failed": {"phase": "failed", "next": [], **word},
        },
        "media": {"prompt": "/prompt"},
        "reasons": {"default": {"text": "The generation failed.", "x-provenance": ASSUMED}},
        "profiles": {"documented": [], "vendor": [], "observed": []},
        "x-provenance": source,
    }
    assert [*job["models"]] == ["a", "b"]
    assert {name: part for name, part in job["models"]["a"].items() if name != "payload"} == {
        "title": "a", "clip": clip, "x-provenance": source,
    }  # fmt: skip
    document = draft.files["openapi.json"]
    assert document["info"] == {"title": "Reel", "version": "7"}
    assert (document["security"], document["components"].keys()) == ([], {"responses"})


def test_what_is_not_shown_is_assumed_and_said() -> None:
    answer = {"properties": {"id": ID, "status": {"enum": ["queued", "strange"]}}}
    paths = {"/videos": {"post": answering(answer)}, "/videos/{id}": {"get": answering(answer)}}
    draft = drafted(described(paths))
    job = job_of(draft)
    assert job["id"]["x-provenance"] == job["states"]["failed"]["x-provenance"] == ASSUMED
    assert job["states"]["strange"]["x-provenance"] == "DOCUMENTED D1 word; phase guessed"
    assert [*job["models"]] == ["reel"]
    assert todos_of(draft) == [
        "/x-job/states/strange: 'strange' is no word that we know, so its phase is a guess: running",
        "/x-job/states/completed: the document has no word for it, so 'completed' is assumed",
        "/x-job/states/failed: the document has no word for it, so 'failed' is assumed",
        "/x-job/id: the document does not show an id; say its shape",
        "/x-job/models: the document lists no models; name those that clients send, as others are refused",
        "/x-job/media: no field is called a prompt; say where it is, if there is one",
        ": the document does not say how a key is sent; no key is asked for",
        "/paths/~1videos/post/requestBody: the document shows no body; the example is made up",
    ]
    assert draft.reasons[-3:] == [
        "id: token: assumed",
        "clip of POST /videos: no field is called what a clip shows",
        "models of POST /videos: reel: no field is called a model, so there is one of the provider's name",
    ]
    info = draft.files["openapi.json"]["info"]
    assert (info, job["title"]) == ({"title": "Untitled", "version": "0"}, "Untitled")


@pytest.mark.parametrize(
    ("servers", "urls"),
    [
        (None, ["/"]),
        ([], ["/"]),
        ([{"description": "Here"}], ["/"]),
        (
            [{"url": "https://{region}.example/{stage}/{stage}", "variables": {"stage": {"default": "v1"}}}],
            ["https://region.example/v1/v1"],
        ),
        ([{"url": "https://a.example"}, {"url": "https://b.example"}], ["https://a.example", "https://b.example"]),
    ],
)  # fmt: skip
def test_servers_have_the_defaults_of_their_variables(servers: Any, urls: list[str]) -> None:
    draft = drafted(described(PATHS, servers=servers))
    assert [server["url"] for server in draft.files["openapi.json"]["servers"]] == urls


def test_further_submits_say_where_their_bodies_differ_from_the_firsts() -> None:
    other = {"properties": {"model": {"enum": ["b", "c"]}, "text": ID, "duration": {"type": "integer"}}}
    same = {"properties": {"prompt": ID}}
    paths = {
        **PATHS,
        "/other": {"post": answering(WHOLE, **sending(other))},
        "/same": {"post": answering(WHOLE, **sending(same))},
    }
    draft = drafted(described(paths), "/clips", "/other", "/same")
    document = draft.files["openapi.json"]
    jobs = {path: item["post"]["x-job"] for path, item in document["paths"].items() if "post" in item}
    assert [job.get("media") for job in jobs.values()] == [
        None,
        {"prompt": "/text", "seconds": "/duration"},
        None,
    ]
    assert [job["default-model"] for job in jobs.values()] == ["a", "b", "a"]
    payloads = {name: model["payload"] for name, model in job_of(draft)["models"].items()}
    assert [*payloads] == ["a", "b", "c"]
    assert payloads["a"] == payloads["b"] != payloads["c"]
    assert not [line for line in todos_of(draft) if "lists no models" in line or "a prompt" in line]


def test_operations_have_ids_of_their_own() -> None:
    paths = {
        "/clips": {"post": answering(WHOLE, operationId="make", **sending(BODY))},
        CLIP: {"get": answering(WHOLE, operationId=""), "delete": answering(operationId=3)},
        f"{CLIP}/cancel": {"post": answering(operationId="make")},
        f"{CLIP}/info": {"get": answering(JOB, operationId="getClipsId")},
    }
    document = drafted(described(paths)).files["openapi.json"]
    ids = [node["operationId"] for item in document["paths"].values() for node in item.values()]
    assert ids == ["make", "getClipsId", "deleteClipsId", "make2", "getClipsId2"]


@pytest.mark.parametrize(
    ("parameters", "page"),
    [
        ([("page", "query", "integer")], {"page": {"number": "query.page"}}),
        ([("page", "query", "string")], {}),
        ([("page", "header", "integer")], {}),
        ([("page", "query", "integer"), ("skip", "query", "integer")], {"page": {"number": "query.page"}}),
        ([("page", "query", "integer"), ("pageNo", "query", "integer")], {"page": {"number": "query.page"}}),
        ([("offset", "query", "integer", 7)], {"page": {"offset": "query.offset"}}),
        ([("limit", "query", "integer", 1)], {"page": {"size": "query.limit", "most": 1}}),
        ([("limit", "query", "integer", 0)], {"page": {"size": "query.limit"}}),
        ([("limit", "query", "integer", "10")], {"page": {"size": "query.limit"}}),
        ([("model_id", "query", "string")], {"filters": {"query.model_id": "model"}}),
        ([("model_id", "header", "string")], {}),
    ],
)
def test_a_list_is_paged_and_filtered_by_parameters_of_these_names(
    parameters: list[tuple[Any, ...]], page: dict[str, Any]
) -> None:
    writer: Any = None
    entries = [
        {"name": name, "in": place, "schema": {"type": kind, **({"default": default[0]} if default else {})}}
        for name, place, kind, *default in parameters
    ]
    assert OperationWriter._page(writer, entries) == page


def test_a_body_that_is_a_form_is_taken_as_json_and_that_is_said() -> None:
    content = {"multipart/form-data": {"schema": BODY}}
    paths = {**PATHS, "/clips": {"post": answering(WHOLE, requestBody={"content": content})}}
    text = "the document takes a form here and no JSON; the mock takes JSON with the same fields"
    assert f"/paths/~1clips/post/requestBody: {text}" in todos_of(drafted(described(paths)))
    content["application/json"] = {"schema": BODY}
    assert not [line for line in todos_of(drafted(described(paths))) if text in line]


def test_what_the_document_does_not_say_is_answered_with_the_usual_status() -> None:
    answers = job_of(drafted(described(PATHS)))["answers"]
    assert {case: answer["status"] for case, answer in answers.items()} == {
        "invalid": 400, "malformed": 400, "unauthenticated": 401, "bad-credentials": 401, "unpaid": 402,
        "forbidden": 403, "unknown": 404, "unknown-model": 404, "method": 405, "too-large": 413,
        "media-type": 415, "limited": 429, "error": 500, "unavailable": 503,
    }  # fmt: skip
