"""Does a client survive the real world? Cases as data, a server that misbehaves, judges of what was done.

`conform(client, provider=...)` runs cases and gives a Matrix; `assert_conforms` is its form for tests. `case`
is the form of a case, `judges` what can be judged, `conductor` the run, `result` what reports are made of.
It may import the contract, the control client and the rest of the kit.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mockserver.kit.conform.calling import assert_conforms, conform
    from mockserver.kit.conform.task import Task

__all__ = ["Task", "assert_conforms", "conform"]


def __getattr__(name: str) -> Any:
    """What is exported, imported when it is first asked for: a list of cases needs none of it."""
    if name not in __all__:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{'task' if name == 'Task' else 'calling'}"), name)
