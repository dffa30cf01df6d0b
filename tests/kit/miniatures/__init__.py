"""Miniatures: small servers, each wrong in one way that its docstring tells, and good ones that are not.

Every module of this folder named after a family of checks holds that family's miniatures: subclasses of
`Good` (GMI Cloud), `Kkiai` or `Aimlapi` with `caught_by`, the ids of the checks that have to find them.

A list is judged by the family `lists`; `lifecycle` learns from it and leaves its judging alone.
"""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module

from tests.kit.miniatures.base import GoodServer

_FRAME = frozenset({"base", "cancelling", "clips", "dialects", "walk", "wire"})


@cache
def every() -> tuple[type[GoodServer], ...]:
    """Every wrong miniature, by module and place in it."""
    names = [found.name for found in pkgutil.iter_modules(__path__) if found.name not in _FRAME]
    return tuple(
        value
        for name in names
        for value in vars(import_module(f"{__name__}.{name}")).values()
        if isinstance(value, type) and issubclass(value, GoodServer) and value.caught_by
        and value.__module__ == f"{__name__}.{name}"
    )  # fmt: skip
