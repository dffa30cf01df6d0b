"""The reader of each kind of document, for what is to be stored and for what is there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import orjson

from mockserver.engine.documents.callbacks import read_delivery, read_watched
from mockserver.engine.documents.live import read_clock, read_quota, read_rule
from mockserver.engine.documents.uploads import PART, UPLOAD, read_part, read_upload
from mockserver.errors import SettingsError
from mockserver.stores.base import Store, StoredDocument

READERS: Final[Mapping[str, Callable[[StoredDocument], Any]]] = {
    "clock": read_clock,
    "quota": read_quota,
    "rule": read_rule,
    "callback": read_watched,
    "delivery": read_delivery,
    UPLOAD: read_upload,
    PART: read_part,
}
_ODD: Final = (TypeError, OverflowError, RecursionError, KeyError, AttributeError)
"""What code that was made for other values may raise; to a reader all of it says the same."""


def read_document(stored: StoredDocument) -> Any:
    """What the document means. Raises ValueError that begins with the place."""
    reader = READERS.get(stored.kind)
    if reader is None:
        raise ValueError(f"this server knows no documents of that kind; it knows {', '.join(READERS)}")
    try:
        return reader(stored)
    except _ODD as error:
        raise ValueError(f"{type(error).__name__}: {error}") from error


def read_or_skip(store: Store, stored: StoredDocument) -> Any:
    """What the document means; None where it cannot be read, which is noted once."""
    try:
        content = read_document(stored)
    except ValueError as error:
        store.unreadable.note(stored.kind, stored.tenant, stored.name, str(error))
        return None
    store.unreadable.forget(stored.kind, stored.tenant, stored.name)
    return content


def check_document(stored: StoredDocument) -> None:
    """Refuse a document that could not be read later. Raises SettingsError that says why."""
    try:
        read_document(stored._replace(document=orjson.loads(orjson.dumps(stored.document))))
    except (TypeError, ValueError) as error:
        raise SettingsError(f"this {stored.kind} cannot be kept: {error}") from None
