"""Mutations of a valid body, each meant to break one rule; the contract decides which of them do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import Any, Final, NamedTuple

from mockserver.contract import pointer
from mockserver.kit.strategies import subschemas
from mockserver.kit.strategies.images import faulty
from mockserver.kit.strategies.scalars import Schemas
from mockserver.kit.strategies.verdicts import Document, is_of, kinds

Path = tuple[str, ...]
CASED: Final = "enum case"
NEIGHBOUR: Final = "enum neighbour"
_STRANGERS: Final = (True, 12345, 0.5, "not-one-of-these", ["a"], {"a": 1}, None)
_OF_OTHER_TYPE: Final[Mapping[str, Any]] = {
    "string": 12345,
    "boolean": "true",
    "object": "text",
    "array": {"0": "text"},
    "null": 0,
}


class Removed:
    """The type of REMOVED."""

    def __repr__(self) -> str:
        return "REMOVED"


REMOVED: Final = Removed()


class Mutation(NamedTuple):
    """A new value at a path, or REMOVED. `plain` if it does the same to every body: one success will do."""

    path: Path
    value: Any
    plain: bool = True
    label: str = ""


def mutations(
    document: Document, schema: Any, body: Any, donors: Mapping[Path, Sequence[Any]]
) -> Iterator[Mutation]:
    """Every mutation worth trying on a body. `donors` are values that other bodies have, by general path."""
    yield from _below(document, [schema], body, (), donors)


def apply(body: Any, change: Mutation) -> Any:
    """A mutated copy of the body, which shares the unchanged parts. Raises LookupError for a wrong path."""
    if not change.path:
        return change.value
    head, rest = change.path[0], change._replace(path=change.path[1:])
    if isinstance(body, list):
        items = list(body)
        items[int(head)] = apply(items[int(head)], rest)
        return items
    if not isinstance(body, dict):
        raise LookupError(pointer.write(change.path))
    if change.path[1:]:
        return {**body, head: apply(body[head], rest)}
    if change.value is REMOVED:
        return {name: value for name, value in body.items() if name != head}
    return {**body, head: change.value}


def general(path: Sequence[str]) -> Path:
    """The path with `*` for every index."""
    return tuple("*" if part.isdigit() else part for part in path)


def paths(body: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every value of a body with its path, the body first."""
    yield path, body
    if isinstance(body, dict):
        for name, value in body.items():
            yield from paths(value, (*path, name))
    elif isinstance(body, list):
        for index, value in enumerate(body):
            yield from paths(value, (*path, str(index)))


def _below(
    document: Document, schemas: Sequence[Any], value: Any, path: Path, donors: Mapping[Path, Sequence[Any]]
) -> Iterator[Mutation]:
    nodes = list(subschemas.everything(document, schemas))
    yield from (Mutation(path, wrong, label=label) for label, wrong in wrongs(nodes, value))
    if isinstance(value, dict):
        for name in subschemas.names(document, schemas):
            inner = (*path, name)
            yield from _exchanges(value, name, inner, donors)
            parts = subschemas.properties(document, nodes, name)
            if name in value:
                yield from _below(document, parts, value[name], inner, donors)
                yield from _bare(value[name], inner)
            else:
                known = list(subschemas.everything(document, parts))
                yield from (Mutation(inner, wrong, label=label) for label, wrong in wrongs(known, None))
    elif isinstance(value, list):
        items = [node["items"] for node in nodes if "items" in node]
        for index, item in enumerate(value[:2]):
            yield from _below(document, items, item, (*path, str(index)), donors)


def _bare(value: Any, path: Path) -> Iterator[Mutation]:
    """An empty object, or one with a single field of a wrong type: other fields would break further rules."""
    if isinstance(value, dict) and value:
        yield Mutation(path, {}, plain=False)
        for name in value:
            yield Mutation(path, {name: ["a"]}, plain=False)


