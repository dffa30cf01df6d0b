"""Work that takes long is given up when its client leaves."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from mockserver.web.wire import Disconnected, Receive

_Result = TypeVar("_Result")


async def while_connected(receive: Receive, work: Coroutine[Any, Any, _Result]) -> _Result:
    """The result of the work. Raises Disconnected where the client leaves first; then the work is cancelled.

    `receive` is that of a request whose body nobody wants.
    """
    working, leaving = asyncio.ensure_future(work), asyncio.ensure_future(disconnection(receive))
    try:
        await asyncio.wait((working, leaving), return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise Disconnected
        return working.result()
    finally:
        for task in (working, leaving):
            task.cancel()
        await asyncio.gather(working, leaving, return_exceptions=True)


async def disconnection(receive: Receive) -> None:
    """Return when the client has gone, whose body nobody wants any more."""
    while (await receive())["type"] != "http.disconnect":
        pass
