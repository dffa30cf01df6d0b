"""YAML with the tags that Python's own writers leave, read as the plain data under them: nothing is built."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

_PREFIX: Final = "tag:yaml.org,2002:python/"
_SET: Final = "tag:yaml.org,2002:set"
_NONE: Final = "none"
_CALLS: Final = ("object/apply:", "object/new:")
_OF_CALLS: Final = frozenset({"args", "kwds", "state", "listitems", "dictitems"})
_BYTES: Final = "bytes"
"""vcrpy's cassettes of Python 3 have bytes as Base64 under this tag, or as !!binary."""
_BYTES_OF_RUBY: Final = "!binary"
"""Psych, with which Ruby's VCR writes, has bytes under this tag and not under !!binary."""
_BUFFERS: Final = ("io.BytesIO", "io.StringIO")
"""A body that was sent as a file: its state is the content, the position in it, and more."""


@cache
def plain_loader() -> Any:
    """A safe loader, which takes texts, lists and objects under a tag of Python for what they are."""
    import yaml

    base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    # A class of its own, so that no other user of the library knows the tags.
    loader: Any = type("PlainLoader", (base,), {})
    loader.add_multi_constructor(_PREFIX, _plain)
    loader.add_constructor(_SET, _members)
    loader.add_constructor(_BYTES_OF_RUBY, loader.construct_yaml_binary)
    # Recorders in other languages have tags of their own.
    loader.add_constructor(None, lambda reader, node: _plain(reader, "", node))
    return loader


def yaml_problem(error: Exception) -> str:
    """What is wrong with YAML, and where, in one line."""
    problem, mark = getattr(error, "problem", None), getattr(error, "problem_mark", None)
    if problem is None:
        return str(error).splitlines()[0]
    return f"{problem} at line {mark.line + 1}, column {mark.column + 1}" if mark else str(problem)


def _plain(loader: Any, suffix: str, node: Any) -> Any:
    import yaml

    if isinstance(node, yaml.MappingNode):
        fields = loader.construct_mapping(node, deep=True)
        return _content(fields) if suffix.endswith(_BUFFERS) else _unwrapped(fields)
    if isinstance(node, yaml.SequenceNode):
        members = loader.construct_sequence(node, deep=True)
        return _argument(members) if suffix.startswith(_CALLS) else members
    if suffix == _BYTES:
        return loader.construct_yaml_binary(node)
    return None if suffix == _NONE else loader.construct_scalar(node)


def _members(loader: Any, node: Any) -> list[Any]:
    """A set as a list, as its members may be lists: vcrpy once wrote headers as sets of pairs."""
    loader.flatten_mapping(node)
    return [loader.construct_object(key, deep=True) for key, _ in node.value]


def _argument(arguments: list[Any]) -> Any:
    """What a value is made of, where that is one thing: a frozenset's members, a status' number."""
    return arguments[0] if len(arguments) == 1 else arguments


def _content(fields: dict[Any, Any]) -> Any:
    """What a file in memory held."""
    state = fields.get("state")
    return state[0] if isinstance(state, list) and state else fields


def _unwrapped(fields: dict[Any, Any]) -> Any:
    """What an object of Python holds: headers of requests and aiohttp stand in `state` or `dictitems`."""
    for name in ("dictitems", "state", "_store"):
        if isinstance(fields.get(name), dict):
            return _unwrapped(fields[name])
    if isinstance(fields.get("args"), list) and fields.keys() <= _OF_CALLS:
        return _argument(fields["args"])
    # requests' headers: the name in lower case, then the name as it was sent and its value.
    if fields and all(_is_pair(name, pair) for name, pair in fields.items()):
        return dict(fields.values())
    return fields


def _is_pair(name: Any, pair: Any) -> bool:
    return isinstance(pair, list) and len(pair) == 2 and str(pair[0]).lower() == str(name).lower()
