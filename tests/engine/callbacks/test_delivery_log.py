"""What counts as delivered, and how the log of attempts is waited for and searched."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from mockserver.engine.callbacks import delivery_log, target_policy
from mockserver.engine.callbacks.delivery_log import DeliveryLog, body_in, key_of, send
from mockserver.errors import NotFoundError
from mockserver.stores.memory import MemoryStore

ANN, BOB = "a" * 32, "b" * 32


def record(name: str, **more: Any) -> dict[str, Any]:
    """What the log has of an attempt."""
    usual = {
        "id": name, "provider": "p", "job": "j", "number": 1, "state": "s", "attempt": 1, "due": 1, "at": 1,
        "url": "http://127.0.0.1:9/", "status": 200, "error": None, "settled": True, "signature": None,
        "headers": {}, "faults": [], "body": '{"a": 1}',
    }  # fmt: skip
    return {**usual, **more}


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (199, "answered 199"),
        (200, None),
        (204, None),
        (299, None),
        (300, "answered 300; redirects are not followed"),
        (399, "answered 399; redirects are not followed"),
        (400, "answered 400"),
        (500, "answered 500"),
    ],
)
def test_any_2xx_settles_a_delivery_and_nothing_else_does(
    status: int, error: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[Any] = []

    async def post(*given: Any) -> int:
        sent.append(given)
        return status

    monkeypatch.setattr(target_policy, "post", post)
    outcome = asyncio.run(send("http://h/", {"a": "b"}, b"body", ["h"]))

    assert outcome == {"status": status, "error": error, "settled": error is None}
    assert sent == [("http://h/", {"a": "b"}, b"body", ["h"])]


@pytest.mark.parametrize(
    ("trouble", "error", "settled"),
    [
        (target_policy.ForbiddenTarget("h is not loopback"), "not sent: h is not loopback", True),
        (target_policy.UnreachedTarget("refused"), "refused", False),
    ],
)
def test_who_may_not_be_called_is_not_tried_again_and_who_was_not_reached_is(
    trouble: Exception, error: str, settled: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def post(*_: Any) -> int:
        raise trouble

    monkeypatch.setattr(target_policy, "post", post)
    assert asyncio.run(send("http://h/", {}, b"", [])) == {"status": None, "error": error, "settled": settled}


def test_each_attempt_that_is_added_is_news_to_all_who_wait() -> None:
    async def play() -> list[bool]:
        log = DeliveryLog(MemoryStore())
        heard = [await log.wait_for_news(0)]
        for number in range(2):
            waiting = [asyncio.create_task(log.wait_for_news(60)) for _ in range(2)]
            await asyncio.sleep(0)
            await log.add(ANN, record(str(number)))
            heard += await asyncio.gather(*waiting)
        return [*heard, await log.wait_for_news(0)]

    assert asyncio.run(play()) == [False, True, True, True, True, False]


def test_a_log_that_is_closed_is_waited_for_no_more() -> None:
    async def play() -> list[bool]:
        log = DeliveryLog(MemoryStore())
        before = log.closed
        waiting = asyncio.create_task(log.wait_for_news(60))
        await asyncio.sleep(0)
        log.close()
        return [before, await waiting, await log.wait_for_news(60), log.closed]

    assert asyncio.run(play()) == [False, True, True, True]


def test_an_attempt_is_found_by_its_name_with_its_tenant() -> None:
    async def play() -> None:
        log = DeliveryLog(MemoryStore())
        for tenant, name in ((ANN, key_of("p", "j", "1.1")), (BOB, key_of("p", "j", "1.2"))):
            await log.add(tenant, record(name))

        assert await log.find("p.j.1.2") == (BOB, record("p.j.1.2"))
        assert body_in(record("x")) == {"a": 1}
        with pytest.raises(NotFoundError, match=r"no delivery 'p\.j\.1'; GET /__mock/callbacks lists"):
            await log.find("p.j.1")

    asyncio.run(play())


@pytest.mark.parametrize("comes", [True, False])
def test_an_attempt_of_another_server_is_waited_for_until_its_lease_is_over(
    comes: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Attempts of that name of other tenants, and of other names, are not it."""
    log, moments, pauses = DeliveryLog(MemoryStore()), [0.0], list[float]()

    async def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3 and comes:
            await log.add(ANN, record("p.j.1.1", at=77))
        elif len(pauses) == 3:
            moments.append(delivery_log.LEASE)

    async def play() -> dict[str, Any]:
        monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: moments[-1])
        for tenant, name in ((BOB, "p.j.1.1"), (ANN, "p.j.1.2")):
            await log.add(tenant, record(name))
        return await log.wait_for_other_server(ANN, "p.j.1.1", 5)

    monkeypatch.setattr(delivery_log, "sleep", pause)
    outcome = asyncio.run(play())

    assert outcome == (record("p.j.1.1", at=77) if comes else {"at": 5, "settled": False})
    assert len(pauses) == 3
    assert 0 < max(pauses) < delivery_log.LEASE
