"""Numbers drawn from a seed and a request: the same seed and requests give the same numbers."""

from __future__ import annotations

from random import Random

from mockserver.faults.seams import RequestFacts


def draw(subject: RequestFacts, seed: int | None, purpose: str) -> float:
    """A number from 0 to 1. Without a seed it comes from the request's own chance, so from the server's."""
    if seed is None:
        source = f"{subject.chance}/{purpose}"
    else:
        source = f"{seed}/{purpose}/{subject.provider}/{subject.role}/{subject.tenant}/{subject.number}"
    return Random(source).random()  # noqa: S311
