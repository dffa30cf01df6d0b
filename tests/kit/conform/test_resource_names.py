"""Where jobs have paths for names and clips need the key, the learned client conforms; wrong ones do not."""

from __future__ import annotations

from typing import Any

from mockserver.kit.learned_client import LearnedClient
from tests.kit.conform.environments import learned
from tests.kit.conform.shared_servers import conform

ONLY = ("request-picture", "poll-another-job")


class Credulous(LearnedClient):
    """Believes every answer, about whichever job it is."""

    def _succeeded(self, body: Any, job_id: str) -> bool:
        return super()._succeeded({**body, "name": job_id}, job_id)


class Keyless(LearnedClient):
    """Fetches the clip without its key."""

    def _is_ours(self, link: str) -> bool:
        return False


def verdicts(kind: type[LearnedClient], *only: str) -> dict[str, str]:
    matrix = conform(learned(kind), provider="veo", only=only)
    return {result.case.id: result.verdict for result in matrix.results}


def test_the_client_that_learns_it_conforms() -> None:
    assert verdicts(LearnedClient, *ONLY) == dict.fromkeys(ONLY, "pass")


def test_a_client_that_believes_every_answer_does_not() -> None:
    assert verdicts(Credulous, "request-plain", "poll-another-job") == {
        "request-plain": "pass",
        "poll-another-job": "weak",
    }


def test_a_client_that_fetches_without_its_key_gets_no_clip() -> None:
    assert verdicts(Keyless, "request-plain") == {"request-plain": "fail"}
