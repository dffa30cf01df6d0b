"""Miniatures: clients that are wrong in one way each, which the docstring tells, and the good one they vary.

Every module of this folder but the frame holds the miniatures of one concern: subclasses of `Good` with
`provider`, the one they are run with, and `fails`, the ids of the cases that have to find them.
"""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module

from tests.kit.clients.base import GoodClient

_FRAME = frozenset({"__main__", "base", "listener"})


@cache
def every() -> tuple[type[GoodClient], ...]:
    """Every wrong client, by module and place in it."""
    names = [module.name for module in pkgutil.iter_modules(__path__) if module.name not in _FRAME]
    return tuple(
        value
        for name in names
        for value in vars(import_module(f"{__name__}.{name}")).values()
        if isinstance(value, type) and issubclass(value, GoodClient) and value.fails
        and value.__module__ == f"{__name__}.{name}"
    )  # fmt: skip
