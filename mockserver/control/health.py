"""Is the server up, and what is it serving?"""

from __future__ import annotations

from fastapi import APIRouter, Request
from pydantic import BaseModel

from mockserver import __version__
from mockserver.control import ROOT
from mockserver.engine.services import Services

router = APIRouter(prefix=ROOT, tags=["health"])


class Health(BaseModel):
    """`now` is the server's clock in Unix milliseconds; `dropped` exchanges fell out of the journal.

    `unreadable` is how many records of the store were skipped; `/__mock/unreadable` names them.
    """

    status: str
    version: str
    now: int
    providers: list[str]
    exchanges: int
    dropped: int
    unreadable: int


@router.get("/health")
async def health(request: Request) -> Health:
    """The server's state in a few numbers."""
    services: Services = request.app.state.services
    return Health(
        status="ok",
        version=__version__,
        now=services.live_settings.now(),
        providers=list(services.contracts),
        exchanges=len(services.journal),
        dropped=services.journal.dropped,
        unreadable=len(services.store.unreadable),
    )
