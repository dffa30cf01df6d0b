"""A contract is played in memory: what would be a 500 of the server is found before it is served."""

from __future__ import annotations

import copy
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner

from mockserver.cli import group
from mockserver.contract.check import check_folder
from mockserver.contract.legal_bodies import legal_bodies
from mockserver.contract.loader import load_contract
from mockserver.contract.source import builtin_root
from mockserver.engine.rehearsal import rehearse
from mockserver.in_process import serve
from mockserver.media.picture import measure
from tests.serving import ROOT

ORBIT = ROOT / "fixtures" / "orbit"
Change = Callable[[dict[str, Any], dict[str, Any]], None]


def changed(folder: Path, change: Change) -> Path:
    """A copy of orbit with its document and the schema of a render changed."""
    copied = folder / "orbit"
    shutil.copytree(ORBIT, copied)
    document = json.loads((copied / "openapi.json").read_text(encoding="utf-8"))
    render = json.loads((copied / "schemas" / "render.json").read_text(encoding="utf-8"))
    change(document, render)
    (copied / "openapi.json").write_text(json.dumps(document), encoding="utf-8")
    (copied / "schemas" / "render.json").write_text(json.dumps(render), encoding="utf-8")
    return copied


def texts(folder: Path) -> list[str]:
    problems = rehearse(load_contract(folder, measure=measure))
    return [f"{problem.at} {problem.text()}" for problem in problems]


def demand_what_may_be_missing(document: dict[str, Any], render: dict[str, Any]) -> None:
    render["required"].append("text")


def forget_the_clip(document: dict[str, Any], render: dict[str, Any]) -> None:
    del document["components"]["responses"]["Render"]["x-job"]["body"]["film"]


def forget_the_reason(document: dict[str, Any], render: dict[str, Any]) -> None:
    del document["components"]["responses"]["Render"]["x-job"]["body"]["fault"]["$then"]["text"]


def count_from_one(document: dict[str, Any], render: dict[str, Any]) -> None:
    schema = document["paths"]["/v3/renders"]["get"]["responses"]["200"]["content"]["application/json"]
    schema["schema"] = {"type": "object", "properties": {"count": {"type": "integer", "minimum": 1}}}


def refuse_in_other_words(document: dict[str, Any], render: dict[str, Any]) -> None:
    document["components"]["responses"]["NoKey"]["x-job"][0]["body"] = {"error": "no key"}


def name_the_models_otherwise(document: dict[str, Any], render: dict[str, Any]) -> None:
    document["paths"]["/v3/engines"]["get"]["responses"]["200"]["x-job"]["body"] = {
        "names": {"$": "models.ids"}
    }


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (demand_what_may_be_missing, "get/responses/200 the answer breaks its own schema: text is required"),
        (forget_the_clip, "film is required [ASSUMED invented message] (state 'DONE', "),
        (forget_the_reason, "fault.text is required [ASSUMED invented field] (state 'ERROR', "),
        (count_from_one, "the answer breaks its own schema: count is 0"),
        (refuse_in_other_words, "401 the answer breaks its own schema: fault is required"),
        (
            name_the_models_otherwise,
            "engines/get/responses/200 the answer breaks its own schema: engines is required",
        ),
    ],
)
def test_an_answer_that_breaks_its_schema_is_found(tmp_path: Path, change: Change, expected: str) -> None:
    assert any(expected in text for text in texts(changed(tmp_path, change))), texts(tmp_path / "orbit")


def test_the_case_names_the_body_that_shows_it(tmp_path: Path) -> None:
    findings = texts(changed(tmp_path, demand_what_may_be_missing))

    assert any("of POST /v3/renders)" in text for text in findings)


@pytest.mark.parametrize("name", ["gmicloud", "aimlapi", "kkiai"])
def test_nothing_is_wrong_with_ours(name: str) -> None:
    assert texts(builtin_root() / name) == []


@pytest.mark.parametrize("name", ["orbit", "comet"])
def test_nothing_is_wrong_with_the_invented(name: str) -> None:
    assert texts(ROOT / "fixtures" / name) == []


def test_a_submit_whose_job_ends_at_once_is_answered() -> None:
    with serve(pace="immediate", contracts=[ORBIT]) as running, running.tenant() as tenant:
        url, headers = f"{tenant.base('orbit')}/v3/renders", tenant.headers("orbit")
        answer = httpx.post(url, headers=headers, json={"engine": "orbit-lite", "text": "A lantern"})

    assert answer.status_code == 202
    assert answer.json()["film"]["href"].endswith("/video.mp4")


