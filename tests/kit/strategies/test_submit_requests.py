"""Valid submit requests: nothing invalid, and nothing of the documented space left out."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from typing import Any

import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract.router import Router
from mockserver.contract.source import resolve
from mockserver.errors import SettingsError
from mockserver.kit.examples import example
from mockserver.kit.strategies import SubmitRequest, from_contract
from mockserver.kit.strategies.mutations import general, paths
from mockserver.kit.strategies.pool import collect
from mockserver.kit.strategies.submit_requests import body_schema, submits
from mockserver.kit.strategies.submit_requests import models as models_of
from tests.kit.strategies.loading import FEW, READINGS, loaded, models

COUNT = 200


@pytest.mark.parametrize(("name", "profile", "model"), models())
def test_every_request_is_valid_by_the_contract(name: str, profile: str, model: str) -> None:
    contract = loaded(name, profile)

    @FEW
    @given(from_contract(contract, model))
    def check(asked: SubmitRequest) -> None:
        operation = contract.operations[asked.operation]
        assert operation.body is not None
        assert operation.body.is_valid(asked.body)
        assert operation.body.unknown(asked.body) == []
        assert asked.model == model
        assert asked.path in [prefix + operation.path for prefix in contract.prefixes]
        assert not {"authorization"} & {header.lower() for header in asked.headers}
        h11.Request(method=asked.method, target="/", headers=[("host", "a"), *asked.headers.items()])

    check()


@cache
def drawn(name: str, model: str | None = None) -> list[dict[str, Any]]:
    """COUNT bodies, drawn once for all tests; long lists are for another."""
    return [asked.body for asked in collect(from_contract(loaded(name), model, short=True), COUNT)]


def seen(name: str, model: str | None = None) -> dict[tuple[str, ...], list[Any]]:
    """The values met at each place of these bodies."""
    found = defaultdict(list)
    for body in drawn(name, model):
        for path, value in paths(body):
            found[general(path)].append(value)
    return found


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("gmicloud", "Kling-Image2Video-V1.6-Pro"),
        ("aimlapi", "kling-video/v1/pro/image-to-video"),
        ("kkiai", "kling-v3"),
        ("orbit", "orbit-max"),
    ],
)
def test_every_optional_field_comes_and_goes(name: str, model: str) -> None:
    contract = loaded(name)
    payload = contract.models[model].payload
    found = seen(name, model)
    inside = ("payload",) if name == "gmicloud" else ()
    for field in payload["properties"]:
        there = len(found[(*inside, field)])
        assert there, field
        assert there == COUNT if field in payload.get("required", ()) else there < COUNT, field


def test_every_enum_value_is_reached() -> None:
    contract = loaded("kkiai")
    found = seen("kkiai")
    schema = resolve(contract.document, body_schema(contract, submits(contract)[0]))
    for field, node in schema["properties"].items():
        for value in node.get("enum", ()):
            assert any(value == met and type(value) is type(met) for met in found[(field,)]), (field, value)


def test_limits_are_reached_and_not_only_they() -> None:
    found = seen("gmicloud", "Kling-Image2Video-V1.6-Pro")
    scales = found["payload", "cfg_scale"]
    lengths = {len(text) for text in found["payload", "prompt"]}
    assert {0, 1} <= set(scales)
    assert any(0 < scale < 1 for scale in scales)
    assert {0, 2500} <= lengths
    assert any(0 < length < 2500 for length in lengths)


def test_texts_are_of_every_script_and_always_encodable() -> None:
    texts = "".join(seen("gmicloud", "Kling-Image2Video-V1.6-Pro")["payload", "prompt"])
    for wanted in ("\U0001f680", "\u0301", "\u05e9", "\n", "\u6771"):
        assert wanted in texts
    assert texts.encode()


def test_pictures_come_in_every_form_that_the_rule_names() -> None:
    gmi = seen("gmicloud", "Kling-Image2Video-V1.6-Pro")["payload", "image"]
    kkiai = seen("kkiai", "kling-v1")["image",]
    assert {"http", "data", "iVBO", "/9j/"} <= {text[:4] for text in gmi}
    assert {"http", "iVBO", "/9j/"} <= {text[:4] for text in kkiai}
    assert not any(text.startswith("data:") for text in kkiai)


def test_rules_across_fields_are_met_and_not_avoided() -> None:
    bodies = drawn("kkiai", "kling-v2-6")
    assert any("<<<voice_2>>>" in body.get("prompt", "") for body in bodies if "multi_shot" not in body)
    assert any(body.get("camera_control", {}).get("type") == "simple" for body in bodies)
    sums = {
        (int(body["duration"]), len(body["multi_prompt"]))
        for body in bodies
        if body.get("multi_shot") and body.get("shot_type")
    }
    assert {seconds for seconds, _ in sums} == {5, 10}
    assert len({count for _, count in sums}) > 3


@pytest.mark.parametrize(("name", "profile"), READINGS)
def test_complete_requests_lack_nothing_that_may_be_there(name: str, profile: str) -> None:
    contract = loaded(name, profile)
    plain = collect(from_contract(contract, short=True), 60)
    for asked in collect(from_contract(contract, complete=True, short=True), 6):
        sizes = [fields(other.body) for other in plain if other.operation == asked.operation]
        assert fields(asked.body) >= sum(sizes) / max(1, len(sizes)) - 2


def fields(body: Any) -> int:
    """How many fields a body, or its payload, has."""
    return len(body.get("payload", body))


def test_large_pictures_are_of_exactly_the_most_bytes() -> None:
    forms = from_contract(loaded("gmicloud"), "Kling-Image2Video-V2-Master", large=True)
    longest = max((asked.body["payload"]["image"] for asked in collect(forms, 40)), key=len)
    assert len(longest.rpartition(",")[2]) * 3 // 4 - longest.count("=", len(longest) - 2) == 10485760


def test_parts_are_replaceable() -> None:
    strategy = from_contract(
        "aimlapi",
        prompts=st.just("mine"),
        images=st.just("https://example.com/mine.png"),
        durations=st.just(10),
        overrides={"/cfg_scale": st.just(0.25)},
        prefixes=st.just(""),
    )
    bodies = [asked.body for asked in collect(strategy, 60)]
    assert {body["prompt"] for body in bodies} == {"mine"}
    assert {body["image_url"] for body in bodies} == {"https://example.com/mine.png"}
    assert {body.get("duration") for body in bodies} == {None, 10}
    assert {body.get("cfg_scale") for body in bodies} == {None, 0.25}


def test_a_callback_beside_the_body_is_drawn_from_those_given() -> None:
    strategy = from_contract("fal", callbacks=st.just("https://example.com/hook"))
    hooks = {request.query.get("fal_webhook") for request in collect(strategy, 40)}
    assert hooks == {None, "https://example.com/hook"}


@pytest.mark.parametrize("model", ["no-such-model", ""])
def test_an_unknown_model_is_refused_with_those_that_are_known(model: str) -> None:
    with pytest.raises(SettingsError, match="Kling-Image2Video-V2-Master"):
        from_contract("gmicloud", model)


def test_the_same_requests_are_made_in_every_run() -> None:
    strategies = [from_contract(loaded("kkiai"), "kling-v1") for _ in range(2)]
    first, second = (collect(strategy, 20) for strategy in strategies)
    assert first == second


def test_models_that_a_body_tells_apart_by_branches_are_all_found() -> None:
    contract = loaded("aimlapi", "vendor")
    kinds = {"image-to-video", "text-to-video"}

    for submit in submits(contract):
        assert {name.rpartition("/")[2] for name in models_of(contract, submit)} == kinds


@pytest.mark.parametrize("provider", ["fal", "replicate"])
def test_a_path_that_names_the_model_names_one_that_is_there(provider: str) -> None:
    contract = loaded(provider)
    router = Router([contract])

    def asked(request: SubmitRequest) -> tuple[str, str | None]:
        match = router.find("POST", request.path)
        assert match is not None
        assert match.operation is not None
        named = "/".join(match.parameters[name] for _, name in match.operation.model_places)
        return match.operation.id, named or request.body.get("version") or match.operation.default_model

    for submit in submits(contract):
        for request in collect(from_contract(contract, operation=submit.id), 8):
            assert asked(request) == (submit.id, request.model)
    for model in contract.models:
        assert asked(example(contract, model))[1] == model
