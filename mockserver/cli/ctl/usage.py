"""`mockserver ctl usage`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockserver.cli.ctl.output import Output, columns, standalone
from mockserver.control_client import ControlClient


@standalone
def command(client: ControlClient) -> Output:
    """Show calls, jobs, and what they would have cost."""
    usage = client.usage()
    rows = [
        (row["tenant"], row["provider"], _counts(row["calls"]), _counts(row["jobs"]), _cost(row))
        for row in usage
    ]
    return usage, columns(("tenant", "provider", "calls", "jobs", "cost"), rows)


def _counts(counts: Mapping[str, int]) -> str:
    return " ".join(f"{name}:{count}" for name, count in sorted(counts.items())) or "-"


def _cost(row: Mapping[str, Any]) -> str:
    return f"{row['cost']:g} {row['unit']}" if row["unit"] else "-"