def test_the_relay_of_videos_answers_a_submit_that_ends_at_once() -> None:
    contract = load_contract(builtin_root() / "kkiai", measure=measure, overlays=["r2"])
    body = legal_bodies(contract, contract.operations["submitImage2Video"])[0].body
    with serve(pace="immediate", overlays=["kkiai/r2"]) as running, running.tenant() as tenant:
        url = f"{running.url}/kling/v1/videos/image2video"
        answer = httpx.post(url, headers=tenant.headers("kkiai"), json=body)

    assert answer.status_code == 200
    assert answer.json()["metadata"]["url"].endswith("/video.mp4")


def test_legal_bodies_are_the_examples_the_shortest_and_the_fullest() -> None:
    contract = load_contract(ORBIT, measure=measure)

    bodies = {body.what: body.body for body in legal_bodies(contract, contract.operations["startRender"])}

    assert bodies["the example 'max'"]["seconds"] == 2.5
    shortest = [body.body for body in legal_bodies(contract, contract.operations["startRender"])]
    assert {"engine": "orbit-lite", "text": "A lantern drifts over still water"} in shortest
    assert "audio" in bodies["the fullest legal body"] or "shape" in bodies["the fullest legal body"]


def test_check_plays_after_it_has_read(tmp_path: Path) -> None:
    def change(document: dict[str, Any], render: dict[str, Any]) -> None:
        forget_the_clip(document, render)
        document["x-job"]["states"]["DONE"]["x-provenance"] = "DOCUMENTED Z9 nowhere"
        for node in copy.copy(render["properties"]).values():
            node.pop("x-provenance", None)

    folder = changed(tmp_path, change)

    lines = CliRunner().invoke(group, ["contracts", "check", str(folder)]).stdout.splitlines()

    assert "'Z9' is not one of x-job.sources" in lines[0]
    assert "film is required" in lines[1]
    assert "places have no x-provenance, such as" in lines[-2]
    assert lines[-1].endswith("findings in orbit")


def served(folder: Path, method: str, path: str, body: Any = None) -> httpx.Response:
    """The answer of a contract's server to one call."""
    with serve(contracts=[folder]) as running, running.tenant() as tenant:
        headers = tenant.headers("orbit")
        answer = httpx.request(method, tenant.base("orbit") + path, headers=headers, json=body)
        if answer.status_code == 500:
            assert tenant.jobs() == []
            assert httpx.get(tenant.base("orbit") + path, headers=headers).json()["count"] == 0
        return answer


def test_a_job_is_kept_only_if_its_answer_can_be_made(tmp_path: Path) -> None:
    folder = changed(tmp_path, demand_what_may_be_missing)

    answer = served(folder, "POST", "/v3/renders", {"engine": "orbit-lite", "text": "A lantern"})

    assert answer.status_code == 500
    assert "text is required" in answer.json()["detail"]


def test_an_answer_without_content_is_empty_whatever_its_status(tmp_path: Path) -> None:
    def change(document: dict[str, Any], render: dict[str, Any]) -> None:
        listing = document["paths"]["/v3/engines"]["get"]["responses"]["200"]
        del listing["content"]
        listing["x-job"]["body"] = None

    answer = served(changed(tmp_path, change), "GET", "/v3/engines")

    assert (answer.status_code, answer.content) == (200, b"")
    assert "content-type" not in answer.headers


def test_a_declared_type_is_what_is_sent(tmp_path: Path) -> None:
    def change(document: dict[str, Any], render: dict[str, Any]) -> None:
        response = document["components"]["responses"]["Render"]
        response["content"] = {"video/mp4": {"schema": {"type": "string"}}}

    problems = check_folder(changed(tmp_path, change), measure)

    messages = [problem.message for problem in problems if problem.pointer == "/components/responses/Render"]
    assert messages == ["it declares video/mp4, but its template is sent as application/json"]


def test_all_that_breaks_the_extension_is_told_at_once_and_in_words(tmp_path: Path) -> None:
    def change(document: dict[str, Any], render: dict[str, Any]) -> None:
        document["x-job"]["media"]["prompt"] = "text"
        document["x-job"]["x-provenance"] = "TRUE it is"
        document["paths"]["/v3/renders/{id}"]["get"]["x-job"]["key"] = "id"
        document["components"]["responses"]["Render"]["x-job"]["bodi"] = {}

    texts_ = [problem.text() for problem in check_folder(changed(tmp_path, change), measure)]

    for text in (
        "#/x-job/media/prompt: 'text' is not right here: a pointer begins with / and names a field",
        "#/x-job/x-provenance: 'TRUE it is' is not right here: a source begins with DOCUMENTED,",
        "/get/x-job/key: 'id' is not right here: a place is path.NAME",
        "/Render/x-job: 'bodi' is not a known key here",
    ):
        assert any(text in line for line in texts_), (text, texts_)
