"""`mockserver ctl faults`."""

from __future__ import annotations

from mockserver.cli.ctl.output import Output, columns, standalone
from mockserver.control_client import ControlClient


@standalone
def command(client: ControlClient) -> Output:
    """List every fault with its settings, and every predicate for rules."""
    catalogue = client.faults()
    faults = [
        (row["name"], row["seam"], " ".join(row["settings"].get("properties", {})), _first(row["about"]))
        for row in catalogue["faults"]
    ]
    predicates = [(row["name"], _first(row["about"])) for row in catalogue["predicates"]]
    table = columns(("fault", "seam", "settings", ""), faults)
    return catalogue, [*table, "", *columns(("predicate", ""), predicates)]


def _first(text: str) -> str:
    return text.partition("\n")[0]
