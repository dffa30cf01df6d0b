"""What a scenario file sets before the first request: the clock, rules and quotas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.engine.live_settings import Quota
from mockserver.jobs.clock import ClockSetting
from mockserver.settings import Settings, read_pace
from mockserver.terms import EVERYBODY

if TYPE_CHECKING:
    from mockserver.engine.pipeline import Engine
    from mockserver.faults.scenario import Scenario


def read_scenario(settings: Settings) -> tuple[Settings, Scenario | None]:
    """The scenario of the settings, if any, and the settings with its pace. Raises SettingsError."""
    if settings.scenario is None:
        return settings, None
    from mockserver.faults.scenario import load_scenario

    scenario = load_scenario(settings.scenario)
    if scenario.pace is None:
        return settings, scenario
    return settings._replace(pace=read_pace(scenario.pace, scenario.speed)), scenario


async def begin(engine: Engine, scenario: Scenario) -> None:
    """Lay the scenario over what the store holds."""
    clock = scenario.clock
    if clock is not None:
        wall = engine.wall()
        at = wall if clock.moment is None else clock.moment
        setting = ClockSetting(clock.mode, clock.rate if clock.mode == "scaled" else 1.0, wall, at)
        await engine.board.set_clock(EVERYBODY, setting)
    for rule in scenario.rules:
        await engine.board.add_rule(rule)
    for quota in scenario.quotas:
        limits = Quota(quota.requests, quota.window, quota.parallel, quota.credits)
        await engine.board.set_quota(quota.tenant, limits)
