"""The settings in force: clocks, rules and quotas, kept in the store and read from memory.

They change rarely and are asked for with every request, so a copy is held here; the store says when
another process may have changed them.
"""

from __future__ import annotations

from collections.abc import Mapping
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple

from mockserver.jobs.clock import REAL, Clock, ClockSetting, moment
from mockserver.stores.base import Store
from mockserver.terms import EVERYBODY

if TYPE_CHECKING:
    from mockserver.faults.rule import Rule

_FRESH = 0.01
"""Seconds for which the copy counts as fresh: another server's change is seen that much later."""


class Quota(NamedTuple):
    """What a tenant may do: requests in a window of seconds, jobs at a time, credits; None is no limit."""

    requests: int | None = None
    window: float = 60.0
    parallel: int | None = None
    credits: float | None = None


class LiveSettings:
    """Clocks, rules and quotas by tenant; a tenant's own come before everybody's."""

    def __init__(self, store: Store, wall: Clock) -> None:
        self._store = store
        self._wall = wall
        self._clocks: dict[str, ClockSetting] = {}
        self._quotas: dict[str, Quota] = {}
        self._rules: dict[str, Rule] = {}
        self._loaded = False
        self._asked_again = 0.0

    @property
    def stale(self) -> bool:
        """Whether the store may know better. Asked again after a hundredth of a second at the earliest."""
        asked = monotonic()
        if self._loaded and asked < self._asked_again:
            return False
        self._asked_again = asked + _FRESH
        return not self._loaded or self._store.changed()

    @property
    def has_clocks(self) -> bool:
        """Whether anybody goes by another clock than the wall's."""
        return bool(self._clocks)

    @property
    def has_quotas(self) -> bool:
        """Whether anything limits anybody."""
        return bool(self._quotas)

    async def refresh(self) -> None:
        """Read the store again where somebody else may have written to it."""
        if self.stale:
            await self.load()

    async def load(self) -> None:
        """Read everything from the store."""
        self._loaded = True
        clocks, quotas, rules = {}, {}, {}
        for kept in await self._store.kept():
            if kept.kind == "clock":
                clocks[kept.tenant] = ClockSetting(**kept.document)
            elif kept.kind == "quota":
                quotas[kept.tenant] = Quota(**kept.document)
            elif kept.kind == "rule":
                rules[kept.name] = read_rule(kept.document)
        self._clocks, self._quotas, self._rules = clocks, quotas, rules

    def setting(self, tenant: str) -> ClockSetting:
        """The clock that a tenant goes by."""
        return self._clocks.get(tenant) or self._clocks.get(EVERYBODY) or REAL

    def now(self, tenant: str = EVERYBODY) -> int:
        """The moment by the tenant's clock, in Unix milliseconds."""
        return moment(self.setting(tenant), self._wall()) if self._clocks else self._wall()

    async def set_clock(self, tenant: str, setting: ClockSetting) -> None:
        """Give a tenant, or everybody, a clock."""
        await self._keep(tenant, "clock", "-", setting._asdict())
        self._clocks[tenant] = setting

    @property
    def rules(self) -> list[Rule]:
        """All rules, in the order in which they came."""
        return list(self._rules.values())

    @property
    def has_rules(self) -> bool:
        """Whether there is any."""
        return bool(self._rules)

    async def add_rule(self, rule: Rule) -> Rule:
        """Add a rule, or replace the one of its id; one without gets `rule-N`. Returns it as kept."""
        if not rule.id:
            number = await self._store.number(EVERYBODY, "rule")
            rule = rule.model_copy(update={"id": f"rule-{number}"})
        await self._keep(EVERYBODY, "rule", rule.id, rule.model_dump(mode="json"))
        self._rules[rule.id] = rule
        return rule

    async def drop_rule(self, rule_id: str) -> bool:
        """Remove a rule; False where there was none of that id."""
        if rule_id not in self._rules:
            return False
        await self._keep(EVERYBODY, "rule", rule_id, None)
        del self._rules[rule_id]
        return True

    def quota(self, tenant: str) -> Quota | None:
        """What the tenant may do, or None where nothing limits it."""
        if not self._quotas:
            return None
        return self._quotas.get(tenant) or self._quotas.get(EVERYBODY)

    async def set_quota(self, tenant: str, quota: Quota | None) -> None:
        """Limit a tenant, or everybody; None lifts the limit."""
        await self._keep(tenant, "quota", "-", None if quota is None else quota._asdict())
        if quota is None:
            self._quotas.pop(tenant, None)
        else:
            self._quotas[tenant] = quota

    async def _keep(self, tenant: str, kind: str, name: str, document: Mapping[str, Any] | None) -> None:
        await self._store.keep(tenant, kind, name, None if document is None else dict(document))


def read_rule(document: Mapping[str, Any]) -> Rule:
    """A rule from its JSON. Imported here, as a server without rules needs none of it."""
    from mockserver.faults.rule import Rule

    return Rule.model_validate(document)
