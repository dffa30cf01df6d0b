"""A condition that requires a field asks for a value: null is none, whatever a profile takes it for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest

from mockserver.app import Library
from mockserver.contract.source import builtin_root
from mockserver.contract.validate import DIALECT
from mockserver.settings import Settings

PROVIDERS = ("gmicloud", "aimlapi", "kkiai")
PROFILES = ("documented", "vendor", "observed")
LIBRARY = Library(Settings(store="memory:"))


def conditions(node: Any) -> Iterator[dict[str, Any]]:
    """Every schema below an `if`, with what it requires."""
    if isinstance(node, list):
        for child in node:
            yield from conditions(child)
    elif isinstance(node, dict):
        if isinstance(node.get("if"), dict):
            yield from parts(node["if"])
        for child in node.values():
            yield from conditions(child)


def parts(condition: Any) -> Iterator[dict[str, Any]]:
    if "required" in condition:
        yield condition
    for keyword in ("allOf", "anyOf", "oneOf"):
        for branch in condition.get(keyword, ()):
            yield from parts(branch)


def documents(provider: str) -> Iterator[tuple[str, Any]]:
    for profile in PROFILES:
        yield profile, LIBRARY.contract(provider, profile).document
    folder = builtin_root() / provider / "overlays"
    for file in sorted(folder.glob("*.json")):
        yield file.name, json.loads(file.read_text("utf-8"))


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_condition_that_requires_a_field_asks_for_a_value_and_not_for_null(provider: str) -> None:
    judged = 0
    for place, document in documents(provider):
        for condition in conditions(document):
            judged += 1
            schema = {key: value for key, value in condition.items() if key in ("properties", "required")}
            nothing = dict.fromkeys(condition["required"])
            valid = jsonschema_rs.validator_for({"$schema": DIALECT, **schema}).is_valid(nothing)
            assert not valid, f"{place}: {json.dumps(condition)}"
    assert judged
