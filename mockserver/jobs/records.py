"""Makes jobs, plans and facts of their JSON, whoever wrote it: what is made can be used everywhere.

No function of a job raises for one that was read here: its moments can be written as dates, its plans
have steps, its facts say what they have to.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, get_args

from mockserver.jobs.job import LONGEST_CLIP, NOWHERE, Fact, Job, Plan, Step
from mockserver.jobs.reading import (
    LATEST,
    TEXT,
    choice,
    items,
    members,
    moment,
    number,
    optional_text,
    text,
    texts,
    whole,
    wrong,
)
from mockserver.terms import Phase

MOST_STEPS: Final = 10_000
"""Steps of a plan: fifty faults that step back a hundred times make as many."""
MOST_POLLS: Final = 999_999
"""The longest pace `polls`, as the settings have it."""
MOST_FACTS: Final = 16_000_000
"""Facts of a job: sixteen times as many as a pace takes polls."""
MOST_NAMES: Final = 100_000
"""Faults and quirks of a plan: more than a server can have rules."""
MOST_SUBMITTED: Final = 64 << 20
"""Characters of a model or alias: those of the largest body, as the submitter chose them."""
MOST_PLACES: Final = 100
"""Places of a submit beside its body that a job keeps."""
_ID: Final = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9._~:-]+")
_JOB: Final = frozenset({"id", "tenant", "provider", "operation", "model", "request", "created_at", "plan"})
_JOB_MORE: Final = frozenset({"alias", "seconds", "places"})
_PLAN: Final = frozenset({"steps", "pace", "polls"})
# Servers from before there were faults wrote neither quirks nor faults.
_PLAN_MORE: Final = frozenset({"reason", "quirks", "faults"})
_STEP: Final = frozenset({"state", "phase", "lasts"})
_FACTS: Final[Mapping[str, tuple[frozenset[str], frozenset[str]]]] = {
    "polled": (frozenset({"kind", "at"}), frozenset()),
    "cancelled": (frozenset({"kind", "at", "state", "phase"}), frozenset({"reason"})),
    "forced": (frozenset({"kind", "at", "state", "phase"}), frozenset({"reason"})),
    "paced": (frozenset({"kind", "at", "plan"}), frozenset()),
}
"""The members that each kind of fact must have, and may have."""
_PHASES: Final = frozenset(get_args(Phase))
_PACES: Final = frozenset({"time", "polls", "manual"})
_NOTHING: Final[frozenset[str]] = frozenset()


def read_job(value: Any, plan_in: Callable[[Any, str], Plan] | None = None) -> Job:
    """A job without facts, its plan read by `plan_in`. Raises ValueError that begins with the place."""
    record = members(value, "", _JOB, _JOB_MORE)
    request = record["request"]
    if not isinstance(request, dict):
        raise wrong("request", request, "an object")
    return Job(
        id=_id(record["id"]),
        tenant=text(record["tenant"], "tenant"),
        provider=text(record["provider"], "provider"),
        operation=text(record["operation"], "operation"),
        model=text(record["model"], "model", MOST_SUBMITTED),
        request=request,
        created_at=moment(record["created_at"], "created_at"),
        plan=(plan_in or read_plan)(record["plan"], "plan"),
        alias=optional_text(record.get("alias"), "alias", MOST_SUBMITTED),
        seconds=_seconds(record.get("seconds")),
        places=_places(record["places"]) if "places" in record else NOWHERE,
    )


def _places(value: Any) -> Mapping[str, str]:
    if not isinstance(value, dict):
        raise wrong("places", value, "an object")
    if len(value) > MOST_PLACES:
        raise ValueError(f"places: an object of {len(value)} members, not of 0 to {MOST_PLACES}")
    return {text(name, "places"): text(value[name], f"places.{name}", MOST_SUBMITTED) for name in value}


def read_plan(value: Any, place: str) -> Plan:
    """A plan. Raises ValueError that begins with the place."""
    record = members(value, place, _PLAN, _PLAN_MORE)
    steps = items(record["steps"], f"{place}.steps", MOST_STEPS, least=1)
    return Plan(
        steps=tuple(_step(step, f"{place}.steps[{index}]") for index, step in enumerate(steps)),
        pace=choice(record["pace"], f"{place}.pace", _PACES),
        polls=whole(record["polls"], f"{place}.polls", 0, MOST_POLLS),
        reason=optional_text(record.get("reason"), f"{place}.reason", TEXT),
        quirks=texts(record.get("quirks", []), f"{place}.quirks", MOST_NAMES),
        faults=texts(record.get("faults", []), f"{place}.faults", MOST_NAMES),
    )


def read_facts(value: Any) -> tuple[Fact, ...]:
    """The facts about a job. Raises ValueError that begins with the place."""
    return tuple(
        _fact(fact, f"facts[{index}]") for index, fact in enumerate(items(value, "facts", MOST_FACTS))
    )


def _step(value: Any, place: str) -> Step:
    record = members(value, place, _STEP, _NOTHING)
    return Step(
        text(record["state"], f"{place}.state", TEXT),
        choice(record["phase"], f"{place}.phase", _PHASES),
        whole(record["lasts"], f"{place}.lasts", 0, LATEST),
    )


def _fact(value: Any, place: str) -> Fact:
    kind = choice(value.get("kind") if isinstance(value, dict) else value, f"{place}.kind", _FACTS)
    record = members(value, place, *_FACTS[kind])
    at = moment(record["at"], f"{place}.at")
    if kind == "polled":
        return Fact("polled", at)
    if kind == "paced":
        return Fact("paced", at, plan=read_plan(record["plan"], f"{place}.plan"))
    return Fact(
        kind,
        at,
        text(record["state"], f"{place}.state", TEXT),
        choice(record["phase"], f"{place}.phase", _PHASES),
        optional_text(record.get("reason"), f"{place}.reason", TEXT),
    )


def _seconds(value: Any) -> float | None:
    return None if value is None else number(value, "seconds", 0, LONGEST_CLIP)


def _id(value: Any) -> str:
    """An id as it can stand in a path and in a link."""
    job_id = text(value, "id", least=1)
    if not _ID.fullmatch(job_id):
        raise wrong("id", job_id, "made of letters, digits and . _ ~ : -")
    return job_id
