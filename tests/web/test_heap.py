"""Memory is given back where the C library can, and where it cannot nothing happens."""

from __future__ import annotations

import asyncio
import ctypes
from types import SimpleNamespace

import pytest

from mockserver.web import bodies, heap


@pytest.mark.parametrize("error", [OSError, TypeError])
def test_a_system_without_such_a_library_is_left_alone(
    error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    def load(name: None) -> None:
        raise error

    monkeypatch.setattr(ctypes, "CDLL", load)
    assert heap._trimmer.__wrapped__() is None


def test_a_library_that_cannot_is_left_alone_and_one_that_can_gives_everything(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    left: list[int] = []
    monkeypatch.setattr(ctypes, "CDLL", lambda name: SimpleNamespace())
    assert heap._trimmer.__wrapped__() is None

    monkeypatch.setattr(heap, "_trimmer", lambda: left.append)
    heap.trim_heap()
    assert left == [0]


def test_what_several_large_bodies_leave_is_given_back_once(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[bool] = []
    monkeypatch.setattr(bodies, "trim_heap", lambda: given.append(True))
    monkeypatch.setattr(bodies, "TRIM_AFTER", 0)

    async def receive_several(sizes: list[int]) -> int:
        in_flight = bodies.BodiesInFlight(0)
        for size in sizes:
            in_flight.hold(size)
            in_flight.release(size)
        for _ in range(4):
            await asyncio.sleep(0)
        return len(given)

    async def receive_twice() -> int:
        in_flight = bodies.BodiesInFlight(0)
        for _ in range(2):
            in_flight.hold(bodies.LARGE)
            in_flight.release(bodies.LARGE)
            for _ in range(4):
                await asyncio.sleep(0)
        return len(given)

    assert asyncio.run(receive_several([bodies.LARGE - 1])) == 0
    assert asyncio.run(receive_several([bodies.LARGE] * 3)) == 1
    assert asyncio.run(receive_several([bodies.LARGE])) == 2
    # And anew for what comes after that.
    assert asyncio.run(receive_twice()) == 4
