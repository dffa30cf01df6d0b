"""What a store has that cannot be read, as another version or program wrote it, or it is damaged."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Final, NamedTuple

JOB: Final = "job"
MOST: Final = 1000
"""Records that are named; of more, the log says once that there are more."""
_SHOWN: Final = 300
_log = logging.getLogger("mockserver")


class Unreadable(NamedTuple):
    """A document of a kind, or a job, that cannot be read, and why. A job's name is PROVIDER/ID."""

    kind: str
    tenant: str
    name: str
    reason: str


class UnreadableRecords:
    """The documents and jobs of one store that could not be read when they were needed.

    Each is logged once, however often it is met.
    """

    def __init__(self) -> None:
        self._reasons: dict[tuple[str, str, str], str] = {}
        self._full = False

    def __len__(self) -> int:
        """How many are known."""
        return len(self._reasons)

    def note(self, kind: str, tenant: str, name: str, reason: str) -> None:
        """Note a document, or with the kind `job` a job. What is known already is not logged again."""
        key, reason = (kind, tenant, name), reason[:_SHOWN]
        if self._reasons.get(key) == reason:
            return
        if key not in self._reasons and len(self._reasons) >= MOST:
            if not self._full:
                _log.warning("more than %d records of the store cannot be read; no more are named", MOST)
            self._full = True
            return
        self._reasons[key] = reason
        owner = f"tenant {tenant!a}" if tenant else "everybody"
        _log.warning("skipped %s %s of %s: %s", ascii(kind), ascii(name), owner, ascii(reason)[1:-1])

    def of(self, tenant: str | None) -> Sequence[Unreadable]:
        """Those of a tenant ("" for everybody's own), or with None all."""
        return [Unreadable(*key, reason) for key, reason in self._reasons.items() if tenant in (None, key[1])]

    def has_jobs_of(self, tenant: str, provider: str) -> bool:
        """Whether jobs of the tenant at the provider are among them."""
        start = f"{provider}/"
        return any((JOB, tenant) == key[:2] and key[2].startswith(start) for key in self._reasons)

    def forget(self, kind: str, tenant: str, name: str) -> None:
        """Forget one, as it was deleted or replaced."""
        if self._reasons:
            self._reasons.pop((kind, tenant, name), None)

    def forget_tenant(self, tenant: str | None) -> None:
        """Forget all of a tenant, or with None all."""
        for key in [key for key in self._reasons if tenant in (None, key[1])]:
            del self._reasons[key]
