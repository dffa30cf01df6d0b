"""From method and path to an operation, or to its neighbours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract.loader import load_contract
from mockserver.contract.model import Contract
from mockserver.contract.router import Router, routes
from mockserver.contract.source import builtin_root
from mockserver.errors import ContractError
from mockserver.media.picture import measure
from tests.comet import changed_comet, parameter

ORBIT = load_contract(Path(__file__).resolve().parents[2] / "fixtures" / "orbit", measure=measure)
GMI = load_contract(builtin_root() / "gmicloud", measure=measure)
AIML = load_contract(builtin_root() / "aimlapi", measure=measure)
ROUTER = Router([GMI, AIML, ORBIT])


def find(method: str, path: str) -> tuple[str, str, Mapping[str, str]]:
    match = ROUTER.find(method, path)
    assert match is not None
    assert match.operation is not None
    return match.contract.provider, match.operation.id, match.parameters


@pytest.mark.parametrize(
    ("method", "path", "provider", "operation", "parameters"),
    [
        ("POST", "/v3/renders", "orbit", "startRender", {}),
        ("GET", "/v3/renders", "orbit", "listRenders", {}),
        ("GET", "/v3/renders/job_1", "orbit", "readRender", {"id": "job_1"}),
        ("DELETE", "/v3/renders/job_1", "orbit", "abortRender", {"id": "job_1"}),
        ("GET", "/v3/engines/orbit-lite", "orbit", "readEngine", {"name": "orbit-lite"}),
        ("POST", "/api/v1/apikey/requests", "gmicloud", "submitRequest", {}),
        ("POST", "/api/v1/ie/requestqueue/apikey/requests", "gmicloud", "submitRequest", {}),
        ("GET", "/api/v1/ie/requestqueue/apikey/requests/r", "gmicloud", "readRequest", {"request_id": "r"}),
        ("GET", "/v2/generate/video/kling/generation", "aimlapi", "fetchGeneration", {}),
    ],
)
def test_a_documented_path_leads_to_its_operation(
    method: str, path: str, provider: str, operation: str, parameters: dict[str, str]
) -> None:
    assert find(method, path) == (provider, operation, parameters)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/v3",
        "/v3/renders/",
        "/v3/renders/a/b",
        "/v3/render",
        "/V3/renders",
        "//v3/renders",
        "/v3/rendersx",
        "/v3%2Frenders",
    ],
)
def test_another_path_leads_nowhere(path: str) -> None:
    assert ROUTER.find("GET", path) is None


def test_a_wrong_verb_is_not_a_wrong_path() -> None:
    match = ROUTER.find("PATCH", "/v3/renders/job_1")

    assert match is not None
    assert match.operation is None
    assert match.contract is ORBIT
    assert set(match.operations) == {"DELETE", "GET"}


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("a%2Fb", "a/b"),
        ("a%3Ab", "a:b"),
        ("caf%C3%A9", "café"),
        ("%2e%2e", ".."),
        ("a+b", "a+b"),
        ("a%20b", "a b"),
        ("%25", "%"),
        ("100%", "100%"),
    ],
)
def test_a_parameter_is_decoded_after_the_path_was_cut(sent: str, read: str) -> None:
    assert find("GET", f"/v3/renders/{sent}")[2] == {"id": read}


@given(st.text(min_size=1, max_size=20))
def test_any_encoded_text_comes_back(text: str) -> None:
    assert find("GET", f"/v3/renders/{quote(text, safe='')}")[2] == {"id": text}


@pytest.mark.parametrize(
    ("method", "path", "best"),
    [
        ("POST", "/v3/render", "POST /v3/renders"),
        ("GET", "/v3/render", "GET /v3/renders"),
        ("GET", "/v2/engines", "GET /v3/engines"),
        ("POST", "/api/v1/requests", "POST /api/v1/apikey/requests"),
        ("POST", "/v2/generate/video/kling/generations", "POST /v2/generate/video/kling/generation"),
    ],
)
def test_the_nearest_documented_path_comes_first(method: str, path: str, best: str) -> None:
    nearest = ROUTER.nearest(method, path)

    assert nearest[0] == best
    assert len(nearest) == len(set(nearest)) == 3


def test_of_an_owner_only_its_own_paths_are_near() -> None:
    assert ROUTER.templates(ORBIT) == [line for line in ROUTER.templates() if "/v3/" in line]
    nearest = ROUTER.nearest("POST", "/v2/generate/video", owner=ORBIT)
    assert set(nearest) <= set(ROUTER.templates(ORBIT))
    assert len(nearest) == 3


def test_templates_list_every_operation_under_every_prefix() -> None:
    templates = ROUTER.templates()

    assert len(templates) == len(set(templates))
    assert {"GET /api/v1/apikey/models", "GET /api/v1/ie/requestqueue/apikey/models"} <= set(templates)
    assert templates == sorted(templates, key=lambda line: line.split(" ")[::-1])
    for contract in (GMI, AIML, ORBIT):
        served = sum(len(route.operations) for route in routes(contract))
        assert served == len(contract.operations) * len(contract.prefixes)


@pytest.mark.parametrize("operation", ["startRender", "readRender"])
def test_two_providers_cannot_claim_one_path(operation: str) -> None:
    twin = _only(replace(ORBIT, provider="twin"), operation)

    with pytest.raises(ContractError, match="is claimed by orbit and twin"):
        Router([ORBIT, twin])


def _only(contract: Contract, operation: str) -> Contract:
    return replace(contract, operations={operation: contract.operations[operation]})


def test_a_path_may_be_claimed_by_one_provider_alone() -> None:
    assert Router([_only(ORBIT, "readRender")]).templates() == ["GET /v3/renders/{id}"]


@pytest.mark.parametrize(
    ("path", "owner"),
    [
        ("/v2/other/things/of/any/kind", AIML),
        ("/api/v1/apikey/other", GMI),
        ("/api/v2/apikey/requests", None),
        ("/v9/renders", None),
        ("/v3/other", ORBIT),
        ("/", None),
    ],
)
def test_an_unknown_path_belongs_to_whose_paths_it_begins_as(path: str, owner: Contract | None) -> None:
    assert ROUTER.owner(path) is owner


def test_a_place_that_spans_holds_slashes_and_gives_way_to_others(tmp_path: Path) -> None:
    def add_spanning(document: dict[str, Any]) -> None:
        launch = document["paths"].pop("/comets")["post"]
        launch["parameters"] += [parameter("path", "owner"), {**parameter("path", "name"), "x-spans": True}]
        document["paths"]["/{owner}/{name}"] = {"post": launch}

    router = Router([load_contract(changed_comet(tmp_path, add_spanning), measure=measure)])

    def found(method: str, path: str) -> tuple[str, Mapping[str, str]]:
        match = router.find(method, path)
        assert match is not None
        assert match.operation is not None
        return match.operation.id, match.parameters

    assert found("POST", "/queue/a/b/c%20d/e") == ("launch", {"owner": "a", "name": "b/c d/e"})
    assert found("POST", "/queue/a/b") == ("launch", {"owner": "a", "name": "b"})
    assert found("GET", "/queue/comets/x/state") == ("look", {"id": "x"})
    assert found("GET", "/queue/comets/x") == ("land", {"id": "x"})
    assert router.find("POST", "/queue/a/") is None
    assert router.find("POST", "/queue/a//b") is None


def test_only_a_place_of_the_path_spans(tmp_path: Path) -> None:
    def add_spanning(document: dict[str, Any]) -> None:
        spanning = {**parameter("query", "name"), "x-spans": True}
        document["paths"]["/comets"]["post"]["parameters"] += [spanning]

    with pytest.raises(ContractError, match="x-spans is true, and of a path parameter"):
        load_contract(changed_comet(tmp_path, add_spanning), measure=measure)


@pytest.mark.parametrize(
    ("path", "operation"),
    [
        ("/v1beta/files/a:download", "downloadFile"),
        ("/v1beta/models/a/operations/b", None),
        ("/v1beta/models/a:predictLongRunning", None),
    ],
)
def test_a_head_is_answered_where_a_get_sends_a_file(path: str, operation: str | None) -> None:
    veo = load_contract(builtin_root() / "veo", measure=measure)
    match = Router([veo]).find("HEAD", path)
    assert match is not None
    assert (match.operation and match.operation.id) == operation


def test_no_other_method_than_head_is_answered_by_what_sends_a_file() -> None:
    veo = load_contract(builtin_root() / "veo", measure=measure)
    path = "/v1beta/files/a:download"
    operations = {method: Router([veo]).find(method, path) for method in ("GET", "HEAD", "POST", "DELETE")}

    assert {method for method, match in operations.items() if match and match.operation} == {"GET", "HEAD"}
