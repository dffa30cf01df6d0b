"""The schemas that apply to one value: references followed, conditions decided, branches chosen."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from mockserver.contract.source import resolve
from mockserver.kit.strategies.identity_cache import cached_by_identity
from mockserver.kit.strategies.partial_validator import compiled, validate_partial
from mockserver.kit.strategies.scalars import choices
from mockserver.kit.strategies.verdicts import PENDING, Document, Rule, kinds

Node = Mapping[str, Any]
Branches = tuple[Rule, Any, Any]
"""A compiled `if`, its `then` and its `else`."""
NEVER: Final[Node] = {"not": {}}
_BRANCHES: Final = ("then", "else")
_COMBINATIONS: Final = ("allOf", "anyOf", "oneOf")

# A body schema hides what it asks of one value: behind references, in every part of an `allOf`, in the
# branch of an `if` that holds by now. A generator needs all of that at once, as one list of plain schemas,
# and again after each value that it draws. What does not depend on the value is therefore cached.


def choose_branches(document: Document, schemas: Sequence[Any], choose: Callable[[int], int]) -> list[Node]:
    """The schemas without `$ref`, `allOf`, `anyOf` and `oneOf`; `choose(n)` picks one of n branches."""
    nodes: list[Node] = []
    for schema in schemas:
        if schema is False:
            nodes.append(NEVER)
        elif schema is not True:
            nodes.append(schema)
            inner = [*_conjuncts(document, schema), *_chosen(document, schema, choose)]
            nodes += choose_branches(document, inner, choose)
    return nodes


def _conjuncts(document: Document, schema: Node) -> list[Any]:
    """The schemas that hold with a schema in any case: its reference's target, the parts of its `allOf`."""
    parts = list(schema.get("allOf", ()))
    if "$ref" in schema:
        parts.insert(0, resolve(document, {"$ref": schema["$ref"]}))
    return parts


def _chosen(document: Document, schema: Node, choose: Callable[[int], int]) -> Iterator[Any]:
    """One branch of `anyOf`; one branch of `oneOf`, and the opposite of its others."""
    if "anyOf" in schema:
        yield schema["anyOf"][choose(len(schema["anyOf"]))]
    if "oneOf" in schema:
        branches = schema["oneOf"]
        index = choose(len(branches))
        yield branches[index]
        yield from (negated(document, other) for at, other in enumerate(branches) if at != index)


@cached_by_identity
def negated(document: Document, schema: Any) -> Node:
    """The opposite of a schema, the same object at every call."""
    return {"not": schema}


def active(document: Document, schemas: Sequence[Any], value: Any) -> Iterator[Node]:
    """The schemas that certainly apply to a value that is drawn in part, branches of `if` included.

    Branches of `anyOf` and `oneOf` do not count: any of them may be the one that holds.
    """
    for schema in schemas:
        for node, branches in _steps(document, schema):
            yield node
            if branches is None:
                continue
            condition, then, other = branches
            verdict = condition(value)
            if verdict is True:
                yield from active(document, (then,), value)
            elif verdict is False:
                yield from active(document, (other,), value)


@cached_by_identity
def _steps(document: Document, schema: Any) -> list[tuple[Node, Branches | None]]:
    """A schema and those that hold with it, each with its branches if it has an `if`."""
    if not isinstance(schema, Mapping):
        return [] if schema else [(NEVER, None)]
    inner = [step for part in _conjuncts(document, schema) for step in _steps(document, part)]
    if "if" not in schema:
        return [(schema, None), *inner]
    branches = (compiled(document, schema["if"]), schema.get("then", True), schema.get("else", True))
    return [(schema, branches), *inner]


def properties(document: Document, nodes: Sequence[Node], name: str) -> list[Any]:
    """The schemas that the nodes of an object have for one property."""
    return [node["properties"][name] for node in nodes if name in node.get("properties", {})]


def possible(document: Document, schemas: Sequence[Any]) -> bool:
    """Whether some value may satisfy all: False if one is false, or no type or listed value is left."""
    return all(schema is not False for schema in schemas) and _possible(document, schemas)


