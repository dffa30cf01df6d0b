"""`mockserver ctl journal`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, get_args

import click

from mockserver.cli import completion
from mockserver.cli.ctl.output import Output, columns, verb
from mockserver.control_client import ControlClient
from mockserver.control_client.answers import JournalEntryAnswer
from mockserver.terms import RequestRole

_FILTERS = (
    click.option(
        "--provider", metavar="NAME", help="Only this provider's.", shell_complete=completion.providers
    ),
    click.option("--operation", metavar="ID", help="Only this operation's."),
    click.option("--role", metavar="ROLE", help=f"Only this role: {', '.join(get_args(RequestRole))}."),
    click.option("--job", metavar="JOB", help="Only those about this job."),
    click.option("--status", metavar="STATUS", help="Only this status: 404, or 4xx for all of that class."),
    click.option("--fault", metavar="NAME", help="Only those that met this fault."),
    click.option("--since", type=click.IntRange(0), metavar="NUMBER", help="Only those after this exchange."),
)


@click.group()
def command() -> None:
    """Show and check the exchanges: the requests and their responses."""


def filters(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that select exchanges."""
    for option in reversed(_FILTERS):
        function = option(function)
    return function


def _rows(exchanges: Iterable[JournalEntryAnswer]) -> list[str]:
    rows = [
        (entry["number"], entry["shown_status"], entry["method"], entry["path"], entry["meaning"])
        for entry in exchanges
    ]
    return columns(("number", "status", "method", "path", "meaning"), rows)


@verb(command, "list")
@filters
@click.option(
    "--limit", type=click.IntRange(1), default=100, show_default=True, help="Show at most this many."
)
@click.option("--wait", type=float, default=0.0, help="Wait up to so many seconds for --count exchanges.")
@click.option("--count", type=click.IntRange(1), default=1, help="Number of exchanges to wait for.")
def listing(client: ControlClient, **filters: Any) -> Output:
    """List exchanges, oldest first."""
    page = client.journal(**filters)
    dropped = [f"{page['dropped']} older ones were dropped"] if page["dropped"] else []
    return page, [*_rows(page["exchanges"]), *dropped]


@verb(command)
@filters
def explain(client: ControlClient, **filters: Any) -> Output:
    """Explain what reached the server: the last exchanges, why they were refused, and their jobs."""
    text = client.explain_journal(**filters)
    return text, text


@verb(command, "assert")
@filters
@click.option("--count", type=click.IntRange(0), help="Exactly this many match.")
@click.option("--none", is_flag=True, help="No exchange matches.")
@click.option("--submitted-once", is_flag=True, help="Exactly one job was made.")
def claim(client: ControlClient, **filters: Any) -> Output:
    """Check a claim about the exchanges; exit with 1 if it is false."""
    verdict = client.claim(**filters)
    if not verdict["ok"]:
        raise click.ClickException(str(verdict["said"]))
    return verdict, [str(verdict["said"])]


@verb(command)
@filters
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def har(client: ControlClient, file: Path, **filters: Any) -> Output:
    """Write an HTTP archive (HAR 1.2) to FILE."""
    try:
        file.write_text(json.dumps(client.har(**filters), ensure_ascii=False), encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"cannot write {file}: {error.strerror}") from None
    return {"file": str(file)}, [f"wrote {file}"]


@verb(command)
def clear(client: ControlClient) -> Output:
    """Delete exchanges from the journal."""
    cleared = client.clear_journal()
    return {"cleared": cleared}, [f"{cleared} deleted"]
