"""Answers that end with their head, and lists that take no parameter: made-up contracts have both."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from mockserver import in_process
from mockserver.settings import Settings
from tests.kit.generated.design import Design
from tests.kit.generated.provider import write

EXAMPLE = {"model": "small", "prompt": "a lantern", "seconds": 1}
HEADERS = {"authorization": "Bearer a-key"}


@pytest.fixture
def client(tmp_path: Path) -> Iterator[httpx.Client]:
    """A client of a provider whose cancel answers 204 and whose list has no parameter."""
    folder = write(Design(listing="plain", cancelled="empty"), tmp_path)
    with (
        in_process.serve(Settings(contracts=(folder.parent,)), store="memory:") as running,
        httpx.Client(base_url=running.url, headers=HEADERS) as client,
    ):
        yield client


def test_an_answer_without_content_is_its_head_alone_and_the_connection_goes_on(client: httpx.Client) -> None:
    job = client.post("/jobs", json=EXAMPLE).json()["id"]
    answer = client.delete(f"/jobs/{job}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert {"content-length", "content-type"}.isdisjoint(answer.headers)
    assert client.get(f"/jobs/{job}").json()["state"] == "stopped"


def test_a_list_may_have_no_parameter(client: httpx.Client) -> None:
    client.post("/jobs", json=EXAMPLE)
    assert client.get("/jobs").json()["total"] == 1
