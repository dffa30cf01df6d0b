"""A contract's summary as tables that fit a terminal, a pager or a file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

from mockserver.escapes import plain
from mockserver.numerals import plural

if TYPE_CHECKING:
    from rich.console import Console

    from mockserver.contract.fields import Field
    from mockserver.contract.summary import ContractSummary, MessageRow, OperationRow, ProvenanceRow

_NARROW: Final = ("method", "required", "tag", "place")
_WIDEST: Final = {"allowed": 56, "only when": 40}
ROOMY: Final = 140
"""Terminals at least this wide show each fact of a field in a column of its own."""

_TAGS: Final = {
    "DOCUMENTED": "green",
    "VENDOR": "cyan",
    "OBSERVED": "blue",
    "THIRD-PARTY": "magenta",
    "ASSUMED": "yellow",
}


def print_summary(summary: ContractSummary) -> None:
    """Print the tables of a whole contract, in the order in which a reader needs them."""
    from mockserver.cli.console import console

    out = console()
    overlays = ", ".join(summary.overlays) or "none"
    heading = f"{summary.title} ({summary.provider}), profile {summary.profile}, overlays: {overlays}"
    out.print(heading, style="bold")
    _print(out, "Base URLs", ("url", "who says so"), summary.servers)
    _print(
        out,
        "Operations",
        ("operation", "method", "path", "role", "answers", "tag", "source"),
        (
            (row.id, row.method, row.path, _role(row), "\n".join(row.answers), row.tag, row.source)
            for row in summary.operations
        ),
    )
    for request in summary.requests:
        _print_fields(out, f"Request: {', '.join(request.used)}", request)
    for answer in summary.answers:
        _print_fields(out, f"Answer: {answer.title}", answer, note=", ".join(answer.used))
    _print(
        out,
        "States",
        ("state", "shown as", "phase", "next", "seconds here", "tag", "source"),
        (
            (row.state, row.word, row.phase, ", ".join(row.next), f"{row.seconds:g}", row.tag, row.source)
            for row in summary.states
        ),
    )
    _print(
        out,
        "Models",
        ("model", "title", "clip", "price", "tag", "source"),
        (
            (model.id, model.title, model.clip, model.price, model.tag, model.source)
            for model in summary.models
        ),
    )
    _print(out, "Sources", ("code", "what it is"), summary.sources.items())


def _role(row: OperationRow) -> str:
    return f"{row.role}; {row.waits}" if row.waits else row.role


def _print_fields(out: Console, title: str, message: MessageRow, *, note: str = "") -> None:
    if not message.fields:
        return
    if out.width < ROOMY:
        _print(out, title, ("field", "what it may be", "who says so"), map(_brief, message.fields), note=note)
        return
    columns = ["place", "field", "type", "required", "allowed", "default", "only when", "tag", "source"]
    rows = [_row(field) for field in message.fields]
    if not any(field.when for field in message.fields):
        unused = columns.index("only when")
        for cells in (columns, *rows):
            del cells[unused]
    _print(out, title, columns, rows, note=note)


def _brief(field: Field) -> Sequence[str]:
    """The row for a terminal of the usual 80 columns."""
    name = field.name
    if field.place != "body":
        name += f" ({field.place})"
    facts = [field.type, field.allowed]
    if field.default:
        facts.append(f"default {field.default}")
    if field.required:
        facts.append("required")
    if field.when:
        facts.append(f"only when {field.when}")
    return name, ", ".join(filter(None, facts)), f"{field.tag} {field.source}"


def _row(field: Field) -> list[str]:
    required = "yes" if field.required else ""
    return [
        *(field.place, field.name, field.type, required, field.allowed, field.default),
        *(field.when, field.tag, field.source),
    ]


def print_assumptions(title: str, claims: Sequence[ProvenanceRow]) -> None:
    """Print what we decided ourselves: where, and by which reading."""
    from mockserver.cli.console import console

    out = console()
    rows = ((claim.pointer or "/", claim.source) for claim in claims)
    _print(out, f"{title}: assumed", ("where in the bundled document", "reading"), rows)
    out.print(plural(len(claims), "assumption"))


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
        table.add_row(*(Text(plain(cell), style=_TAGS.get(cell, "")) for cell in row))
    out.print()
    out.print(table)
    if note:
        out.print(Text(note, style="dim"))
