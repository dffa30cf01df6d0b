"""The rules for the markers in a prompt or key."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple

from pydantic import TypeAdapter, ValidationError

from mockserver.faults.base import Fault
from mockserver.faults.catalogue import faults, predicates
from mockserver.faults.marker import LONGEST_PROMPT, Marker, read_key_markers, read_markers
from mockserver.faults.predicates.prompt import is_expression
from mockserver.faults.rule import Rule, describe_errors
from mockserver.numerals import whole_number

_REMEMBERED: Final = 512


class Marked(NamedTuple):
    """The rules of all valid markers, and what is wrong with the others."""

    rules: tuple[Rule, ...]
    complaints: tuple[str, ...]


def prompt_rules(prompt: str) -> Marked:
    """The rules for the job of this prompt.

    A wire fault that acts on submits does so once, unless the marker says otherwise: the client has to get
    through with its next try. `times` counts for all jobs of the same prompt.
    """
    return _prompt_rules(prompt[:LONGEST_PROMPT])


@lru_cache(_REMEMBERED)
def _prompt_rules(prompt: str) -> Marked:
    owner = hashlib.sha256(prompt.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return _make_rules(
        read_markers(prompt), lambda marker, at: _once(_rule(marker, f"[mock:{marker.fault}]#{owner}.{at}"))
    )


def key_rules(key: str) -> Marked:
    """The rules for every request with this API key."""
    return _make_rules(read_key_markers(key), lambda marker, at: _rule(marker, f"--mock:{marker.fault}.{at}"))


def _make_rules(markers: list[Marker], make: Callable[[Marker, int], Rule]) -> Marked:
    rules, complaints = [], []
    for at, marker in enumerate(markers, 1):
        try:
            rules.append(make(marker, at).read())
        except ValueError as error:
            complaints.append(f"marker {marker.fault!r}: {error}")
    return Marked(tuple(rules), tuple(complaints))


def _rule(marker: Marker, rule_id: str) -> Rule:
    kind = faults().get(marker.fault)
    given = dict(marker.settings)
    times = given.pop("times", None)
    when = {name: given.pop(name) for name in predicates() if name in given}
    if is_expression(when.get("prompt")):
        raise ValueError("when.prompt: a marker takes no /REGEX/; give a part of the prompt")
    if marker.value is not None:
        if kind is not None and not kind.main:
            raise ValueError(f"{marker.fault} has no main setting; write name=value")
        if kind is not None:
            given[kind.main] = marker.value
    settings = {} if kind is None else _with_numbers(kind, given)
    try:
        return Rule.model_validate(
            {"id": rule_id, "fault": marker.fault, "when": when, "settings": settings, "times": times}
        )
    except ValidationError as error:
        raise ValueError("; ".join(describe_errors(error))) from None


def _once(rule: Rule) -> Rule:
    """The rule of a prompt, limited so that it does not refuse the job's submit for ever."""
    fault = rule.make()
    conditions = rule.when.keys() & {"role", "operation"}
    if fault.seam != "wire" or conditions or "poll" in rule.when or "submit" not in fault.usual:
        return rule
    counted = rule.when.keys() & {"nth", "poll", "probability"}
    when = {**rule.when, "role": ["submit"]}
    times = rule.times
    if not times and not counted:
        times = 1
    return rule.model_copy(update={"when": when, "times": times})


def _with_numbers(kind: type[Fault], given: Mapping[str, str]) -> dict[str, Any]:
    """Settings, with an integer for a text of digits where the field takes no text."""
    return {name: _number(kind, name, text) for name, text in given.items()}


def _number(kind: type[Fault], name: str, text: str) -> Any:
    field = kind.model_fields.get(name)
    number = whole_number(text.removeprefix("-"))
    if field is None or number is None:
        return text
    try:
        TypeAdapter(field.rebuild_annotation()).validate_python(text)
    except ValidationError:
        return -number if text.startswith("-") else number
    return text
