"""The conditions of a case, set up on the server for one client's key."""

from __future__ import annotations

import time
from collections.abc import Callable

from mockserver.control_client import ControlClient
from mockserver.kit.conform.case import Case
from mockserver.kit.conform.running.another_job import PLACEHOLDER, with_answer


class Conditions:
    """A stopped clock, rules and a quota, for the tenant of `control` alone."""

    def __init__(
        self, case: Case, control: ControlClient, key: str, another_job: Callable[[], str] = str
    ) -> None:
        """`another_job` gives the text of an answer about another job."""
        self._another_job = another_job
        self._case = case
        self._control = control
        self._key = key
        self._rules: list[str] = []

    def set_up(self) -> float:
        """Make them hold; the moment since which they do, in Unix seconds by the tenant's clock."""
        setup = self._case.setup
        frozen = self._control.freeze()["now"] / 1000 if setup.pace == "time" else None
        for number, rule in enumerate(setup.rules, 1):
            rule_id = f"{self._case.id}.{self._key[-6:]}:{rule.fault}.{number}"
            settings = rule.settings
            if PLACEHOLDER in settings.values():
                settings = with_answer(settings, self._another_job())
            self._control.add_rule(
                rule.fault, when=rule.when, settings=settings, times=rule.times, rule_id=rule_id
            )
            self._rules.append(rule_id)
        if setup.quota is not None:
            self._control.set_quota(**setup.quota.model_dump())
        # A clock that does not stand is the wall's, as the server is on this machine.
        return time.time() if frozen is None else frozen

    def drop_rules(self) -> None:
        """No fault is met from here on."""
        for rule_id in self._rules:
            self._control.drop_rule(rule_id)
        self._rules.clear()

    def clean_up(self) -> None:
        """Leave nothing of the case on the server."""
        self.drop_rules()
        self._control.clear_journal()
        self._control.reset()