@cached_by_identity
def _possible(document: Document, schemas: Sequence[Any]) -> bool:
    nodes = list(active(document, schemas, PENDING))
    if any(node.get("not") in ({}, True) for node in nodes):
        return False
    allowed = choices(nodes)
    if allowed is not None:
        return any(
            all(validate_partial(document, schema, value) is not False for schema in schemas)
            for value in allowed
        )
    return not any("type" in node for node in nodes) or bool(types(nodes))


def _with_integer(kinds: set[str]) -> set[str]:
    """The types, and `integer` with `number`: whole numbers are numbers."""
    return kinds | {"integer"} if "number" in kinds else kinds


def types(nodes: Sequence[Node]) -> list[str]:
    """The types that every node allows, in the order in which they are named; empty if no node names any."""
    named = [kinds(node) or () for node in nodes if "type" in node]
    listed = dict.fromkeys(kind for names in named for kind in names)
    return [kind for kind in listed if all(kind in _with_integer({*names}) for names in named)]


@cached_by_identity
def names(document: Document, schemas: Sequence[Any]) -> list[str]:
    """Every property that the schemas of an object mention, in any branch."""
    mentioned: dict[str, None] = {}
    for node in everything(document, schemas):
        mentioned.update(dict.fromkeys(node.get("properties", ())))
        mentioned.update(dict.fromkeys(node.get("required", ())))
    return list(mentioned)


def everything(document: Document, schemas: Sequence[Any]) -> Iterator[Node]:
    """Every schema that may apply to the same value: all branches, but no condition."""
    for schema in schemas:
        yield from _reached(document, schema)


@cached_by_identity
def _reached(document: Document, schema: Any) -> list[Node]:
    if not isinstance(schema, Mapping):
        return []
    parts: list[Any] = []
    if "$ref" in schema:
        parts.append(resolve(document, {"$ref": schema["$ref"]}))
    parts += [schema[word] for word in _BRANCHES if word in schema]
    parts += [part for word in _COMBINATIONS for part in schema.get(word, ())]
    return [schema, *(node for part in parts for node in _reached(document, part))]


def conditions(document: Document, schemas: Sequence[Any]) -> Iterator[tuple[Any, list[Any]]]:
    """Every `if` that may apply to the same value, with its branches."""
    for node in everything(document, schemas):
        if "if" in node:
            yield node["if"], [node[word] for word in _BRANCHES if word in node]


@cached_by_identity
def order(document: Document, schemas: Sequence[Any], first: Sequence[str] = ()) -> list[str]:
    """The properties of an object: `first`, then each after those that conditions about it read."""
    # A topological sort, depth first. Properties whose conditions read each other form a cycle: a visit
    # that comes back to a property under way goes on without it, so the order is then one of several.
    read_before: dict[str, list[str]] = {}
    for condition, branches in conditions(document, schemas):
        read = names(document, [condition, *_negations(document, condition)])
        for name in names(document, branches):
            read_before.setdefault(name, []).extend(read)
    known = names(document, schemas)
    done: dict[str, None] = dict.fromkeys(name for name in first if name in known)
    under_way: set[str] = set()

    def visit(name: str) -> None:
        if name in done or name in under_way:
            return
        under_way.add(name)
        for other in read_before.get(name, ()):
            visit(other)
        done[name] = None

    for name in known:
        visit(name)
    return list(done)


def _negations(document: Document, schema: Any) -> Iterator[Any]:
    for node in everything(document, [schema]):
        if "not" in node:
            yield node["not"]


@cached_by_identity
def looked_for(document: Document, schemas: Sequence[Any], name: str) -> list[str]:
    """The patterns that conditions look for in a text property, and that chance seldom draws."""
    patterns: dict[str, None] = {}
    for condition, _ in conditions(document, schemas):
        for node in everything(document, [condition]):
            inner = node.get("properties", {}).get(name)
            if isinstance(inner, Mapping) and "pattern" in inner:
                patterns[inner["pattern"]] = None
    return list(patterns)
