"""Near misses: each breaks one rule and no other, and every rule that can be broken alone is among them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from hypothesis import given

from mockserver.contract import pointer
from mockserver.contract.source import resolve
from mockserver.errors import SettingsError
from mockserver.kit.strategies import NearMiss, every_near_miss, near_misses
from mockserver.kit.strategies.mutations import general
from mockserver.kit.strategies.submit_requests import body_schema, submits
from tests.kit.strategies.loading import FEW, loaded

MODELS = [
    ("gmicloud", "documented", "Kling-Image2Video-V1.6-Pro"),
    ("gmicloud", "vendor", "kling-v2-6"),
    ("aimlapi", "documented", "kling-video/v1.6/pro/image-to-video"),
    ("kkiai", "documented", "kling-v2-6"),
    ("kkiai", "vendor", "kling-v1-5"),
    ("orbit", "documented", "orbit-max"),
]
NEVER_ALONE = {
    "kling-v2-6": {"/cfg_scale"},
    "kling-v1-5": {"/voice_list/*", "/voice_list/*/voice_id"},
}
"""Places that the model never has, so that nothing there can be wrong alone."""
TWICE = {("/camera_control/type", "enum")}
"""Rules that another one repeats for some model, so that both are broken together."""
LIMITS = {"type", "enum", "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "x-image"}


def rules(misses: tuple[NearMiss, ...]) -> set[tuple[str, str]]:
    """Place and keyword of each rule, `*` for an index."""
    return {(pointer.write(general(pointer.parts(miss.pointer))), miss.keyword) for miss in misses}


@pytest.mark.parametrize(("name", "profile", "model"), MODELS)
def test_each_breaks_exactly_the_rule_it_names(name: str, profile: str, model: str) -> None:
    contract = loaded(name, profile)
    for miss in every_near_miss(contract, model):
        body = contract.operations[miss.request.operation].body
        assert body is not None
        assert not body.is_valid(miss.request.body)
        violation, *more = body.explain(orjson.loads(orjson.dumps(miss.request.body)))
        assert not more
        assert (violation.pointer, violation.keyword) == (miss.pointer, miss.keyword)
        assert (violation.source, violation.expected) == (miss.source, miss.expected)
        assert miss.source.split(" ")[0] in {"DOCUMENTED", "VENDOR", "OBSERVED", "THIRD-PARTY", "ASSUMED"}
        assert miss.expected


@pytest.mark.parametrize(("name", "profile", "model"), MODELS)
def test_every_unconditional_rule_is_broken_once(name: str, profile: str, model: str) -> None:
    contract = loaded(name, profile)
    (operation, *_) = submits(contract, model)
    schema = resolve(contract.document, body_schema(contract, operation))
    payload = contract.models[model].payload
    prefix = "/payload" if name == "gmicloud" else ""
    wanted = {*limits(contract.document, schema, ""), *limits(contract.document, payload, prefix)}
    found = rules(every_near_miss(contract, model, operation=operation.id))
    assert {
        (at, word) for at, word in wanted - found if at not in NEVER_ALONE.get(model, ())
    } - TWICE == set()


def limits(document: Any, node: Any, at: str) -> Iterator[tuple[str, str]]:
    """The keywords of a schema and of its fields that hold whatever else is sent."""
    node = resolve(document, node) if "$ref" in node else node
    yield from ((at, word) for word in LIMITS & node.keys() if node[word] != 0 or "Length" not in word)
    yield from ((f"{at}/{name}", "required") for name in node.get("required", ()))
    for name, inner in node.get("properties", {}).items():
        yield from limits(document, inner, at + pointer.write((name,)))
    if isinstance(node.get("items"), dict):
        yield from limits(document, {**node["items"], "type": None}, f"{at}/*")


def test_rules_across_fields_are_broken_too() -> None:
    plain = rules(every_near_miss(loaded("kkiai"), "kling-v2-6"))
    assert {
        ("/prompt", "x-voice"),
        ("/camera_control/config", "x-one-axis"),
        ("/multi_prompt", "x-sum"),
        ("/multi_prompt/*/duration", "x-sum"),
        ("/sound", "const"),
        ("/cfg_scale", "not"),
    } <= plain
    native = rules(every_near_miss(loaded("kkiai", "vendor"), "kling-v1-5"))
    assert {("/camera_control", "x-groups"), ("/static_mask", "x-groups"), ("/mode", "const")} <= native


def test_each_thing_asked_of_a_picture_is_broken() -> None:
    faults = {
        miss.broken.problem
        for miss in every_near_miss(loaded("gmicloud"), "Kling-Image2Video-V1.6-Pro")
        if miss.keyword == "x-image"
    }
    said = " ".join(faults)
    for wanted in (
        "299x299",
        "300x299",
        "751x300",
        "300x751",
        "10485761 bytes",
        "bmp",
        "empty",
        "not a valid http",
    ):
        assert wanted in said
    raw = {
        miss.broken.problem
        for miss in every_near_miss(loaded("kkiai"), "kling-v2-6", operation="submitImage2Video")
    }
    assert any("without the `data:` prefix" in fault for fault in raw)


def test_the_list_is_the_same_in_every_run() -> None:
    first, second = (
        every_near_miss("aimlapi", "kling-video/v1.6/pro/image-to-video", profile="documented")
        for _ in range(2)
    )
    assert first == second


@pytest.mark.parametrize(("name", "profile", "model"), [MODELS[0], MODELS[2], MODELS[5]])
def test_a_drawn_near_miss_breaks_one_rule(name: str, profile: str, model: str) -> None:
    contract = loaded(name, profile)

    @FEW
    @given(near_misses(contract, model, keywords=["required", "enum", "type", "maxLength", "x-image"]))
    def check(miss: NearMiss) -> None:
        body = contract.operations[miss.request.operation].body
        assert body is not None
        assert [found.keyword for found in body.explain(miss.request.body)] == [miss.keyword]

    check()


def test_a_keyword_that_no_rule_has_is_refused() -> None:
    with pytest.raises(SettingsError, match="multipleOf"):
        near_misses(loaded("orbit"), "orbit-lite", keywords=["multipleOf"])
