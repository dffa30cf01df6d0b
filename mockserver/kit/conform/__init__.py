"""Conformance of clients: cases as data, a server with faults, and judges of what the client did.

`conform(client, provider=...)` runs cases and returns a Matrix; `assert_conforms` does so in a test. `case`
has the form of a case, `judges` the judges, `running` the run, `results` the records of reports, `reports`
their forms. It may import the contract, the control client and the rest of the kit.

Stable are the names in `__all__`. Modules and names below this package may change with any release.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from mockserver.extras import naming_the_kit

if TYPE_CHECKING:
    from mockserver.kit.conform.calling import assert_conforms, conform
    from mockserver.kit.conform.task import Task

__all__ = ["Task", "assert_conforms", "conform"]


def __getattr__(name: str) -> Any:
    """Import an exported name when it is first used: a list of cases needs none of them."""
    if name not in __all__:
        raise AttributeError(name)
    module = "task" if name == "Task" else "calling"
    with naming_the_kit():
        return getattr(import_module(f"{__name__}.{module}"), name)
