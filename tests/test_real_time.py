"""Real time is real beside a library that freezes time, whether it acts or is only loaded."""

from __future__ import annotations

import time

import time_machine

from mockserver import real_time

MINUTE = 60_000_000_000


def test_time_machine_is_passed_by_before_while_and_after_it_acts() -> None:
    now = time.time_ns()
    assert now <= real_time.time_ns() < now + MINUTE
    with time_machine.travel(0, tick=False):
        assert time.time_ns() == 0
        assert now <= real_time.time_ns() < now + MINUTE
    assert now <= real_time.time_ns() < now + MINUTE
