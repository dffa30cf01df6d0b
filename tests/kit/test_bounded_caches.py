"""What the kit remembers has a bound: beyond it, it begins anew, and answers as before."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.kit import contracts
from mockserver.kit.diff import node as nodes
from mockserver.kit.strategies import identity_cache


def test_a_function_of_schemas_remembers_so_many_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity_cache, "_MOST", 2)
    calls: list[str] = []

    @identity_cache.cached_by_identity
    def called(document: Any, schema: Any) -> str:
        calls.append(schema["name"])
        return str(schema["name"])

    document = {"a": 1}
    first, second, third = ({"name": name} for name in ("first", "second", "third"))
    assert [called(document, schema) for schema in (first, second, first, second)] == calls * 2
    assert calls == ["first", "second"]
    assert [called(document, schema) for schema in (third, third, second, first)] == [
        "third", "third", "second", "first",
    ]  # fmt: skip
    assert calls == ["first", "second", "third", "second", "first"]


def test_of_contracts_so_many_stay_loaded_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contracts, "_MOST", 2)
    monkeypatch.setattr(contracts, "_loaded", {})
    first = contracts.load("gmicloud")
    assert contracts.load("gmicloud") is first
    vendor = contracts.load("gmicloud", profile="vendor")
    assert contracts.load("gmicloud", profile="vendor") is vendor
    assert contracts.load("gmicloud") is first
    kkiai = contracts.load("kkiai")
    assert len(contracts._loaded) == 1
    assert contracts.load("kkiai") is kkiai
    again = contracts.load("gmicloud")
    assert again is not first
    assert again.provider == first.provider


def test_of_schemas_that_are_compared_so_many_stay_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nodes, "_MOST", 2)
    monkeypatch.setattr(nodes, "_nodes", {})
    document = {"parts": {name: {"const": name} for name in "abcde"}}
    for name in "abcde":
        assert nodes.node(document, f"/parts/{name}").layers[0][1] == {"const": name}
        assert 0 < len(nodes._nodes) <= 2


def test_a_function_of_schemas_remembers_by_document_members_and_options() -> None:
    calls: list[tuple[Any, ...]] = []

    @identity_cache.cached_by_identity
    def called(*arguments: Any) -> int:
        calls.append(arguments)
        return len(calls)

    document, other, first, second = {"a": 1}, {"a": 1}, {"b": 1}, {"b": 1}
    assert called(document, [first, second]) == called(document, [first, second]) == 1
    assert called(document, (first, second)) == 1
    assert called(document, [second, first]) == 2
    assert called(other, [first, second]) == 3
    assert called(document, [first]) == called(document, first) == 4
    assert called(document, second) == 5
    assert called(document, first, "x") == called(document, first, "x") == 6
    assert called(document, first, "y") == 7
