"""A submit may name its model, its own name and its callback URL in path, query or headers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mockserver.contract.loader import load_contract
from mockserver.engine.callbacks.schedule import callback_url
from mockserver.errors import ContractError
from mockserver.jobs.codec import dump_job, load_job
from mockserver.jobs.ids import tenant_of
from mockserver.media.picture import measure
from tests.comet import changed_comet, parameter
from tests.serving import KEY, Running

HOOK = "http://127.0.0.1:9/hook"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The comet provider, whose submits say everything beside their body."""

    def change(document: dict[str, Any]) -> None:
        launch = document["paths"].pop("/comets")["post"]
        launch["x-job"] |= {
            "model": ["path.owner", "path.comet"],
            "alias": "header.X-Name",
            "callback": "query.hook",
        }
        del launch["x-job"]["default-model"], launch["x-job"]["wait"]
        places = [("path", "owner"), ("path", "comet"), ("query", "hook"), ("header", "X-Name")]
        launch["parameters"] = [parameter(*place) for place in places]
        body = {"x-job": {"body": {"id": {"$": "job.id"}}}, "requestBody": {"content": {}}, "responses": {}}
        launch["callbacks"] = {"moved": {"{$request.query.hook}": {"post": body}}}
        document["paths"]["/{owner}/{comet}/comets"] = {"post": launch}
        document["paths"]["/comets/{id}"]["get"]["x-job"]["by"] = ["id", "alias"]
        models = document["x-job"]["models"]
        models["sky/halley"] = models.pop("comet-1")

    path = changed_comet(tmp_path, change)
    launch_schema = json.loads((path / "schemas" / "launch.json").read_text())
    launch_schema["properties"].pop("comet", None)
    (path / "schemas" / "launch.json").write_text(json.dumps(launch_schema))
    return path


def test_the_places_beside_a_body_say_model_name_and_callback(
    running: Callable[..., Running], folder: Path
) -> None:
    served = running(contracts=(folder,))
    with served.client() as client:
        answer = client.post(
            "/queue/sky/halley/comets",
            params={"hook": HOOK},
            headers={"x-name": "mine"},
            json={"text": "kite"},
        )
        by_name = client.get("/queue/comets/mine")
    job = asyncio.run(served.store.get(tenant_of(KEY), "comet", answer.json()["id"]))

    assert by_name.json()["id"] == answer.json()["id"]
    assert job is not None
    assert (job.model, job.alias) == ("sky/halley", "mine")
    assert callback_url(load_contract(folder, measure=measure), job) == HOOK
    assert load_job(dump_job(job)) == job


def test_a_model_in_the_path_that_is_not_served_is_refused(
    running: Callable[..., Running], folder: Path
) -> None:
    served = running(contracts=(folder,))
    with served.client() as client:
        answer = client.post("/queue/sky/biela/comets", json={"text": "kite"})

    assert answer.status_code == 404
    assert answer.json() == {"refused": "sky/biela is not served; models: sky/halley"}


def test_a_job_keeps_what_was_beside_its_body(folder: Path) -> None:
    contract = load_contract(folder, measure=measure)
    operation = contract.operations["launch"]

    assert operation.noted == (
        ("path", "owner"), ("path", "comet"), ("header", "x-name"), ("query", "hook")
    )  # fmt: skip


@pytest.mark.parametrize("place", ["query.nowhere", "cookie.hook", ["path.owner", "path.nowhere"]])
def test_a_place_that_is_no_parameter_is_refused_at_load(folder: Path, place: Any) -> None:
    document = json.loads((folder / "openapi.json").read_text())
    word = "model" if isinstance(place, list) else "alias"
    document["paths"]["/{owner}/{comet}/comets"]["post"]["x-job"][word] = place
    (folder / "openapi.json").write_text(json.dumps(document))

    with pytest.raises(ContractError):
        load_contract(folder, measure=measure)


def test_without_an_answer_for_it_an_unknown_model_in_the_path_is_an_unknown_path(
    running: Callable[..., Running], folder: Path
) -> None:
    document = json.loads((folder / "openapi.json").read_text())
    del document["x-job"]["answers"]["unknown"]
    for path in document["paths"].values():
        for operation in path.values():
            if isinstance(operation, dict) and operation["x-job"]["role"] != "submit":
                operation["responses"]["404"] = _unknown()
    (folder / "openapi.json").write_text(json.dumps(document))
    served = running(contracts=(folder,))
    with served.client() as client:
        answer = client.post("/queue/sky/biela/comets", json={"text": "kite"})

    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


def _unknown() -> dict[str, Any]:
    job = {"when": ["unknown"], "body": {"refused": {"$": "error.message"}}}
    return {"description": "Unknown.", "x-job": job, "x-provenance": "ASSUMED invented answer"}
