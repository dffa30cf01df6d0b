"""What a quota counts, and how a request is refused that goes beyond it."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from mockserver.engine import quotas
from mockserver.engine.documents.live import Quota
from mockserver.engine.quotas import charge_quota, read_account
from mockserver.engine.refusals.refusal import Refusal
from mockserver.stores.memory import MemoryStore

NOW = 120_500


def context(role: str = "submit", *answers: str, now: int = NOW, **more: Any) -> Any:
    operation = SimpleNamespace(role=role, answers=dict.fromkeys(answers), credits=more.pop("granted", 0.0))
    contract = SimpleNamespace(provider="p", parallel_per_model=False)
    return SimpleNamespace(tenant="ann", operation=operation, contract=contract, now=now, **more)


def refusal(
    quota: Quota | None, request: Any, monkeypatch: pytest.MonkeyPatch, **used: float
) -> Refusal | None:
    """How the request is refused of a tenant that has so many jobs `running` and has `spent` so much."""

    async def running(*_: Any) -> float:
        return used.get("running", 0)

    async def spent(*_: Any) -> float:
        return used.get("spent", 0)

    monkeypatch.setattr(quotas, "count_running", running)
    monkeypatch.setattr(quotas, "_spent", spent)
    live = cast(Any, SimpleNamespace(quota=lambda _: quota))
    try:
        asyncio.run(charge_quota(live, cast(Any, SimpleNamespace(tally=None)), request))
    except Refusal as refused:
        return refused
    return None


@pytest.mark.parametrize(("running", "is_refused"), [(0, False), (1, False), (2, True), (3, True)])
def test_so_many_jobs_may_run_and_reads_are_let_through(
    running: int, is_refused: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = refusal(Quota(parallel=2), context("submit", "busy"), monkeypatch, running=running)

    assert (refused is not None) == is_refused
    if refused is not None:
        assert (refused.when, refused.message) == ("busy", f"{running} jobs are running, 2 allowed at a time")
    assert refusal(Quota(parallel=2), context("read", "busy"), monkeypatch, running=running) is None
    assert refusal(Quota(), context("submit", "busy"), monkeypatch, running=running) is None
    assert refusal(None, context("submit", "busy"), monkeypatch, running=running) is None


@pytest.mark.parametrize(("spent", "is_refused"), [(0, False), (9.5, False), (10, True), (10.5, True)])
def test_so_much_may_be_spent(spent: float, is_refused: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = refusal(Quota(credits=10), context("submit", "unpaid", "limited"), monkeypatch, spent=spent)

    assert (refused is not None) == is_refused
    if refused is not None:
        assert (refused.when, refused.message) == ("unpaid", f"{spent:g} of 10 credits are used up")
    assert refusal(Quota(credits=10), context("read", "unpaid"), monkeypatch, spent=spent) is None


@pytest.mark.parametrize(
    ("answers", "when"),
    [(("unpaid", "limited"), "unpaid"), (("limited",), "limited"), ((), "invalid"), (("busy",), "invalid")],
)
def test_a_refusal_is_the_nearest_answer_that_the_operation_has(
    answers: Any, when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = refusal(Quota(credits=1), context("submit", *answers), monkeypatch, spent=2)

    assert refused is not None
    assert refused.when == when


def test_requests_are_counted_in_windows_of_the_clock() -> None:
    async def work() -> list[tuple[str, int | None] | None]:
        store = MemoryStore()
        refusals: list[tuple[str, int | None] | None] = []
        live = cast(Any, SimpleNamespace(quota=lambda _: Quota(requests=2, window=60.0)))
        for now in (NOW, NOW, NOW, 179_999, 180_000, 180_000, 180_001):
            try:
                await charge_quota(live, store, context("read", "limited", now=now))
                refusals.append(None)
            except Refusal as refused:
                refusals.append((refused.message, refused.until))
        return refusals

    used_up = "2 requests in 60 s are used up"
    until, later = (used_up, 180_000), (used_up, 240_000)
    assert asyncio.run(work()) == [None, None, until, until, None, None, later]


@pytest.mark.parametrize(
    ("quota", "spent", "balance"),
    [
        (None, 30.0, (100.0, 70.0)),
        (Quota(requests=5), 30.0, (100.0, 70.0)),
        (Quota(credits=50), 30.0, (50.0, 20.0)),
        (Quota(credits=0), 30.0, (0.0, 0.0)),
        (None, 100.5, (100.0, 0.0)),
    ],
)
def test_an_account_has_what_its_quota_grants_else_what_the_contract_has(
    quota: Quota | None, spent: float, balance: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def cost(*_: Any) -> float:
        return spent

    monkeypatch.setattr(quotas, "_spent", cost)
    live = cast(Any, SimpleNamespace(quota=lambda _: quota))

    assert asyncio.run(read_account(live, cast(Any, None), context("account", granted=100.0))) == balance
