"""A cache for functions of schemas. Schemas are dictionaries, which have no hash: they count by identity."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
_MOST: Final = 16384


def cached_by_identity(function: Callable[P, T]) -> Callable[P, T]:
    """`functools.cache` for a function of a document, a schema or a list of schemas, and hashable options.

    Document and schemas count by identity, a list by that of its members. Arguments are positional.
    """
    # An entry holds the objects whose ids are its key: none of them can go, and leave its id to another.
    entries: dict[tuple[Any, ...], tuple[tuple[Any, ...], T]] = {}

    def cached(*arguments: P.args, **named: P.kwargs) -> T:
        document, schemas, *options = arguments
        members = tuple(schemas) if isinstance(schemas, list | tuple) else (schemas,)
        key = (id(document), *options, *map(id, members))
        entry = entries.get(key)
        if entry is None:
            if len(entries) >= _MOST:
                entries.clear()
            entry = entries[key] = ((document, *members), function(*arguments, **named))
        return entry[1]

    return cached
