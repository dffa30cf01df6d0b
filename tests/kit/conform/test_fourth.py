"""A provider that no line of ours knows: its cases are derived, and the reference client learns it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest

from mockserver.kit import contracts
from mockserver.kit.conform import assert_conforms, conform
from mockserver.kit.conform.case import load_cases
from mockserver.kit.conform.running.situations import case_for, prompt_limit
from mockserver.kit.learned_api import LearnedApi, learn
from mockserver.kit.learned_client import LearnedClient
from mockserver.kit.reference_client import PROVIDERS
from tests.kit.conform.environments import learned
from tests.kit.conform.loaded import load
from tests.serving import ROOT

FOURTH: Final = ROOT / "tests" / "fourth"
FEW: Final = ("request-plain", "request-model", "request-too-long", "poll-another-job", "result-thumbnail")


class OwnModel(LearnedClient):
    """It knows one model, whatever was asked for."""

    async def agenerate(self, prompt: str, image: str | None = None, **options: Any) -> Path:
        return await super().agenerate(prompt, image, **{**options, "model": "Ember-1"})


def test_a_client_that_learns_it_conforms_and_a_wrong_one_does_not() -> None:
    from mockserver.kit.conform.running.run_options import RunOptions

    options = RunOptions(supports=("thumbnail",))
    named: dict[str, Any] = {"provider": "ember", "contracts": [FOURTH], "options": options}
    matrix = assert_conforms(learned(), strict=True, only=FEW, **named)
    assert [result.verdict for result in matrix.results] == ["pass"] * len(FEW)
    wrong = conform(learned(OwnModel), only=["request-plain", "request-model"], **named)
    assert {result.case.id: result.verdict for result in wrong.results} == {
        "request-plain": "pass",
        "request-model": "fail",
    }


def test_every_case_is_for_it_but_those_whose_situation_its_contract_lacks() -> None:
    contract = contracts.load("ember", folders=[FOURTH])
    left_out = {
        case.id: reason for case in load_cases() for reason in case_for(case, contract).not_for.values()
    }
    assert left_out == {
        "poll-business-code": "its answers have no such code",
        "submit-answer-lost-found": "it has no list, and no id of the caller's own",
        "submit-business-code": "its answers have no such code",
    }
    assert prompt_limit(contract, contract.models["Ember-1"]) == 2000


def test_where_nobody_can_look_the_case_demands_no_look() -> None:
    (case,) = [case for case in load_cases() if case.id == "money-looks-first"]
    fourth = contracts.load("ember", folders=[FOURTH])
    for contract, looks in ((load("gmicloud"), True), (load("aimlapi"), False), (fourth, False)):
        judged = {entry.judge for entry in case_for(case, contract).judged}
        assert ("looks-before-repeating" in judged) == looks, contract.provider


@pytest.mark.parametrize("provider", ["gmicloud", "aimlapi", "kkiai"])
def test_what_is_learned_of_a_provider_is_what_the_client_to_copy_says_of_it(provider: str) -> None:
    api, known = learn(dict(load(provider).document)), PROVIDERS[provider]
    assert api.submit == known.path
    assert api.read == known.path + known.read
    assert api.ids[0].rpartition(".")[2] == known.id_keys[0]
    assert bool(api.lookup) == bool(known.lookup)
    assert api.key_headers == {"Authorization": "Bearer {}"}
    assert api.links


def test_places_words_and_codes_are_learned() -> None:
    gmi, kling = _learned("gmicloud"), _learned("kkiai")
    assert gmi.places == {"model": "model", "prompt": "payload.prompt", "image": "payload.image"}
    assert (gmi.listed, gmi.made) == ("requests", "created_at")
    assert ("payload", "payload") in gmi.shown
    assert gmi.words["success"] == "done"
    assert gmi.words["cancelled"] == "cancelled"
    assert kling.places["own_id"] == "external_task_id"
    assert kling.places["callback_url"] == "callback_url"
    assert kling.lookup == "/v1/videos/image2video/{}"
    assert kling.bare
    assert kling.code == "code"
    assert kling.codes["0"] == 200
    assert kling.codes["1302"] == 429
    ember = learn(dict(contracts.load("ember", folders=[FOURTH]).document))
    assert ember.read == "/query/video_generation?task_id={}"
    assert ember.code == "base_resp.status_code"
    assert ember.messages == ("base_resp.status_msg",)
    assert not ember.bare


def _learned(provider: str) -> LearnedApi:
    return learn(dict(load(provider).document))


def _document(media: dict[str, Any], paths: dict[str, Any], security: Any) -> dict[str, Any]:
    states = {"WAIT": {"phase": "waiting", "next": ["OK"]}, "OK": {"phase": "succeeded", "word": "OVER"}}
    job = {"media": media, "states": states, "models": {"a/b": {"payload": {}}}}
    return {
        "x-job": job,
        "paths": paths,
        "components": {"securitySchemes": {"key": security}},
        "security": [{"key": []}],
    }


def _operation(name: str, role: str, body: Any, **more: Any) -> dict[str, Any]:
    answer = {"x-job": {"when": ["default"], "body": body}}
    return {"operationId": name, "x-job": {"role": role, **more}, "responses": {"200": answer}}


def test_a_job_that_is_named_by_its_path_and_has_no_word_for_its_state_is_learned() -> None:
    video = {"$when": ["succeeded"], "$then": [{"uri": {"$": "media.video"}}]}
    paths = {
        "/models/{model}:make": {
            "post": _operation(
                "make", "submit", {"name": {"$link": "ask", "$as": "name"}}, model="path.model"
            )
        },
        "/models/{model}/operations/{id}": {
            "get": _operation("ask", "read", {"done": True, "clips": video}, key="path.id")
        },
    }
    api = learn(
        _document({"prompt": "/instances/0/prompt"}, paths, {"type": "apiKey", "in": "header", "name": "k"})
    )
    assert (api.submit, api.read, api.named, api.ids[0]) == ("/models/{model}:make", "/{}", True, "name")
    assert (api.parts, api.links, api.states) == (("model",), ("clips.uri",), ())
    assert api.key_headers == {"k": "{}"}
    assert api.places["prompt"] == "instances.0.prompt"


def test_a_result_that_stands_apart_from_the_state_is_learned() -> None:
    paths = {
        "/{app}": {"post": _operation("make", "submit", {"id": {"$": "job.id"}}, model="path.app")},
        "/{app}/{id}": {"get": _operation("take", "read", {"url": {"$": "media.video"}}, key="path.id")},
        "/{app}/{id}/status": {
            "get": _operation("ask", "read", {"status": {"$": "job.state"}}, key="path.id")
        },
    }
    api = learn(_document({"prompt": "/prompt"}, paths, {"type": "http", "scheme": "Key"}))
    assert (api.read, api.result) == ("/{app}/{}/status", "/{app}/{}")
    assert (api.links, api.states) == (("url",), ("status",))
    assert api.key_headers == {"Authorization": "Key {}"}
    assert api.words["over"] == "done"


def test_a_clip_behind_the_key_is_learned() -> None:
    paths = {
        "/videos": {"post": _operation("make", "submit", {"id": {"$": "job.id"}}, model="/model")},
        "/videos/{id}": {"get": _operation("ask", "read", {"status": {"$": "job.state"}}, key="path.id")},
        "/videos/{id}/content": {"get": _operation("take", "content", None, key="path.id")},
    }
    api = learn(_document({"prompt": "/prompt"}, paths, {"type": "http", "scheme": "bearer"}))
    assert (api.content, api.result, api.links) == ("/videos/{}/content", "", ())
