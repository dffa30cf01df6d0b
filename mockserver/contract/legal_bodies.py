"""Legal bodies of a submit: its examples, the shortest that they can be made, and the fullest."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final, NamedTuple

from mockserver.contract import pointer
from mockserver.contract.model import Contract, Operation
from mockserver.contract.samples import Sampler, finder
from mockserver.contract.unchecked import list_in, object_in

MOST_EXAMPLES: Final = 24
_MOST_NAMES: Final = 40
_MOST_VALUES: Final = 4
_DEEPEST: Final = 3

IsValid = Callable[[Any], bool]


class LegalBody(NamedTuple):
    """A body that a submit takes, and which it is: `the shortest legal body`."""

    what: str
    body: Any


def legal_bodies(contract: Contract, operation: Operation) -> list[LegalBody]:
    """Bodies that the operation takes, all different; none where no valid one could be made."""
    assert operation.body is not None
    is_valid = operation.body.is_valid
    schema = _schema(contract, operation)
    find = finder(contract.document)
    bodies = [body for body in _examples(contract, operation) if is_valid(body.body)]
    starts = [body.body for body in bodies] or [
        value for value in _sampled(find, schema) if isinstance(value, dict) and is_valid(value)
    ]
    for body in starts:
        bodies.append(LegalBody("the shortest legal body", shortest(body, is_valid)))
        bodies.append(LegalBody("the fullest legal body", fullest(body, schema, is_valid, find)))
    distinct: list[LegalBody] = []
    for body in bodies:
        if all(body.body != other.body for other in distinct):
            distinct.append(body)
    return distinct


def _schema(contract: Contract, operation: Operation) -> Any:
    node = contract.document["paths"][operation.path][operation.method.lower()]
    content = object_in(object_in(node.get("requestBody")).get("content"))
    return next((entry["schema"] for entry in content.values() if "schema" in entry), {})


def _examples(contract: Contract, operation: Operation) -> Iterator[LegalBody]:
    node = contract.document["paths"][operation.path][operation.method.lower()]
    content = object_in(object_in(node.get("requestBody")).get("content"))
    for entry in content.values():
        for name, example in islice(object_in(entry.get("examples")).items(), MOST_EXAMPLES):
            if isinstance(example, dict) and "value" in example:
                yield LegalBody(f"the example {name!r}", example["value"])


def _sampled(find: Callable[[str], Any], schema: Any) -> Iterator[Any]:
    for full in (False, True):
        yield from islice(Sampler(find, full=full).values(schema), _MOST_VALUES)
    yield {}


def shortest(body: Any, is_valid: IsValid) -> Any:
    """The body without every key that it can go without, the inner ones too."""
    for path in [*_paths(body, ())]:
        if pointer.follow(body, path) is not pointer.ABSENT:
            without = _without(body, path)
            body = without if is_valid(without) else body
    return body


def _paths(node: Any, at: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if isinstance(node, dict) and len(at) < _DEEPEST:
        for name, value in node.items():
            yield (*at, name)
            yield from _paths(value, (*at, name))


def _without(body: Mapping[str, Any], path: Sequence[str]) -> dict[str, Any]:
    name, *rest = path
    if not rest:
        return {key: value for key, value in body.items() if key != name}
    return {**body, name: _without(body[name], rest)}


def fullest(body: Any, schema: Any, is_valid: IsValid, find: Callable[[str], Any]) -> Any:
    """The body with every field that the schema names, as far as they go together."""
    sampler = Sampler(find, full=True)
    for name, part in islice(_properties(schema, find, 0), _MOST_NAMES):
        if name in body:
            continue
        for value in islice(sampler.values(part), _MOST_VALUES):
            if is_valid({**body, name: value}):
                body = {**body, name: value}
                break
    return body


def _properties(schema: Any, find: Callable[[str], Any], depth: int) -> Iterator[tuple[str, Any]]:
    """The fields that a schema names of the object itself, under whatever condition."""
    node = object_in(schema)
    if depth > _DEEPEST + 3:
        return
    yield from object_in(node.get("properties")).items()
    parts = [find(node["$ref"])] if isinstance(node.get("$ref"), str) else []
    for key in ("allOf", "anyOf", "oneOf"):
        parts += list_in(node.get(key))
    parts += [node[key] for key in ("then", "else") if key in node]
    for part in parts:
        yield from _properties(part, find, depth + 1)
