"""Alternatives in a normal form: what several of them allow, said by fewer."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any

import orjson

from mockserver.contract.idle_checks import LIMITED
from mockserver.kit.drift.shape import kind_of

Schema = Any
"""A schema without references: an object, or false."""


def as_json(value: Any) -> bytes:
    """A value as JSON, its keys in one order."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def in_order(parts: list[Any]) -> list[Any]:
    """The different values in one order."""
    by_json = {as_json(part): part for part in parts}
    return [by_json[key] for key in sorted(by_json)]


def flat(branches: list[Schema]) -> Iterator[Schema]:
    """The alternatives, without alternatives that are nothing but alternatives."""
    for branch in branches:
        if isinstance(branch, dict) and branch.keys() == {"anyOf"}:
            yield from branch["anyOf"]
        else:
            yield branch


def are_disjoint(branches: list[Schema]) -> bool:
    """Whether no value can be of two branches, as they look at other types or list other values."""
    for first, second in combinations(branches, 2):
        if not isinstance(first, dict) or not isinstance(second, dict) or not _are_apart(first, second):
            return False
    return bool(branches)


def _are_apart(first: dict[str, Any], second: dict[str, Any]) -> bool:
    if "enum" in first and "enum" in second:
        return not {as_json(value) for value in first["enum"]} & {as_json(value) for value in second["enum"]}
    names = [_types(part) for part in (first, second)]
    return all(names) and not names[0] & names[1]


def _types(schema: dict[str, Any]) -> frozenset[str]:
    """The types of the values that a schema allows; empty if they may be any."""
    names = schema["type"] if "type" in schema else map(kind_of, schema.get("enum", ()))
    return frozenset("number" if name == "integer" else name for name in names)


def united(branches: list[Schema]) -> list[Schema]:
    """Alternatives with all that list values as one, and all that each look at other types as one."""
    listing = [branch for branch in branches if isinstance(branch, dict) and branch.keys() == {"enum"}]
    null = {"enum": [None]}
    typed = [branch for branch in branches if branch is not False and _is_of_types(branch)]
    others = [branch for branch in branches if branch not in listing and branch not in typed]
    if typed and are_disjoint([*typed, null]) and null in listing:
        listing.remove(null)
        typed.append({"type": ["null"]})
    if len(typed) > 1 and are_disjoint(typed):
        types = sorted({name for branch in typed for name in branch["type"]})
        typed = [{key: value for branch in typed for key, value in branch.items()} | {"type": types}]
    if listing:
        listing = [{"enum": in_order([value for branch in listing for value in branch["enum"]])}]
    return [*others, *typed, *listing]


def _is_of_types(branch: dict[str, Any]) -> bool:
    return "type" in branch and not branch.keys() - LIMITED.keys() - {"type"}
