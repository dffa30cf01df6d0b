"""`mockserver ctl faults`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mockserver.cli.ctl.output import columns, standalone
from mockserver.control_client import ControlClient


@standalone
def command(client: ControlClient) -> tuple[Any, Iterable[str]]:
    """Every fault with its settings, and every predicate of rules."""
    found = client.faults()
    faults = [
        (row["name"], row["seam"], " ".join(row["settings"].get("properties", {})), _first(row["about"]))
        for row in found["faults"]
    ]
    predicates = [(row["name"], _first(row["about"])) for row in found["predicates"]]
    shown = columns(("fault", "seam", "settings", ""), faults)
    return found, [*shown, "", *columns(("predicate", ""), predicates)]


def _first(text: str) -> str:
    return text.partition("\n")[0]
