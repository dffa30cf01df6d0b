"""What the clients of the control plane send their requests by: a client of httpx, or as much of one."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any, Protocol

import httpx


class Requests(Protocol):
    """Sends a ControlClient's requests, as an `httpx.Client` does."""

    def request(
        self,
        method: str,
        url: str,
        *,
        json: Any = ...,
        content: Any = ...,
        params: Any = ...,
        timeout: float = ...,
    ) -> httpx.Response:
        """The answer, read to its end. Raises httpx.HTTPError."""

    def stream(
        self, method: str, url: str, *, json: Any = ..., params: Any = ..., timeout: float = ...
    ) -> AbstractContextManager[httpx.Response]:
        """The answer, to be read in the block. Raises httpx.HTTPError."""

    def close(self) -> None:
        """Send no more."""


class AsyncRequests(Protocol):
    """Sends an AsyncControlClient's requests, as an `httpx.AsyncClient` does."""

    async def request(
        self, method: str, url: str, *, json: Any = ..., params: Any = ..., timeout: float = ...
    ) -> httpx.Response:
        """The answer, read to its end. Raises httpx.HTTPError."""

    async def aclose(self) -> None:
        """Send no more."""
