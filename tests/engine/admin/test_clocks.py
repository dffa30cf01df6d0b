"""How a clock is changed: what is not named stays, and what makes no sense is refused."""

from __future__ import annotations

import pytest

from mockserver.engine.admin.clocks import ClockReading, Event, _changed, event_of
from mockserver.engine.documents.live import FASTEST
from mockserver.errors import SettingsError
from mockserver.jobs.clock import REAL, ClockMode, ClockSetting
from mockserver.jobs.job import Fact, Job, Plan, Step
from mockserver.jobs.reading import LATEST

NOW, WALL = 5000, 9000


def reading(mode: ClockMode, rate: float) -> ClockReading:
    setting = REAL if mode == "real" else ClockSetting(mode, rate, 1, 2)
    return ClockReading("t", setting, NOW, WALL, own=True)


@pytest.mark.parametrize(
    ("before", "change", "after"),
    [
        (("real", 1.0), ("real", None, None), REAL),
        (("scaled", 3.0), ("real", None, None), REAL),
        (("real", 1.0), (None, None, 7), ("scaled", 1.0, WALL, 7)),
        (("real", 1.0), (None, 2.0, None), ("scaled", 2.0, WALL, NOW)),
        (("real", 1.0), ("frozen", None, None), ("frozen", 0.0, WALL, NOW)),
        (("real", 1.0), ("frozen", None, 7), ("frozen", 0.0, WALL, 7)),
        (("frozen", 0.0), (None, None, 7), ("frozen", 0.0, WALL, 7)),
        (("frozen", 0.0), (None, 2.0, None), ("scaled", 2.0, WALL, NOW)),
        (("frozen", 0.0), ("scaled", None, 0), ("scaled", 1.0, WALL, 0)),
        (("scaled", 3.0), (None, None, 7), ("scaled", 3.0, WALL, 7)),
        (("scaled", 3.0), ("scaled", None, None), ("scaled", 3.0, WALL, NOW)),
        (("scaled", 3.0), ("scaled", FASTEST, None), ("scaled", FASTEST, WALL, NOW)),
    ],
)
def test_what_is_not_named_stays(
    before: tuple[ClockMode, float],
    change: tuple[str | None, float | None, int | None],
    after: tuple[ClockMode, float, int, int],
) -> None:
    assert _changed(reading(*before), *change) == ClockSetting(*after)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (("real", 1.0, None), "the real clock is the wall's"),
        (("real", None, 7), "the real clock is the wall's"),
        (("frozen", 1.0, None), "a frozen clock has no rate"),
        (("scaled", 0.0, None), "rate 0 must be above 0"),
        (("scaled", -1.0, None), "rate -1 must be above 0"),
        ((None, FASTEST * 1.01, None), "and at most"),
    ],
)
@pytest.mark.parametrize("before", [("real", 1.0), ("frozen", 0.0), ("scaled", 3.0)])
def test_what_makes_no_sense_is_refused(
    before: tuple[ClockMode, float], change: tuple[str | None, float | None, int | None], problem: str
) -> None:
    with pytest.raises(SettingsError, match=problem):
        _changed(reading(*before), *change)


STEPS = (Step("q", "waiting", 1000), Step("r", "running", 2000), Step("s", "succeeded"))


def job(created_at: int, *facts: Fact) -> Job:
    return Job("j", "t", "p", "o", "m", {}, created_at, Plan(STEPS), None, facts)


@pytest.mark.parametrize(
    ("now", "event"),
    [(0, (1000, "r")), (999, (1000, "r")), (1000, (3000, "s")), (2999, (3000, "s")), (3000, None)],
)
def test_the_next_event_of_a_job_is_its_next_state(now: int, event: tuple[int, str] | None) -> None:
    expected = None if event is None else Event(event[0], "t", "p", "j", event[1])

    assert event_of(job(0), now) == expected


def test_what_falls_behind_the_last_moment_never_happens() -> None:
    assert event_of(job(LATEST - 1000), 0) == Event(LATEST, "t", "p", "j", "r")
    assert event_of(job(LATEST - 999), 0) is None


def test_to_a_job_that_was_forced_into_an_end_nothing_happens() -> None:
    assert event_of(job(0, Fact("forced", 10, "f", "failed", "why")), 0) is None
