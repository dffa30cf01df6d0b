"""Every fault and predicate there is: found by listing the folders, so that one more is one more file."""

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
    return _by_name(fault for seam in SEAMS for fault in _found(seam, Fault))


@cache
def predicates() -> Mapping[str, type[Predicate]]:
    """Every predicate by its name, in the order of the names."""
    return _by_name(_found("predicates", Predicate))  # type: ignore[type-abstract]


def _found(folder: str, kind: type[Named]) -> Iterator[type[Named]]:
    """The classes of a kind that the folder's modules define."""
    package = importlib.import_module(f"mockserver.faults.{folder}")
    for entry in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"{package.__name__}.{entry.name}")
        for thing in vars(module).values():
            if isinstance(thing, type) and issubclass(thing, kind) and thing.__module__ == module.__name__:
                yield thing


def _by_name(found: Iterator[type[Named]]) -> Mapping[str, type[Named]]:
    named: dict[str, type[Named]] = {}
    for thing in found:
        if thing.name in named:
            raise ValueError(f"two are called {thing.name!r}: {named[thing.name]} and {thing}")
        named[thing.name] = thing
    return dict(sorted(named.items()))
