"""The example of the guide: it refuses with HTTP 200 and a code; its clip stands at a file of another id."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from typing import Any, Final

import httpx
import pytest
from jsonschema import Draft202012Validator

from mockserver.contract.check import check_folder
from mockserver.in_process import serve
from mockserver.kit import contracts
from mockserver.kit.conform.evidence import read_exchanges
from mockserver.kit.conform.judges.base import judges
from mockserver.kit.learned_api import learn
from mockserver.kit.traffic.call import Call, Reader
from mockserver.kit.traffic.credentials import is_denied
from mockserver.kit.traffic.exchange import Exchange
from mockserver.kit.verify.schemathesis_reading import document_of
from mockserver.media.picture import measure
from tests.kit.conform import environments
from tests.serving import ROOT

FOLDER: Final = ROOT / "fixtures" / "lantern"
LANTERN: Final = contracts.load("lantern", folders=[FOLDER])
TASK: Final = "123456789012345"
PATHS: Final = (f"/v1/tasks?task_id={TASK}", "/v1/files?file_id=2123456789012345")


def read(path: str, body: Any) -> Call:
    """A read with that answer."""
    answer = json.dumps(body).encode()
    return Reader(LANTERN).read(Exchange(1, 0, 0, "GET", f"http://h{path}", (), b"", 200, (), answer))


@pytest.mark.parametrize("code", [1004, 2013])
@pytest.mark.parametrize("path", PATHS)
def test_a_code_of_a_refusal_is_one_with_any_status(path: str, code: int) -> None:
    call = read(path, {"code": code, "message": "in words"})

    assert not call.succeeded
    assert call.sightings == ()
    assert is_denied(call) == (code == 1004)


@pytest.mark.parametrize(("state", "code"), [("Queueing", 0), ("Fail", 1027), ("Fail", 7)])
def test_a_code_of_a_job_is_no_refusal(state: str, code: int) -> None:
    call = read(PATHS[0], {"task_id": TASK, "status": state, "code": code})

    assert call.succeeded
    assert call.sightings[0].state == state


def test_schemathesis_is_given_every_answer_that_has_the_status() -> None:
    document = document_of(LANTERN)
    response = document["paths"]["/v1/tasks"]["get"]["responses"]["200"]
    schema = response["content"]["application/json"]["schema"]
    judged = Draft202012Validator({**schema, "components": document["components"]})

    assert judged.is_valid({"task_id": TASK, "status": "Queueing", "code": 0})
    assert judged.is_valid({"code": 1004, "message": "no key"})
    assert not judged.is_valid({"code": 0})


def test_a_client_learns_where_the_file_is_and_what_the_codes_mean() -> None:
    api = learn(dict(LANTERN.document))

    assert (api.result, api.result_ids) == ("/v1/files?file_id={}", ("file_id",))
    assert api.links == ("url",)
    assert dict(api.codes) == {"0": 200, "1004": 401, "1027": 200, "2013": 400}


def test_a_client_sends_what_a_model_demands_and_a_picture_where_the_submit_takes_it() -> None:
    document = copy.deepcopy(dict(LANTERN.document))
    document["components"]["schemas"]["Lantern1"]["required"] = ["prompt", "duration"]
    first = document["x-job"]["media"].pop("first")
    document["paths"]["/v1/videos"]["post"]["x-job"]["media"] = {"first": first}

    api = learn(document)

    assert dict(api.fixed) == {"duration": 6}
    assert dict(api.models) == {"lantern-1": True}


def test_who_looks_for_the_file_does_not_poll_on() -> None:
    made = {"task_id": TASK, "status": "Success", "file_id": 2, "code": 0}
    end = environments.entry(0.0, "read", "GET", "/v1/tasks", made, query=f"task_id={TASK}", job=TASK)
    file = {"url": "http://h/clip", "code": 0}
    look = environments.entry(0.01, "read", "GET", "/v1/files", file, query="file_id=2", job=TASK)

    def breaches(*entries: dict[str, Any]) -> list[int]:
        noted: list[Any] = [{**entry, "number": number} for number, entry in enumerate(entries, 1)]
        known = environments.evidence(jobs=({"id": TASK, "phase": "succeeded", "reason": None},))
        evidence = replace(known, contract=LANTERN, exchanges=read_exchanges(LANTERN, noted))
        return [len([*judges()[name].function(evidence)]) for name in ("quiet-after-end", "polls-spaced")]

    assert breaches({**end, "at": -200}, end, look) == [1, 0]
    assert breaches(end, look, {**end, "at": 20}) == [1, 1]


def test_the_example_of_the_guide_passes_and_lives_as_it_says() -> None:
    assert check_folder(FOLDER, measure) == []
    with (
        serve(contracts=(FOLDER,), providers=("lantern",), pace="immediate") as running,
        running.tenant() as tenant,
        httpx.Client(base_url=tenant.base("lantern"), headers=tenant.headers("lantern")) as client,
    ):
        made = client.post("/v1/videos", json={"model": "lantern-1", "prompt": "a"}).json()
        shown = client.get("/v1/tasks", params={"task_id": made["task_id"]}).json()
        file = client.get("/v1/files", params={"file_id": shown["file_id"]}).json()
        refused = client.get("/v1/files", params={"file_id": 7})
        assert client.get(file["url"]).headers["content-type"] == "video/mp4"
    assert isinstance(shown["file_id"], int)
    assert (refused.status_code, refused.json()["code"]) == (200, 2013)
