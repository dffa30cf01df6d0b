"""Reading JSON that nobody has checked yet: a value of another type than expected counts as empty."""

from __future__ import annotations

from typing import Any


def object_in(node: Any) -> dict[str, Any]:
    """The node if it is an object, else an empty one."""
    return node if isinstance(node, dict) else {}


def list_in(node: Any) -> list[Any]:
    """The node if it is a list, else an empty one."""
    return node if isinstance(node, list) else []


def keys_in(node: Any) -> list[Any]:
    """The keys of an object, the indexes of a list, nothing of any other value."""
    if isinstance(node, list):
        return list(range(len(node)))
    return list(object_in(node))


def one_or_more(node: Any) -> list[Any]:
    """The values of a place that takes one value or a list of them."""
    return node if isinstance(node, list) else [node]
