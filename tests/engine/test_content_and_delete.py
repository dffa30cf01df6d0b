"""An operation may send a job's file itself, and one may delete the job."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from mockserver.contract.check import check_folder
from mockserver.contract.loader import load_contract
from mockserver.errors import ContractError
from mockserver.media.picture import measure
from tests.comet import changed_comet, parameter
from tests.serving import Running

INVENTED = {"x-provenance": "ASSUMED invented answer"}
FILES = {"at": "query.part", "of": {"film": "video", "still": "thumbnail"}}


def _operation(name: str, role: str, responses: dict[str, Any], **more: Any) -> dict[str, Any]:
    job = {"role": role, "key": "path.id", "x-provenance": "ASSUMED invented operation", **more}
    return {"operationId": name, "summary": "Made up.", "x-job": job, "responses": responses}


def _refusing(when: str) -> dict[str, Any]:
    job = {"when": [when], "body": {"refused": {"$": "error.message"}}}
    content = {"application/json": {"schema": {"$ref": "schemas/refused.json"}}}
    return {"description": "Not now.", "content": content, "x-job": job, **INVENTED}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The comet provider with an operation that sends its film, and one that deletes."""

    def change(document: dict[str, Any]) -> None:
        sent = {
            "description": "The bytes.",
            "content": {"video/mp4": {"schema": {"type": "string", "format": "binary"}}},
            "x-job": {"when": ["succeeded"], "body": None},
            **INVENTED,
        }
        part = parameter("query", "part", type="string", enum=["film", "still"])
        film = _operation("film", "content", {"200": sent, "409": _refusing("conflict")}, file=FILES)
        gone = {"description": "Gone.", "x-job": {"when": ["default"], "body": None}, **INVENTED}
        dropped = _operation("drop", "delete", {"204": gone, "409": _refusing("conflict")})
        place = document["paths"]["/comets/{id}"]["parameters"]
        shown = {**film, "parameters": [part]}
        document["paths"]["/comets/{id}/film"] = {"parameters": place, "get": shown, "delete": dropped}

    return changed_comet(tmp_path, change)


def _submitted(client: httpx.Client) -> str:
    return str(client.post("/queue/comets", json={"text": "a kite", "seconds": 1}).json()["id"])


def test_the_contract_is_good(folder: Path) -> None:
    assert check_folder(folder, measure) == []


def test_the_file_is_sent_with_the_key_alone_and_when_the_job_has_succeeded(
    running: Callable[..., Running], folder: Path
) -> None:
    served = running(contracts=(folder,), small_clips=True)
    with served.client() as client, served.client(None) as stranger, served.client("another") as other:
        path = f"/queue/comets/{_submitted(client)}/film"
        early = client.get(path)
        served.clock.advance(11)
        whole, still = client.get(path), client.get(path, params={"part": "still"})
        part = client.get(path, headers={"range": "bytes=4-7"})
        head = client.head(path)
        current = client.get(path, headers={"if-none-match": whole.headers["etag"]})
        refused = [stranger.get(path).status_code, other.get(path).status_code]

    assert (early.status_code, early.json()) == (409, {"refused": "the job has not succeeded"})
    assert (whole.headers["content-type"], whole.content[4:8]) == ("video/mp4", b"ftyp")
    assert (still.headers["content-type"], still.content[:2]) == ("image/jpeg", b"\xff\xd8")
    assert (part.status_code, part.content) == (206, b"ftyp")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == whole.headers["content-length"]
    assert current.status_code == 304
    assert refused == [401, 404]


def test_the_journal_has_the_file_as_what_the_provider_sent(
    running: Callable[..., Running], folder: Path
) -> None:
    served = running(contracts=(folder,), small_clips=True)
    with served.client() as client:
        job = _submitted(client)
        served.clock.advance(11)
        sent = client.get(f"/queue/comets/{job}/film")
    last = served.app.services.journal.entries()[-1]

    assert (last.role, last.job_id, last.status) == ("content", job, 200)
    assert last.response_size == len(sent.content)


def test_a_deleted_job_is_unknown_and_so_is_its_file(running: Callable[..., Running], folder: Path) -> None:
    served = running(contracts=(folder,), small_clips=True)
    with served.client() as client:
        job = _submitted(client)
        early = client.delete(f"/queue/comets/{job}/film")
        served.clock.advance(11)
        link = client.get(f"/queue/comets/{job}").json()["film"]
        gone = client.delete(f"/queue/comets/{job}/film")
        after = [client.get(f"/queue/comets/{job}{path}").status_code for path in ("", "/film")]
        again, file = client.delete(f"/queue/comets/{job}/film"), client.get(link)

    assert (early.status_code, early.json()) == (409, {"refused": "the job has not ended"})
    assert (gone.status_code, gone.content) == (204, b"")
    assert after == [404, 404]
    assert (again.status_code, file.status_code) == (404, 404)


@pytest.mark.parametrize(
    "file", ["movie", {"at": "query.nowhere", "of": {"a": "video"}}, {"at": "query.part", "of": {}}]
)
def test_a_file_that_cannot_be_chosen_is_refused_at_load(folder: Path, file: Any) -> None:
    document = json.loads((folder / "openapi.json").read_text())
    document["paths"]["/comets/{id}/film"]["get"]["x-job"]["file"] = file
    (folder / "openapi.json").write_text(json.dumps(document))

    with pytest.raises(ContractError):
        load_contract(folder, measure=measure)
