"""Compares two schemas of the same value by walking them together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from mockserver.contract import pointer
from mockserver.kit.diff import branches
from mockserver.kit.diff.change_log import ChangeLog
from mockserver.kit.diff.keywords import NEVER, shifts, type_shift
from mockserver.kit.diff.node import EMPTY, TEXTS, Node
from mockserver.kit.diff.normal import normal_form
from mockserver.kit.diff.walk import ChangeLocation, Known, Message
from mockserver.kit.diff.witness import NONE, Level, Witnesses

_CLOSING: Final = ("additionalProperties", "unevaluatedProperties")
_HELD: Final = ("items", "additionalProperties", "unevaluatedProperties")


class Schemas:
    """Compares the schemas of requests, or of responses. `passed` are the compared pairs of pointers.

    Conditions on one of `models`, which only one side has, are left out: the codes of models cover them.
    """

    def __init__(self, log: ChangeLog, message: Message, models: frozenset[str] = frozenset()) -> None:
        self.log = log
        self.message: Message = message
        self.models = models
        self.passed: set[tuple[str, str]] = set()
        self._trail: list[tuple[str, str]] = []
        self._parts: list[Node] = []
        self._levels: list[Level] = []
        self._witnesses = Witnesses()

    def compare(self, a: Node, b: Node, where: ChangeLocation, key: str = "", name: str = "") -> None:
        """Add the changes between two schemas of a whole value; `key` and `name` are its place around it."""
        mark = self.log.mark()
        if self._levels:
            self._levels[-1] = self._levels[-1]._replace(key=key, name=name)
        level = Level(a, b) if self.message == "request" else Level(b, a)
        self._levels.append(level)
        try:
            self.walk(a, b, where, (branches.declared(a), branches.declared(b)))
        finally:
            self._levels.pop()
        if not self._levels and self.message == "request" and self.log.is_mild_since(mark):
            self._compare_as_wholes(level, where)

    def _compare_as_wholes(self, level: Level, where: ChangeLocation) -> None:
        """Add a change where changes that are harmless one by one break a request together.

        Alternatives do this: a wider one of a oneOf may allow what another one allows, too, and a field that
        only an alternative described may be refused.
        """
        forms = {normal_form(level.allowing), normal_form(level.refusing)}
        if len(forms) == 1:
            return
        witness = self._witnesses.find_together(level)
        if witness is not NONE:
            ends = (level.allowing.end, level.refusing.end)
            code, text = "request.condition-narrowed", "what has changed, taken together"
            self.log.add_schema(code, str(where), None, text, ends, lambda: witness)

    def record(self, code: str, where: ChangeLocation, before: Any, after: Any, at: str, there: str) -> None:
        """Add a change, with a witness if it is breaking."""
        full = f"{self.message}.{code}"
        self.log.add_schema(full, str(where), before, after, (at, there), self._witness)

    def _witness(self) -> Any:
        return self._witnesses.find(self._levels, self._parts[-1])

    def walk(self, a: Node, b: Node, where: ChangeLocation, known: Known) -> None:
        """The same for two schemas beside others; `known` are the fields that these others describe."""
        # Schemas refer to themselves, so a pair that is being compared further up ends the walk. A pair
        # that was compared before is compared again: it may now stand at another place, or under a
        # condition, and the log makes one change of equal ones.
        pair = (a.end, b.end)
        if pair in self._trail:
            return
        if a.is_written_like(b):
            self.passed.add(pair)
            return
        self._trail.append(pair)
        self._parts.append(b if self.message == "request" else a)
        self.passed.add(pair)
        try:
            self._walk(a, b, where, known)
        finally:
            self._trail.pop()
            self._parts.pop()

    def _walk(self, a: Node, b: Node, where: ChangeLocation, known: Known) -> None:
        self._texts(a, b, where)
        self._effects(a, b, where)
        if branches.ruled(self, a, b, where):
            return
        if a.meaning() != b.meaning() and normal_form(a) == normal_form(b):
            self._deprecated(a, b, where)
            self._default(a, b, where)
            return
        shift = type_shift(a, b)
        if shift is not None:
            self.add(f"type-{shift.direction}", where, shift.before, shift.after, (a, b), "type")
            if shift.direction == "changed" or NEVER in (shift.before, shift.after):
                return
        for shift in shifts(a, b):
            self.add(f"{shift.family}-{shift.direction}", where, shift.before, shift.after, (a, b), shift.key)
        self._deprecated(a, b, where)
        self._default(a, b, where)
        self._fields(a, b, where, known)
        self._held(a, b, where)
        branches.compare(self, a, b, where, known)

    def add(
        self, code: str, where: ChangeLocation, before: Any, after: Any, pair: tuple[Node, Node], key: str
    ) -> None:
        """Add the change of a keyword, or of a part of it (`x-image/forms`)."""
        keyword, slash, part = key.partition("/")
        a, b = (side.place(keyword) + slash + part for side in pair)
        self.record(code, where, before, after, a, b)

    def _texts(self, a: Node, b: Node, where: ChangeLocation) -> None:
        if not (a.layers and b.layers):
            return
        for key in TEXTS:
            before, after = a.get(key), b.get(key)
            if before != after:
                self.log.add("text.changed", f"{where} ({key})", before, after, a.place(key), b.place(key))

    def _effects(self, a: Node, b: Node, where: ChangeLocation) -> None:
        """Compare what is taken and changes nothing."""
        key = "x-without-effect"
        old, new = ([entry["if"] for entry in side.get(key, ())] for side in (a, b))
        if any(entry not in old for entry in new):
            self.add("effect-lost", where, old, new, (a, b), key)
        elif any(entry not in new for entry in old):
            self.add("effect-gained", where, old, new, (a, b), key)

    def _deprecated(self, a: Node, b: Node, where: ChangeLocation) -> None:
        old, new = bool(a.get("deprecated")), bool(b.get("deprecated"))
        if new and not old:
            self.add("deprecated", where, old, new, (a, b), "deprecated")
        elif old and not new:
            self.add("undeprecated", where, old, new, (a, b), "deprecated")

    def _default(self, a: Node, b: Node, where: ChangeLocation) -> None:
        if self.message == "response" or a.get("default") == b.get("default"):
            return
        code = "default-changed" if a.has("default") else "default-added"
        self.add(code, where, a.get("default"), b.get("default"), (a, b), "default")

    def _held(self, a: Node, b: Node, where: ChangeLocation) -> None:
        """Compare the items of an array, and the fields of an object that have no name in the schema."""
        for key in _HELD:
            old, new = a.child(key), b.child(key)
            if not old.layers and not new.layers:
                self._open(old, new, key, where, (a, b))
            elif old.layers or new.layers:
                self.compare(old, new, where.item() if key == "items" else where.field("*"), key)
        for name, (before, after) in _paired(a, b, "patternProperties"):
            self.compare(before, after, where.field(f"/{name}/"), "patternProperties", name)

    def _open(self, old: Node, new: Node, key: str, where: ChangeLocation, pair: tuple[Node, Node]) -> None:
        if new.never and not old.never:
            self.add("keys-narrowed", where, "anything", "nothing", pair, key)
        elif old.never and not new.never:
            self.add("keys-widened", where, "nothing", "anything", pair, key)

    def _fields(self, a: Node, b: Node, where: ChangeLocation, known: Known) -> None:
        for name, (old, new) in _paired(a, b, "properties"):
            inner = where.field(name)
            if (old.layers or old.never or name in known[0]) and (
                new.layers or new.never or name in known[1]
            ):
                self.compare(old, new, inner, "properties", name)
            elif new.layers or new.never:
                self._added(name, new, inner, a, b)
            else:
                self._removed(name, old, inner, a, b)
        self._required(a, b, where, known)

    def _added(self, name: str, new: Node, where: ChangeLocation, a: Node, b: Node) -> None:
        """Add a field that only the second schema has; the schema `false` (`never`) is no field."""
        is_request = self.message == "request"
        if not new.never and (is_request or name not in a.required()):
            code = "property-added"
            if is_request and name in b.required():
                code = "required-added"
            self.record(code, where, None, _brief(new), _field(a, name), new.at)

    def _removed(self, name: str, old: Node, where: ChangeLocation, a: Node, b: Node) -> None:
        code = "property-removed"
        if self.message == "request" and any(b.child(key).never for key in _CLOSING):
            code = "property-refused"
        elif self.message == "response" and name in a.required():
            code = "required-removed"
        if not old.never:
            self.record(code, where, _brief(old), None, old.at, _field(b, name))

    def _required(self, a: Node, b: Node, where: ChangeLocation, known: Known) -> None:
        """Compare the required fields; a field that is itself added or removed has another code."""
        old, new = a.required(), b.required()
        old_fields = known[0].union(a.children("properties"))
        new_fields = known[1].union(b.children("properties"))
        for name, there in new.items():
            if name not in old and (name in old_fields or name not in new_fields):
                place = where.field(name)
                self.record(
                    "became-required", place, None, f"{name} must be there", a.place("required"), there
                )
        for name, at in old.items():
            if name not in new and (name in new_fields or name not in old_fields):
                place = where.field(name)
                text = f"{name} must be there"
                self.record("became-optional", place, text, None, at, b.place("required"))


def _paired(a: Node, b: Node, key: str) -> Iterator[tuple[str, tuple[Node, Node]]]:
    old, new = a.children(key), b.children(key)
    for name in dict.fromkeys((*old, *new)):
        yield name, (old.get(name, _none(a, key, name)), new.get(name, _none(b, key, name)))


def _none(around: Node, key: str, name: str) -> Node:
    return EMPTY._replace(at=around.end + pointer.write((key, name)))


def _field(around: Node, name: str) -> str:
    return around.end + pointer.write(("properties", name))


def _brief(schema: Node) -> Any:
    """A field's type as a text."""
    names = schema.get("type", "any")
    return names if isinstance(names, str) else " or ".join(names)
