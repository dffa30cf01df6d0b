"""Joins what an answer is in each phase of a job to one template."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

LEFT_OUT: Final = object()
"""Stands where a phase's answer lacks a key."""


def merged(by_phase: Mapping[str, Any]) -> Any:
    """The template that gives each phase its own; LEFT_OUT where no phase has one."""
    present = {phase: part for phase, part in by_phase.items() if part is not LEFT_OUT}
    if not present:
        return LEFT_OUT
    first = next(iter(present.values()))
    if all(part == first for part in present.values()):
        return _in_phases(first, present, by_phase)
    if all(_is_plain_object(part) for part in present.values()):
        return _in_phases(_by_key(present), present, by_phase)
    return _chosen(present, complete=len(present) == len(by_phase))


def _is_plain_object(part: Any) -> bool:
    return isinstance(part, dict) and not any(key.startswith("$") for key in part)


def _by_key(present: Mapping[str, Any]) -> dict[str, Any]:
    names = dict.fromkeys(name for part in present.values() for name in part)
    parts = {
        name: merged({phase: part.get(name, LEFT_OUT) for phase, part in present.items()}) for name in names
    }
    return {name: part for name, part in parts.items() if part is not LEFT_OUT}


def _in_phases(part: Any, present: Mapping[str, Any], by_phase: Mapping[str, Any]) -> Any:
    if len(present) == len(by_phase):
        return part
    return {"$when": list(present), "$then": part}


def _chosen(present: Mapping[str, Any], *, complete: bool) -> Any:
    """One after the other, phases with the same part together; the most common last, as what is else."""
    groups: list[tuple[Any, list[str]]] = []
    for phase, part in present.items():
        group = next((phases for other, phases in groups if other == part), None)
        if group is None:
            groups.append((part, [phase]))
        else:
            group.append(phase)
    groups.sort(key=lambda group: len(group[1]))
    part, phases = groups[-1]
    template = part if complete else {"$when": phases, "$then": part}
    for part, phases in reversed(groups[:-1]):
        template = {"$when": phases, "$then": part, "$else": template}
    return template
