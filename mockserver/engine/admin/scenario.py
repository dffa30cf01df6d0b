"""Applies a scenario file before the first request: the pace, the clock, rules and quotas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.engine.documents.live import Quota
from mockserver.engine.services import Services
from mockserver.jobs.clock import ClockSetting
from mockserver.settings import Settings, read_pace
from mockserver.terms import EVERYBODY

if TYPE_CHECKING:
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


async def apply_scenario(services: Services, scenario: Scenario) -> None:
    """Add the scenario's clock, rules and quotas to the live settings in the store."""
    clock = scenario.clock
    if clock is not None:
        wall = services.wall_clock()
        at = wall if clock.moment is None else clock.moment
        rate = clock.rate if clock.mode == "scaled" else 1.0
        await services.live_settings.set_clock(EVERYBODY, ClockSetting(clock.mode, rate, wall, at))
    for rule in scenario.rules:
        await services.live_settings.add_rule(rule)
    for quota in scenario.quotas:
        limits = Quota(quota.requests, quota.window, quota.parallel, quota.credits)
        await services.live_settings.set_quota(quota.tenant, limits)
