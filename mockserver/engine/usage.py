"""How many requests each key sent: exactly of the last few thousand keys, of all others together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

MAX_TENANTS: Final = 2000
"""Keys that are counted one by one, which takes a megabyte; a test has a handful."""
OTHERS: Final = "others"
"""The name under which the requests of all other keys are counted."""

_Calls = Counter[tuple[str, str]]


class Usage:
    """Counts requests by tenant, provider and role since the process started."""

    def __init__(self) -> None:
        # The tenant whose last request is longest ago comes first.
        self._calls: dict[str, _Calls] = {}
        self._others: _Calls = Counter()

    def count(self, tenant: str, provider: str, role: str) -> None:
        """Count a request."""
        calls = self._calls.pop(tenant, None)
        if calls is None:
            calls = Counter()
            if len(self._calls) >= MAX_TENANTS:
                self._others += self._calls.pop(next(iter(self._calls)))
        self._calls[tenant] = calls
        calls[provider, role] += 1

    def __len__(self) -> int:
        """How many tenants are counted one by one."""
        return len(self._calls)

    def forget(self, tenant: str) -> None:
        """Count a tenant's requests from 0 again, or with "" everybody's."""
        if tenant:
            self._calls.pop(tenant, None)
        else:
            self._calls.clear()
            self._others.clear()

    def by_tenant(self) -> Iterator[tuple[str, _Calls]]:
        """Tenants, and their requests by provider and role; OTHERS come last where there are any."""
        yield from self._calls.items()
        if self._others:
            yield OTHERS, self._others
