"""Every setting of a server, checked once."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit

from mockserver.errors import SettingsError

MIB: Final = 1024 * 1024
_PACE: Final = re.compile(r"immediate|time|manual|polls:([1-9][0-9]{0,5})")


@dataclass(frozen=True, slots=True)
class Pace:
    """How jobs move: at once, by time divided by `speed`, by the number of polls, or by hand."""

    kind: Literal["immediate", "time", "polls", "manual"] = "time"
    polls: int = 0
    speed: float = 1.0


def read_pace(text: str, speed: float = 1.0) -> Pace:
    """`immediate`, `time`, `polls:N` or `manual`. Raises SettingsError for anything else."""
    found = _PACE.fullmatch(text)
    if found is None:
        raise SettingsError(f"pace {text!r} is none of immediate, time, polls:N (N from 1), manual")
    if not 0 < speed <= 1_000_000:
        raise SettingsError(f"speed {speed:g} must be above 0 and at most 1000000")
    if found[1]:
        return Pace("polls", int(found[1]), speed)
    return Pace({"immediate": "immediate", "time": "time", "manual": "manual"}[text], 0, speed)  # type: ignore[arg-type]


def read_public_url(text: str) -> str:
    """An http(s) URL without a query, its trailing slash removed. Raises SettingsError otherwise."""
    url = urlsplit(text)
    if url.scheme not in ("http", "https") or not url.netloc or url.query or url.fragment:
        raise SettingsError(f"public URL {text!r} must look like https://mock.example.com[/path]")
    return text.rstrip("/")


@dataclass(frozen=True, slots=True)
class Settings:
    """What a server is started with.

    `keys` are the API keys it takes; none means any. `overlays` are PROVIDER/NAME. Sizes are in bytes.
    """

    profile: str = "documented"
    overlays: tuple[str, ...] = ()
    contracts: tuple[Path, ...] = ()
    store: str = "memory:"
    pace: Pace = field(default_factory=Pace)
    seed: int | None = None
    strict: bool = False
    keys: tuple[str, ...] = ()
    public_url: str | None = None
    max_body: int = 64 * MIB
    cache_dir: Path | None = None
    cache_bytes: int = 512 * MIB
