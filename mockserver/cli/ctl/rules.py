"""`mockserver ctl rules`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from mockserver.cli import completion
from mockserver.cli.ctl.output import Output, columns, pairs, verb
from mockserver.control_client import ControlClient


@click.group()
def command() -> None:
    """Show and change the rules that say which requests meet which fault."""


@verb(command, "list")
def listing(client: ControlClient) -> Output:
    """List every rule in force."""
    rules = client.rules()
    rows = [
        (rule["id"], rule["fault"], _pairs(rule["when"]), _pairs(rule["settings"]), rule["times"])
        for rule in rules
    ]
    return rules, columns(("rule", "fault", "when", "settings", "times"), rows)


def _pairs(values: dict[str, Any]) -> str:
    return " ".join(f"{name}={value}" for name, value in values.items())


@verb(command)
@click.argument("fault", shell_complete=completion.faults)
@click.option(
    "--when",
    "when",
    multiple=True,
    metavar="NAME=VALUE",
    help="Predicate of the request; all must hold.",
    shell_complete=completion.predicates,
)
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    help="Setting of the fault.",
    shell_complete=completion.settings,
)
@click.option(
    "--times", type=click.IntRange(1), help="Apply it this often for each tenant. [default: always]"
)
@click.option("--id", "rule_id", metavar="ID", help="Name of the rule; it replaces a rule of the same name.")
def add(
    client: ControlClient,
    fault: str,
    when: Sequence[str],
    settings: Sequence[str],
    times: int | None,
    rule_id: str | None,
) -> Output:
    """Add a rule: requests that match meet FAULT."""
    rule = client.add_rule(fault, when=pairs(when), settings=pairs(settings), times=times, rule_id=rule_id)
    return rule, [f"rule {rule['id']} is in force"]


@verb(command)
@click.argument("rule", required=False)
@click.option("--all", "every", is_flag=True, help="Remove every rule.")
def drop(client: ControlClient, rule: str | None, *, every: bool) -> Output:
    """Remove RULE."""
    if (rule is None) != every:
        raise click.UsageError("name a rule, or pass --all")
    dropped = client.drop_rule(rule)
    return {"dropped": dropped}, [f"{dropped} removed"]
