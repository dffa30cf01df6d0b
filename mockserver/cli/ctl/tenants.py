"""`mockserver ctl tenants`."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from mockserver.cli.ctl.output import columns, verb
from mockserver.control_client import ControlClient

Told = tuple[Any, Iterable[str]]


@click.group()
def command() -> None:
    """Who has jobs here; reset, snapshot and restore."""


@verb(command, "list")
def listing(client: ControlClient) -> Told:
    """Every tenant with its jobs by provider."""
    found = client.tenants()
    rows = [
        (row["tenant"], " ".join(f"{name}:{count}" for name, count in row["jobs"].items())) for row in found
    ]
    return found, columns(("tenant", "jobs"), rows)


@verb(command)
@click.option("--all", "every", is_flag=True, help="Everybody, and the rules.")
def reset(client: ControlClient, *, every: bool) -> Told:
    """Forget a tenant's jobs, clock, quota and counts."""
    if every == client.names_somebody:
        raise click.UsageError("name a tenant by --key or --tenant, or say --all")
    jobs = client.reset()
    return {"jobs": jobs}, [f"{jobs} jobs forgotten"]


@verb(command)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def snapshot(client: ControlClient, file: Path) -> Told:
    """Write everything of a tenant to FILE."""
    document = client.snapshot()
    try:
        file.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"cannot write {file}: {error.strerror}") from None
    return {"file": str(file)}, [f"written to {file}"]


@verb(command)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore(client: ControlClient, file: Path) -> Told:
    """Put the snapshot of FILE in place of everything of a tenant."""
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise click.ClickException(f"{file} is no JSON: {error}") from None
    jobs = client.restore(document)
    return {"jobs": jobs}, [f"{jobs} jobs are back"]
