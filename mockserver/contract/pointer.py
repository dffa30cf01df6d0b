"""JSON pointers (RFC 6901): one value out of a document, and back to text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final

ABSENT: Final = object()
_REMEMBERED: Final = 500
"""Characters of a pointer that is cached: the keys of a body that somebody sends can be of any length."""
_INDEX: Final = re.compile(r"/(\d+)(?=/|$)")


def parts(pointer: str) -> tuple[str, ...]:
    """`/a/b~1c` as ("a", "b/c"); the empty pointer is ()."""
    if len(pointer) > _REMEMBERED:
        return _parts.__wrapped__(pointer)
    return _parts(pointer)


@lru_cache(maxsize=1024)
def _parts(pointer: str) -> tuple[str, ...]:
    if not pointer:
        return ()
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in pointer[1:].split("/"))


def write(path: Iterable[str | int]) -> str:
    """("a", 0, "b/c") as `/a/0/b~1c`."""
    # To replace what is not there takes less time than to look for it first.
    return "".join([f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in path])


def dotted(pointer: str) -> str:
    """`/payload/shots/0/prompt` as a person writes it: `payload.shots[0].prompt`."""
    if len(pointer) > _REMEMBERED:
        return _dotted.__wrapped__(pointer)
    return _dotted(pointer)


@lru_cache(maxsize=1024)
def _dotted(pointer: str) -> str:
    text = _INDEX.sub(r"[\1]", pointer).replace("/", ".").removeprefix(".")
    return text.replace("~1", "/").replace("~0", "~")


def put(document: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    """Set the value at a path of names, with the objects and lists of one item that lead there."""
    node: Any = document
    for step, following in pairwise(path):
        if isinstance(node, list):
            node = node[int(step)]
        else:
            node = node.setdefault(step, [{}] if following.isdecimal() else {})
    node[path[-1]] = value


def follow_each(document: Any, path: tuple[str, ...]) -> list[Any]:
    """The values at `path`, in which a step `*` is every item of a list; none where there is no list."""
    if "*" not in path:
        value = follow(document, path)
        return [] if value is ABSENT else [value]
    at = path.index("*")
    items = follow(document, path[:at])
    if not isinstance(items, list):
        return []
    return [value for item in items for value in follow_each(item, path[at + 1 :])]


def follow(document: Any, path: tuple[str, ...]) -> Any:
    """The value at `path`, or ABSENT."""
    for part in path:
        if isinstance(document, dict):
            if part not in document:
                return ABSENT
            document = document[part]
        elif isinstance(document, list) and part.isdigit() and int(part) < len(document):
            document = document[int(part)]
        else:
            return ABSENT
    return document
