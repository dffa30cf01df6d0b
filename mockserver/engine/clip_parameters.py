"""What a request wants of a clip beside its pictures: how camera and masked regions move, shots, voices."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any, Final

from mockserver.contract.media_places import read_seconds
from mockserver.contract.model import Contract
from mockserver.contract.pointer import follow, follow_each
from mockserver.engine.requested import picture, requested
from mockserver.jobs.job import Job
from mockserver.media.spec import MovingMask, Shot

MOST_MASKS: Final = 6
MOST_POINTS: Final = 100
"""Points of a path that a region follows; 77 are documented."""
MOST_SHOTS: Final = 12
MOST_VOICES: Final = 4
_LONGEST: Final = 80
"""Characters of a value that a clip shows."""
_SILENT: Final = (None, False, "", "off", "no", "false")


def camera(contract: Contract, job: Job) -> tuple[tuple[str, float], ...]:
    """The camera's movements by their names, each with its strength; a preset has 1."""
    control = requested(contract, job, "camera")
    if isinstance(control, str) and control:
        return ((control, 1.0),)
    if not isinstance(control, dict):
        return ()
    preset, config = control.get("type"), control.get("config")
    axes = dict(config) if isinstance(config, dict) else {}
    axes[str(control.get("movement_type"))] = control.get("movement_value")
    strengths = ((name, float(strength)) for name, strength in axes.items() if _is_number(strength))
    movements = tuple((name, strength) for name, strength in strengths if strength)
    if movements or not isinstance(preset, str):
        return movements
    return ((preset, 1.0),)


def moving(contract: Contract, job: Job) -> tuple[MovingMask, ...]:
    """The masks of the regions that move, each with its path."""
    masks = requested(contract, job, "moving")
    if not isinstance(masks, list):
        return ()
    parts = [mask for mask in masks[:MOST_MASKS] if isinstance(mask, dict)]
    paths = [(part, tuple(_points(part.get("trajectories")))) for part in parts]
    return tuple(MovingMask(picture(part.get("mask")), path) for part, path in paths if path)


def shots(contract: Contract, job: Job) -> tuple[Shot, ...]:
    """The shots, in their order; none where the request does not ask for several."""
    listed = requested(contract, job, "shots")
    if not isinstance(listed, list) or requested(contract, job, "several") in (False, None):
        return ()
    parts = [part for part in listed[:MOST_SHOTS] if isinstance(part, dict)]
    timed = [(part, read_seconds(part.get("duration"))) for part in parts]
    return tuple(Shot(str(part.get("prompt") or ""), seconds) for part, seconds in timed if seconds)


def voices(contract: Contract, job: Job) -> tuple[str, ...]:
    """The names of the voices that speak."""
    path = contract.media_of(job.operation).get("voices")
    names = follow_each(job.request, path) if path else []
    return tuple(name for name in names[:MOST_VOICES] if isinstance(name, str) and name)


def has_sound(contract: Contract, job: Job) -> bool:
    """Whether the clip has sound: as the request says, or else where it names a voice."""
    sound = requested(contract, job, "sound")
    if sound is None:
        return bool(voices(contract, job))
    return sound not in _SILENT


def wanted(contract: Contract, job: Job) -> tuple[tuple[str, str], ...]:
    """Names and values of what has no look and no sound."""
    return tuple(_wanted(contract, job))


def digest(job: Job) -> str:
    """16 hex digits of the request's body: equal for equal bodies, however their members are ordered."""
    text = json.dumps(job.request, sort_keys=True, default=repr)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _wanted(contract: Contract, job: Job) -> Iterator[tuple[str, str]]:
    for name in ("first", "last"):
        link = requested(contract, job, name)
        if isinstance(link, str) and link[:4].lower() == "http":
            yield f"{name} frame", _shown(link)
    for path in contract.media_of(job.operation).paths("wanted"):
        value = follow(job.request, path)
        if value != "" and (isinstance(value, str | bool) or _is_number(value)):
            yield path[-1], _shown(value)


def _shown(value: str | bool | float) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return text[:_LONGEST]


def _points(listed: Any) -> Iterator[tuple[int, int]]:
    for point in listed[:MOST_POINTS] if isinstance(listed, list) else ():
        if isinstance(point, dict) and _is_number(point.get("x")) and _is_number(point.get("y")):
            yield round(point["x"]), round(point["y"])


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e6