def _exchanges(
    value: Mapping[str, Any], name: str, path: Path, donors: Mapping[Path, Sequence[Any]]
) -> Iterator[Mutation]:
    """Mutations that may break a rule between fields: without the field, or with another body's value."""
    if name in value:
        yield Mutation(path, REMOVED, plain=False)
    for donor in donors.get(general(path), ()):
        if name not in value or value[name] != donor:
            yield Mutation(path, donor, plain=False)


def wrongs(nodes: Schemas, value: Any) -> Iterator[tuple[str, Any]]:
    """Values that break one keyword of the nodes, each with a label for the way it does."""
    known = [member for node in nodes for member in _listed(node)]
    for node in nodes:
        named = kinds(node)
        if named:
            yield from (("type", wrong) for wrong in _of_other_types(named, [*known, value]))
        if "enum" in node or "const" in node:
            yield from (("enum", wrong) for wrong in _STRANGERS)
            yield from _next_to(_listed(node))
        if "x-image" in node:
            yield from ((f"x-image {index}", wrong) for index, wrong in enumerate(faulty(node["x-image"])))
        yield from _beyond(node)
        if isinstance(value, list):
            yield from _counted(node, value)
        yield from _patterned(node)


def _listed(node: Mapping[str, Any]) -> list[Any]:
    """The values that a node's `enum` or `const` allows."""
    if "enum" in node:
        return list(node["enum"])
    return [node["const"]] if "const" in node else []


def _lookalike(value: Any) -> Any:
    """A value that a lenient server takes for the same: 5 for "5", "5" for 5, "true" for true; else None."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value)
    return None


def _of_other_types(named: Sequence[str], values: Sequence[Any]) -> Iterator[Any]:
    """Values of none of the named types, first a lookalike of the values that may be there."""
    lookalike = next((other for other in map(_lookalike, values) if other is not None), None)
    if lookalike is not None and not any(is_of(kind, lookalike) for kind in named):
        yield lookalike
    for kind in named:
        if kind in ("integer", "number"):
            if "string" not in named:
                yield "5"
            yield True
        elif kind == "string" and ("integer" in named or "number" in named):
            continue
        else:
            yield _OF_OTHER_TYPE[kind]
    yield from (wrong for wrong in (0.5, None, ["a"]) if not any(is_of(kind, wrong) for kind in named))


def _next_to(listed: Sequence[Any]) -> Iterator[tuple[str, Any]]:
    """Values next to the first listed text and number: another case, a blank after it, the next number."""
    text = next((member for member in listed if isinstance(member, str) and member), None)
    if text is not None:
        if text.swapcase() not in listed:
            yield CASED, text.swapcase()
        yield NEIGHBOUR, _next_text(text, listed)
    integers = (member for member in listed if isinstance(member, int) and not isinstance(member, bool))
    number = next(integers, None)
    if number is not None:
        yield NEIGHBOUR, next(other for other in count(number + 1) if other not in listed)


def _next_text(text: str, listed: Sequence[Any]) -> str:
    if text.isascii() and text.isdigit():
        return next(str(number) for number in count(int(text) + 1) if str(number) not in listed)
    return f"{text} "


def _beyond(node: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for word, steps in (("minimum", (-1, -0.001)), ("maximum", (1, 0.001))):
        if word in node:
            yield from ((word, node[word] + step) for step in steps)
    for word in ("exclusiveMinimum", "exclusiveMaximum"):
        if word in node:
            yield word, node[word]
    if "maxLength" in node:
        yield "maxLength", "a" * (node["maxLength"] + 1)
        yield "maxLength wide", "\U0001f600" * (node["maxLength"] + 1)
    if node.get("minLength", 0) > 0:
        yield "minLength", "a" * (node["minLength"] - 1)


def _counted(node: Mapping[str, Any], value: list[Any]) -> Iterator[tuple[str, Any]]:
    if "minItems" in node and len(value) >= node["minItems"] > 0:
        yield "minItems", value[: node["minItems"] - 1]
    if "maxItems" in node and value:
        yield "maxItems", [value[index % len(value)] for index in range(node["maxItems"] + 1)]


def _patterned(node: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    if "pattern" in node:
        yield from (("pattern", wrong) for wrong in ("ftp://example.com/", "1.5", "not-one-of-these", ""))
