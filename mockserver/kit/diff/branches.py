"""Schemas beside a schema, of the same value: allOf, anyOf, oneOf, if, not, contains and their like."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from mockserver.contract.fields import said
from mockserver.kit.diff.keywords import NEVER, type_shift
from mockserver.kit.diff.node import EMPTY, Node
from mockserver.kit.diff.walk import ChangeLocation, Known, Walk

Pairs = Iterator[tuple[Node | None, Node | None]]
_DEEPEST: Final = 8
VAGUE: Final = "the value is there"
"""What is said of a schema that has only rules within rules."""
_WHOLE: Final = ("not", "contains", "propertyNames", "prefixItems", "dependentRequired")
"""Keywords compared as a whole, as their inside may count the other way round."""


def declared(schema: Node, depth: int = _DEEPEST) -> frozenset[str]:
    """The names of the fields that a schema describes whatever else is sent."""
    names = set(schema.children("properties"))
    if depth:
        for part in schema.parts("allOf"):
            if not _conditional(part):
                names |= declared(part, depth - 1)
    return frozenset(names)


def compare(walk: Walk, a: Node, b: Node, where: ChangeLocation, known: Known) -> None:
    """Note what differs beside two schemas."""
    _all_of(walk, a, b, where, known)
    for key in ("anyOf", "oneOf"):
        _choices(walk, a, b, key, where, known)
    _if(walk, a, b, where, known)
    _dependent(walk, a, b, where, known)
    for key in _WHOLE:
        _whole(walk, a, b, key, where)


def _conditional(part: Node) -> bool:
    return part.has("if")


def _all_of(walk: Walk, a: Node, b: Node, where: ChangeLocation, known: Known) -> None:
    old = [part for part in a.parts("allOf") if not _of_one_side(walk, part)]
    new = [part for part in b.parts("allOf") if not _of_one_side(walk, part)]
    for before, after in _matched(old, new):
        walk.walk(before or _lack(a), after or _lack(b), where, known)


def _lack(around: Node) -> Node:
    return EMPTY._replace(document=around.document, at=around.place("allOf"))


def _of_one_side(walk: Walk, part: Node) -> bool:
    """Whether a part is for a model that only one side has."""
    asked = part.child("if").children("properties") if _conditional(part) else {}
    return len(asked) == 1 and next(iter(asked.values())).get("const") in walk.models


def _choices(walk: Walk, a: Node, b: Node, key: str, where: ChangeLocation, known: Known) -> None:
    old, new = a.parts(key), b.parts(key)
    if bool(old) != bool(new):
        code = "choice-narrowed" if new else "choice-widened"
        walk.note(code, where, _count(old), _count(new), (a, b), key)
        return
    for before, after in _matched(old, new):
        if before and after:
            walk.walk(before, after, where.under("one of several"), known)
        else:
            code = "choice-widened" if after else "choice-narrowed"
            walk.note(code, where, before and _said(before), after and _said(after), (a, b), key)


def _count(parts: list[Node]) -> str | None:
    return " or ".join(_said(part) for part in parts) or None


def _if(walk: Walk, a: Node, b: Node, where: ChangeLocation, known: Known) -> None:
    old, new = a.child("if"), b.child("if")
    before, after = _rule(a), _rule(b)
    if before is None and after is None:
        return
    if before is None or after is None:
        _one_sided(walk, a, b, where, known)
        return
    if old.meaning() != new.meaning():
        _rule_note(walk, "condition-changed", where, (before, after), (a, b))
    condition = _said(new)
    walk.walk(a.child("then"), b.child("then"), where.under(condition), known)
    walk.walk(a.child("else"), b.child("else"), where.under(f"not ({condition})"), known)


def _rule(schema: Node) -> str | None:
    """The condition in words; None where there is none, or nothing hangs on it."""
    hangs = any(schema.child(key).layers or schema.child(key).never for key in ("then", "else"))
    return _said(schema.child("if")) if _conditional(schema) and hangs else None


def _one_sided(walk: Walk, a: Node, b: Node, where: ChangeLocation, known: Known) -> None:
    """A rule that only one side has: what it asks, against nothing."""
    comes = _rule(b) is not None
    rule = b if comes else a
    code = "condition-narrowed" if comes else "condition-widened"
    words = _consequence(rule)
    _rule_note(walk, code, where, (None, words) if comes else (words, None), (a, b))


def _rule_note(
    walk: Walk, code: str, where: ChangeLocation, said: tuple[str | None, str | None], pair: tuple[Node, Node]
) -> None:
    """A note on a whole rule, so that who says so is found within it."""
    walk.book.note(f"{walk.way}.{code}", str(where), *said, pair[0].end, pair[1].end)


def ruled(walk: Walk, a: Node, b: Node, where: ChangeLocation) -> bool:
    """Compare as a whole what `x-rule` marks as one rule; whether it was."""
    if not (a.has("x-rule") or b.has("x-rule")):
        return False
    if a.meaning() != b.meaning():
        old, new = (_said(side) if side.layers else None for side in (a, b))
        direction = "changed" if a.layers and b.layers else "narrowed" if b.layers else "widened"
        _rule_note(walk, f"condition-{direction}", where, (old, new), (a, b))
    return True


def _consequence(rule: Node) -> str:
    condition = _said(rule.child("if"))
    words = []
    for key, when in (("then", condition), ("else", f"not ({condition})")):
        part = rule.child(key)
        if part.layers or part.never:
            told = _said(part)
            words.append(f"when {when}: {'a further rule' if told == VAGUE else told}")
    return "; ".join(words)


def _dependent(walk: Walk, a: Node, b: Node, where: ChangeLocation, known: Known) -> None:
    old, new = a.children("dependentSchemas"), b.children("dependentSchemas")
    for name in dict.fromkeys((*old, *new)):
        before, after = old.get(name), new.get(name)
        if before and after:
            walk.walk(before, after, where.under(f"{name} is sent"), known)
        else:
            code = "condition-narrowed" if after else "condition-widened"
            words = before and _said(before), after and _said(after)
            walk.note(code, where.under(f"{name} is sent"), *words, (a, b), "dependentSchemas")


def _whole(walk: Walk, a: Node, b: Node, key: str, where: ChangeLocation) -> None:
    old, new = _only(a, key), _only(b, key)
    if old.has(key) == new.has(key) and old.meaning() == new.meaning():
        return
    direction = "changed" if old.has(key) and new.has(key) else "narrowed" if new.has(key) else "widened"
    before, after = (_said(side.child(key)) if side.has(key) else None for side in (old, new))
    walk.note(f"condition-{direction}", where, before, after, (a, b), key)


def _only(schema: Node, key: str) -> Node:
    """The schema with that keyword and no other; an all-refusing `not` counts with the types."""
    if key == "not" and type_never(schema):
        return EMPTY
    layers = tuple((at, {key: words[key]}) for at, words in schema.layers if key in words)
    return schema._replace(layers=layers)


def type_never(schema: Node) -> bool:
    """Whether nothing can be right."""
    shift = type_shift(EMPTY, schema)
    return shift is not None and shift.after == NEVER


def _said(schema: Node) -> str:
    """A schema in words: those it has for a refusal, else those of its keywords."""
    if schema.never:
        return NEVER
    own: Any = schema.layers[0][1] if schema.layers else {}
    expected = dict.fromkeys(_expected(schema.layers[-1][1] if schema.layers else {}))
    return "; ".join(expected) or said(schema.document, own)


def _expected(words: Any) -> Iterator[str]:
    if isinstance(words, list):
        for item in words:
            yield from _expected(item)
    elif isinstance(words, dict):
        if isinstance(words.get("x-expected"), str):
            yield words["x-expected"]
        for value in words.values():
            yield from _expected(value)


def _matched(old: list[Node], new: list[Node]) -> Pairs:
    """Pairs that refer to the same, ask under the same condition, or mean the same; then by position."""
    for key in (_reference, _condition, Node.meaning):
        pairs, old, new = _by(old, new, key)
        yield from pairs
    for condition in (True, False):
        a = [part for part in old if _conditional(part) is condition]
        b = [part for part in new if _conditional(part) is condition]
        paired = min(len(a), len(b)) if not condition or len(a) == len(b) else 0
        yield from zip(a[:paired], b[:paired], strict=True)
        yield from ((part, None) for part in a[paired:])
        yield from ((None, part) for part in b[paired:])


def _by(
    old: list[Node], new: list[Node], key: Callable[[Node], Any]
) -> tuple[list[tuple[Node | None, Node | None]], list[Node], list[Node]]:
    """Pairs of one key, and what is left of both."""
    waiting: dict[Any, list[Node]] = {}
    for part in new:
        waiting.setdefault(key(part), []).append(part)
    pairs: list[tuple[Node | None, Node | None]] = []
    left = []
    for part in old:
        found = waiting.get(key(part)) if key(part) is not None else None
        if found:
            pairs.append((part, found.pop(0)))
        else:
            left.append(part)
    taken = {after.at for _, after in pairs if after}
    return pairs, left, [part for part in new if part.at not in taken]


def _reference(part: Node) -> str | None:
    reference: str | None = part.layers[0][1].get("$ref") if part.layers else None
    return reference


def _condition(part: Node) -> bytes | None:
    return part.child("if").meaning() if _conditional(part) else None
