"""How a run of cases is made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from mockserver.kit.traffic.time_limit import TimeLimit

TIME_LIMIT: Final = 3600.0
"""Seconds of a run. One with all cases takes some five minutes, with a slow client a quarter of an hour."""


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How to run: `jobs` cases at a time, `interval` seconds between polls, `supports` what the client can do
    besides the basics. `begins` is how a command line begins that repeats a case. `limit` is the time of all
    cases together, TIME_LIMIT by default. `model` is the only model that the client is given, empty for the
    one with the smallest clips; `name` is what reports call the client. With `returns_link` it prints the
    clip's link and fetches nothing, with `key_pair` it signs its requests with the halves of a pair of keys.
    """

    profile: str = "documented"
    jobs: int = 2
    seed: int = 0
    interval: float = 0.05
    supports: tuple[str, ...] = ()
    begins: str = "mockserver conform"
    limit: TimeLimit | None = None
    model: str = ""
    name: str = ""
    returns_link: bool = False
    key_pair: bool = False
