"""Wrong about the moments of a job."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tests.kit.miniatures.base import GoodServer, Job
from tests.kit.miniatures.dialects import Kkiai


class Milliseconds(GoodServer):
    """Writes milliseconds where seconds are documented."""

    caught_by = frozenset({"moments.unit", "schema.answer"})

    def moment(self, milliseconds: int) -> Any:
        """As the clock has it."""
        return milliseconds


class Seconds(Kkiai):
    """Writes seconds where milliseconds are documented."""

    caught_by = frozenset({"moments.unit", "schema.answer", "callbacks.body"})

    def moment(self, milliseconds: int) -> Any:
        """Whole seconds."""
        return milliseconds // 1000


class Calendar(GoodServer):
    """Writes ISO 8601 where Unix seconds are documented."""

    caught_by = frozenset({"moments.unit", "schema.answer"})

    def moment(self, milliseconds: int) -> Any:
        """A date and a time."""
        return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat()


class Sixties(GoodServer):
    """Counts seconds from its own start."""

    caught_by = frozenset({"moments.plausible"})

    def moment(self, milliseconds: int) -> Any:
        """Seconds since a moment that nobody knows."""
        return (milliseconds - 1_789_999_000_000) // 1000


class Newborn(Kkiai):
    """Tells the moment of the answer as the moment the job was made at."""

    caught_by = frozenset({"moments.created", "lists.agrees"})

    def record(self, job: Job) -> dict[str, Any]:
        """Made just now."""
        now = self.moment(self.now)
        return {**super().record(job), "created_at": now, "updated_at": now}


class Backdated(GoodServer):
    """Says that a job which has succeeded last changed an hour before it was made."""

    caught_by = frozenset({"moments.order"})

    def record(self, job: Job) -> dict[str, Any]:
        """A job whose end precedes it."""
        found = super().record(job)
        early = found["created_at"] - 3600 if found["status"] == "success" else found["updated_at"]
        return {**found, "updated_at": early}


class Restless(GoodServer):
    """Tells the moment of the answer as that of the last change of status."""

    caught_by = frozenset({"moments.change"})

    def record(self, job: Job) -> dict[str, Any]:
        """Changed just now."""
        return {**super().record(job), "updated_at": self.moment(self.now)}
