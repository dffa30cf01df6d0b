"""Changes as tables that a terminal, a pager or a file can hold."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any, Final

import orjson
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from mockserver.kit.diff.change import Change, Severity

_COLOURS: Final = {"breaking": "red", "risky": "yellow", "harmless": "green", "text": "dim"}
_WIDE: Final = (("what", 30), ("where", 60), ("before", 34), ("after", 34), ("who says so", 44))
_NARROW: Final = (("what", 30), ("where, before, after, who says so", 50))
_PLACES: Final = 3
"""Places of one change that a table names."""
ROOMY: Final = 140
"""Columns from which on each fact of a change has a column of its own."""


def print_changes(out: Console, title: str, changes: Sequence[Change], *, hidden: int) -> None:
    """Tables of changes that come the worst first, and how many; `hidden` are left out."""
    for severity, group in groupby(changes, key=lambda change: change.severity):
        _table(out, severity, list(group))
    if changes:
        counts = dict.fromkeys(_COLOURS, 0)
        for change in changes:
            counts[change.severity] += 1
        told = ", ".join(f"{count} {severity}" for severity, count in counts.items() if count)
        out.print(f"{title}: {told}", markup=False)
    else:
        out.print(f"{title}: no difference", markup=False)
    if hidden:
        out.print(f"and {hidden} in words for people: --all shows them", style="dim", markup=False)


def _table(out: Console, severity: Severity, changes: Sequence[Change]) -> None:
    title = Text(f"{severity.capitalize()} ({len(changes)})", style=f"bold {_COLOURS[severity]}")
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    roomy = out.width >= ROOMY
    for column, width in _WIDE if roomy else _NARROW:
        table.add_column(column, overflow="fold", max_width=width)
    for change in changes:
        what, where, before, after, who = _cells(change)
        told = f"{before or 'nothing'} -> {after or 'nothing'}"
        cells = (what, where, before, after, who) if roomy else (what, f"{where}\n{told}\n{who}")
        table.add_row(*map(Text, cells))
    out.print()
    out.print(table)


def _cells(change: Change) -> tuple[str, ...]:
    """What and why, where, before, after, and who says so and where."""
    who = f"{change.source}\n{change.file}#{change.pointer}".strip()
    before, after = _value(change.before, change.after), _value(change.after, change.before)
    return f"{change.code}\n{change.why}", _places(change.where), before, after, who


def _places(where: Sequence[str]) -> str:
    more = len(where) - _PLACES
    return "\n".join((*where[:_PLACES], *([f"and {more} more"] if more > 0 else [])))


def _value(value: Any, other: Any) -> str:
    """A value for a cell; of two lists only what the other lacks."""
    if value is None:
        return ""
    if isinstance(value, list):
        rest = [item for item in value if not isinstance(other, list) or item not in other]
        return ", ".join(orjson.dumps(item).decode() for item in rest)
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return "\n".join(f"{name}: {_value(item, None)}" for name, item in value.items())
    return orjson.dumps(value).decode()
