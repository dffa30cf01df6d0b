"""Settings that can change while the server runs: clocks, rules and quotas.

The store has them. As every request needs them and they change rarely, requests read a copy in memory;
the store says when another process may have changed them.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from mockserver.engine.documents.live import ONLY, Quota
from mockserver.engine.documents.readers import check_document, read_or_skip
from mockserver.errors import SettingsError, StoreError
from mockserver.jobs.clock import REAL, Clock, ClockSetting, moment
from mockserver.real_time import monotonic
from mockserver.stores.base import Store, StoredDocument
from mockserver.terms import EVERYBODY

if TYPE_CHECKING:
    from mockserver.faults.rule import Rule

MOST_RULES: Final = 1000
"""Rules that there may be: each is tried on every request."""
MOST_TENANTS: Final = 10_000
"""Tenants that may have a clock of their own, or a quota."""
_KINDS: Final = ("clock", "quota", "rule")
_OTHERS: Final = frozenset({"callback", "delivery", "upload", "upload-part"})
"""Kinds of documents that are no settings; whoever needs them reads them."""
_FRESH = 0.01
"""Seconds for which the copy counts as fresh; another server's change acts that much later."""
_log = logging.getLogger("mockserver")


class LiveSettings:
    """Clocks, rules and quotas by tenant; a tenant's own come before everybody's."""

    def __init__(self, store: Store, wall: Clock) -> None:
        self._store = store
        self._wall = wall
        self._clocks: dict[str, ClockSetting] = {}
        self._quotas: dict[str, Quota] = {}
        self._rules: dict[str, Rule] = {}
        self.fault_names: Mapping[str, str] = {}
        """The rules' faults by the rules' ids, as `meaning` wants them; it is replaced, never changed."""
        self._loaded = False
        self._knows_all = False
        self._trouble = ""
        self._checked_until = 0.0
        self._noticed = False

    @property
    def stale(self) -> bool:
        """Whether the store may have changed. It is asked once in a hundredth of a second at most."""
        if self._noticed:
            return True
        now = monotonic()
        if now < self._checked_until:
            return False
        self._checked_until = now + _FRESH
        return not self._loaded or self._store.changed()

    def notices_change(self, *, at_once: bool) -> bool:
        """As `stale`, for whoever does not read the store again: the next one to ask is told it, too.

        With `at_once` the store is asked now.
        """
        self._noticed = self.stale or (at_once and self._store.changed())
        return self._noticed

    @property
    def has_clocks(self) -> bool:
        """Whether any tenant has another clock than the wall's."""
        return bool(self._clocks)

    @property
    def has_quotas(self) -> bool:
        """Whether any tenant has a quota."""
        return bool(self._quotas)

    async def refresh(self) -> None:
        """Read the store again where another process may have changed it."""
        if self.stale:
            await self.reread()

    async def reread(self) -> None:
        """Read the store again. Where it fails, what was read last stays in force, as the log says once."""
        try:
            await self.load()
        except StoreError as error:
            if str(error) != self._trouble:
                _log.warning("clocks, rules and quotas stay as they are: %s", error)
            self._trouble = str(error)

    async def load(self) -> None:
        """Read everything from the store, but for what cannot be read. Raises StoreError."""
        self._loaded = self._noticed = False
        clocks: dict[str, ClockSetting] = {}
        quotas: dict[str, Quota] = {}
        rules: dict[str, Rule] = {}
        for stored in await self._documents():
            setting = read_or_skip(self._store, stored)
            if isinstance(setting, ClockSetting):
                clocks[stored.tenant] = setting
            elif isinstance(setting, Quota):
                quotas[stored.tenant] = setting
            elif setting is not None:
                rules[stored.name] = setting
        self._clocks, self._quotas, self._rules = clocks, quotas, rules
        self._name_faults()
        self._loaded, self._trouble = True, ""

    async def _documents(self) -> Sequence[StoredDocument]:
        """The settings; the first time with all that nobody else reads, so that what is foreign is named."""
        if not self._knows_all:
            kinds = [kind for kind in await self._store.kinds() if kind not in _OTHERS]
            self._knows_all = True
            return [stored for kind in kinds for stored in await self._store.documents(kind)]
        return [stored for kind in _KINDS for stored in await self._store.documents(kind)]

    def clock_setting(self, tenant: str) -> ClockSetting:
        """The clock of a tenant: its own, or everybody's."""
        return self._clocks.get(tenant) or self._clocks.get(EVERYBODY) or REAL

    def now(self, tenant: str = EVERYBODY) -> int:
        """The moment by the tenant's clock, in Unix milliseconds."""
        if not self._clocks:
            return self._wall()
        return moment(self.clock_setting(tenant), self._wall())

    def seconds_until(self, tenant: str, at: int) -> float | None:
        """Real seconds until the tenant's clock shows `at`, below 0 if it has; None while it is frozen."""
        setting = self.clock_setting(tenant)
        if setting.mode == "frozen":
            return None
        return (at - self.now(tenant)) / 1000 / setting.rate

    async def set_clock(self, tenant: str, setting: ClockSetting) -> None:
        """Give a tenant, or everybody, a clock.

        Raises SettingsError for one that could not be read again, or where too many have one.
        """
        _check_room(self._clocks, tenant, MOST_TENANTS, "tenants have a clock of their own")
        await self._put(tenant, "clock", ONLY, setting._asdict())
        self._clocks[tenant] = setting

    @property
    def rules(self) -> list[Rule]:
        """All rules, in the order in which they were added."""
        return list(self._rules.values())

    @property
    def has_rules(self) -> bool:
        """Whether there is any rule."""
        return bool(self._rules)

    async def add_rule(self, rule: Rule) -> Rule:
        """Add a rule, or replace the one of its id; one without an id gets `rule-N`. Returns it as stored.

        Raises SettingsError for one that could not be read again, or where there are too many.
        """
        _check_room(self._rules, rule.id, MOST_RULES, "rules are in force")
        if not rule.id:
            number = await self._store.increment(EVERYBODY, "rule")
            rule = rule.model_copy(update={"id": f"rule-{number}"})
        await self._put(EVERYBODY, "rule", rule.id, rule.model_dump(mode="json"))
        self._rules[rule.id] = rule
        self._name_faults()
        return rule

    async def drop_rule(self, rule_id: str) -> bool:
        """Remove a rule; False where no rule has that id."""
        if rule_id not in self._rules:
            return False
        await self._store.put_document(EVERYBODY, "rule", rule_id, None)
        del self._rules[rule_id]
        self._name_faults()
        return True

    def _name_faults(self) -> None:
        self.fault_names = {name: rule.fault for name, rule in self._rules.items()}

    def quota(self, tenant: str) -> Quota | None:
        """The tenant's quota: its own, or everybody's; None where nothing limits it."""
        if not self._quotas:
            return None
        return self._quotas.get(tenant) or self._quotas.get(EVERYBODY)

    async def set_quota(self, tenant: str, quota: Quota | None) -> None:
        """Limit a tenant, or everybody; None lifts the limit. Raises SettingsError as `set_clock`."""
        if quota is None:
            await self._store.put_document(tenant, "quota", ONLY, None)
            self._quotas.pop(tenant, None)
        else:
            _check_room(self._quotas, tenant, MOST_TENANTS, "tenants have a quota")
            await self._put(tenant, "quota", ONLY, quota._asdict())
            self._quotas[tenant] = quota

    async def _put(self, tenant: str, kind: str, name: str, document: dict[str, Any]) -> None:
        check_document(StoredDocument(tenant, kind, name, document))
        await self._store.put_document(tenant, kind, name, document)


def _check_room(settings: Mapping[str, Any], name: str, most: int, what: str) -> None:
    """Refuse a new name where there are as many as may be. Raises SettingsError."""
    if name not in settings and len(settings) >= most:
        raise SettingsError(f"{most} {what}, as many as may; remove some first")
