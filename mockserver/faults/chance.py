"""Numbers drawn from a seed and a request: the same seed and requests give the same numbers."""

from __future__ import annotations

from random import Random

from mockserver.faults.seams import RequestFacts


def draw(request: RequestFacts, seed: int | None, purpose: str) -> float:
    """A number from 0 to 1. Without a seed it follows from the request's chance, so the server's seed."""
    if seed is None:
        source = f"{request.chance}/{purpose}"
    else:
        source = f"{seed}/{purpose}/{request.provider}/{request.role}/{request.tenant}/{request.number}"
    return Random(source).random()  # noqa: S311
