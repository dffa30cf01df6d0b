"""Our own server, walked through as the miniatures are, gives no finding by any profile of its contracts."""

from __future__ import annotations

import json
from contextlib import ExitStack
from typing import Any, ClassVar, Self

import pytest

from mockserver.contract.model import Contract
from mockserver.control_client import ControlClient
from mockserver.jobs.clock import ManualClock
from mockserver.kit import contracts
from mockserver.settings import Settings
from tests.kit.miniatures.base import KEYS, SPENT, START, GoodServer
from tests.kit.miniatures.dialects import Aimlapi, Kkiai
from tests.kit.miniatures.walk import run
from tests.serving import running_app

TOKEN = "token-of-the-control-plane"


class Ours(GoodServer):
    """The real server in the miniature's place: the walk asks the same of it, the clock is its own."""

    profile: ClassVar[str] = "documented"

    def __init__(self) -> None:
        self.clock = ManualClock(START)
        self._stack = ExitStack()
        super().__init__()

    @property
    def now(self) -> int:
        """The server's moment."""
        return self.clock()

    @now.setter
    def now(self, moment: int) -> None:
        self.clock.advance((moment - self.clock()) / 1000)

    @property
    def contract(self) -> Contract:
        """As the profile reads it."""
        return contracts.load(self.provider, profile=self.profile)

    def __enter__(self) -> Self:
        settings = Settings(profile=self.profile, keys=KEYS, token=TOKEN, seed=7)
        running = self._stack.enter_context(running_app(settings, self.clock))
        self.url = running.url
        self.control = self._stack.enter_context(ControlClient(self.url, TOKEN))
        spent = self._stack.enter_context(ControlClient(self.url, TOKEN, key=SPENT))
        spent.set_quota(requests=0)
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def submits(self) -> list[dict[str, Any]]:
        """The last job fails by a marker in its prompt."""
        text = json.dumps(super().submits()).replace('"fail"', '"[mock:fail]"')
        return list(json.loads(text))

    def made(self) -> list[str]:
        found = self.control.call("GET", "/jobs")["jobs"]
        return [str(job["id"]) for job in sorted(found, key=lambda one: int(one["created_at"]))]

    def advance(self, milliseconds: int) -> None:
        """Let time pass, and wait for the callbacks that are due."""
        self.clock.advance(milliseconds / 1000)
        self.control.callbacks(settle=True)


@pytest.mark.parametrize("profile", ["documented", "vendor", "observed"])
@pytest.mark.parametrize("dialect", [GoodServer, Kkiai, Aimlapi])
def test_our_own_server_gives_no_finding(dialect: type[GoodServer], profile: str) -> None:
    ours = type("Ours", (Ours, dialect), {"profile": profile})
    assert [f"{found.severity} {found.sentence}" for found in run(ours)] == []
