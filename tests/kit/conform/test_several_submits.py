"""A provider that takes pictures and texts at submits of their own: each request goes where it belongs."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any, Final

from mockserver.kit import contracts
from mockserver.kit.conform import assert_conforms
from mockserver.kit.conform.running.run_options import RunOptions
from mockserver.kit.learned_api import learn_submits
from mockserver.kit.learned_client import suited
from tests.comet import changed_comet
from tests.kit.conform.environments import learned

CASES: Final = (
    "request-plain",
    "request-picture",
    "request-text-only",
    "request-model",
    "money-submits-once",
)


def _two_submits(document: dict[str, Any]) -> None:
    paths, models = document["paths"], document["x-job"]["models"]
    draw = copy.deepcopy(paths["/comets"])
    draw["post"] |= {"operationId": "draw"}
    content = draw["post"]["requestBody"]["content"]["application/json"]
    content["schema"] = {"$ref": "schemas/drawn.json"}
    content["examples"]["plain"]["value"] |= {"comet": "comet-2", "frame": "https://example.com/lake.png"}
    draw["post"]["x-job"] |= {"default-model": "comet-2"}
    document["paths"] = {"/drawn": draw, **paths}
    models["comet-2"] = {**models["comet-1"], "payload": {"$ref": "schemas/drawn.json"}}


def _provider(folder: Path) -> Path:
    comet = changed_comet(folder, _two_submits)
    launch = json.loads((comet / "schemas" / "launch.json").read_text())
    drawn = copy.deepcopy(launch)
    drawn["required"] = ["frame"]
    drawn["properties"]["comet"]["enum"] = ["comet-2"]
    drawn["properties"]["comet"]["default"] = "comet-2"
    del launch["properties"]["frame"]
    launch["additionalProperties"] = False
    (comet / "schemas" / "launch.json").write_text(json.dumps(launch))
    (comet / "schemas" / "drawn.json").write_text(json.dumps(drawn))
    return folder


def test_each_request_goes_to_the_submit_that_takes_it(tmp_path: Path) -> None:
    folder = _provider(tmp_path)
    matrix = assert_conforms(
        learned(),
        strict=True,
        only=CASES,
        provider="comet",
        contracts=[folder],
        options=RunOptions(supports=("picture", "text")),
    )
    assert {result.case.id: result.verdict for result in matrix.results} == dict.fromkeys(CASES, "pass")


def test_a_submit_is_chosen_by_model_and_picture(tmp_path: Path) -> None:
    document = dict(contracts.load("comet", folders=[_provider(tmp_path)]).document)
    apis = learn_submits(document)
    assert [(api.submit, api.pictured, api.models) for api in apis] == [
        ("/drawn", True, {"comet-2": True}),
        ("/comets", False, {"comet-1": False}),
    ]
    chosen = {
        (model, picture): suited(apis, model, picture=picture).submit
        for picture in (True, False)
        for model in ("", "comet-1", "comet-2", "comet-3")
    }
    assert chosen == {
        ("", True): "/drawn",
        ("comet-1", True): "/drawn",
        ("comet-2", True): "/drawn",
        ("comet-3", True): "/drawn",
        ("", False): "/comets",
        ("comet-1", False): "/comets",
        ("comet-2", False): "/drawn",
        ("comet-3", False): "/drawn",
    }
