"""The counters of the store in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Final

MAX_TENANTS: Final = 5000
"""Tenants without jobs whose counters stay. Under a rule every key that only looks would leave some."""
_TRIES: Final = 8
"""Tenants that are looked at for one to be forgotten, so that a count takes no longer with many."""


class MemoryNumbers:
    """Counters by tenant and name. `has_jobs` says of which tenants none may be forgotten."""

    def __init__(self, has_jobs: Callable[[str], bool]) -> None:
        self._has_jobs = has_jobs
        # The tenant who counted longest ago comes first.
        self._numbers: dict[str, Counter[str]] = {}

    def increment(self, tenant: str, name: str) -> int:
        """Count up, and return the number."""
        numbers = self._numbers.pop(tenant, None)
        if numbers is None:
            numbers = Counter()
            if len(self._numbers) >= MAX_TENANTS:
                self._forget_some()
        self._numbers[tenant] = numbers
        numbers[name] += 1
        return numbers[name]

    def put(self, tenant: str, name: str, last: int) -> None:
        """Let a counter go on after `last`."""
        self._numbers.setdefault(tenant, Counter())[name] = last

    def drop(self, tenant: str, prefix: str, but: str) -> None:
        """Forget the tenant's counters whose names begin so, but for one."""
        numbers = self._numbers.get(tenant, Counter())
        for name in [name for name in numbers if name.startswith(prefix) and name != but]:
            del numbers[name]

    def clear(self, tenant: str | None) -> None:
        """Forget the counters of a tenant, or of all."""
        if tenant is None:
            self._numbers.clear()
        else:
            self._numbers.pop(tenant, None)

    def of(self, tenant: str) -> Mapping[str, int]:
        """The tenant's counters."""
        return self._numbers.get(tenant, {})

    def tenants(self) -> Iterable[str]:
        """Who has counters."""
        return self._numbers

    def _forget_some(self) -> None:
        for tenant in [tenant for tenant, _ in zip(self._numbers, range(_TRIES), strict=False)]:
            numbers = self._numbers.pop(tenant)
            if tenant and not self._has_jobs(tenant):
                return
            self._numbers[tenant] = numbers
