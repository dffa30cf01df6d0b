"""What a client learns where a link leads to bytes behind the key, and nothing names a state."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from mockserver.cli.demo_jobs import jobs_of
from mockserver.contract.model import Contract
from mockserver.kit.conform.case import load_cases
from mockserver.kit.conform.running.models import ModelChoice, makes_from_text
from mockserver.kit.conform.running.mutating_proxy import start_proxy
from mockserver.kit.conform.running.situations import case_for, prompt_limit
from mockserver.kit.contracts import load
from mockserver.kit.examples import example
from mockserver.kit.learned_api import LearnedApi, learn
from mockserver.kit.learned_client import APIS, LearnedClient, end_of, meet
from mockserver.kit.reference_client import PROVIDERS, Client, Refused
from tests.serving import Running

URI = "response.generateVideoResponse.generatedSamples.video.uri"


@pytest.fixture(scope="module")
def veo() -> Contract:
    return load("veo")


@pytest.fixture(scope="module")
def api(veo: Contract) -> LearnedApi:
    return learn(dict(veo.document))


@pytest.fixture
def client(veo: Contract) -> Any:
    meet(dict(veo.document))
    client = LearnedClient("veo", "http://127.0.0.1:9/v1beta", "key")
    client._model = "veo-3.1-generate-preview"
    return client


@pytest.mark.parametrize("provider", sorted(PROVIDERS))
def test_what_is_learned_of_a_provider_is_nothing_to_the_client_that_knows_it(
    provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(APIS, provider, raising=False)
    known = Client(provider, "http://127.0.0.1:9", "key")
    before = known._provider
    with pytest.raises(Refused, match="the provider must be one that was learned"):
        LearnedClient(provider, "http://127.0.0.1:9", "key").generate("A kite")

    meet(dict(load(provider).document))

    assert known._provider == before
    assert before.path


def test_places_are_learned_from_links_and_through_lists(api: LearnedApi) -> None:
    assert (api.links, api.guarded, api.content, api.named) == ((URI,), True, "", True)
    assert api.places == {"prompt": "instances.0.prompt", "image": "instances.0.image.bytesBase64Encoded"}
    assert api.kinds == {"instances.0.image.mimeType": ("image/jpeg", "image/png")}
    assert set(api.models.values()) == {True}
    assert ("done", True, "ended") in api.marks
    assert api.spent == ()


def test_a_picture_is_sent_with_its_type(client: Any) -> None:
    body = client._body("A boat", "data:image/png;base64,AAAA")
    assert body == {
        "instances": [{"prompt": "A boat", "image": {"bytesBase64Encoded": "AAAA", "mimeType": "image/png"}}]
    }
    assert client._body("A boat", "") == {"instances": [{"prompt": "A boat"}]}


def test_the_key_goes_to_links_of_the_api_alone(client: Any) -> None:
    assert client._is_ours("http://127.0.0.1:9/v1beta/files/a:download?alt=media")
    assert not client._is_ours("http://127.0.0.1:10/v1beta/files/a:download?alt=media")
    assert not client._is_ours("https://127.0.0.1:9/v1beta/files/a:download?alt=media")
    assert not client._is_ours("http://127.0.0.1:9@example.com/v1beta/files/a:download?alt=media")
    assert not client._is_ours("http://[broken")


@pytest.mark.parametrize(
    ("body", "end"),
    [
        ({"name": "x"}, ""),
        ({"name": "x", "done": True, "error": {"code": 13}}, "failed"),
        ({"name": "x", "done": True, "error": {"message": "no"}}, "failed"),
        ({"name": "x", "done": True, "response": {"@type": "T"}}, "failed"),
    ],
)
def test_an_end_is_known_by_what_only_an_end_has(api: LearnedApi, body: dict[str, Any], end: str) -> None:
    assert end_of(api, "", body) == end


def test_no_credit_is_known_by_what_too_many_requests_have_not() -> None:
    meet(dict(load("openai").document))
    client = LearnedClient("openai", "http://127.0.0.1:9/v1", "key")
    statuses = []
    for word in ("insufficient_quota", "rate_limit_exceeded"):
        response = httpx.Response(429, json={"error": {"message": "no", "type": word, "code": word}})
        statuses.append(client._reply(response, response.content).status)
    assert statuses == [402, 429]


def test_a_prompt_in_a_list_needs_no_picture(veo: Contract) -> None:
    assert all(makes_from_text(veo, model) for model in veo.models.values())
    plain = next(case for case in load_cases() if case.id == "request-plain")
    assert ModelChoice(veo, ("picture",)).takes_picture(plain)
    assert not ModelChoice(veo, ("text",), "veo-3.1-generate-preview").takes_picture(plain)
    assert {prompt_limit(veo, model) for model in veo.models.values()} == {None}


def test_what_no_answer_says_is_asked_of_no_client(veo: Contract) -> None:
    cases = {case.id: case_for(case, veo).not_for.get("veo", "") for case in load_cases()}
    assert cases["poll-expired"] == cases["poll-unknown-state"] == "its answers have no word for a state"
    assert cases["submit-unpaid"] == "it says of no credit what it says of too many requests"
    openai = load("openai")
    told = [case for case in load_cases() if case.id in ("submit-unpaid", "poll-expired")]
    assert not any(case_for(case, openai).not_for for case in told)


def test_the_path_of_an_example_has_its_model(veo: Contract) -> None:
    request = example(veo, "veo-3.1-lite-generate-preview")
    assert request.path == "/v1beta/models/veo-3.1-lite-generate-preview:predictLongRunning"


def test_links_made_behind_the_proxy_lead_to_the_proxy(
    running: Callable[..., Running], veo: Contract
) -> None:
    server = running(providers=("veo",))
    request = example(veo, "veo-3.1-generate-preview")
    with start_proxy(f"{server.url}/v1beta", veo, []) as base, httpx.Client(trust_env=False) as client:
        client.headers["x-goog-api-key"] = "key-of-a-proxy"
        name = client.post(base.removesuffix("/v1beta") + request.path, json=request.body).json()["name"]
        server.clock.advance(60)
        read = client.get(f"{base}/{name}").json()
    uri = read["response"]["generateVideoResponse"]["generatedSamples"][0]["video"]["uri"]
    assert uri.startswith(f"{base}/files/")


def test_the_demo_knows_an_end_without_a_word_for_it() -> None:
    (job,) = jobs_of("veo")
    video = {"generateVideoResponse": {"generatedSamples": [{"video": {"uri": "http://127.0.0.1:9/x"}}]}}
    states = [
        job.read_state({"name": "x", **answer})
        for answer in ({}, {"done": True, "error": {"code": 13}}, {"done": True, "response": video})
    ]
    assert (job.guarded, states) == (True, ["", "failed", "generated"])
