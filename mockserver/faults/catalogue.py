"""The registry of faults and predicates. It lists their folders, so a new one is one new file."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from functools import cache
from typing import TypeVar

from mockserver.faults.base import Fault, Predicate

SEAMS = ("plan", "wire", "media", "callback")
Named = TypeVar("Named", Fault, Predicate)


@cache
def faults() -> Mapping[str, type[Fault]]:
    """Every fault by its name, in the order of the names."""
    return _by_name(fault for seam in SEAMS for fault in _classes(seam, Fault))


@cache
def predicates() -> Mapping[str, type[Predicate]]:
    """Every predicate by its name, in the order of the names."""
    return _by_name(_classes("predicates", Predicate))  # type: ignore[type-abstract]


def _classes(folder: str, kind: type[Named]) -> Iterator[type[Named]]:
    """The classes of a kind that the modules of a folder define."""
    package = importlib.import_module(f"mockserver.faults.{folder}")
    for info in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"{package.__name__}.{info.name}")
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, kind) and value.__module__ == module.__name__:
                yield value


def _by_name(classes: Iterator[type[Named]]) -> Mapping[str, type[Named]]:
    named: dict[str, type[Named]] = {}
    for kind in classes:
        if kind.name in named:
            raise ValueError(f"two are called {kind.name!r}: {named[kind.name]} and {kind}")
        named[kind.name] = kind
    return dict(sorted(named.items()))
