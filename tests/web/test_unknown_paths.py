"""A path that is not documented is answered in the envelope of the provider below whose base URL it lies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import httpx
import pytest

from mockserver.contract.router import Router
from mockserver.in_process import Running, serve
from tests.serving import ROOT

ENVELOPES: Mapping[str, set[str]] = {
    "gmicloud": {"error"},
    "aimlapi": {"message", "path", "requestId", "statusCode", "timestamp"},
    "kkiai": {"code", "message", "request_id"},
}
NO_ROUTE = {"timestamp", "status", "error", "message", "path"}
"""As Kling's own server answered on 2025-06-14."""


@pytest.fixture(scope="module", params=["documented", "vendor", "observed"])
def server(request: pytest.FixtureRequest) -> Iterator[Running]:
    with serve(profile=request.param) as running:
        yield running


@pytest.mark.parametrize(
    ("provider", "method", "path", "near"),
    [
        ("gmicloud", "POST", "/api/v1/apikey/request", "POST /api/v1/apikey/requests"),
        ("gmicloud", "GET", "/api/v1/ie/requestqueue/apikey", "/api/v1/ie/requestqueue/apikey/"),
        (
            "aimlapi",
            "POST",
            "/v2/generate/video/kling/generations",
            "POST /v2/generate/video/kling/generation",
        ),
        ("aimlapi", "GET", "/v2", "GET /v2/"),
        ("kkiai", "POST", "/kling/v1/videos/image2vide", "POST /kling/v1/videos/image2video"),
        ("kkiai", "DELETE", "/kling/", "GET /kling/"),
    ],
)
def test_it_is_answered_in_the_envelope_and_names_the_nearest(
    server: Running, provider: str, method: str, path: str, near: str
) -> None:
    answer = httpx.request(method, server.url + path, trust_env=False)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/json"
    contract = server.app.services.contracts[provider]
    expected = NO_ROUTE if "no-route" in contract.overlays else ENVELOPES[provider]
    assert answer.json().keys() == expected
    assert f"{method} {path} is not documented; did you mean" in answer.text
    assert near in answer.text
    assert contract.unknown_path is not None
    assert contract.unknown_path.schema is not None
    assert contract.unknown_path.schema.is_valid(answer.json())


@pytest.mark.parametrize(
    ("path", "provider", "near"),
    [
        ("/v1/video/text2video", "kkiai", "POST /v1/videos/text2video"),
        ("/v1/image/generations", "kkiai", "POST /v1/images/generations"),
        ("/v1/model", "aimlapi", "GET /v1/models"),
    ],
)
def test_of_providers_without_a_path_in_their_base_url_the_likeliest_answers(
    path: str, provider: str, near: str
) -> None:
    with serve(profile="vendor") as server:
        answer = httpx.post(server.url + path, trust_env=False)
        contract = server.app.services.contracts[provider]

    assert near in answer.text
    assert contract.unknown_path is not None
    assert contract.unknown_path.schema is not None
    assert contract.unknown_path.schema.is_valid(answer.json())


@pytest.mark.parametrize(
    "path", ["/", "/api/v1", "/api/v1/requests", "/api/v1/apikeys", "/klin/v1", "/v", "/x" * 500]
)
def test_outside_every_base_url_it_is_a_problem_document(server: Running, path: str) -> None:
    answer = httpx.get(server.url + path, trust_env=False)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert len(answer.json()["nearest"]) == 3


def test_kling_without_the_relay_is_asked_at_its_own_paths() -> None:
    with serve(profile="vendor") as running:
        answer = httpx.get(f"{running.url}/v1/videos/image2vide", trust_env=False)
    assert answer.json().keys() == NO_ROUTE
    assert "GET /v1/videos/image2video" in answer.json()["message"]


def test_a_contract_without_such_an_answer_gets_a_problem_document() -> None:
    with serve(contracts=(ROOT / "fixtures" / "orbit",)) as running:
        base = httpx.URL(running.base("orbit"))
        answer = httpx.get(f"{base}/nothing-here", trust_env=False)
    assert answer.headers["content-type"] == "application/problem+json"


def test_without_contracts_no_path_has_an_owner() -> None:
    assert Router([]).owner("/v1") is None


def test_the_refusal_of_a_model_names_the_field_as_the_page_spells_it(server: Running) -> None:
    url = f"{server.base('kkiai')}/v1/videos/image2video"
    body = {"model_name": "kling-v9", "image": "https://example.com/i.png", "mode": "std", "duration": "5"}
    answer = httpx.post(url, json=body, headers={"Authorization": "Bearer k"}, trust_env=False)
    assert "model_name 'kling-v9' is not served" in answer.json()["message"]
