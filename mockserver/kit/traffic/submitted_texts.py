"""What a submit calls its job and where it wants callbacks, in the body or beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockserver.contract.model import Operation
from mockserver.contract.pointer import follow

Beside = Mapping[str, Mapping[str, Any]]
"""Values by their place (`path`, `query`, `header`) and name."""


def alias_in(operation: Operation | None, body: Any, beside: Beside) -> str | None:
    """The name that the client gives its job; None without one."""
    if operation is None:
        return None
    return _text(operation.alias_at, operation.alias_place, body, beside)


def callback_url_in(operation: Operation | None, body: Any, beside: Beside) -> str | None:
    """The URL that is to be called; None without one."""
    if operation is None:
        return None
    return _text(operation.callback_at, operation.callback_place, body, beside)


def _text(at: tuple[str, ...] | None, place: tuple[str, str] | None, body: Any, beside: Beside) -> str | None:
    value: Any = None
    if place is not None:
        value = beside.get(place[0], {}).get(place[1])
    elif at:
        value = follow(body, at)
    return value if isinstance(value, str) and value else None
