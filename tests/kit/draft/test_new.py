"""`mockserver contracts new`: a folder that loads and serves, from a document or from a recording."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner, Result

from mockserver.cli import group
from mockserver.contract.loader import load_contract
from mockserver.contract.model import Contract
from mockserver.errors import KitError, SettingsError
from mockserver.in_process import serve
from mockserver.media.picture import measure
from tests.kit.draft.documents import NEW, OLD, RECORD
from tests.serving import ROOT


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(group, ["contracts", *map(str, arguments)])


def draft(folder: Path, name: str, text: str | Mapping[str, Any], ending: str, *more: str) -> dict[str, Any]:
    """The summary of a draft that passes the check."""
    origin = folder / f"origin.{ending}"
    origin.write_text(text if isinstance(text, str) else json.dumps(text), encoding="utf-8")
    result = run("new", name, "--from", origin, "--into", folder / "made", "--json", *more)
    assert result.exit_code == 0, result.output or result.exception
    summary: dict[str, Any] = json.loads(result.stdout)
    assert summary["findings"] == []
    assert run("check", folder / "made").exit_code == 0
    return summary


def loaded(folder: Path, name: str) -> Contract:
    return load_contract(folder / "made" / name, measure=measure)


@contextmanager
def served(folder: Path, name: str, pace: str = "polls:3") -> Iterator[httpx.Client]:
    with (
        serve(pace=pace, contracts=[folder / "made"]) as running,
        running.tenant() as tenant,
        httpx.Client(base_url=tenant.base(name), headers=tenant.headers(name)) as client,
    ):
        yield client


def test_the_id_of_an_example_of_a_whole_answer_is_one_that_is_shown(tmp_path: Path) -> None:
    document = json.loads((ROOT / "fixtures/lantern/openapi.json").read_text())
    schemas = document["components"]["schemas"]
    del document["x-job"], document["paths"]["/v1/videos"]["post"]["callbacks"], schemas["Task"]["then"]
    schemas["Made"]["example"] = {"task_id": "106916112212032"}

    draft(tmp_path, "lantern", document, "json")

    assert (loaded(tmp_path, "lantern").id_kind, loaded(tmp_path, "lantern").id_length) == ("digits", 15)


def test_a_document_of_3_0_becomes_a_provider(tmp_path: Path) -> None:
    draft(tmp_path, "vidra", OLD, "yaml")

    with served(tmp_path, "vidra") as client:
        made = client.post(
            "/videos", json={"model": "vidra-1", "prompt": "A lantern", "duration": 4, "seed": None}
        )
        assert made.status_code == 202
        job = made.json()
        assert job["id"].startswith("vid_")
        assert (job["kind"], job["status"], job["prompt"], job["error"]) == (
            "video",
            "QUEUED",
            "A lantern",
            None,
        )
        states = [client.get(f"/videos/{job['id']}").json()["status"] for _ in range(3)]
        assert states == ["QUEUED", "RUNNING", "DONE"]
        done = client.get(f"/videos/{job['id']}").json()
        assert done["video_url"].endswith("/video.mp4")
        page = client.get("/videos", params={"page_size": 5}).json()
        assert (page["total"], page["videos"][0]["id"]) == (1, job["id"])
        assert client.post("/videos", json={"model": "vidra-1"}).status_code == 422
        assert (
            client.post("/videos", json={"model": "vidra-1", "prompt": "x", "duration": 0}).status_code == 422
        )
        assert client.get("/videos/vid_0000000000000000").status_code == 404


def test_each_guess_has_its_reason_on_screen_and_in_the_notes(tmp_path: Path) -> None:
    reasons = draft(tmp_path, "vidra", OLD, "yaml")["reasons"]

    assert (
        "read: GET /videos/{video-id}: its path is the submit's and one place; its answer has `status`"
        in reasons
    )
    assert any(line.startswith("cancel: POST /videos/{video-id}/cancel: ") for line in reasons)
    submit = next(line for line in reasons if line.startswith("submit: POST /videos: "))
    assert "its answer has an id, `id`" in submit
    assert "its body has what a clip is made of" in submit
    notes = (tmp_path / "made" / "vidra" / "NOTES.md").read_text(encoding="utf-8")
    assert all(line in notes for line in reasons)
    assert "GET /account" in notes


def test_what_is_missing_is_a_todo_with_its_place(tmp_path: Path) -> None:
    summary = draft(tmp_path, "vidra", OLD, "yaml")

    assumed = next(todo for todo in summary["todos"] if todo["pointer"] == "/components/responses/Refused")
    assert "unauthenticated" in assumed["text"]
    constants = {todo["pointer"]: todo["text"] for todo in summary["todos"] if "constants" in todo["text"]}
    body = "/paths/~1videos/post/responses/202/x-job/body"
    # Not `kind`, whose schema leaves no choice.
    assert constants[body] == "these are constants, as no fact of a job is known for them: error.message"
    assert len(constants) == 3
    paths = json.loads((tmp_path / "made" / "vidra" / "openapi.json").read_text(encoding="utf-8"))["paths"]
    assert paths["/videos"]["post"]["summary"] == "Make a video"
    assert "summary" not in paths["/videos"]["get"]
    notes = (tmp_path / "made" / "vidra" / "NOTES.md").read_text(encoding="utf-8")
    assert all(f"`{todo['file']}#{todo['pointer']}`: {todo['text']}" in notes for todo in summary["todos"])


def test_schemas_are_put_into_todays_words(tmp_path: Path) -> None:
    draft(tmp_path, "vidra", OLD, "yaml")

    ask = json.loads((tmp_path / "made" / "vidra" / "schemas" / "ask.json").read_text(encoding="utf-8"))
    assert ask["properties"]["duration"] == {"type": "number", "exclusiveMinimum": 0, "maximum": 30}
    assert ask["properties"]["seed"] == {"type": ["integer", "null"]}
    assert ask["properties"]["on"] == {"type": "boolean"}
    assert "discriminator" not in ask
    video = json.loads((tmp_path / "made" / "vidra" / "schemas" / "video.json").read_text(encoding="utf-8"))
    assert video["properties"]["error"]["anyOf"][-1] == {"type": "null"}


def test_the_source_of_the_whole_stands_once(tmp_path: Path) -> None:
    draft(tmp_path, "vidra", OLD, "yaml")

    contract = loaded(tmp_path, "vidra")
    assert contract.sources == {"D1": "Vidra 2024-11-06 (origin.yaml)"}
    assert contract.document["x-job"]["x-provenance"] == "DOCUMENTED D1"
    violation = contract.operations["createVideo"].body
    assert violation is not None
    assert violation.explain({"model": "vidra-1"})[0].source == "DOCUMENTED Vidra 2024-11-06 (origin.yaml)"


def test_an_answer_may_have_another_form_in_each_state(tmp_path: Path) -> None:
    draft(tmp_path, "reel", NEW, "json")

    contract = loaded(tmp_path, "reel")
    assert [*contract.models] == ["reel-4", "reel-3"]
    body = {"model": "reel-3", "promptText": "A lantern", "ratio": "1280:720"}
    with served(tmp_path, "reel") as client:
        client.headers["X-Reel-Version"] = "2024-11-06"
        made = client.post("/v1/text_to_video", json=body).json()
        states = [client.get(f"/v1/tasks/{made['id']}").json() for _ in range(3)]
        assert [set(state) - {"id", "status", "createdAt"} for state in states] == [set(), set(), {"output"}]
        assert client.post("/v1/text_to_video", json=body, headers={"x-api-key": ""}).status_code == 401


def test_a_recording_becomes_a_provider(tmp_path: Path) -> None:
    summary = draft(tmp_path, "flick", RECORD, "har")

    contract = loaded(tmp_path, "flick")
    assert [*contract.states] == ["submitted", "processing", "succeed", "failed"]
    assert contract.document["x-job"]["x-provenance"] == "OBSERVED D1"
    assert any("so 'failed' is assumed" in todo["text"] for todo in summary["todos"])
    with served(tmp_path, "flick") as client:
        made = client.post(
            "/api/videos", json={"model": "flick-1", "prompt": "A lantern", "duration": 5}
        ).json()
        assert made["data"]["task_status"] == "submitted"
        answers = [client.get(f"/api/videos/{made['data']['task_id']}").json()["data"] for _ in range(3)]
        assert [answer["task_status"] for answer in answers] == ["submitted", "processing", "succeed"]
        assert "video_url" not in answers[1]
        assert answers[2]["video_url"].endswith("/video.mp4")


def test_no_key_and_no_signed_link_of_a_recording_is_written(tmp_path: Path) -> None:
    draft(tmp_path, "flick", RECORD, "har")

    written = "".join(path.read_text(encoding="utf-8") for path in (tmp_path / "made").rglob("*.*"))
    assert "secret-key-of-somebody" not in written
    assert "sig=1" not in written


def test_a_clip_behind_the_key_and_a_delete_are_guessed(tmp_path: Path) -> None:
    document = json.loads(json.dumps(NEW))
    task = document["paths"]["/v1/tasks/{id}"]
    task["delete"] = {"summary": "Delete a task", "responses": {"204": {"description": "Gone"}}}
    content = {
        "video/mp4": {"schema": {"type": "string", "format": "binary"}},
        "application/json": {"schema": {}},
    }
    document["paths"]["/v1/tasks/{id}/content"] = {
        "get": {"responses": {"200": {"description": "The clip", "content": content}}}
    }

    reasons = draft(tmp_path, "reel", document, "json")["reasons"]

    assert (
        "content: GET /v1/tasks/{id}/content: its path is the read's and `content`; it sends video/mp4"
        in reasons
    )
    assert "delete: DELETE /v1/tasks/{id}: DELETE on the read's path" in reasons
    body = {"model": "reel-3", "promptText": "A lantern", "ratio": "1280:720"}
    with served(tmp_path, "reel", "immediate") as client:
        client.headers["X-Reel-Version"] = "2024-11-06"
        job = client.post("/v1/text_to_video", json=body).json()["id"]
        clip = client.get(f"/v1/tasks/{job}/content")
        assert (clip.status_code, clip.headers["content-type"]) == (200, "video/mp4")
        assert client.delete(f"/v1/tasks/{job}").status_code == 204
        assert client.get(f"/v1/tasks/{job}").status_code == 404


def test_a_delete_that_says_cancel_too_is_one_or_the_other(tmp_path: Path) -> None:
    document = json.loads(json.dumps(NEW))
    document["paths"]["/v1/tasks/{id}"]["delete"] = {
        "summary": "Cancel or delete a task",
        "responses": {"204": {"description": "Gone"}},
    }

    reasons = draft(tmp_path, "reel", document, "json")["reasons"]

    (reason,) = [line for line in reasons if line.startswith("cancel: ")]
    assert reason.endswith(" and delete; make it `delete` if what was deleted is unknown afterwards")


def test_a_path_that_is_not_there_has_the_envelope_of_other_errors(tmp_path: Path) -> None:
    draft(tmp_path, "vidra", OLD, "yaml")

    with served(tmp_path, "vidra") as client:
        answer = client.get("/nothing")

    assert answer.status_code == 404
    assert answer.json().keys() == {"code", "message"}


@pytest.mark.parametrize(
    ("schema", "name", "shown"),
    [
        ("field: {type: string}", "field", "prompt"),
        ("param: {type: string, nullable: true}", "param", "prompt"),
        ("loc: {type: array, items: {anyOf: [{type: string}, {type: integer}]}}", "loc", ["body", "prompt"]),
        ("path: {type: array, items: {type: string}}", "path", ["prompt"]),
        ("path: {type: string, format: uri}", "path", None),
    ],
)
def test_a_refusal_names_its_field_where_it_has_a_place_for_it(
    tmp_path: Path, schema: str, name: str, shown: Any
) -> None:
    known = "properties: {code: {type: integer}, message: {type: string}}"
    draft(tmp_path, "vidra", OLD.replace(known, f"{known[:-1]}, {schema}}}"), "yaml")

    with served(tmp_path, "vidra") as client:
        assert client.post("/videos", json={"model": "vidra-1"}).json().get(name) == shown
        assert name not in client.get("/videos/vid_0000000000000000").json()


@pytest.mark.parametrize(
    ("schema", "code"),
    [
        ("{type: string, enum: [MODERATED, INTERNAL]}", "MODERATED"),
        ("{type: string, example: no_credit}", "no_credit"),
        ("{type: string}", "failed"),
        ("{type: integer}", 1),
    ],
)
def test_a_failure_has_its_code(tmp_path: Path, schema: str, code: str | int) -> None:
    known = "properties: {message: {type: string}}"
    text = OLD.replace(known, f"properties: {{message: {{type: string}}, code: {schema}}}")

    todos = draft(tmp_path, "vidra", text, "yaml")["todos"]

    assert any(todo["pointer"] == "/x-job/reasons/default/code" for todo in todos)
    with served(tmp_path, "vidra", "immediate") as client:
        body = {"model": "vidra-1", "prompt": "A lantern [mock:fail]"}
        assert client.post("/videos", json=body).json()["error"]["code"] == code


def test_a_place_for_a_callback_is_told_what_the_read_answers(tmp_path: Path) -> None:
    text = OLD.replace(
        "        on: {type", "        webhook_url: {type: string, format: uri}\n        on: {type"
    )

    todos = draft(tmp_path, "vidra", text, "yaml")["todos"]

    assert any(todo["pointer"] == "/paths/~1videos/post/callbacks" for todo in todos)
    callback = loaded(tmp_path, "vidra").operations["createVideo"].callback
    assert callback is not None
    assert callback.phases({}) == {"waiting", "running", "succeeded", "failed", "cancelled"}


def test_a_list_may_pass_over_jobs(tmp_path: Path) -> None:
    draft(tmp_path, "vidra", OLD.replace("{name: page, in: query", "{name: offset, in: query"), "yaml")

    operations = loaded(tmp_path, "vidra").operations.values()
    page = next(operation.page for operation in operations if operation.role == "list")
    assert (page.offset, page.number, page.size) == ("offset", None, "page_size")


def test_what_would_break_an_answer_is_taken_out_of_it(tmp_path: Path) -> None:
    waiting = "{if: {properties: {status: {const: QUEUED}}}, then: {properties: {prompt: false}}}"
    text = OLD.replace("      definitions:\n", f"      allOf: [{waiting}]\n      definitions:\n")

    todos = draft(tmp_path, "vidra", text.replace("3.0.3", "3.1.0"), "yaml")["todos"]

    assert any(todo["text"].startswith("prompt was taken out") for todo in todos)
    with served(tmp_path, "vidra") as client:
        made = client.post("/videos", json={"model": "vidra-1", "prompt": "A lantern"})
        assert made.status_code == 202
        assert "prompt" not in made.json()


def test_a_submit_can_be_chosen(tmp_path: Path) -> None:
    document = json.loads(json.dumps(NEW))
    document["paths"]["/v1/image_to_video"] = document["paths"]["/v1/text_to_video"]

    draft(tmp_path, "reel", document, "json", "--submit", "/v1/image_to_video")

    assert [*loaded(tmp_path, "reel").operations] == ["postV1ImageToVideo", "getV1TasksId"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("a: [1, 2", "is not YAML: .* at line [12], column"),
        ("openapi: 3.0.0\n  paths: {}", "is not YAML: .* at line 2"),
        ('{"openapi": "3.1.0",}', "is not JSON: .* at line 1, column 2"),
        ("swagger: '2.0'\npaths: {}", "is Swagger 2.0; convert it to OpenAPI 3 first"),
        ("openapi: 2.9.0\npaths: {/a: {}}", "is OpenAPI 2.9.0; 3.0 and 3.1 can be read"),
        ("openapi: 3.0.0\npaths: {}", "has no paths"),
        ("hello: world", "is neither an OpenAPI document"),
        ("just a text", "is not a HAR"),
        ("a: &a [*a]", "is deeper or larger than a document may be"),
        ('{"kind": "discovery#restDescription"}', "is a Google discovery document"),
        ('{"log": {"entries": []}}', "no recorded exchange has JSON"),
        ("openapi: 3.0.0\npaths: {/a: {get: {}}}", "looks like a submit: the document has no POST"),
        ("openapi: 3.0.0\npaths: {/a: {post: {}}}", "looks like the read of a job"),
    ],
)
def test_a_bad_origin_is_said_plainly(tmp_path: Path, text: str, message: str) -> None:
    origin = tmp_path / "origin"
    origin.write_text(text, encoding="utf-8")

    result = run("new", "bad", "--from", origin, "--into", tmp_path)

    assert isinstance(result.exception, KitError)
    assert result.exception.exit_code == 2
    with pytest.raises(KitError, match=message):
        raise result.exception
    assert not (tmp_path / "bad").exists()


def test_a_missing_origin_and_a_name_that_is_taken_are_refused(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "origin.yaml").write_text(OLD, encoding="utf-8")

    missing = run("new", "a", "--from", tmp_path / "nowhere.json").exception
    taken = run("new", "there", "--from", tmp_path / "origin.yaml", "--into", tmp_path).exception
    badly = run("new", "No Name", "--from", tmp_path / "origin.yaml", "--into", tmp_path).exception
    unknown = run(
        "new", "a", "--from", tmp_path / "origin.yaml", "--into", tmp_path, "--submit", "x"
    ).exception

    assert "cannot be read: No such file" in str(missing)
    assert isinstance(taken, SettingsError)
    assert "is there already" in str(taken)
    assert "cannot be a provider's name" in str(badly)
    assert "no operation has this id or path; POST there is: /videos" in str(unknown)


def test_the_list_on_screen_reads_as_sentences(tmp_path: Path) -> None:
    (tmp_path / "origin.yaml").write_text(OLD, encoding="utf-8")

    result = run("new", "vidra", "--from", tmp_path / "origin.yaml", "--into", tmp_path)

    assert result.exit_code == 0
    assert "Guesses, each with its reason" in result.stdout
    assert "1 other operation of the document left out" in result.stdout
    assert f"Serve it: mockserver serve --contracts {tmp_path}" in result.stdout
