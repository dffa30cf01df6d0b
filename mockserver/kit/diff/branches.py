"""Compares the schemas beside a schema, of the same value: allOf, anyOf, oneOf, if, not, contains, ..."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from mockserver.contract.fields import condition_text
from mockserver.kit.diff.keywords import NEVER, direction_of, type_shift
from mockserver.kit.diff.node import EMPTY, Node
from mockserver.kit.diff.walk import ChangeLocation, Known, Walk

Pairs = Iterator[tuple[Node | None, Node | None]]
_DEEPEST: Final = 8
VAGUE: Final = "the value is there"
"""The text of a schema that has only rules within rules."""
_WHOLE: Final = ("not", "contains", "propertyNames", "prefixItems", "dependentRequired")
"""Keywords compared as a whole, because a wider schema inside them may mean a narrower one outside."""


def declared(schema: Node, depth: int = _DEEPEST) -> frozenset[str]:
    """The names of the fields that a schema describes unconditionally."""
    names = set(schema.children("properties"))
    if depth:
        for part in schema.parts("allOf"):
            if not _conditional(part):
                names |= declared(part, depth - 1)
    return frozenset(names)


def compare(walk: Walk, a: Node, b: Node, where: ChangeLocation, known: Known) -> None:
    """Add the changes of the schemas beside two schemas."""
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
    """Whether a part applies to a model that only one side has."""
    if not _conditional(part):
        return False
    fields = list(part.child("if").children("properties").values())
    return len(fields) == 1 and fields[0].get("const") in walk.models


def _choices(walk: Walk, a: Node, b: Node, key: str, where: ChangeLocation, known: Known) -> None:
    old, new = a.parts(key), b.parts(key)
    if new and not old:
        walk.add("choice-narrowed", where, None, _choice_text(new), (a, b), key)
        return
    if old and not new:
        walk.add("choice-widened", where, _choice_text(old), None, (a, b), key)
        return
    for before, after in _matched(old, new):
        if before and after:
            walk.walk(before, after, where.under("one of several"), known)
        elif after:
            walk.add("choice-widened", where, None, _text(after), (a, b), key)
        elif before:
            walk.add("choice-narrowed", where, _text(before), None, (a, b), key)


def _choice_text(parts: list[Node]) -> str:
    return " or ".join(_text(part) for part in parts)


def _if(walk: Walk, a: Node, b: Node, where: ChangeLocation, known: Known) -> None:
    old, new = a.child("if"), b.child("if")
    before, after = _rule(a), _rule(b)
    if before is None and after is None:
        return
    if before is None:
        _add_rule(walk, "condition-narrowed", where, (None, _consequence(b)), (a, b))
        return
    if after is None:
        _add_rule(walk, "condition-widened", where, (_consequence(a), None), (a, b))
        return
    if old.meaning() != new.meaning():
        _add_rule(walk, "condition-changed", where, (before, after), (a, b))
    condition = _text(new)
    walk.walk(a.child("then"), b.child("then"), where.under(condition), known)
    walk.walk(a.child("else"), b.child("else"), where.under(f"not ({condition})"), known)


def _rule(schema: Node) -> str | None:
    """The condition as a text; None if there is none, or if it has no consequence."""
    has_consequence = any(schema.child(key).layers or schema.child(key).never for key in ("then", "else"))
    if not _conditional(schema) or not has_consequence:
        return None
    return _text(schema.child("if"))


def _add_rule(
    walk: Walk,
    code: str,
    where: ChangeLocation,
    texts: tuple[str | None, str | None],
    pair: tuple[Node, Node],
) -> None:
    """Add the change of a whole rule: its source is then looked up inside the rule."""
    walk.record(code, where, *texts, pair[0].end, pair[1].end)


def ruled(walk: Walk, a: Node, b: Node, where: ChangeLocation) -> bool:
    """Compare as a whole what `x-rule` marks as one rule. Returns whether either schema is marked."""
    if not (a.has("x-rule") or b.has("x-rule")):
        return False
    if a.meaning() != b.meaning():
        old, new = _optional_text(a), _optional_text(b)
        _add_rule(walk, f"condition-{direction_of(old, new)}", where, (old, new), (a, b))
    return True


def _optional_text(schema: Node) -> str | None:
    """The text of a schema; None if there is no schema."""
    if not schema.layers:
        return None
    return _text(schema)


def _consequence(rule: Node) -> str:
    condition = _text(rule.child("if"))
    consequences = []
    for key, when in (("then", condition), ("else", f"not ({condition})")):
        part = rule.child(key)
        if part.layers or part.never:
            text = _text(part)
            if text == VAGUE:
                text = "a further rule"
            consequences.append(f"when {when}: {text}")
    return "; ".join(consequences)


def _dependent(walk: Walk, a: Node, b: Node, where: ChangeLocation, known: Known) -> None:
    old, new = a.children("dependentSchemas"), b.children("dependentSchemas")
    for name in dict.fromkeys((*old, *new)):
        before, after = old.get(name), new.get(name)
        condition = where.under(f"{name} is sent")
        if before and after:
            walk.walk(before, after, condition, known)
        elif after:
            walk.add("condition-narrowed", condition, None, _text(after), (a, b), "dependentSchemas")
        elif before:
            walk.add("condition-widened", condition, _text(before), None, (a, b), "dependentSchemas")


def _whole(walk: Walk, a: Node, b: Node, key: str, where: ChangeLocation) -> None:
    old, new = _only(a, key), _only(b, key)
    if old.has(key) == new.has(key) and old.meaning() == new.meaning():
        return
    before, after = _keyword_text(old, key), _keyword_text(new, key)
    walk.add(f"condition-{direction_of(before, after)}", where, before, after, (a, b), key)


def _keyword_text(schema: Node, key: str) -> str | None:
    return _text(schema.child(key)) if schema.has(key) else None


def _only(schema: Node, key: str) -> Node:
    """The schema reduced to one keyword; a `not` that refuses everything counts as a type."""
    if key == "not" and type_never(schema):
        return EMPTY
    layers = tuple((at, {key: words[key]}) for at, words in schema.layers if key in words)
    return schema._replace(layers=layers)


def type_never(schema: Node) -> bool:
    """Whether no value can be valid."""
    shift = type_shift(EMPTY, schema)
    return shift is not None and shift.after == NEVER


def _text(schema: Node) -> str:
    """A schema as a text: its x-expected texts, else its keywords."""
    if schema.never:
        return NEVER
    if not schema.layers:
        return condition_text(schema.document, {})
    expected = dict.fromkeys(_expected(schema.layers[-1][1]))
    return "; ".join(expected) or condition_text(schema.document, schema.layers[0][1])


def _expected(schema: Any) -> Iterator[str]:
    if isinstance(schema, list):
        for part in schema:
            yield from _expected(part)
    elif isinstance(schema, dict):
        if isinstance(schema.get("x-expected"), str):
            yield schema["x-expected"]
        for value in schema.values():
            yield from _expected(value)


def _matched(old: list[Node], new: list[Node]) -> Pairs:
    """Pairs with the same reference, the same condition or the same meaning; then by position."""
    # The parts of allOf or anyOf have no names, and authors insert and reorder them. The surest sign of a
    # common origin decides first; only what is left is paired by position. Left conditions are paired only
    # if their number is the same: else a new rule would look like a change of every rule after it.
    for key in (_reference, _condition, Node.meaning):
        pairs, old, new = _by(old, new, key)
        yield from pairs
    for condition in (True, False):
        a = [part for part in old if _conditional(part) is condition]
        b = [part for part in new if _conditional(part) is condition]
        paired = min(len(a), len(b))
        if condition and len(a) != len(b):
            paired = 0
        yield from zip(a[:paired], b[:paired], strict=True)
        yield from ((part, None) for part in a[paired:])
        yield from ((None, part) for part in b[paired:])


def _by(
    old: list[Node], new: list[Node], key: Callable[[Node], Any]
) -> tuple[list[tuple[Node | None, Node | None]], list[Node], list[Node]]:
    """Pairs with the same key, and the unpaired of both."""
    waiting: dict[Any, list[Node]] = {}
    for part in new:
        waiting.setdefault(key(part), []).append(part)
    waiting.pop(None, None)
    pairs: list[tuple[Node | None, Node | None]] = []
    left = []
    for part in old:
        partners = waiting.get(key(part))
        if partners:
            pairs.append((part, partners.pop(0)))
        else:
            left.append(part)
    taken = {after.at for _, after in pairs if after}
    return pairs, left, [part for part in new if part.at not in taken]


def _reference(part: Node) -> str | None:
    if not part.layers:
        return None
    reference: str | None = part.layers[0][1].get("$ref")
    return reference


def _condition(part: Node) -> bytes | None:
    if not _conditional(part):
        return None
    return part.child("if").meaning()
