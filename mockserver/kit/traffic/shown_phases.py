"""The phases in which a template could have made a body: what an answer without a state word tells."""

from __future__ import annotations

from functools import reduce
from typing import Any, Final

from mockserver.contract.names import PHASES
from mockserver.contract.pointer import ABSENT
from mockserver.contract.unchecked import one_or_more

Phases = frozenset[str]
_NONE: Final[Phases] = frozenset()
_SURE: Final = frozenset({"job.id", "job.reason", "job.ended_at", "media.video", "media.image"})
"""Facts that a job has wherever a template shows them in the right phase."""


def possible_phases(template: Any, body: Any) -> Phases:
    """The phases that a body allows; all of them where it tells nothing, or contradicts its template.

    Facts that a job surely has are taken as shown, unless no phase would be left.
    """
    return _possible(template, body, _SURE) or _possible(template, body, _NONE) or PHASES


def _possible(template: Any, body: Any, sure: Phases) -> Phases:
    if isinstance(template, dict):
        return _of_object(template, body, sure)
    if isinstance(template, list):
        return PHASES if isinstance(body, list) else _NONE
    return PHASES if body is not ABSENT and body == template else _NONE


def _of_object(template: dict[str, Any], body: Any, sure: Phases) -> Phases:
    if "$when" in template:
        chosen = frozenset(one_or_more(template["$when"])) & PHASES
        then, other = (_of_branch(template, key, body, sure) for key in ("$then", "$else"))
        # A fact can have any value, so one that is fixed in the other branch is not taken for a fact.
        if _is_fact(template.get("$then")) and _is_fixed(template.get("$else"), body):
            then = _NONE
        if _is_fact(template.get("$else")) and _is_fixed(template.get("$then"), body):
            other = _NONE
        return (chosen & then) | ((PHASES - chosen) & other)
    if any(key.startswith("$") for key in template):
        missing = template.get("$") in sure and "$default" not in template and _is_absent(body)
        return _NONE if missing else PHASES
    if not isinstance(body, dict):
        return _NONE
    parts = (_possible(part, body.get(key, ABSENT), sure) for key, part in template.items())
    # A place that no phase explains, or that contradicts those before it, tells nothing of the phase.
    return reduce(lambda phases, part: phases & part or phases, parts, PHASES)


def _is_fact(branch: Any) -> bool:
    return isinstance(branch, dict) and "$" in branch


def _is_fixed(branch: Any, body: Any) -> bool:
    """Whether a branch is just the value that the body has, and says something."""
    return bool(body) and body == branch


def _of_branch(template: dict[str, Any], key: str, body: Any, sure: Phases) -> Phases:
    if key in template:
        return _possible(template[key], body, sure)
    return PHASES if _is_absent(body) else _NONE


def _is_absent(body: Any) -> bool:
    return body is ABSENT or body is None
