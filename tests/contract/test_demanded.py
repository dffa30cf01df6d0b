"""What an operation demands of every request, and the first submit to try."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mockserver.contract.demanded import can_name, demanded, example_path, example_values
from mockserver.contract.first_submit import first_submit
from mockserver.contract.loader import load_contract
from mockserver.contract.model import Contract
from mockserver.media.picture import measure
from tests.comet import COMET, changed_comet, parameter

Change = Callable[[dict[str, Any]], Any]


def comet(tmp_path: Path, change: Change) -> Contract:
    return load_contract(changed_comet(tmp_path, change), measure=measure)


def with_parameters(*parameters: dict[str, Any]) -> Change:
    """Comet whose submit takes these as well."""
    return lambda document: document["paths"]["/comets"]["post"]["parameters"].extend(parameters)


@pytest.mark.parametrize(
    ("node", "value"),
    [
        ({"example": 7}, "7"),
        ({"schema": {"const": "a", "default": "b"}}, "a"),
        ({"schema": {"type": "string", "default": "b", "examples": ["c"]}}, "b"),
        ({"schema": {"type": "string", "examples": ["c"], "enum": ["d", "c"]}}, "c"),
        ({"schema": {"type": "string", "enum": ["d", "c"]}}, "d"),
        ({"example": "e", "schema": {"const": "e"}}, "e"),
        ({"schema": {"type": "string"}}, None),
        ({"example": "e", "required": False}, None),
    ],
)
@pytest.mark.parametrize("place", ["query", "header"])
def test_a_parameter_that_is_demanded_has_the_first_value_that_the_contract_names(
    tmp_path: Path, place: str, node: dict[str, Any], value: str | None
) -> None:
    contract = comet(tmp_path, with_parameters({**parameter(place, "X-Taste"), "required": True, **node}))
    other = "header" if place == "query" else "query"

    expected = {} if value is None else {"X-Taste": value}
    assert demanded(contract, contract.operations["launch"], place) == expected
    assert demanded(contract, contract.operations["launch"], other) == {}


def test_what_a_path_demands_counts_for_its_operations() -> None:
    contract = load_contract(COMET, measure=measure)

    assert demanded(contract, contract.operations["look"], "query") == {"version": "2"}
    assert example_path(contract, contract.operations["look"]) == "/comets/id/state"


def test_the_first_submit_has_the_key_and_everything_that_is_demanded(tmp_path: Path) -> None:
    needed = [
        {**parameter(place, name), "required": True, "example": value}
        for place, name, value in (("query", "taste", "a b"), ("header", "X-Taste", "c"))
    ]
    submit = first_submit(comet(tmp_path, with_parameters(*needed)), "a-key")

    assert (submit.method, submit.target) == ("POST", "/queue/comets?taste=a+b")
    assert submit.headers == {
        "X-Taste": "c", "Content-Type": "application/json", "Authorization": "Bearer a-key"
    }  # fmt: skip
    assert submit.body == {"comet": "comet-1", "text": "A comet over a lake", "seconds": 3}


def test_without_an_example_the_first_submit_has_the_shortest_legal_body(tmp_path: Path) -> None:
    def change(document: dict[str, Any]) -> None:
        del document["paths"]["/comets"]["post"]["requestBody"]["content"]["application/json"]["examples"]

    contract = comet(tmp_path, change)
    submit = first_submit(contract, "a-key")

    body = contract.operations["launch"].body
    assert body is not None
    assert body.is_valid(submit.body)
    assert submit.target == "/queue/comets"
    assert len(submit.body) <= 1


PLACES = {"path": (("path", "owner"), ("path", "name")), "query": (("query", "owner"), ("query", "name"))}


@pytest.mark.parametrize(
    ("places", "spans", "model", "can"),
    [
        ((), (), "a/b/c", True),
        (PLACES["path"], (), "a/b", True),
        (PLACES["path"], (), "a", False),
        (PLACES["path"], (), "a/b/c", False),
        (PLACES["path"], ("name",), "a/b/c", True),
        (PLACES["path"], ("owner",), "a/b/c", False),
        (PLACES["path"], ("name",), "a", False),
        (PLACES["query"], (), "a/b/c", True),
        (PLACES["query"], (), "a", False),
        (PLACES["path"][:1], (), "a", True),
        (PLACES["path"][:1], (), "a/b", False),
    ],
)
def test_a_model_can_stand_where_it_has_as_many_parts_as_places(
    places: Any, spans: Any, model: str, can: bool
) -> None:
    operation = load_contract(COMET, measure=measure).operations["launch"]

    assert can_name(replace(operation, model_places=places, spans=spans), model) is can


@pytest.mark.parametrize(
    ("model", "values", "path"),
    [
        ("", {"owner": "comet-1", "name": "name"}, "/comet-1/name/comets"),
        ("ann/fast", {"owner": "ann", "name": "fast"}, "/ann/fast/comets"),
        ("ann/fast/v 2", {"owner": "ann", "name": "fast/v 2"}, "/ann/fast/v%202/comets"),
    ],
)
def test_a_path_that_names_the_model_has_its_parts(model: str, values: dict[str, str], path: str) -> None:
    contract = load_contract(COMET, measure=measure)
    launch = contract.operations["launch"]
    operation = replace(
        launch,
        path="/{owner}/{name}/comets",
        model_places=PLACES["path"],
        spans=("name",),
        parameters=_Parameters(),  # type: ignore[arg-type]
    )
    contract.document["paths"]["/{owner}/{name}/comets"] = contract.document["paths"]["/comets"]

    assert example_values(contract, operation, model) == values
    assert example_path(contract, operation, model) == path


class _Parameters:
    """Those of a path with two places."""

    def names(self, place: str) -> tuple[str, ...]:
        """The names of the parameters there."""
        return ("owner", "name") if place == "path" else ()
