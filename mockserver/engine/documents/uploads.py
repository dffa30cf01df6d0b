"""Places for files that clients upload, and the files in parts, as the store has them."""

from __future__ import annotations

import base64
import re
from typing import Final, NamedTuple

from mockserver.jobs.reading import MOST, members, moment, text, whole, wrong
from mockserver.stores.base import StoredDocument

UPLOAD: Final = "upload"
PART: Final = "upload-part"
"""The kinds of documents. A part is called `ID/VERSION/NUMBER`, all counted from 0."""
PART_BYTES: Final = 3 * 172 * 1024
"""Bytes of a file that one document has, a multiple of three for their Base64: to write them takes a few
milliseconds."""
MOST_SIZE: Final = 1 << 32
"""Bytes of a file at most."""
_ID: Final = re.compile(r"[0-9a-f]{32}")
_PART_NAME: Final = re.compile(r"[0-9a-f]{32}/[0-9]{1,9}/[0-9]{1,9}")
_MEMBERS: Final = frozenset({"provider", "secret", "content_type", "until", "size", "version", "coming"})
_NOTHING: Final[frozenset[str]] = frozenset()


class Upload(NamedTuple):
    """A tenant's place for a file at a provider.

    `secret` stands in the link that takes the file, whose type as a header names it is `content_type`; it may
    be sent until `until`, in Unix milliseconds. `size` is that of the file in bytes, 0 where there is none
    yet. `version` counts the files that came, and `coming` are the bytes of the one that is on its way.
    """

    id: str
    tenant: str
    provider: str
    secret: str
    content_type: str
    until: int
    size: int = 0
    version: int = 0
    coming: int = 0


def is_upload_id(name: str) -> bool:
    """Whether a place for a file could be called so."""
    return _ID.fullmatch(name) is not None


def read_upload(stored: StoredDocument) -> Upload:
    """A place for a file. Raises ValueError that begins with the place."""
    if not is_upload_id(stored.name):
        raise ValueError(f"its name {stored.name[:60]!a} is not 32 hexadecimal digits")
    record = members(stored.document, "", _MEMBERS, _NOTHING)
    return Upload(
        stored.name,
        stored.tenant,
        text(record["provider"], "provider"),
        text(record["secret"], "secret"),
        text(record["content_type"], "content_type"),
        moment(record["until"], "until"),
        whole(record["size"], "size", 0, MOST_SIZE),
        whole(record["version"], "version", 0, MOST),
        whole(record["coming"], "coming", 0, MOST_SIZE),
    )


def read_part(stored: StoredDocument) -> bytes:
    """A part of a file. Raises ValueError that begins with the place."""
    if _PART_NAME.fullmatch(stored.name) is None:
        raise ValueError(f"its name {stored.name[:60]!a} is not ID/VERSION/NUMBER")
    data = members(stored.document, "", frozenset({"data"}), _NOTHING)["data"]
    try:
        content = base64.b64decode(data, validate=True)
    except (TypeError, ValueError):
        raise wrong("data", data, "Base64") from None
    if not 0 < len(content) <= PART_BYTES:
        raise ValueError(f"data: {len(content)} bytes, not 1 to {PART_BYTES}")
    return content
