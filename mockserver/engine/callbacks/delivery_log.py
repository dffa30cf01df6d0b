"""The delivery log: the attempts that were made, in the store, the last of them."""

from __future__ import annotations

import asyncio
from asyncio import sleep
from collections.abc import Iterable, Sequence
from typing import Any, Final

import orjson

from mockserver.engine.callbacks import target_policy
from mockserver.engine.callbacks.schedule import DELIVERY_HEADER
from mockserver.engine.callbacks.signing import CallbackSigner, signature_in, unsigned
from mockserver.engine.documents.readers import read_or_skip
from mockserver.errors import NotFoundError
from mockserver.stores.base import Store, StoredDocument
from mockserver.time_limit import time_limit

KIND: Final = "delivery"
MAX_RECORDS: Final = 2000
"""Attempts that stay in the log, give or take a few."""
_TRIM_EVERY: Final = 100
LEASE: Final = target_policy.TIMEOUT + 1.0
"""Seconds after which an attempt that another server began counts as failed: that server has died in it."""
_LOOK_EVERY: Final = 0.2


def key_of(provider: str, job_id: str, attempt: str) -> str:
    """The name of an attempt."""
    return f"{provider}.{job_id}.{attempt}"


async def send(url: str, headers: dict[str, str], body: bytes, allow_hosts: Iterable[str]) -> dict[str, Any]:
    """Call a URL: the status, the error, and whether the delivery is settled, as by any 2xx."""
    try:
        status = await target_policy.post(url, headers, body, allow_hosts)
    except target_policy.ForbiddenTarget as error:
        return {"status": None, "error": f"not sent: {error}", "settled": True}
    except target_policy.UnreachedTarget as error:
        return {"status": None, "error": str(error), "settled": False}
    if 200 <= status < 300:
        return {"status": status, "error": None, "settled": True}
    more = "; redirects are not followed" if 300 <= status < 400 else ""
    return {"status": status, "error": f"answered {status}{more}", "settled": False}


class DeliveryLog:
    """The attempts in the store, oldest first."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._added = 0
        self._news = asyncio.Event()
        self.closed = False

    async def add(self, tenant: str, record: dict[str, Any]) -> None:
        """Store an attempt, and delete the oldest ones."""
        await self._store.put_document(tenant, KIND, record["id"], record)
        self._news.set()
        self._news = asyncio.Event()
        self._added += 1
        if self._added % _TRIM_EVERY == 0:
            for oldest in (await self.documents())[:-MAX_RECORDS]:
                await self._store.put_document(oldest.tenant, KIND, oldest.name, None)

    def close(self) -> None:
        """Wake whoever waits for news for the last time, as the server is to stop."""
        self.closed = True
        self._news.set()

    async def documents(self) -> Sequence[StoredDocument]:
        """Every attempt in the log that can be read."""
        documents = await self._store.documents(KIND)
        return [stored for stored in documents if read_or_skip(self._store, stored) is not None]

    async def wait_for_news(self, seconds: float) -> bool:
        """Wait until an attempt is added; False where none was in time."""
        news = self._news
        try:
            async with time_limit(seconds):
                await news.wait()
        except TimeoutError:
            return False
        return True

    async def find(self, name: str) -> tuple[str, dict[str, Any]]:
        """The tenant and the record of an attempt. Raises NotFoundError."""
        for stored in await self.documents():
            if stored.name == name:
                return stored.tenant, stored.document
        raise NotFoundError(f"no delivery {name!r}; GET /__mock/callbacks lists them")

    async def send_again(
        self,
        tenant: str,
        record: dict[str, Any],
        now: int,
        signer: CallbackSigner,
        allow_hosts: Iterable[str],
    ) -> dict[str, Any]:
        """Send a record's body again, signed anew. Returns the new record."""
        body = record["body"].encode()
        headers = unsigned(record["headers"])
        headers |= signer.sign(record["provider"], headers.get(DELIVERY_HEADER, record["id"]), body)
        number = await self._store.increment(tenant, f"replay/{record['id']}")
        repeated = {
            **record,
            "id": f"{record['id']}.again.{number}",
            "at": now,
            "signature": signature_in(headers),
            "headers": headers,
            "replays": record["id"],
        }
        repeated |= await send(record["url"], headers, body, allow_hosts)
        await self.add(tenant, repeated)
        return repeated

    async def wait_for_other_server(self, tenant: str, key: str, now: int) -> dict[str, Any]:
        """Wait for an attempt that another server claimed; it counts as failed when the lease runs out.

        Nobody knows then whether it was sent, so another attempt follows, as a provider would do it.
        """
        loop = asyncio.get_running_loop()
        end = loop.time() + LEASE
        while True:
            for stored in await self.documents():
                if (stored.tenant, stored.name) == (tenant, key):
                    return stored.document
            if loop.time() >= end:
                return {"at": now, "settled": False}
            await sleep(_LOOK_EVERY)


def body_in(record: dict[str, Any]) -> Any:
    """The body that an attempt sent."""
    return orjson.loads(record["body"])
