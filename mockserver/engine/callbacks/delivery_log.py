"""The journal of callbacks: every try that was made, kept in the store, the last of them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any, Final

import orjson

from mockserver.engine.callbacks import target_policy
from mockserver.engine.callbacks.schedule import signature
from mockserver.errors import NotFoundError
from mockserver.settings import Settings
from mockserver.stores.base import Store, StoredDocument

KIND: Final = "delivery"
MOST: Final = 2000
"""Tries that are kept, give or take a few."""
_TRIM_EACH: Final = 100
LEASE: Final = target_policy.PATIENCE + 1.0
"""Seconds after which a try that another server began, and said nothing more of, is one that it died in."""
_LOOK_EACH: Final = 0.2


def key_of(provider: str, job_id: str, attempt: str) -> str:
    """The name of a try."""
    return f"{provider}.{job_id}.{attempt}"


async def send(url: str, headers: dict[str, str], body: bytes, allow_hosts: Iterable[str]) -> dict[str, Any]:
    """Call a URL: the status, what went wrong, and whether that settles it. Any 2xx will do."""
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
    """The tries in the store, oldest first."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._noted = 0
        self._news = asyncio.Event()

    async def note(self, tenant: str, record: dict[str, Any]) -> None:
        """Keep a try, and let go of the oldest."""
        await self._store.keep(tenant, KIND, record["id"], record)
        self._news.set()
        self._news = asyncio.Event()
        self._noted += 1
        if self._noted % _TRIM_EACH == 0:
            for kept in (await self.all())[:-MOST]:
                await self._store.keep(kept.tenant, KIND, kept.name, None)

    async def all(self) -> Sequence[StoredDocument]:
        """Every try that is kept."""
        return await self._store.kept(KIND)

    async def news(self, seconds: float) -> bool:
        """Wait for a try to be noted; False where none was in time."""
        news = self._news
        try:
            async with asyncio.timeout(seconds):
                await news.wait()
        except TimeoutError:
            return False
        return True

    async def find(self, name: str) -> tuple[str, dict[str, Any]]:
        """The tenant and the record of a try. Raises NotFound."""
        for kept in await self.all():
            if kept.name == name:
                return kept.tenant, kept.document
        raise NotFoundError(f"no delivery {name!r}; GET /__mock/callbacks lists them")

    async def again(
        self, tenant: str, record: dict[str, Any], now: int, settings: Settings
    ) -> dict[str, Any]:
        """Send what a record says once more, signed with the secret of today, and give the new record."""
        body = record["body"].encode()
        headers = {name: text for name, text in record["headers"].items() if name != "x-mockserver-signature"}
        signed = signature(settings.callback_secret, body) if settings.callback_secret is not None else None
        if signed is not None:
            headers["x-mockserver-signature"] = signed
        number = await self._store.number(tenant, f"replay/{record['id']}")
        again = {
            **record,
            "id": f"{record['id']}.again.{number}",
            "at": now,
            "signature": signed,
            "headers": headers,
            "replays": record["id"],
        }
        again |= await send(record["url"], headers, body, settings.allow_hosts)
        await self.note(tenant, again)
        return again

    async def elsewhere(self, tenant: str, key: str, now: int) -> dict[str, Any]:
        """How the try that another server makes goes; one that it died in has failed.

        Whether it had been sent nobody knows, so another try follows, as a provider would do it.
        """
        loop = asyncio.get_running_loop()
        end = loop.time() + LEASE
        while True:
            found = [kept.document for kept in await self.all() if (kept.tenant, kept.name) == (tenant, key)]
            if found:
                return found[0]
            if loop.time() >= end:
                return {"at": now, "settled": False}
            await asyncio.sleep(_LOOK_EACH)


def body_in(record: dict[str, Any]) -> Any:
    """What a try told."""
    return orjson.loads(record["body"])
