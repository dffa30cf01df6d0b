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
from mockserver.jobs.clock import REAL, ClockSetting
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


class Changing(MemoryStore):
    """A store that others change, and that counts who asks whether they did."""

    asked = 0
    was_changed = False

    def changed(self) -> bool:
        self.asked += 1
        return self.was_changed


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that the clock of the process shows."""
    shown = [100.0]
    monkeypatch.setattr(live_settings, "monotonic", lambda: shown[0])
    return shown


def _is_stale(settings: LiveSettings) -> bool:
    """Asked anew: a property that is true once may be false the next time."""
    return settings.stale


def test_the_store_is_asked_a_hundred_times_a_second_at_most(now: list[float]) -> None:
    store = Changing()
    settings = LiveSettings(store, lambda: 0)
    assert _is_stale(settings)
    asyncio.run(settings.load())
    asked = []
    for seconds in (0, 0.005, 0.0049, 0.0002, 0.0099, 0.0002):
        now[0] += seconds
        assert not _is_stale(settings)
        asked.append(store.asked)

    assert asked == [0, 0, 0, 1, 1, 2]


@pytest.mark.parametrize("at_once", [True, False])
def test_a_change_that_was_noticed_is_told_until_the_store_is_read_again(
    now: list[float], at_once: bool
) -> None:
    store = Changing()
    settings = LiveSettings(store, lambda: 0)
    asyncio.run(settings.load())
    assert not settings.notices_change(at_once=True)
    store.was_changed = True
    # It was asked just now, so only whoever insists is told.
    assert settings.notices_change(at_once=at_once) == at_once
    now[0] += 1
    assert settings.notices_change(at_once=False)
    store.was_changed = False
    assert _is_stale(settings)
    assert settings.notices_change(at_once=False)
    asyncio.run(settings.refresh())
    assert not _is_stale(settings)


@pytest.mark.parametrize(
    ("setting", "at", "seconds"),
    [
        (None, 5000, 4.0),
        (None, 500, -0.5),
        (ClockSetting("scaled", 4.0, 1000, 1000), 5000, 1.0),
        (ClockSetting("scaled", 0.5, 1000, 1000), 5000, 8.0),
        (ClockSetting("frozen", 1.0, 0, 1000), 5000, None),
    ],
)
def test_how_long_a_clock_takes_to_a_moment(
    setting: ClockSetting | None, at: int, seconds: float | None
) -> None:
    async def work() -> float | None:
        settings = LiveSettings(MemoryStore(), lambda: 1000)
        if setting is not None:
            await settings.set_clock("ann", setting)
        return settings.seconds_until("ann", at)

    assert asyncio.run(work()) == seconds


def test_a_tenants_own_settings_come_before_everybodys() -> None:
    async def work() -> None:
        settings = LiveSettings(MemoryStore(), lambda: 0)
        assert (settings.has_clocks, settings.has_quotas, settings.has_rules) == (False, False, False)
        everybodys, own = ClockSetting("frozen", 1.0, 0, 1), ClockSetting("frozen", 1.0, 0, 2)
        await settings.set_clock("", everybodys)
        await settings.set_clock("ann", own)
        await settings.set_quota("", Quota(requests=1))
        await settings.set_quota("ann", Quota(requests=2))
        assert (settings.has_clocks, settings.has_quotas, settings.has_rules) == (True, True, False)
        assert [settings.now(tenant) for tenant in ("ann", "bob", "")] == [2, 1, 1]
        assert [settings.clock_setting(tenant) for tenant in ("ann", "bob")] == [own, everybodys]
        assert [settings.quota(tenant) for tenant in ("ann", "bob")] == [Quota(requests=2), Quota(requests=1)]
        await settings.set_quota("ann", None)
        assert settings.quota("ann") == Quota(requests=1)
        await settings.set_quota("", None)
        assert settings.quota("ann") is None
        assert not settings.has_quotas

    asyncio.run(work())


def test_a_rule_without_an_id_gets_one_and_goes_once() -> None:
    async def work() -> None:
        settings = LiveSettings(MemoryStore(), lambda: 0)
        assert [(await settings.add_rule(rule(name))).id for name in ("", "mine", "")] == [
            "rule-1",
            "mine",
            "rule-2",
        ]
        assert [each.id for each in settings.rules] == ["rule-1", "mine", "rule-2"]
        assert settings.has_rules
        assert [await settings.drop_rule(name) for name in ("mine", "mine", "other")] == [True, False, False]
        assert [*settings.fault_names] == ["rule-1", "rule-2"]

    asyncio.run(work())
