"""The rules that markers in a prompt or key stand for."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple

from pydantic import TypeAdapter, ValidationError

from mockserver.faults.base import Fault
from mockserver.faults.catalogue import faults, predicates
from mockserver.faults.marker import Wish, read_key_markers, read_markers
from mockserver.faults.rule import Rule, said

_KEPT: Final = 512


class Marked(NamedTuple):
    """The rules of all markers that make sense, and what is wrong with the others."""

    rules: tuple[Rule, ...] = ()
    complaints: tuple[str, ...] = ()


@lru_cache(_KEPT)
def prompt_rules(prompt: str) -> Marked:
    """The rules for the job of this prompt.

    A fault of answers that may meet a submit does so once, unless the marker says otherwise: the client is
    to get on. `times` counts for all jobs of the same prompt.
    """
    owner = hashlib.sha256(prompt.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return _marked(
        read_markers(prompt), lambda wish, at: _once(_rule(wish, f"[mock:{wish.fault}]#{owner}.{at}"))
    )


def key_rules(key: str) -> Marked:
    """The rules for every request with this API key."""
    return _marked(read_key_markers(key), lambda wish, at: _rule(wish, f"--mock:{wish.fault}.{at}"))


def _marked(wishes: list[Wish], make: Callable[[Wish, int], Rule]) -> Marked:
    rules, complaints = [], []
    for at, wish in enumerate(wishes, 1):
        try:
            rules.append(make(wish, at).read())
        except ValueError as error:
            complaints.append(f"marker {wish.fault!r}: {error}")
    return Marked(tuple(rules), tuple(complaints))


def _rule(wish: Wish, rule_id: str) -> Rule:
    kind = faults().get(wish.fault)
    given = dict(wish.settings)
    times = given.pop("times", None)
    when = {name: given.pop(name) for name in predicates() if name in given}
    if wish.value is not None:
        if kind is not None and not kind.main:
            raise ValueError(f"{wish.fault} has no main setting; write name=value")
        given[kind.main if kind is not None else "value"] = wish.value
    settings = _typed(kind, given) if kind is not None else {}
    try:
        return Rule.model_validate(
            {"id": rule_id, "fault": wish.fault, "when": when, "settings": settings, "times": times}
        )
    except ValidationError as error:
        raise ValueError("; ".join(said(error))) from None


def _once(rule: Rule) -> Rule:
    """The rule of a prompt, so that it does not refuse its own submit for ever."""
    fault = rule.make()
    said = rule.when.keys() & {"role", "operation"}
    if fault.seam != "wire" or said or "poll" in rule.when or "submit" not in fault.usual:
        return rule
    counted = rule.when.keys() & {"nth", "poll", "probability"}
    when = {**rule.when, "role": ["submit"]}
    return rule.model_copy(update={"when": when, "times": rule.times if rule.times or counted else 1})


def _typed(kind: type[Fault], given: Mapping[str, str]) -> dict[str, Any]:
    """Settings with whole numbers in place of digits where a field takes no text."""
    return {name: _number(kind, name, text) for name, text in given.items()}


def _number(kind: type[Fault], name: str, text: str) -> Any:
    field = kind.model_fields.get(name)
    if field is None or not text.lstrip("-").isdecimal():
        return text
    try:
        TypeAdapter(field.rebuild_annotation()).validate_python(text)
    except ValidationError:
        return int(text)
    return text
