"""A record in which a job was deleted, and the clock was turned back: nobody is accused of what is gone."""

from __future__ import annotations

import httpx
import pytest

from mockserver import in_process
from mockserver.kit import contracts
from mockserver.kit.checks.base import run_checks
from mockserver.kit.trace.open import parse
from mockserver.kit.traffic.history import History


@pytest.mark.parametrize("form", ["journal.har", "journal"])
def test_a_deleted_job_is_missed_nowhere(form: str) -> None:
    with in_process.serve(providers=["openai"]) as running, running.tenant() as tenant:
        with httpx.Client(headers=tenant.headers("openai"), trust_env=False) as client:
            videos = f"{tenant.base('openai')}/videos"
            tenant.advance(10_000)
            job = client.post(videos, json={"prompt": "A kite"}).json()["id"]
            tenant.advance(60)
            assert client.get(videos).json()["last_id"] == job
            assert client.delete(f"{videos}/{job}").status_code == 200
            tenant.control.reset()
            assert client.get(videos).json()["data"] == []
            assert client.get(f"{videos}/{job}").status_code == 404
        control = {"authorization": f"Bearer {running.token}"}
        record = httpx.get(f"{running.url}/__mock/{form}", headers=control, trust_env=False).content
    contract = contracts.load("openai")
    exchanges = parse(record, form)
    history = History(contract)
    calls = [history.read(exchange) for exchange in sorted(exchanges, key=lambda exchange: exchange.order)]
    assert [call.role for call in calls] == ["submit", "list", "delete", "list", "read"]
    assert [finding.sentence for finding in run_checks(history, calls)] == []
