"""A record in which a key stands where its provider takes none: nobody is accused of how that was refused."""

from __future__ import annotations

import httpx
import pytest

from mockserver import in_process
from mockserver.contract.key_places import COMMON_HEADERS
from mockserver.kit import contracts
from mockserver.kit.checks.base import run_checks
from mockserver.kit.examples import unknown_id
from mockserver.kit.trace.open import parse
from mockserver.kit.traffic.history import History


@pytest.mark.parametrize("provider", sorted(contracts.placements()))
def test_a_server_may_refuse_a_key_in_another_header(provider: str) -> None:
    contract = contracts.load(provider)
    with in_process.serve(providers=[provider]) as running, running.tenant() as tenant:
        reads = (operation for operation in contract.operations.values() if operation.role == "read")
        for operation in reads:
            path = operation.path
            if operation.key is not None:
                path = path.replace(f"{{{operation.key[1]}}}", unknown_id(contract))
            for header in COMMON_HEADERS:
                headers = {header: f"Basic {tenant.key}"}
                httpx.get(f"{tenant.base(provider)}{path}", headers=headers, trust_env=False)
        control = {"authorization": f"Bearer {running.token}"}
        record = httpx.get(f"{running.url}/__mock/journal.har", headers=control, trust_env=False).content
    history = History(contract)
    calls = [history.read(exchange) for exchange in parse(record, "journal.har")]
    assert calls
    assert [finding.sentence for finding in run_checks(history, calls)] == []
