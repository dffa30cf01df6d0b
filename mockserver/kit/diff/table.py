"""Prints changes as tables for a terminal, a pager or a file."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any, Final

import orjson
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from mockserver.escapes import plain
from mockserver.kit.diff.change import Change, Severity

_COLOURS: Final = {"breaking": "red", "risky": "yellow", "harmless": "green", "text": "dim"}
_WIDE: Final = (("what", 30), ("where", 60), ("before", 34), ("after", 34), ("who says so", 44))
_NARROW: Final = (("what", 30), ("where, before, after, who says so", 50))
_PLACES: Final = 3
"""The most places that a table names for one change."""
_LONGEST: Final = 240
"""Characters of a witness that a table shows."""
ROOMY: Final = 140
"""The width from which on each fact of a change has a column of its own."""


def print_changes(out: Console, title: str, changes: Sequence[Change], *, hidden: int) -> None:
    """Print changes, the worst first, and how many there are; `hidden` counts those left out."""
    for severity, group in groupby(changes, key=lambda change: change.severity):
        _table(out, severity, list(group))
    if changes:
        counts = dict.fromkeys(_COLOURS, 0)
        for change in changes:
            counts[change.severity] += 1
        summary = ", ".join(f"{count} {severity}" for severity, count in counts.items() if count)
        out.print(f"{title}: {summary}", markup=False)
    else:
        out.print(f"{title}: no difference", markup=False)
    if hidden:
        out.print(f"and {hidden} in words for people: --all shows them", style="dim", markup=False)


def _table(out: Console, severity: Severity, changes: Sequence[Change]) -> None:
    title = Text(f"{severity.capitalize()} ({len(changes)})", style=f"bold {_COLOURS[severity]}")
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    columns: Sequence[tuple[str, int]] = _NARROW
    cells_of = _narrow_cells
    if out.width >= ROOMY:
        columns, cells_of = _WIDE, _cells
    for column, width in columns:
        table.add_column(column, overflow="fold", max_width=width)
    for change in changes:
        table.add_row(*(Text(plain(cell)) for cell in cells_of(change)))
    out.print()
    out.print(table)


def _cells(change: Change) -> tuple[str, ...]:
    """What and why, where, before, after, and the source with its place."""
    who = f"{change.source}\n{change.file}#{change.pointer}".strip()
    before, after = _value(change.before, change.after), _value(change.after, change.before)
    what = f"{change.code}\n{change.why}"
    if change.witness:
        what += f"\nshown by: {_short(change.witness)}"
    return what, _places(change.where), before, after, who


def _narrow_cells(change: Change) -> tuple[str, ...]:
    what, where, before, after, who = _cells(change)
    return what, f"{where}\n{before or 'nothing'} -> {after or 'nothing'}\n{who}"


def _short(witness: str) -> str:
    if len(witness) <= _LONGEST:
        return witness
    return f"{witness[:_LONGEST]}... ({len(witness)} characters, whole with --json)"


def _places(where: Sequence[str]) -> str:
    lines = list(where[:_PLACES])
    if len(where) > _PLACES:
        lines.append(f"and {len(where) - _PLACES} more")
    return "\n".join(lines)


def _value(value: Any, other: Any) -> str:
    """A value as text; of a list only the values that the other list lacks."""
    if value is None:
        return ""
    if isinstance(value, list):
        own = [part for part in value if not isinstance(other, list) or part not in other]
        return ", ".join(orjson.dumps(part).decode() for part in own)
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return "\n".join(f"{name}: {_value(part, None)}" for name, part in value.items())
    return orjson.dumps(value).decode()
