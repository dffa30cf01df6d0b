"""What is cancelled is answered only by a server that stops; elsewhere it is for whoever cancelled it."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from mockserver.engine.message import Request, Response
from mockserver.web.guard import Guard


async def _cancelled() -> Response:
    raise asyncio.CancelledError


async def _cancelled_app(*_: Any) -> None:
    raise asyncio.CancelledError


def test_a_cancelled_request_is_answered_by_a_server_that_stops() -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def work() -> int:
        guard, receive = Guard(), cast(Any, None)
        request = Request("GET", "/", "", [], b"", "")
        with pytest.raises(asyncio.CancelledError):
            await guard.respond(_cancelled(), request)
        with pytest.raises(asyncio.CancelledError):
            await guard.answer(_cancelled_app, {}, receive, send)
        assert sent == []
        guard.stopping = True
        await guard.answer(_cancelled_app, {}, receive, send)
        return (await guard.respond(_cancelled(), request)).status

    assert asyncio.run(work()) == 503
    assert sent[0]["status"] == 503
