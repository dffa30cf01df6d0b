"""What every verb of `mockserver ctl` shares: the options that name server and tenant, and the printing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import Any

import click

from mockserver.cli import local_servers
from mockserver.control_client import ControlClient, ControlError
from mockserver.escapes import plain_line

Output = tuple[Any, Iterable[str]]
"""A verb's answer twice: for JSON, and as lines of text, each of which stays one line."""
Verb = Callable[..., Output]
"""Takes a ControlClient and the verb's own options."""

_OPTIONS = (
    click.option(
        "--url",
        envvar="MOCKSERVER_CONTROL_URL",
        show_envvar=True,
        help="Address of the server. [default: the one that you run on this machine]",
    ),
    click.option(
        "--token",
        envvar="MOCKSERVER_TOKEN",
        show_envvar=True,
        help="Token that the server showed at its start. [default: known of your servers on this machine]",
    ),
    click.option("--key", metavar="KEY", help="Only the tenant of this API key."),
    click.option("--tenant", metavar="HASH", help="Only this tenant. [default: everybody]"),
    click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON."),
)


def verb(group: click.Group, name: str | None = None) -> Callable[[Verb], click.Command]:
    """Make a function of a ControlClient a command of `group`, with the options that all verbs share."""

    def make(function: Verb) -> click.Command:
        return group.command(name)(_with_options(function))

    return make


def standalone(function: Verb) -> click.Command:
    """As `verb`, for a noun that is its own verb."""
    return click.command()(_with_options(function))


def _with_options(function: Verb) -> Callable[..., None]:
    @wraps(function)
    def run(
        *,
        url: str | None,
        token: str | None,
        key: str | None,
        tenant: str | None,
        as_json: bool,
        **given: Any,
    ) -> None:
        address, known = local_servers.reached(url, token)
        try:
            with ControlClient(address, known, key=key, tenant=tenant) as client:
                answer, lines = function(client, **given)
        except ControlError as error:
            raise click.ClickException(plain_line(str(error))) from None
        if as_json:
            click.echo(json.dumps(answer, indent=2, ensure_ascii=False))
        else:
            click.echo("\n".join(map(plain_line, lines)))

    for option in reversed(_OPTIONS):
        run = option(run)
    return run


def columns(titles: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """Rows of text below their titles, each column as wide as its widest cell."""
    cells = [tuple(titles), *(tuple(map(_cell, row)) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return ["  ".join(map(str.ljust, row, widths)).rstrip() for row in cells]


def _cell(value: object) -> str:
    return "" if value is None else plain_line(str(value))


def pairs(texts: Iterable[str]) -> dict[str, Any]:
    """NAME=VALUE texts as a dictionary; a value that is JSON is read as JSON."""
    values: dict[str, Any] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not (name and equals):
            raise click.BadParameter(f"{text!r} is not NAME=VALUE")
        try:
            values[name] = json.loads(value)
        except ValueError:
            values[name] = value
    return values
