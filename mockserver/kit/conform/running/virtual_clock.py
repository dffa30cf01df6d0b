"""Virtual time: a stopped clock that moves on only when the client waits."""

from __future__ import annotations

from collections import Counter
from typing import Final

from mockserver.control_client import ControlClient
from mockserver.kit.conform.evidence import FETCHES

QUIET: Final = 0.3
"""Real seconds of silence after which a client counts as waiting for time to pass, without polling."""
_PAGE: Final = 500
_MOVING: Final = frozenset({"read", "list"})
"""The roles of requests after which the clock may move: whoever sends them has had the submit's answer.

After a submit a callback could overtake its answer, which is a case of its own."""


class VirtualClock:
    """Moves one tenant's clock.

    The clock jumps to the next event when the client has asked the API about a job since the last jump, or
    when it is quiet. While it is held it does not move, whatever the client does: so a client that the case
    kills in the middle of a job is killed there, however fast it is. `counts` are exchanges by role.
    """

    def __init__(self, control: ControlClient, *, moves: bool, since: int = 0) -> None:
        """Without `moves` it only counts exchanges."""
        self._control = control
        self._moves = moves
        self._since = since
        self.counts: Counter[str] = Counter()
        self.held = False
        self._quiet = 0.0
        self._accepted = False

    def watch(self, seconds: float) -> None:
        """Wait for an exchange, `seconds` at most, and move the clock if it is time."""
        active = self._count_exchanges(seconds)
        if not self._moves or self.held:
            return
        self._quiet = 0.0 if active else self._quiet + seconds
        if self._accepted and (active or self._quiet >= QUIET):
            self._quiet = 0.0
            self._control.jump()
            self._control.callbacks(settle=True)

    def count(self, role: str) -> int:
        """How many exchanges of that role there were; for `media` fetches of files in any way."""
        return sum(self.counts[name] for name in (FETCHES if role in FETCHES else (role,)))

    def reset_counts(self) -> None:
        """Count again from nothing, as a new process starts."""
        self.counts.clear()

    def _count_exchanges(self, seconds: float) -> bool:
        """Count what is new; whether the client has asked about a job."""
        page = self._control.journal(since=self._since, wait=seconds, count=1, limit=_PAGE, bodies=False)
        entries = page["exchanges"]
        for entry in entries:
            role = str(entry["role"])
            self.counts[role] += 1
            self._accepted = self._accepted or (role == "submit" and entry["job"] is not None)
            self._since = max(self._since, entry["number"])
        return any(entry["role"] in _MOVING for entry in entries)
