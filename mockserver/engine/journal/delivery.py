"""How an answer reached the client, where a fault let it come late, slowly, in part or not at all."""

from __future__ import annotations

from mockserver.faults.seams import Reply


def delivery(reply: Reply) -> str | None:
    """What became of an answer on its way, in words; None where it arrived as it is."""
    late = f"{reply.delay:g} s late" if reply.delay else ""
    if reply.disconnect == "reset":
        way = "nothing of it arrived: the connection was reset"
    elif reply.disconnect:
        way = "nothing of it arrived: the connection was closed"
    elif reply.cut is not None and reply.cut < len(reply.body):
        way = f"only {reply.cut} of its {len(reply.body)} bytes arrived, then the connection was closed"
    elif reply.drip:
        way = f"it came at {reply.drip} bytes a second"
    else:
        way = ""
    return ", ".join(filter(None, (way, late))) or None
