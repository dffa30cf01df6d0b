"""A contract in rows, as `contracts show` prints them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from mockserver.contract.loader import load_contract
from mockserver.contract.model import Price
from mockserver.contract.summary import ContractSummary, _contents, _models, summarize
from mockserver.media.picture import measure
from tests.comet import COMET, changed_comet


def summary(tmp_path: Path, change: Callable[[dict[str, Any]], Any]) -> ContractSummary:
    return summarize(load_contract(changed_comet(tmp_path, change), measure=measure))


def test_each_operation_has_a_row_with_its_answers() -> None:
    rows = {row.id: row for row in summarize(load_contract(COMET, measure=measure)).operations}

    launch = rows["launch"]
    assert [*rows] == ["launch", "land", "callBack", "showFilm", "look"]
    assert (launch.method, launch.path, launch.role) == ("POST", "/comets", "submit")
    assert "200 default" in launch.answers
    assert (launch.waits, rows["land"].waits) == ("stay at header.prefer: 30 s at most", "")
    assert launch.tag == "ASSUMED"


def test_a_request_has_the_parameters_of_its_path_its_own_and_its_body() -> None:
    rows = {row.title: row for row in summarize(load_contract(COMET, measure=measure)).requests}

    assert rows["look"].used == ("GET /comets/{id}/state",)
    assert [field.name for field in rows["look"].fields] == ["id", "version"]
    assert [field.name for field in rows["launch"].fields][:1] == ["Prefer"]
    assert {"text", "seconds"} <= {field.name for field in rows["launch"].fields}


def test_answers_of_one_schema_are_one_message_named_after_it_or_its_first_answer(tmp_path: Path) -> None:
    made_up = {"type": "object", "properties": {"a": {"type": "string", "x-provenance": "ASSUMED invented"}}}

    def change(document: dict[str, Any]) -> None:
        for name, schema in (("land", made_up), ("callBack", {**made_up, "title": "Call"})):
            method = "get" if name == "land" else "delete"
            responses = document["paths"]["/comets/{id}"][method]["responses"]
            status = next(iter(responses))
            responses[status].setdefault("content", {})["application/json"] = {"schema": schema}

    rows = {row.title: row for row in summary(tmp_path, change).answers}
    by_first = [row for row in rows.values() if row.used[0].startswith("land ") and row.title == row.used[0]]

    assert "comet.json" in rows or "comet" in rows
    assert len(by_first) == 1
    assert [field.name for field in by_first[0].fields] == ["a"]
    assert rows["Call"].used[0].startswith("callBack ")


def test_a_model_has_its_clips_its_images_and_its_price_in_words() -> None:
    contract = load_contract(COMET, measure=measure)
    model = next(iter(contract.models.values()))
    clip, other = next(iter(model.clips.values())), {"x-provenance": "ASSUMED invented price"}
    contract.document["x-job"]["models"][model.id]["price"] = other

    def row(**more: Any) -> tuple[str, str]:
        changed = replace(contract, models={model.id: model._replace(images={}, price=None, **more)})
        (made,) = _models(changed)
        return made.clip, made.price

    small, large = clip._replace(height=240, fps=12), clip._replace(height=720, fps=24)
    assert row(clips={"": small}) == ("240p 12 fps", "")
    assert row(clips={"std": small, "pro": large}) == ("std: 240p 12 fps, pro: 720p 24 fps", "")
    priced = model._replace(clips={"": small}, images={"1k": large}, price=Price(2.5, "credits", "job"))
    (made,) = _models(replace(contract, models={model.id: priced}))
    assert (made.clip, made.price) == ("240p 12 fps; images 1k: 720 px", "2.5 credits a job (ASSUMED)")
    (made,) = _models(replace(contract, models={model.id: priced._replace(clips={})}))
    assert made.clip == "images 1k: 720 px"


def test_the_answers_of_each_operation_and_those_that_all_share_are_used() -> None:
    contract = load_contract(COMET, measure=measure)
    shared = {f"any {node['status']} {when}" for when, node in contract.document["x-job"]["answers"].items()}
    own = {
        f"{operation.id} {status}"
        for operation in contract.operations.values()
        for status in contract.document["paths"][operation.path][operation.method.lower()]["responses"]
    }

    used = [user for row in summarize(contract).answers for user in row.used]

    assert len(used) == len(set(used))
    assert shared <= {*used}
    assert own & {*used}
    assert {*used} <= own | shared


def test_each_callback_is_a_message_of_its_own_beside_the_answers() -> None:
    def content(name: str) -> dict[str, Any]:
        return {"content": {"application/json": {"schema": {"title": name}}}}

    callback = {"{url}": {"post": {"requestBody": content("told")}, "summary": {}}, "{other}": {"put": {}}}
    submit = {"responses": {"200": content("made"), "204": {}}, "callbacks": {"ended": callback}}
    shared = {"limited": {"status": 429, "response": content("no")}}
    contract: Any = SimpleNamespace(
        operations={"a": SimpleNamespace(id="a", path="/a", method="POST")},
        document={"paths": {"/a": {"post": submit}}, "x-job": {"answers": shared}},
    )
    contents = [(user, shown) for user, shown in _contents(contract) if shown]

    assert [user for user, _ in contents] == ["a 200", "callback ended", "any 429 limited"]
    assert [shown for _, shown in contents] == [content(name)["content"] for name in ("made", "told", "no")]
