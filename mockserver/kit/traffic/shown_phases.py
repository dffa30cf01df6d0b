"""The phases in which a template could have made a body: what an answer without a state word tells."""

from __future__ import annotations

from functools import reduce
from typing import Any

from mockserver.contract.names import PHASES
from mockserver.contract.pointer import ABSENT
from mockserver.contract.unchecked import one_or_more

Phases = frozenset[str]
NONE: Phases = frozenset()


def possible_phases(template: Any, body: Any) -> Phases:
    """The phases that a body allows; all of them where it tells nothing, or contradicts its template."""
    return _possible(template, body) or PHASES


def _possible(template: Any, body: Any) -> Phases:
    if isinstance(template, dict):
        return _of_object(template, body)
    if isinstance(template, list):
        return PHASES if isinstance(body, list) else NONE
    return PHASES if body is not ABSENT and body == template else NONE


def _of_object(template: dict[str, Any], body: Any) -> Phases:
    if "$when" in template:
        chosen = frozenset(one_or_more(template["$when"])) & PHASES
        then, other = _of_branch(template, "$then", body), _of_branch(template, "$else", body)
        return (chosen & then) | ((PHASES - chosen) & other)
    if any(key.startswith("$") for key in template):
        return PHASES
    if not isinstance(body, dict):
        return NONE
    parts = (_possible(part, body.get(key, ABSENT)) for key, part in template.items())
    # A place that no phase explains is the server's own, and tells nothing of the phase.
    return reduce(lambda phases, part: phases & (part or PHASES), parts, PHASES)


def _of_branch(template: dict[str, Any], key: str, body: Any) -> Phases:
    if key in template:
        return _possible(template[key], body)
    return PHASES if body is ABSENT or body is None else NONE
