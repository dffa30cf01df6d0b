"""`mockserver ctl rules`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import click

from mockserver.cli.ctl.output import columns, pairs, verb
from mockserver.control_client import ControlClient

Told = tuple[Any, Iterable[str]]


@click.group()
def command() -> None:
    """Which requests meet which fault."""


@verb(command, "list")
def listing(client: ControlClient) -> Told:
    """Every rule in force."""
    rules = client.rules()
    rows = [
        (rule["id"], rule["fault"], _pairs(rule["when"]), _pairs(rule["settings"]), rule["times"])
        for rule in rules
    ]
    return rules, columns(("rule", "fault", "when", "settings", "times"), rows)


def _pairs(values: dict[str, Any]) -> str:
    return " ".join(f"{name}={value}" for name, value in values.items())


@verb(command)
@click.argument("fault")
@click.option("--when", "when", multiple=True, metavar="NAME=VALUE", help="A predicate; all must hold.")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="A setting of the fault.")
@click.option("--times", type=click.IntRange(1), help="Fire so often for each tenant. [default: always]")
@click.option("--id", "rule_id", metavar="ID", help="Its name; one of that name is replaced.")
def add(
    client: ControlClient,
    fault: str,
    when: Sequence[str],
    settings: Sequence[str],
    times: int | None,
    rule_id: str | None,
) -> Told:
    """Let requests meet FAULT."""
    rule = client.add_rule(fault, when=pairs(when), settings=pairs(settings), times=times, rule_id=rule_id)
    return rule, [f"rule {rule['id']} is in force"]


@verb(command)
@click.argument("rule", required=False)
@click.option("--all", "every", is_flag=True, help="Every rule.")
def drop(client: ControlClient, rule: str | None, *, every: bool) -> Told:
    """Remove RULE."""
    if (rule is None) != every:
        raise click.UsageError("name a rule, or say --all")
    dropped = client.drop_rule(rule)
    return {"dropped": dropped}, [f"{dropped} gone"]
