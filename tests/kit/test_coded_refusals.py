"""A provider that refuses with HTTP 200 and a code, and shows the clip at a file of another id."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator

from mockserver.contract.check import check_folder
from mockserver.contract.model import Contract
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
from tests.coded_ember import FAILED_CODE, OK, coded_ember
from tests.kit.conform import environments

TASK = "123456789012345678"


@pytest.fixture(scope="module")
def ember(tmp_path_factory: pytest.TempPathFactory) -> Contract:
    return contracts.load("ember", folders=[coded_ember(tmp_path_factory.mktemp("coded"))])


def read(contract: Contract, path: str, body: Any) -> Call:
    """A read with that answer."""
    answer = json.dumps(body).encode()
    return Reader(contract).read(Exchange(1, 0, 0, "GET", f"http://h/v1{path}", (), b"", 200, (), answer))


def coded(code: int) -> dict[str, Any]:
    return {"base_resp": {"status_code": code, "status_msg": "in words"}}


@pytest.mark.parametrize("code", [1004, 1020, 2013])
@pytest.mark.parametrize("path", [f"/query/video_generation?task_id={TASK}", "/files/retrieve?file_id=2"])
def test_a_code_of_a_refusal_is_one_with_any_status(ember: Contract, path: str, code: int) -> None:
    call = read(ember, path, coded(code))

    assert not call.succeeded
    assert call.sightings == ()
    assert is_denied(call) == (code == 1004)


@pytest.mark.parametrize(("state", "code"), [("Queueing", 0), ("Fail", FAILED_CODE), ("Fail", 7)])
def test_a_code_of_a_job_is_no_refusal(ember: Contract, state: str, code: int) -> None:
    answer = {"task_id": TASK, "status": state, **coded(code)}
    call = read(ember, f"/query/video_generation?task_id={TASK}", answer)

    assert call.succeeded
    assert call.sightings[0].state == state


def test_schemathesis_is_told_of_every_answer_that_has_the_status(ember: Contract) -> None:
    document = document_of(ember)
    task = {"task_id": TASK, "status": "Queueing", "base_resp": OK}
    response = document["paths"]["/query/video_generation"]["get"]["responses"]["200"]
    schema = response["content"]["application/json"]["schema"]
    judged = Draft202012Validator({**schema, "components": document["components"]})

    assert judged.is_valid(task)
    assert judged.is_valid(coded(1004))
    assert not judged.is_valid({"task_id": TASK})


def test_a_client_learns_where_the_file_is_and_what_the_codes_mean(ember: Contract) -> None:
    api = learn(dict(ember.document))

    assert (api.result, api.result_ids) == ("/files/retrieve?file_id={}", ("file_id",))
    assert api.links == ("file.url",)
    usual = {"0": 200, "1004": 401, "1008": 402, "2013": 400, str(FAILED_CODE): 200}
    assert {code: api.codes[code] for code in usual} == usual


def test_who_looks_for_the_file_does_not_poll_on(ember: Contract) -> None:
    made = {"task_id": TASK, "status": "Success", "file_id": "2", "base_resp": OK}
    end = environments.entry(
        0.0, "read", "GET", "/v1/query/video_generation", made, query=f"task_id={TASK}", job=TASK
    )
    file = {"file": {"file_id": 2, "url": "http://h/clip"}, "base_resp": OK}
    look = environments.entry(0.01, "read", "GET", "/v1/files/retrieve", file, query="file_id=2", job=TASK)
    again = {**end, "at": 20}

    def breaches(*entries: dict[str, Any]) -> list[int]:
        noted: list[Any] = [{**entry, "number": number} for number, entry in enumerate(entries, 1)]
        known = environments.evidence(jobs=({"id": TASK, "phase": "succeeded", "reason": None},))
        evidence = known.__class__(
            known.task, ember, read_exchanges(ember, noted), known.runs, jobs=known.jobs
        )
        return [len([*judges()[name].function(evidence)]) for name in ("quiet-after-end", "polls-spaced")]

    assert breaches(again | {"at": -200}, end, look) == [1, 0]
    assert breaches(end, look, again) == [1, 1]


def test_such_a_contract_passes_and_its_server_takes_ids_as_numbers(tmp_path: Path) -> None:
    folder = coded_ember(tmp_path)
    assert check_folder(folder, measure) == []
    with (
        serve(contracts=(folder,), providers=("ember",), pace="immediate") as running,
        running.tenant() as tenant,
        httpx.Client(base_url=f"{tenant.base('ember')}/", headers=tenant.headers("ember")) as client,
    ):
        task = client.post("video_generation", json={"model": "Ember-1", "prompt": "a"}).json()
        shown = client.get("query/video_generation", params={"task_id": task["task_id"]}).json()
        file = client.get("files/retrieve", params={"file_id": shown["file_id"]}).json()
    assert file["file"]["file_id"] == int(shown["file_id"])
