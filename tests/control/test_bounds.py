"""What the control plane takes at most, and takes for granted, is what its clients were written for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.control.conftest import Bench

BOUNDS = {"default", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength"}
COUNT = {"maximum": 1e15, "minimum": 0}
FILTER = {"since": {"default": 0, "minimum": 0}}
PARAMETERS: dict[str, dict[str, dict[str, Any]]] = {
    "get /callbacks": {
        "limit": {"default": 200, "minimum": 1, "maximum": 2000},
        "settle": {"default": False},
        "wait": {"default": 0, "minimum": 0, "maximum": 60},
        "count": {"default": 1, "minimum": 1},
    },
    "get /jobs": {
        "limit": {"default": 100, "minimum": 1, "maximum": 10_000},
        "offset": {"default": 0, "minimum": 0},
    },
    "get /journal": {
        **FILTER,
        "limit": {"default": 100, "minimum": 1, "maximum": 100_000},
        "bodies": {"default": True},
        "count": {"default": 1, "minimum": 1, "maximum": 100_000},
        "wait": {"default": 0, "minimum": 0, "maximum": 600},
    },
    "get /journal/events": {
        "since": {"default": -1, "minimum": -1},
        "bodies": {"default": True},
        "outline": {"default": False},
    },
    "get /journal.har": FILTER,
    "get /journal/explain": FILTER,
    "get /journal/assert": {
        **FILTER,
        "count": {"minimum": 0, "maximum": 100_000},
        "none": {"default": False},
        "submitted_once": {"default": False},
    },
}
MODELS: dict[str, dict[str, dict[str, Any]]] = {
    "Advance": {"seconds": {"minimum": 0, "maximum": 1_000_000_000}},
    "ClockUpdate": {
        "rate": {"exclusiveMinimum": 0, "maximum": 1_000_000},
        "now": {"minimum": 0, "maximum": 253_402_300_799_999},
    },
    "FailRequest": {"reason": {"maxLength": 2000}},
    "ForceRequest": {"reason": {"maxLength": 2000}},
    "PaceChange": {"speed": {"default": 1}},
    "QuotaLimits": {
        "requests": COUNT,
        "window": {"default": 60, "minimum": 0.001, "maximum": 31_622_400},
        "parallel": COUNT,
        "credits": COUNT,
    },
    "Rule": {"id": {"default": ""}, "times": {"minimum": 1, "maximum": 2**53}},
}


def _bounds(node: Any) -> Iterator[tuple[str, Any]]:
    """The bounds of a schema, whichever of its branches has them."""
    for branch in (node, *node.get("anyOf", ())):
        yield from ((name, value) for name, value in branch.items() if name in BOUNDS)


def _bounded(schemas: dict[str, Any]) -> dict[str, dict[str, Any]]:
    bounds = {name: dict(_bounds(schema)) for name, schema in schemas.items()}
    return {name: of for name, of in bounds.items() if of}


def test_every_parameter_has_its_bounds(bench: Bench) -> None:
    document = bench.mock.call("GET", "/openapi.json")
    told: dict[str, dict[str, dict[str, Any]]] = {}
    for path, verbs in document["paths"].items():
        for verb, node in verbs.items():
            schemas = {
                row["name"]: row["schema"] for row in node.get("parameters", ()) if row["name"] != "key"
            }
            told[f"{verb} {path.removeprefix('/__mock')}"] = _bounded(schemas)

    assert {operation: bounds for operation, bounds in told.items() if bounds} == PARAMETERS


def test_every_body_has_its_bounds(bench: Bench) -> None:
    schemas = bench.mock.call("GET", "/openapi.json")["components"]["schemas"]
    told = {name: _bounded(schema.get("properties", {})) for name, schema in schemas.items()}

    assert {name: told[name] for name in MODELS} == MODELS


def test_no_key_is_empty(bench: Bench) -> None:
    document = bench.mock.call("GET", "/openapi.json")
    keys = [
        dict(_bounds(row["schema"]))
        for verbs in document["paths"].values()
        for node in verbs.values()
        for row in node.get("parameters", ())
        if row["name"] == "key"
    ]

    assert keys
    assert all(bounds == {"minLength": 1} for bounds in keys)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/rules", {"fault": "fail", "id": "mine"}, 201),
        ("DELETE", "/rules/mine", None, 200),
        ("DELETE", "/rules", None, 200),
        ("PUT", "/quotas?key=k", {"requests": 3}, 200),
        ("DELETE", "/quotas?key=k", None, 200),
        ("PUT", "/clock", {"mode": "frozen"}, 200),
        ("DELETE", "/clock?key=k", None, 200),
        ("POST", "/clock/advance", {"seconds": 0}, 200),
        ("POST", "/clock/jump", {}, 422),
        ("DELETE", "/journal", None, 200),
        ("POST", "/tenants/reset", None, 200),
        ("DELETE", "/jobs/gmicloud/{job}", None, 204),
    ],
)
def test_every_verb_has_its_status(
    bench: Bench, method: str, path: str, body: dict[str, Any] | None, status: int
) -> None:
    job = bench.submit()
    bench.mock.call("POST", "/rules", {"fault": "slow", "id": "mine"})
    with bench.running.client("the-token") as client:
        answer = client.request(method, "/__mock" + path.format(job=job), json=body)

    assert answer.status_code == status
