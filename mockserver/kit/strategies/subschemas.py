"""The schemas that hold together for one value: references followed, conditions decided, branches chosen."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from mockserver.contract.source import resolve
from mockserver.kit.strategies.partial_validator import Document, Rule, judge, rule
from mockserver.kit.strategies.scalars import choices
from mockserver.kit.strategies.verdicts import PENDING, kinds

Node = Mapping[str, Any]
T = TypeVar("T")
NEVER: Node = {"not": {}}
_BESIDE = ("then", "else")
_REMEMBERED = 16384
_LISTS = ("allOf", "anyOf", "oneOf")


def remembered(ask: Callable[..., T]) -> Callable[..., T]:
    """Ask once for the same schemas, told apart by identity: they are kept, so that it stays theirs."""
    known: dict[Any, tuple[Any, T]] = {}

    def answer(document: Document, schemas: Sequence[Any], more: Any = ()) -> T:
        key = (id(document), more, *map(id, schemas))
        found = known.get(key)
        if found is None:
            if len(known) >= _REMEMBERED:
                known.clear()
            found = known[key] = ((document, list(schemas)), ask(document, schemas, more))
        return found[1]

    return answer


def kept(ask: Callable[[Document, Any], T]) -> Callable[[Document, Any], T]:
    """The same for one schema."""
    known: dict[tuple[int, int], tuple[Any, T]] = {}

    def answer(document: Document, schema: Any) -> T:
        key = (id(document), id(schema))
        found = known.get(key)
        if found is None:
            if len(known) >= _REMEMBERED:
                known.clear()
            found = known[key] = ((document, schema), ask(document, schema))
        return found[1]

    return answer


def chosen(document: Document, schemas: Sequence[Any], choose: Callable[[int], int]) -> list[Node]:
    """The schemas without `$ref`, `allOf`, `anyOf` and `oneOf`; `choose(n)` picks one of n branches."""
    found: list[Node] = []
    for schema in schemas:
        if isinstance(schema, bool):
            found += () if schema else (NEVER,)
            continue
        found.append(schema)
        more: list[Any] = [resolve(document, {"$ref": schema["$ref"]})] if "$ref" in schema else []
        more += schema.get("allOf", ())
        if "anyOf" in schema:
            more.append(schema["anyOf"][choose(len(schema["anyOf"]))])
        if "oneOf" in schema:
            index = choose(len(schema["oneOf"]))
            more.append(schema["oneOf"][index])
            more += [negated(document, other) for at, other in enumerate(schema["oneOf"]) if at != index]
        found += chosen(document, more, choose)
    return found


@kept
def negated(document: Document, schema: Any) -> Node:
    """The opposite of a schema, the same object at every call."""
    return {"not": schema}


def active(document: Document, schemas: Sequence[Any], value: Any) -> Iterator[Node]:
    """The schemas that certainly hold for a value that is drawn in part, branches of `if` included.

    An `anyOf` or `oneOf` counts by what is left of it: nothing while several branches are open.
    """
    for schema in schemas:
        for node, branches in _steps(document, schema):
            yield node
            if branches is not None:
                asked, then, other = branches
                verdict = asked(value)
                if verdict is not None:
                    yield from active(document, (then if verdict else other,), value)


Branches = tuple[Rule, Any, Any]


@kept
def _steps(document: Document, schema: Any) -> list[tuple[Node, Branches | None]]:
    """A schema and those that hold with it, each with the `if` to ask once its own are through."""
    if not isinstance(schema, Mapping):
        return [] if schema else [(NEVER, None)]
    more: list[Any] = [resolve(document, {"$ref": schema["$ref"]})] if "$ref" in schema else []
    inner = [step for part in (*more, *schema.get("allOf", ())) for step in _steps(document, part)]
    if "if" not in schema:
        return [(schema, None), *inner]
    branches = (rule(document, schema["if"]), schema.get("then", True), schema.get("else", True))
    return [(schema, branches), *inner]


def properties(document: Document, nodes: Sequence[Node], name: str) -> list[Any]:
    """What the nodes of an object ask of one property."""
    return [node["properties"][name] for node in nodes if name in node.get("properties", {})]


def possible(document: Document, schemas: Sequence[Any]) -> bool:
    """Whether some value might satisfy all: not so where one is never, or no type or choice is left."""
    return all(schema is not False for schema in schemas) and _possible(document, schemas)


@remembered
def _possible(document: Document, schemas: Sequence[Any], _: Any = ()) -> bool:
    nodes = list(active(document, schemas, PENDING))
    if any(node.get("not") in ({}, True) for node in nodes):
        return False
    allowed = choices(nodes)
    if allowed is not None:
        return any(
            all(judge(document, schema, value) is not False for schema in schemas) for value in allowed
        )
    named = [set(kinds(node) or ()) for node in nodes if "type" in node]
    return not named or bool(set.intersection(*map(_widened, named)))


def _widened(names: set[str]) -> set[str]:
    return names | {"integer"} if "number" in names else names


def types(nodes: Sequence[Node]) -> list[str]:
    """The types that are left, in the order they are named; every type where none is."""
    named = [list(kinds(node) or ()) for node in nodes if "type" in node]
    if not named:
        return []
    return [kind for kind in named[0] if all(kind in _widened(set(names)) for names in named)]


@remembered
def names(document: Document, schemas: Sequence[Any], _: Any = ()) -> list[str]:
    """Every property that the schemas of an object know, whatever the case."""
    found: dict[str, None] = {}
    for node in everything(document, schemas):
        found.update(dict.fromkeys(node.get("properties", ())))
        found.update(dict.fromkeys(node.get("required", ())))
    return list(found)


def everything(document: Document, schemas: Sequence[Any]) -> Iterator[Node]:
    """Every schema of the same value that could come to hold: all branches, but no condition."""
    for schema in schemas:
        yield from _reached(document, schema)


@kept
def _reached(document: Document, schema: Any) -> list[Node]:
    if not isinstance(schema, Mapping):
        return []
    more: list[Any] = [resolve(document, {"$ref": schema["$ref"]})] if "$ref" in schema else []
    more += [schema[word] for word in _BESIDE if word in schema]
    more += [part for word in _LISTS for part in schema.get(word, ())]
    return [schema, *(node for part in more for node in _reached(document, part))]


def conditions(document: Document, schemas: Sequence[Any]) -> Iterator[tuple[Any, list[Any]]]:
    """Every `if` of the same value with its branches."""
    for node in everything(document, schemas):
        if "if" in node:
            yield node["if"], [node[word] for word in _BESIDE if word in node]


@remembered
def order(document: Document, schemas: Sequence[Any], first: Sequence[str] = ()) -> list[str]:
    """The properties of an object: `first`, then what conditions read before what they decide."""
    needs: dict[str, list[str]] = {}
    for asked, branches in conditions(document, schemas):
        read = names(document, [asked, *_negated(document, asked)])
        for name in names(document, branches):
            needs.setdefault(name, []).extend(read)
    known = names(document, schemas)
    done: dict[str, None] = dict.fromkeys(name for name in first if name in known)
    pending: set[str] = set()

    def visit(name: str) -> None:
        if name in done or name in pending:
            return
        pending.add(name)
        for other in needs.get(name, ()):
            visit(other)
        done[name] = None

    for name in known:
        visit(name)
    return list(done)


def _negated(document: Document, schema: Any) -> Iterator[Any]:
    for node in everything(document, [schema]):
        if "not" in node:
            yield node["not"]


@remembered
def hints(document: Document, schemas: Sequence[Any], name: str) -> list[str]:
    """Patterns that conditions look for in a text property: worth meeting more often than chance does."""
    found: dict[str, None] = {}
    for asked, _ in conditions(document, schemas):
        for node in everything(document, [asked]):
            inner = node.get("properties", {}).get(name)
            if isinstance(inner, Mapping) and "pattern" in inner:
                found[inner["pattern"]] = None
    return list(found)
