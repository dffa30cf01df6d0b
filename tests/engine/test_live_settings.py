"""Settings in force: how many there may be, and what is read again when the store may have changed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

import pytest

from mockserver.engine import live_settings
from mockserver.engine.documents.live import Quota
from mockserver.engine.live_settings import LiveSettings
from mockserver.errors import SettingsError
from mockserver.faults.rule import Rule
from mockserver.jobs.clock import REAL
from mockserver.stores.base import StoredDocument
from mockserver.stores.memory import MemoryStore


class CountingStore(MemoryStore):
    """Notes what was read of it."""

    def __init__(self) -> None:
        super().__init__()
        self.read: list[StoredDocument] = []

    async def documents(self, kind: str | None = None) -> Sequence[StoredDocument]:
        documents = await super().documents(kind)
        self.read += documents
        return documents


def rule(name: str) -> Rule:
    return Rule.model_validate({"id": name, "fault": "fail"})


def test_reading_again_leaves_out_what_are_no_settings() -> None:
    async def work() -> tuple[list[str], list[str]]:
        store = CountingStore()
        settings = LiveSettings(store, lambda: 0)
        await settings.set_quota("ann", Quota(requests=3))
        await settings.add_rule(rule("one"))
        for number in range(3):
            await store.put_document("ann", "delivery", f"{number}", {})
            await store.put_document("ann", "upload-part", f"{number}", {})
        await store.put_document("ann", "foreign", "a", {})
        await settings.load()
        assert not {"delivery", "upload-part"} & {stored.kind for stored in store.read}
        named = [record.kind for record in store.unreadable.of(None)]
        store.read.clear()
        await settings.load()
        assert settings.quota("ann") == Quota(requests=3)
        return named, sorted(stored.kind for stored in store.read)

    assert asyncio.run(work()) == (["foreign"], ["quota", "rule"])


def test_there_are_so_many_settings_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    async def work() -> None:
        settings = LiveSettings(MemoryStore(), lambda: 0)
        for name in ("a", "b", "a"):
            await settings.add_rule(rule(name))
            await settings.set_clock(name, REAL)
            await settings.set_quota(name, Quota())
        with pytest.raises(SettingsError, match=r"2 rules are in force, as many as may; remove some first"):
            await settings.add_rule(rule("c"))
        with pytest.raises(SettingsError, match="2 tenants have a clock of their own, as many as may"):
            await settings.set_clock("c", REAL)
        with pytest.raises(SettingsError, match="2 tenants have a quota, as many as may"):
            await settings.set_quota("c", Quota())
        await settings.drop_rule("a")
        await settings.add_rule(rule("c"))

    monkeypatch.setattr(live_settings, "MOST_RULES", 2)
    monkeypatch.setattr(live_settings, "MOST_TENANTS", 2)
    asyncio.run(work())


def test_the_faults_have_the_names_of_the_rules_in_force() -> None:
    async def work() -> list[Mapping[str, str]]:
        store = MemoryStore()
        settings, other = LiveSettings(store, lambda: 0), LiveSettings(store, lambda: 0)
        names = [settings.fault_names]
        for name in ("a", "b"):
            await settings.add_rule(rule(name))
            names.append(settings.fault_names)
        await settings.drop_rule("a")
        await other.load()
        return [*names, settings.fault_names, other.fault_names]

    rest = {"b": "fail"}
    assert asyncio.run(work()) == [{}, {"a": "fail"}, {"a": "fail", "b": "fail"}, rest, rest]
