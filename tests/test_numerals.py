"""Counts agree with their nouns."""

from __future__ import annotations

import pytest

from mockserver.control_client import ControlClient
from mockserver.numerals import plural
from mockserver.settings import Settings
from tests.engine.test_lifecycle import SUBMITS
from tests.serving import running_app


@pytest.mark.parametrize(
    ("count", "nouns", "text"),
    [(0, "", "0 jobs"), (1, "", "1 job"), (2, "", "2 jobs"), (1, "job", "1 job"), (3, "oxen", "3 oxen")],
)
def test_one_of_a_noun_is_no_plural(count: int, nouns: str, text: str) -> None:
    noun = "ox" if nouns == "oxen" else "job"
    assert plural(count, noun, nouns) == text


def test_a_claim_about_one_exchange_says_so() -> None:
    path, body, _, _ = SUBMITS["gmicloud"]
    with running_app(Settings(token="t")) as server, ControlClient(server.url, "t") as mock:
        with server.client() as client:
            client.post(path, json=body).raise_for_status()
        assert mock.claim(submitted_once=True)["said"].startswith("1 submit that made a job, expected 1: #")
        assert mock.claim(count=2)["said"].startswith("1 exchange, expected 2: #")
