"""A body that nobody takes is thrown away, up to a length, before the connection closes."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from mockserver.engine.message import Response
from mockserver.web import bodies
from mockserver.web.bodies import send_and_close


def thrown_away(sizes: list[int], most: int, *, more: bool = True) -> int:
    """How many of the pieces of a body are taken, of which each has a size and the last may be the end."""
    taken = 0

    async def receive() -> dict[str, Any]:
        nonlocal taken
        if taken == len(sizes):
            await asyncio.sleep(3600)
        taken += 1
        return {
            "type": "http.request",
            "body": bytes(sizes[taken - 1]),
            "more_body": more or taken < len(sizes),
        }

    sent: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        sent.append(message)

    response = Response(413, [(b"a", b"b")], b"too large")
    asyncio.run(send_and_close(send, receive, response, most))
    start, *rest = sent
    assert start["headers"] == [(b"a", b"b"), (b"connection", b"close"), (b"content-length", b"9")]
    assert [(message.get("body"), message.get("more_body", False)) for message in rest] == [
        (b"too large", True), (b"", False)
    ]  # fmt: skip
    return taken


@pytest.mark.parametrize(
    ("sizes", "most", "taken"),
    [([10] * 9, 25, 3), ([10] * 9, 29, 3), ([10] * 9, 30, 4), ([10] * 9, 0, 1), ([100], 10, 1)],
)
def test_no_more_is_taken_than_a_body_may_have(sizes: list[int], most: int, taken: int) -> None:
    assert thrown_away(sizes, most) == taken


def test_a_body_is_taken_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "SILENCE", 0.01)
    assert thrown_away([10, 0, 10], 100, more=False) == 3
    assert thrown_away([10, 0, 10], 100) == 3
