"""`mockserver ctl journal`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import click

from mockserver.cli.ctl.output import columns, verb
from mockserver.control_client import ControlClient
from mockserver.control_client.answers import JournalEntryAnswer

Told = tuple[Any, Iterable[str]]
_FILTERS = (
    click.option("--provider", metavar="NAME", help="Of this provider only."),
    click.option("--operation", metavar="ID", help="Of this operation only."),
    click.option("--role", metavar="ROLE", help="submit, read, list, cancel, models, model or media."),
    click.option("--job", metavar="JOB", help="About this job only."),
    click.option("--status", metavar="STATUS", help="404, or 4xx for all of them."),
    click.option("--fault", metavar="NAME", help="That met this fault only."),
    click.option("--since", type=click.IntRange(0), metavar="NUMBER", help="After this exchange only."),
)


@click.group()
def command() -> None:
    """What was asked and answered."""


def filters(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say which exchanges are meant."""
    for option in reversed(_FILTERS):
        function = option(function)
    return function


def _rows(exchanges: Iterable[JournalEntryAnswer]) -> list[str]:
    rows = [
        (one["number"], one["status"], one["method"], one["path"], one["job"], "; ".join(one["faults"]))
        for one in exchanges
    ]
    return columns(("number", "status", "method", "path", "job", "faults"), rows)


@verb(command, "list")
@filters
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True, help="The most.")
@click.option("--wait", type=float, default=0.0, help="Seconds to wait until there are --count.")
@click.option("--count", type=click.IntRange(1), default=1, help="What to wait for.")
def listing(client: ControlClient, **asked: Any) -> Told:
    """Exchanges, oldest first."""
    page = client.journal(**asked)
    dropped = [f"{page['dropped']} older ones were dropped"] if page["dropped"] else []
    return page, [*_rows(page["exchanges"]), *dropped]


@verb(command, "assert")
@filters
@click.option("--count", type=click.IntRange(0), help="So many match.")
@click.option("--none", is_flag=True, help="None matches.")
@click.option("--submitted-once", is_flag=True, help="Just one job was made.")
def claim(client: ControlClient, **asked: Any) -> Told:
    """Exit with 1 unless what is said of the exchanges holds."""
    verdict = client.claim(**asked)
    if not verdict["ok"]:
        raise click.ClickException(str(verdict["said"]))
    return verdict, [str(verdict["said"])]


@verb(command)
@filters
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def har(client: ControlClient, file: Path, **asked: Any) -> Told:
    """Write an HTTP archive (HAR 1.2) to FILE."""
    try:
        file.write_text(json.dumps(client.har(**asked), ensure_ascii=False), encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"cannot write {file}: {error.strerror}") from None
    return {"file": str(file)}, [f"written to {file}"]


@verb(command)
def clear(client: ControlClient) -> Told:
    """Forget exchanges."""
    cleared = client.clear_journal()
    return {"cleared": cleared}, [f"{cleared} forgotten"]
