"""Is the server up, and what is it serving?"""

from __future__ import annotations

from fastapi import APIRouter, Request
from pydantic import BaseModel

from mockserver import __version__
from mockserver.engine.pipeline import Engine

router = APIRouter(tags=["health"])


class Health(BaseModel):
    """`now` is the server's clock in Unix milliseconds; `dropped` exchanges fell out of the journal."""

    status: str
    version: str
    now: int
    providers: list[str]
    exchanges: int
    dropped: int


@router.get("/health")
def health(request: Request) -> Health:
    """The server's state in a few numbers."""
    engine: Engine = request.app.state.engine
    return Health(
        status="ok",
        version=__version__,
        now=engine.clock(),
        providers=list(engine.contracts),
        exchanges=len(engine.journal),
        dropped=engine.journal.dropped,
    )
