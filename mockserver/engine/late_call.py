"""A call that imports much the first time: then it is made in a thread, and the event loop goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

_Argument = TypeVar("_Argument")
_Result = TypeVar("_Result")


class LateCall(Generic[_Argument, _Result]):
    """Calls `function`, which has imports of its own, in a thread until a call has come back."""

    def __init__(self, function: Callable[[_Argument], _Result]) -> None:
        self._function = function
        self._loaded = False

    async def __call__(self, argument: _Argument) -> _Result:
        """What the function gives. Raises what it raises."""
        if self._loaded:
            return self._function(argument)
        result = await asyncio.to_thread(self._function, argument)
        self._loaded = True
        return result
