"""Virtual time: a clock that stands, and moves on only when the client waits."""

from __future__ import annotations

from typing import Any, Final

from mockserver.control_client import ControlClient

QUIET: Final = 0.3
"""Real seconds of silence after which a client is taken to wait, without polling, for time to pass."""
_PAGE: Final = 500


class VirtualClock:
    """Moves one tenant's clock.

    It jumps to the next event when the client has asked the API something since the last jump, or is quiet.
    While it is held, the clock stands whatever the client does, so that who was to be killed in the middle is
    killed in the middle, however fast it is.
    """

    def __init__(self, control: ControlClient, *, moves: bool, since: int = 0) -> None:
        """Without `moves` it only watches."""
        self._control = control
        self._moves = moves
        self.since = since
        self.seen: dict[str, int] = {}
        self.held = False
        self._quiet = 0.0
        self._accepted = False

    def look(self, seconds: float) -> None:
        """Wait for something to happen, `seconds` at most, and move the clock if it is time."""
        news = self._news(seconds)
        if not self._moves or self.held:
            return
        self._quiet = 0.0 if news else self._quiet + seconds
        if self._accepted and (news or self._quiet >= QUIET):
            self._quiet = 0.0
            self._control.jump()
            self._control.callbacks(settle=True)

    def count_anew(self) -> None:
        """Forget what was counted, as a new process starts."""
        self.seen.clear()

    def _news(self, seconds: float) -> bool:
        page = self._control.journal(since=self.since, wait=seconds, count=1, limit=_PAGE, bodies=False)
        told: list[dict[str, Any]] = page["exchanges"]
        for one in told:
            role = str(one["role"])
            self.seen[role] = self.seen.get(role, 0) + 1
            self._accepted = self._accepted or (role == "submit" and one["job"] is not None)
            self.since = max(self.since, int(one["number"]))
        return any(one["role"] in ("submit", "read", "list") for one in told)
