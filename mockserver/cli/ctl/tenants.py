"""`mockserver ctl tenants`."""

from __future__ import annotations

from pathlib import Path

import click

from mockserver.cli.ctl.output import Output, columns, verb
from mockserver.control_client import ControlClient


@click.group()
def command() -> None:
    """List, reset, save and restore tenants."""


@verb(command, "list")
def listing(client: ControlClient) -> Output:
    """List every tenant with its jobs by provider."""
    tenants = client.tenants()
    rows = [
        (row["tenant"], " ".join(f"{name}:{count}" for name, count in row["jobs"].items())) for row in tenants
    ]
    return tenants, columns(("tenant", "jobs"), rows)


@verb(command)
@click.option("--all", "every", is_flag=True, help="Everybody's, and the rules.")
def reset(client: ControlClient, *, every: bool) -> Output:
    """Delete a tenant's jobs, clock, quota and counts."""
    if every == client.names_somebody:
        raise click.UsageError("name a tenant with --key or --tenant, or pass --all")
    jobs = client.reset()
    return {"jobs": jobs}, [f"{_count(jobs)} deleted"]


@verb(command)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def snapshot(client: ControlClient, file: Path) -> Output:
    """Write everything of a tenant to FILE."""
    # Beside the file first: what breaks off leaves a former snapshot as it was.
    part = file.with_name(f"{file.name}.part")
    try:
        with part.open("wb") as output:
            client.save_snapshot(output)
        part.replace(file)
    except OSError as error:
        raise click.ClickException(f"cannot write {file}: {error.strerror}") from None
    finally:
        part.unlink(missing_ok=True)
    return {"file": str(file)}, [f"wrote {file}"]


@verb(command)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore(client: ControlClient, file: Path) -> Output:
    """Replace everything of a tenant with the snapshot in FILE."""
    with file.open("rb") as snapshot:
        jobs = client.restore_from(snapshot)
    return {"jobs": jobs}, [f"{_count(jobs)} restored"]


def _count(jobs: int) -> str:
    return f"{jobs} {'job' if jobs == 1 else 'jobs'}"
