"""Whoever waits for something that is due is told of each change, until it waits no more."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from mockserver.engine.callbacks import pending
from mockserver.engine.callbacks.pending import load_pending
from mockserver.engine.changes import Changes
from mockserver.errors import UnreadableJob
from mockserver.stores.base import StoredDocument


def test_every_subscriber_is_called_until_it_leaves() -> None:
    changes, calls = Changes(), list[str]()

    def first() -> None:
        calls.append("first")

    def second() -> None:
        calls.append("second")

    changes.subscribe(first)
    changes.subscribe(second)
    changes.notify()
    changes.unsubscribe(first)
    changes.notify()

    assert calls == ["first", "second", "second"]


def test_what_a_job_owes_in_a_form_that_cannot_be_read_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pending, "read_or_skip", lambda *_: None)
    stored = StoredDocument("tenant", "watched", "gmicloud/job-1", {})
    store: Any = None
    with pytest.raises(UnreadableJob, match="what gmicloud/job-1 owes cannot be read"):
        asyncio.run(load_pending(store, {}, stored))
