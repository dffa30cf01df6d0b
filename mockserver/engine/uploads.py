"""Files that clients upload, so that a submit can name them by a link. The store keeps them."""

from __future__ import annotations

import asyncio
import base64
import secrets
from asyncio import sleep
from collections.abc import Iterator, Mapping
from typing import Any, Final

from mockserver.engine.documents.readers import read_or_skip
from mockserver.engine.documents.uploads import PART, PART_BYTES, UPLOAD, Upload, is_upload_id
from mockserver.settings import MIB
from mockserver.stores.base import Store

PREFIX: Final = "/media/uploads/"
MOST_BYTES: Final = 128 * MIB
"""Bytes of all files; the oldest give way to a new one."""
MOST_FILES: Final = 1000
OPENINGS: Final = 50
"""New places after which the oldest give way: so many more than MOST_FILES there may be."""
_LONGEST_LINK: Final = 2048
"""Characters in which a link names its file: a picture in Base64 is not searched to its end."""


class Uploads:
    """The files of the servers that share a store. Every method raises `errors.StoreError`."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._opened = 0
        # A file that is written has its place until it is whole.
        self._writing = asyncio.Lock()

    async def open(self, tenant: str, provider: str, content_type: str, until: int) -> Upload:
        """A new place for a file."""
        place = Upload(
            secrets.token_hex(16), tenant, provider, secrets.token_urlsafe(24), content_type, until
        )
        await self._put(place)
        self._opened += 1
        if self._opened % OPENINGS == 0:
            async with self._writing:
                await self._make_room(place)
        return place

    async def find(self, path: str) -> Upload | None:
        """The place that a path or link leads to."""
        name = path.rpartition(PREFIX)[2]
        stored = await self._store.document(UPLOAD, name) if is_upload_id(name) else None
        place: Upload | None = None if stored is None else read_or_skip(self._store, stored)
        return place

    async def fill(self, place: Upload, data: bytes | bytearray) -> bool:
        """Keep a file in its place; the oldest files are dropped where all together are too large.

        It is there once this returns, and before that the one before it. False where the place is gone.
        """
        async with self._writing:
            return await self._fill(place, data)

    async def _fill(self, place: Upload, data: bytes | bytearray) -> bool:
        current = await self.find(place.id)
        if current is None:
            return False
        announced = current._replace(coming=len(data))
        await self._drop_parts(current, current.version + 1, current.coming)
        await self._put(announced)
        await self._make_room(announced)
        for number in range(_parts(len(data))):
            part = data[number * PART_BYTES : (number + 1) * PART_BYTES]
            name = f"{place.id}/{announced.version + 1}/{number}"
            await self._store.put_document(place.tenant, PART, name, {"data": _encoded(part)})
            await sleep(0)
        if await self.find(place.id) != announced:
            # Its tenant was reset meanwhile.
            await self._drop_parts(announced, announced.version + 1, announced.coming)
            return False
        await self._put(announced._replace(size=len(data), version=announced.version + 1, coming=0))
        await self._drop_parts(current, current.version, current.size)
        return True

    async def read(self, place: Upload) -> bytes | None:
        """The file in a place; None where there is none, or it cannot be read."""
        content = bytearray()
        for number in range(_parts(place.size)):
            name = f"{place.id}/{place.version}/{number}"
            stored = await self._store.document(PART, name, place.tenant)
            content += (stored and read_or_skip(self._store, stored)) or b""
            await sleep(0)
        return bytes(content) if place.size and len(content) == place.size else None

    async def shown_in(self, value: Any) -> Any:
        """A JSON value with the file itself, as a data URI, in the place of each link to an uploaded one.

        It is the value itself where there is no such link.
        """
        files: dict[str, str] = {}
        for link in {*links_in(value)}:
            place = await self.find(link)
            content = None if place is None else await self.read(place)
            if place is not None and content is not None:
                files[link] = f"data:{place.content_type};base64,{await _base64(content)}"
        return _replaced(value, files) if files else value

    async def _put(self, place: Upload) -> None:
        document = place._asdict()
        del document["id"], document["tenant"]
        await self._store.put_document(place.tenant, UPLOAD, place.id, document)

    async def _make_room(self, staying: Upload) -> None:
        """Drop the oldest, but for one, until the others are few and small enough."""
        documents = await self._store.documents(UPLOAD)
        places = [place for stored in documents if (place := read_or_skip(self._store, stored))]
        held, count = sum(place.size + place.coming for place in places), len(places)
        for place in places:
            if held <= MOST_BYTES and count <= MOST_FILES:
                return
            if place.id != staying.id:
                held, count = held - place.size - place.coming, count - 1
                await self._store.put_document(place.tenant, UPLOAD, place.id, None)
                await self._drop_parts(place, place.version, place.size)
                await self._drop_parts(place, place.version + 1, place.coming)

    async def _drop_parts(self, place: Upload, version: int, size: int) -> None:
        for number in range(_parts(size)):
            await self._store.put_document(place.tenant, PART, f"{place.id}/{version}/{number}", None)


def links_in(value: Any) -> Iterator[str]:
    """The texts in a JSON value that may be links to uploaded files."""
    if isinstance(value, dict):
        value = [*value.values()]
    if isinstance(value, list):
        for item in value:
            yield from links_in(item)
    elif isinstance(value, str) and PREFIX in value[:_LONGEST_LINK]:
        yield value


def media_methods(path: str) -> tuple[str, ...]:
    """The methods of a path below /media."""
    return ("GET", "HEAD", "PUT") if path.startswith(PREFIX) else ("GET", "HEAD")


def _parts(size: int) -> int:
    """How many documents a file of so many bytes takes."""
    return -(-size // PART_BYTES)


def _encoded(part: bytes | bytearray) -> str:
    return base64.b64encode(part).decode()


async def _base64(content: bytes) -> str:
    """The Base64 of a file, part by part, as other requests go on between two."""
    texts = []
    for start in range(0, len(content), PART_BYTES):
        texts.append(_encoded(content[start : start + PART_BYTES]))
        await sleep(0)
    return "".join(texts)


def _replaced(value: Any, files: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: _replaced(member, files) for name, member in value.items()}
    if isinstance(value, list):
        return [_replaced(item, files) for item in value]
    return files.get(value, value) if isinstance(value, str) else value
