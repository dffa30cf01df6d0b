"""A contract's promises as tables that a terminal, a pager or a file can hold."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from rich.console import Console

    from mockserver.contract.fields import Field
    from mockserver.contract.promise import MessageRow, Promise, ProvenanceRow

WIDTH: Final = 200
"""Columns where nobody says how many there are: a file, a pipe."""

_NARROW: Final = ("method", "required", "tag", "place")
_WIDEST: Final = {"allowed": 56, "only when": 40}
ROOMY: Final = 140
"""Columns from which on each fact of a field has a column of its own."""

_TAGS: Final = {
    "DOCUMENTED": "green",
    "VENDOR": "cyan",
    "OBSERVED": "blue",
    "THIRD-PARTY": "magenta",
    "ASSUMED": "yellow",
}


def console() -> Console:
    """Standard output, as wide as the terminal or WIDTH."""
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else WIDTH, highlight=False, soft_wrap=False)


def print_promise(promise: Promise) -> None:
    """Everything, in the order a reader asks for it."""
    out = console()
    overlays = ", ".join(promise.overlays) or "none"
    said = f"{promise.title} ({promise.provider}), profile {promise.profile}, overlays: {overlays}"
    out.print(said, style="bold", markup=False)
    _print(out, "Base URLs", ("url", "who says so"), promise.servers)
    _print(
        out,
        "Operations",
        ("operation", "method", "path", "role", "answers", "tag", "source"),
        (
            (call.id, call.method, call.path, call.role, "\n".join(call.answers), call.tag, call.source)
            for call in promise.operations
        ),
    )
    for request in promise.requests:
        _print_fields(out, f"Request: {', '.join(request.used)}", request)
    for answer in promise.answers:
        _print_fields(out, f"Answer: {answer.title}", answer, note=", ".join(answer.used))
    _print(
        out,
        "States",
        ("state", "phase", "next", "seconds here", "tag", "source"),
        (
            (word.state, word.phase, ", ".join(word.next), f"{word.seconds:g}", word.tag, word.source)
            for word in promise.states
        ),
    )
    _print(
        out,
        "Models",
        ("model", "title", "clip", "price", "tag", "source"),
        (
            (model.id, model.title, model.clip, model.price, model.tag, model.source)
            for model in promise.models
        ),
    )
    _print(out, "Sources", ("code", "what it is"), promise.sources.items())


def _print_fields(out: Console, title: str, message: MessageRow, *, note: str = "") -> None:
    if not message.fields:
        return
    if out.width < ROOMY:
        _print(out, title, ("field", "what it may be", "who says so"), map(_brief, message.fields), note=note)
        return
    conditional = any(field.when for field in message.fields)
    columns = ["place", "field", "type", "required", "allowed", "default", "tag", "source"]
    if conditional:
        columns.insert(6, "only when")
    _print(out, title, columns, (_row(field, conditional=conditional) for field in message.fields), note=note)


def _brief(field: Field) -> Sequence[str]:
    """The row for a terminal of the usual 80 columns."""
    name = field.name if field.place == "body" else f"{field.name} ({field.place})"
    default = field.default and f"default {field.default}"
    when = field.when and f"only when {field.when}"
    said = (field.type, field.allowed, default, "required" if field.required else "", when)
    return name, ", ".join(filter(None, said)), f"{field.tag} {field.source}"


def _row(field: Field, *, conditional: bool) -> Sequence[str]:
    required = "yes" if field.required else ""
    row = [field.place, field.name, field.type, required, field.allowed, field.default]
    return [*row, *([field.when] if conditional else []), field.tag, field.source]


def print_assumptions(title: str, claims: Sequence[ProvenanceRow]) -> None:
    """What we decided ourselves: where, and by which reading."""
    out = console()
    rows = ((claim.pointer or "/", claim.source) for claim in claims)
    _print(out, f"{title}: assumed", ("where in the bundled document", "reading"), rows)
    out.print(f"{len(claims)} assumptions", markup=False)


def _print(
    out: Console, title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], *, note: str = ""
) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(title, style="bold"), title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    narrow = (*_NARROW, "field") if out.width >= ROOMY else ("method",)
    for column in columns:
        table.add_column(column, overflow="fold", no_wrap=column in narrow, max_width=_WIDEST.get(column))
    for row in rows:
        table.add_row(*(Text(cell, style=_TAGS.get(cell, "")) for cell in row))
    out.print()
    out.print(table)
    if note:
        out.print(Text(note, style="dim"))
