"""Changes to a valid body, each meant to break one rule; the contract says which of them did."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import Any, Final, NamedTuple

from mockserver.contract import pointer
from mockserver.kit.strategies import subschemas
from mockserver.kit.strategies.images import faulty
from mockserver.kit.strategies.partial_validator import Document
from mockserver.kit.strategies.scalars import Schemas
from mockserver.kit.strategies.verdicts import is_of, kinds

Path = tuple[str, ...]
CASED: Final = "enum case"
NEIGHBOUR: Final = "enum neighbour"
_STRANGERS: Final = (True, 12345, 0.5, "not-one-of-these", ["a"], {"a": 1}, None)
_OF_NO_TYPE: Final[Mapping[str, Any]] = {
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
    """A new value at a path, or REMOVED. `plain` says that it does the same to every body: once will do."""

    path: Path
    value: Any
    plain: bool = True
    label: str = ""


def mutations(
    document: Document, schema: Any, body: Any, donors: Mapping[Path, Sequence[Any]]
) -> Iterator[Mutation]:
    """Every change worth trying on a body. `donors` are values by general path that other bodies have."""
    yield from _below(document, [schema], body, (), donors)


def apply(body: Any, change: Mutation) -> Any:
    """A copy of the body with the change; the parts that stay are shared. Raises LookupError."""
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
    kept = {name: value for name, value in body.items() if name != head}
    return kept if change.value is REMOVED else {**body, head: change.value}


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
    """An object with nothing in it, or with one field of a wrong type: beside others that breaks more."""
    if isinstance(value, dict) and value:
        yield Mutation(path, {}, plain=False)
        for name in value:
            yield Mutation(path, {name: ["a"]}, plain=False)


def _exchanges(
    value: Mapping[str, Any], name: str, path: Path, donors: Mapping[Path, Sequence[Any]]
) -> Iterator[Mutation]:
    """What breaks a rule between fields: a field less, or one as another body has it."""
    if name in value:
        yield Mutation(path, REMOVED, plain=False)
    for donor in donors.get(general(path), ()):
        if name not in value or value[name] != donor:
            yield Mutation(path, donor, plain=False)


def wrongs(nodes: Schemas, value: Any) -> Iterator[tuple[str, Any]]:
    """Values that break one keyword of the nodes, with a name for the way each does."""
    known = [one for node in nodes for one in _listed(node)]
    for node in nodes:
        named = kinds(node)
        if named:
            yield from (("type", wrong) for wrong in _of_no_type(named, [*known, value]))
        if "enum" in node or "const" in node:
            yield from (("enum", wrong) for wrong in _STRANGERS)
            yield from _almost(_listed(node))
        if "x-image" in node:
            yield from ((f"x-image {index}", wrong) for index, wrong in enumerate(faulty(node["x-image"])))
        yield from _beyond(node)
        if isinstance(value, list):
            yield from _counted(node, value)
        yield from _patterned(node)


def _listed(node: Mapping[str, Any]) -> list[Any]:
    return list(node["enum"] if "enum" in node else [node["const"]] if "const" in node else ())


def _kin(value: Any) -> Any:
    """What a lenient server takes for the same: 5 for "5", "5" for 5, "true" for true; else None."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else None


def _of_no_type(named: Sequence[str], values: Sequence[Any]) -> Iterator[Any]:
    """Values of no type that is named, first the nearest kin of such as may be there."""
    kin = next((one for one in map(_kin, values) if one is not None), None)
    if kin is not None and not any(is_of(kind, kin) for kind in named):
        yield kin
    for kind in named:
        if kind in ("integer", "number"):
            yield from ("5", True) if "string" not in named else (True,)
        elif kind == "string" and ("integer" in named or "number" in named):
            continue
        else:
            yield _OF_NO_TYPE[kind]
    yield from (wrong for wrong in (0.5, None, ["a"]) if not any(is_of(kind, wrong) for kind in named))


def _almost(listed: Sequence[Any]) -> Iterator[tuple[str, Any]]:
    """Values next to one that is listed: another case, a blank after it, the next number."""
    for word in [one for one in listed if isinstance(one, str) and one][:1]:
        if word.swapcase() not in listed:
            yield CASED, word.swapcase()
        yield NEIGHBOUR, _next(word, listed)
    for number in [one for one in listed if isinstance(one, int) and not isinstance(one, bool)][:1]:
        yield NEIGHBOUR, next(one for one in count(number + 1) if one not in listed)


def _next(word: str, listed: Sequence[Any]) -> str:
    if word.isascii() and word.isdigit():
        return next(str(one) for one in count(int(word) + 1) if str(one) not in listed)
    return f"{word} "


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
