"""Writes the template of an answer from its schema: facts of the job where a field's name says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from mockserver.contract.samples import Sampler
from mockserver.contract.unchecked import list_in, object_in
from mockserver.kit.draft import finder, vocabulary
from mockserver.kit.draft.description import Description, types_of
from mockserver.kit.draft.facts import Facts
from mockserver.kit.draft.phases import LEFT_OUT, merged
from mockserver.kit.draft.vocabulary import plain

_DEEPEST: Final = 8


class Constant(NamedTuple):
    """A field that no fact of a job is for, so that it is the same in every answer: its path, the value."""

    path: tuple[str, ...]
    value: Any


class Written(NamedTuple):
    """A template, and the fields of it that are constants."""

    body: Any
    constants: Sequence[Constant]


class AnswerWriter:
    """Writes templates for one contract."""

    def __init__(self, description: Description, facts: Facts) -> None:
        self._description = description
        self._facts = facts
        self._sampler = Sampler(description.schema_at)
        self._constants: dict[tuple[str, ...], Any] = {}
        self._list: finder.FoundField | None = None

    def write(self, schema: Any, *, lists: bool = False) -> Written:
        """The template of an answer that shows a job, or a list of them."""
        self._constants = {}
        self._list = finder.list_field(self._description, schema) if lists else None
        by_phase = {phase: self._value(schema, phase, (), required=True) for phase in self._facts.phases}
        body = merged(by_phase)
        constants = [Constant(path, value) for path, value in self._constants.items() if _stands(body, path)]
        return Written(body if isinstance(body, (dict, list)) else None, constants)

    def _value(self, schema: Any, phase: str, path: tuple[str, ...], *, required: bool) -> Any:
        if self._list is not None and path == self._list.path:
            return self._jobs(schema)
        form = self._form(schema, phase)
        nullable = "null" in self._description.types(schema)
        fact = self._fact(path, form, phase, nullable=nullable)
        if fact is not LEFT_OUT:
            return fact
        part = self._composed(form, phase, path)
        needed = required and not nullable and isinstance(part, dict)
        if needed or (_has_facts(part) and not self._is_to_come(part, schema, phase, path)):
            return part
        return self._plain(schema, form, path, required=required, nullable=nullable)

    def _is_to_come(self, part: Any, schema: Any, phase: str, path: tuple[str, ...]) -> bool:
        """Whether a part belongs to a success: it has links then, and until then not even a state."""
        if phase == "succeeded" or not path or _shows(part, "job.state"):
            return False
        outcome = self._composed(self._form(schema, "succeeded"), "succeeded", path)
        return _shows(outcome, "media.")

    def _composed(self, form: Mapping[str, Any], phase: str, path: tuple[str, ...]) -> Any:
        """The template of an object or a list; LEFT_OUT for all else."""
        kinds = types_of(form)
        if "object" in kinds and len(path) < _DEEPEST:
            return self._object(form, phase, path)
        if "array" in kinds and path:
            return self._array(form, phase, path)
        return LEFT_OUT

    def _plain(
        self, schema: Any, form: Mapping[str, Any], path: tuple[str, ...], *, required: bool, nullable: bool
    ) -> Any:
        """What was sent under the same name, or a constant where something must stand."""
        if not required:
            return self._facts.echo(path, form, LEFT_OUT)
        echo = self._facts.echo(path, form, None if nullable else self._sampler.value(schema))
        if echo is not LEFT_OUT:
            return echo
        if nullable:
            return None
        return self._constant(schema, form, path)

    def _fact(self, path: tuple[str, ...], form: Mapping[str, Any], phase: str, *, nullable: bool) -> Any:
        if self._list is not None:
            return self._facts.of_list(path, form, nullable=nullable)
        return self._facts.of_field(path, form, phase)

    def _form(self, schema: Any, phase: str) -> dict[str, Any]:
        """The form of a value in a phase: one whose status is a word of the phase, or that has no status."""
        forms = self._description.branches(schema)
        fitting = [form for form in forms if self._fits(form, phase)]
        solid = [form for form in fitting or forms if form.get("type") != "null"]
        return (solid or fitting or forms)[0]

    def _fits(self, form: Mapping[str, Any], phase: str) -> bool:
        for name, part in object_in(form.get("properties")).items():
            words = self._description.words(part) if plain(name) in vocabulary.STATUSES else []
            if words and not any(self._facts.states.get(word) == phase for word in words):
                return False
        return True

    def _object(self, form: Mapping[str, Any], phase: str, path: tuple[str, ...]) -> dict[str, Any]:
        needed = set(list_in(form.get("required")))
        parts: dict[str, Any] = {}
        for name, part in object_in(form.get("properties")).items():
            value = self._value(part, phase, (*path, name), required=name in needed)
            if value is not LEFT_OUT:
                parts[name] = value
        for name in needed - set(object_in(form.get("properties"))):
            parts[name] = self._facts.of_name(name) or self._sampler.value({})
        return parts

    def _array(self, form: Mapping[str, Any], phase: str, path: tuple[str, ...]) -> Any:
        """A list of one item, where that has facts: an output, the clips."""
        items = form.get("items")
        if not isinstance(items, dict):
            return LEFT_OUT
        item = self._value(items, phase, path, required=True)
        if _has_facts(item):
            return [item]
        return LEFT_OUT

    def _jobs(self, schema: Any) -> Any:
        items = finder.items_of(self._description, schema)
        outer, self._list = self._list, None
        by_phase = {phase: self._value(items, phase, (), required=True) for phase in self._facts.phases}
        self._list = outer
        return {"$each": "jobs", "$do": merged(by_phase)}

    def _constant(self, schema: Any, form: Mapping[str, Any], path: tuple[str, ...]) -> Any:
        value = self._sampler.value(schema)
        if value is None:
            value = self._sampler.value(form)
        if not ("const" in form or len(list_in(form.get("enum"))) == 1):
            self._constants.setdefault(path, value)
        return value


def _shows(part: Any, name: str) -> bool:
    """Whether a template shows a fact whose name begins so."""
    if isinstance(part, list):
        return any(_shows(item, name) for item in part)
    if not isinstance(part, dict):
        return False
    return str(part.get("$", "")).startswith(name) or any(_shows(child, name) for child in part.values())


def _stands(part: Any, path: tuple[str, ...]) -> bool:
    """Whether a template has something at a path, in any phase."""
    if isinstance(part, list):
        return any(_stands(item, path) for item in part)
    if not isinstance(part, dict):
        return not path
    inner = [part[key] for key in ("$then", "$else", "$do") if key in part]
    if inner:
        return any(_stands(child, path) for child in inner)
    return not path or (path[0] in part and _stands(part[path[0]], path[1:]))


def _has_facts(part: Any) -> bool:
    """Whether a template shows something of a job, beside what was sent."""
    if isinstance(part, list):
        return any(map(_has_facts, part))
    if not isinstance(part, dict):
        return False
    if "$" in part:
        return not str(part["$"]).startswith("job.request#")
    return any(key in part for key in ("$each", "$link", "$when")) or any(map(_has_facts, part.values()))


def refusal(description: Description, schema: Any) -> Any:
    """The template of an error from its schema: the message where a field is called so."""
    body = _refusal(description, Sampler(description.schema_at), schema, (), required=True)
    if isinstance(body, (dict, list)):
        return body
    return {}


def _refusal(
    description: Description, sampler: Sampler, schema: Any, path: tuple[str, ...], *, required: bool
) -> Any:
    form = next((form for form in description.branches(schema) if form.get("type") != "null"), {})
    kinds = types_of(form)
    if "object" in kinds and len(path) < _DEEPEST:
        part = _refused_object(description, sampler, form, path)
        return part if required or _has_facts(part) else LEFT_OUT
    field = _of_field(plain("".join(path[-1:])), form, kinds)
    if field is not LEFT_OUT:
        return {**field, "$default": sampler.value(schema)} if required else field
    if "array" in kinds:
        item = _refusal(description, sampler, form.get("items", {}), path, required=True)
        items = [item] if _has_facts(item) else []
        return items if items or required else LEFT_OUT
    fact = _of_error(plain("".join(path[-1:])), form, kinds)
    if fact is LEFT_OUT and required:
        return sampler.value(schema)
    return fact


def _of_field(name: str, form: Mapping[str, Any], kinds: Sequence[str]) -> Any:
    """What a refusal is about, where a field is called so: in steps where it is a list of texts."""
    if name not in vocabulary.FIELDS or form.keys() & {"const", "enum", "format", "pattern"}:
        return LEFT_OUT
    if "array" in kinds and "object" not in types_of(object_in(form.get("items"))):
        return {"$": "error.field", "$as": "loc" if name == "loc" else "steps"}
    if "string" in kinds:
        return {"$": "error.field"}
    return LEFT_OUT


def _of_error(name: str, form: Mapping[str, Any], kinds: Sequence[str]) -> Any:
    """The message or the status of an error, where a field is called so and takes any."""
    if form.keys() & {"const", "enum", "format"}:
        return LEFT_OUT
    if name in vocabulary.MESSAGES and "string" in (kinds or ["string"]):
        return {"$": "error.message"}
    if name in vocabulary.CODES and set(kinds) & {"integer", "number"}:
        return {"$": "error.status"}
    return LEFT_OUT


def _refused_object(
    description: Description, sampler: Sampler, form: Mapping[str, Any], path: tuple[str, ...]
) -> dict[str, Any]:
    needed = list_in(form.get("required"))
    parts = {
        name: _refusal(description, sampler, part, (*path, name), required=name in needed)
        for name, part in object_in(form.get("properties")).items()
    }
    return {name: part for name, part in parts.items() if part is not LEFT_OUT}
