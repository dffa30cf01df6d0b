"""Two schemas of the same thing, walked together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from mockserver.contract import pointer
from mockserver.kit.diff import branches
from mockserver.kit.diff.book import ChangeLog
from mockserver.kit.diff.keywords import NEVER, shifts, type_shift
from mockserver.kit.diff.node import EMPTY, TEXTS, Node
from mockserver.kit.diff.walk import ChangeLocation, Known, Way

_CLOSING: Final = ("additionalProperties", "unevaluatedProperties")
_HELD: Final = ("items", "additionalProperties", "unevaluatedProperties")


class Schemas:
    """Compares schemas that travel one way. `passed` are pairs of pointers that have been compared.

    A condition on one of `models`, those that only one side has, is left to what is said of models.
    """

    def __init__(self, book: ChangeLog, way: Way, models: frozenset[str] = frozenset()) -> None:
        self.book = book
        self.way: Way = way
        self.models = models
        self.passed: set[tuple[str, str]] = set()
        self._trail: list[tuple[str, str]] = []

    def compare(self, a: Node, b: Node, where: ChangeLocation) -> None:
        """Note every difference between two schemas of a whole value."""
        self.walk(a, b, where, (branches.declared(a), branches.declared(b)))

    def walk(self, a: Node, b: Node, where: ChangeLocation, known: Known) -> None:
        """The same for schemas of a value whose fields `known` are described, on either side, around them."""
        pair = (a.end, b.end)
        if pair in self._trail:
            return
        self._trail.append(pair)
        self.passed.add(pair)
        try:
            self._walk(a, b, where, known)
        finally:
            self._trail.pop()

    def _walk(self, a: Node, b: Node, where: ChangeLocation, known: Known) -> None:
        self._texts(a, b, where)
        if branches.ruled(self, a, b, where):
            return
        shift = type_shift(a, b)
        if shift is not None:
            self.note(f"type-{shift.direction}", where, shift.before, shift.after, (a, b), "type")
            if shift.direction == "changed" or NEVER in (shift.before, shift.after):
                return
        for shift in shifts(a, b):
            self.note(
                f"{shift.family}-{shift.direction}", where, shift.before, shift.after, (a, b), shift.key
            )
        self._manner(a, b, where)
        self._fields(a, b, where, known)
        self._held(a, b, where)
        branches.compare(self, a, b, where, known)

    def note(
        self, code: str, where: ChangeLocation, before: Any, after: Any, pair: tuple[Node, Node], key: str
    ) -> None:
        """A note on a keyword, or on what stands below it (`x-image/forms`), of both schemas."""
        first, _, rest = key.partition("/")
        below = f"/{rest}" if rest else ""
        a, b = (side.place(first) + below for side in pair)
        self.book.note(f"{self.way}.{code}", str(where), before, after, a, b)

    def _texts(self, a: Node, b: Node, where: ChangeLocation) -> None:
        if not (a.layers and b.layers):
            return
        for key in TEXTS:
            before, after = a.get(key), b.get(key)
            if before != after:
                self.book.note("text.changed", f"{where} ({key})", before, after, a.place(key), b.place(key))

    def _manner(self, a: Node, b: Node, where: ChangeLocation) -> None:
        """What is meant where nothing is sent, and whether the field is to go."""
        old, new = bool(a.get("deprecated")), bool(b.get("deprecated"))
        if old != new:
            self.note("deprecated" if new else "undeprecated", where, old, new, (a, b), "deprecated")
        if self.way == "response" or a.get("default") == b.get("default"):
            return
        code = "default-changed" if a.has("default") else "default-added"
        self.note(code, where, a.get("default"), b.get("default"), (a, b), "default")

    def _held(self, a: Node, b: Node, where: ChangeLocation) -> None:
        """What an array or an object holds without naming it."""
        for key in _HELD:
            old, new = a.child(key), b.child(key)
            if not old.layers and not new.layers:
                self._open(old, new, key, where, (a, b))
            elif old.layers or new.layers:
                inner = where.item() if key == "items" else where.field("*")
                self.compare(old, new, inner)
        for name, (before, after) in _paired(a, b, "patternProperties"):
            self.compare(before, after, where.field(f"/{name}/"))

    def _open(self, old: Node, new: Node, key: str, where: ChangeLocation, pair: tuple[Node, Node]) -> None:
        if old.never != new.never:
            said = ("anything", "nothing") if new.never else ("nothing", "anything")
            self.note("keys-narrowed" if new.never else "keys-widened", where, *said, pair, key)

    def _fields(self, a: Node, b: Node, where: ChangeLocation, known: Known) -> None:
        for name, (old, new) in _paired(a, b, "properties"):
            inner = where.field(name)
            if (old.layers or old.never or name in known[0]) and (
                new.layers or new.never or name in known[1]
            ):
                self.compare(old, new, inner)
            elif new.layers or new.never:
                self._added(name, new, inner, a, b)
            else:
                self._removed(name, old, inner, a, b)
        self._required(a, b, where, known)

    def _added(self, name: str, new: Node, where: ChangeLocation, a: Node, b: Node) -> None:
        """A field that only the second knows; `never` only says that there is none."""
        must = self.way == "request" and name in b.required()
        if not new.never and (self.way == "request" or name not in a.required()):
            code = "required-added" if must else "property-added"
            self.book.note(f"{self.way}.{code}", str(where), None, _brief(new), _field(a, name), new.at)

    def _removed(self, name: str, old: Node, where: ChangeLocation, a: Node, b: Node) -> None:
        code = "property-removed"
        if self.way == "request" and any(b.child(key).never for key in _CLOSING):
            code = "property-refused"
        elif self.way == "response" and name in a.required():
            code = "required-removed"
        if not old.never:
            self.book.note(f"{self.way}.{code}", str(where), _brief(old), None, old.at, _field(b, name))

    def _required(self, a: Node, b: Node, where: ChangeLocation, known: Known) -> None:
        """Names that must be there; what is said of a field that comes or goes is not said again."""
        old, new = a.required(), b.required()
        fields = known[0].union(a.children("properties")), known[1].union(b.children("properties"))
        for name in [*new, *(name for name in old if name not in new)]:
            added, removed = name not in old, name not in new
            comes = added and name in fields[1] and name not in fields[0]
            goes = removed and name in fields[0] and name not in fields[1]
            if added == removed or comes or goes:
                continue
            code = "became-required" if added else "became-optional"
            told = f"{name} must be there"
            before, after = (None, told) if added else (told, None)
            at, there = old.get(name, a.place("required")), new.get(name, b.place("required"))
            self.book.note(f"{self.way}.{code}", str(where.field(name)), before, after, at, there)


def _paired(a: Node, b: Node, key: str) -> Iterator[tuple[str, tuple[Node, Node]]]:
    old, new = a.children(key), b.children(key)
    for name in dict.fromkeys((*old, *new)):
        yield name, (old.get(name, _none(a, key, name)), new.get(name, _none(b, key, name)))


def _none(around: Node, key: str, name: str) -> Node:
    return EMPTY._replace(at=around.end + pointer.write((key, name)))


def _field(around: Node, name: str) -> str:
    return around.end + pointer.write(("properties", name))


def _brief(schema: Node) -> Any:
    """A field in a word: its type."""
    kind = schema.get("type", "any")
    return kind if isinstance(kind, str) else " or ".join(kind)
