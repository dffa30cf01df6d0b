"""How many requests and charged submits a run may send, without being asked to."""

from __future__ import annotations

import pytest

from mockserver.kit.contracts import load
from mockserver.kit.verify.verify import VerifyOptions


@pytest.mark.parametrize(
    ("url", "requests", "jobs"),
    [("http://127.0.0.1:8787", 50_000, 5_000), ("https://api.example.com", 300, 1)],
)
def test_a_server_elsewhere_gets_few_and_our_own_machine_many(url: str, requests: int, jobs: int) -> None:
    usual = VerifyOptions(url, load("gmicloud"))
    assert (usual.requests, usual.jobs) == (requests, jobs)

    chosen = VerifyOptions(url, load("gmicloud"), max_requests=7, max_jobs=0)
    assert (chosen.requests, chosen.jobs) == (7, 0)
