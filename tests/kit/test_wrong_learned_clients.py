"""The client that learns a provider, wrong in one way for each further one: it fails where it should."""

from __future__ import annotations

from typing import Any, Final

import pytest

from mockserver.contract import registry
from mockserver.kit.learned_client import LearnedClient
from mockserver.kit.reference_client import ApiReply, ApiRequest, Json
from tests.kit.conform.environments import learned
from tests.kit.conform.shared_servers import conform


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
    """Ends as if all were well, without a clip, where a job has failed."""

    def _succeeded(self, body: Json, job_id: str) -> bool:
        try:
            return super()._succeeded(body, job_id)
        except Exception:
            raise SystemExit(0) from None


class Repeats(LearnedClient):
    """Submits twice, to be sure."""

    async def _send(self, request: ApiRequest) -> ApiReply:
        if request.method == "POST":
            await super()._send(request)
        return await super()._send(request)


WRONG: Final[dict[str, tuple[type[LearnedClient], str, str]]] = {
    "openai": (Repeats, "money-submits-once", "jobs-made"),
    "replicate": (Hopes, "poll-failure-with-reason", "gives-up"),
    "fal": (Anonymous, "request-authorization", "key-in-its-place"),
    "veo": (Talks, "request-unicode", "prompt-arrives"),
}
"""A wrong client of each provider, the case that it fails, and the judge that tells what is wrong."""
MORE: Final = {"openai": ("request-plain", "submit-unpaid")}


def test_every_further_provider_has_one() -> None:
    assert {*WRONG} == {*registry.known()} - {*registry.USUAL}


@pytest.mark.parametrize("provider", WRONG)
def test_the_wrong_client_fails(provider: str) -> None:
    wrong, case, judge = WRONG[provider]
    (result,) = conform(learned(wrong), provider=provider, only=[case]).results
    assert result.verdict == "fail", result
    assert {breach.judge for breach in result.breaches if breach.level == "MUST"} == {judge}


@pytest.mark.parametrize("provider", WRONG)
def test_the_right_one_does_not(provider: str) -> None:
    only = [WRONG[provider][1], *MORE.get(provider, ())]
    matrix = conform(learned(), provider=provider, only=only)
    assert [result.verdict for result in matrix.results] == ["pass"] * len(only)
