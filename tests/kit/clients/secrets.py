"""Clients that show their key."""

from __future__ import annotations

from typing import Any

from mockserver.kit.conform import Task
from mockserver.kit.reference_client import Answer
from tests.kit.clients.base import Good


class KeyInTheAddress(Good):
    """It puts the key in the query, besides the header."""

    served = "gmicloud"
    fails = frozenset({"request-plain"})

    async def _send(self, method: str, url: str, *more: Any) -> Answer:
        mark = "&" if "?" in url else "?"
        return await super()._send(
            method, f"{url}{mark}key={self.key}" if url.startswith("/") else url, *more
        )


class KeyInErrors(Good):
    """Its errors tell the whole request, headers and all."""

    served = "kkiai"
    fails = frozenset({"secrets-refused-key"})

    def work(self, task: Task) -> None:
        try:
            super().work(task)
        except Exception as error:
            raise RuntimeError(f"{error} (Authorization: Bearer {self.key})") from None
