"""The client that learns a provider, wrong in one way for each further one: it fails where it should."""

from __future__ import annotations

from typing import Any, Final

import pytest

from mockserver.contract import registry
from mockserver.kit.conform import conform
from mockserver.kit.learned_client import LearnedClient
from mockserver.kit.reference_client import ApiReply, ApiRequest, Json
from tests.kit.conform.environments import learned


class Talks(LearnedClient):
    """Asks for something else than it was told."""

    def _body(self, prompt: str, picture: str, **fields: Any) -> Json:
        return super()._body(f"{prompt}, in colour", picture, **fields)


class Anonymous(LearnedClient):
    """Sends no key with a submit at first."""

    async def _send(self, request: ApiRequest) -> ApiReply:
        if request.method == "POST":
            key = self._api.headers.pop("authorization", None)
            if key is not None:
                await super()._send(request)
                self._api.headers["authorization"] = key
        return await super()._send(request)


class Hopes(LearnedClient):
    """Takes a job that has failed for one that goes on."""

    def _succeeded(self, body: Json, job_id: str) -> bool:
        try:
            return super()._succeeded(body, job_id)
        except Exception:
            return False


class Repeats(LearnedClient):
    """Submits twice, to be sure."""

    async def _send(self, request: ApiRequest) -> ApiReply:
        if request.method == "POST":
            await super()._send(request)
        return await super()._send(request)


WRONG: Final[dict[str, tuple[type[LearnedClient], str]]] = {
    "openai": (Repeats, "money-submits-once"),
    "replicate": (Hopes, "poll-failure-with-reason"),
    "fal": (Anonymous, "request-authorization"),
    "veo": (Talks, "request-unicode"),
}


def test_every_further_provider_has_one() -> None:
    assert {*WRONG} == {*registry.known()} - {*registry.USUAL}


@pytest.mark.parametrize("provider", WRONG)
def test_the_wrong_client_fails(provider: str) -> None:
    wrong, case = WRONG[provider]
    (result,) = conform(learned(wrong), provider=provider, only=[case]).results
    assert result.verdict == "fail", result


def test_the_right_one_does_not() -> None:
    only = [WRONG["openai"][1], "request-plain", "submit-unpaid"]
    matrix = conform(learned(), provider="openai", only=only)
    assert [result.verdict for result in matrix.results] == ["pass"] * len(only)
