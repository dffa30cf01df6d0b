"""Looks names up in threads of its own, as a resolver may not answer for minutes."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from typing import Any, Final

MAX_LOOKUPS: Final = 32
"""Lookups at a time. No thread can be ended, so one that waits for a resolver stays until that gives up."""
_running = threading.BoundedSemaphore(MAX_LOOKUPS)

Entries = list[Any]
"""What `socket.getaddrinfo` returns."""


async def look_up(name: str, port: int) -> Entries:
    """The entries of a name. Raises OSError, also where too many lookups are under way.

    The threads are daemons, so that none holds up the end of the process, and they are not the event loop's
    own, which other work waits for.
    """
    if not _running.acquire(blocking=False):
        raise OSError(f"{MAX_LOOKUPS} names are being looked up already, and the resolver does not answer")
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[Entries] = loop.create_future()
    threading.Thread(target=_ask, args=(name, port, loop, answer), name="lookup", daemon=True).start()
    return await answer


def _ask(name: str, port: int, loop: asyncio.AbstractEventLoop, answer: asyncio.Future[Entries]) -> None:
    entries: Entries | Exception
    try:
        entries = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    except Exception as error:
        entries = error
    finally:
        _running.release()
    with contextlib.suppress(RuntimeError):  # the loop may have ended meanwhile
        loop.call_soon_threadsafe(_settle, answer, entries)


def _settle(answer: asyncio.Future[Entries], entries: Entries | Exception) -> None:
    if answer.done():
        return
    if isinstance(entries, Exception):
        answer.set_exception(entries)
    else:
        answer.set_result(entries)
