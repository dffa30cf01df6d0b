"""The routes of media, which are loaded when a file is first asked for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from mockserver.contract.formats import Measure
from mockserver.engine.faulting.select import FaultSelector
from mockserver.engine.message import Request
from mockserver.engine.services import Services
from mockserver.web.bodies import closing
from mockserver.web.leaving import while_connected
from mockserver.web.pauses import Pauses
from mockserver.web.wire import App, Disconnected, Receive, Scope, Send

if TYPE_CHECKING:
    from mockserver.engine.media import MediaPipeline, PlainFile
    from mockserver.media.cache import MediaCache
    from mockserver.web.media_routes import MediaRoutes


class LateMedia:
    """An ASGI app for media links and uploads, which also answers a provider's request with a file."""

    def __init__(
        self,
        services: Services,
        fault_selector: FaultSelector,
        pauses: Pauses,
        default_cache: Callable[[], Path],
        measure: Measure,
    ) -> None:
        self._services = services
        self._fault_selector = fault_selector
        self._pauses = pauses
        self._default_cache = default_cache
        self._measure = measure
        self._cache: MediaCache | None = None
        self._pipeline: MediaPipeline | None = None
        self._routes: MediaRoutes | None = None
        self._links: App | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request for a media link or an upload."""
        if self._links is None:
            from mockserver.web.upload_routes import UploadRoutes

            most = self._services.settings.max_body
            self._links = UploadRoutes(self._services, closing(self._open(), most))
        await self._links(scope, receive, send)

    async def answer(self, scope: Scope, receive: Receive, send: Send, request: Request, path: str) -> None:
        """Answer a provider's request with the file of a media link's path."""
        await self._open().answer(scope, receive, send, request, path)

    async def plain(self, path: str, receive: Receive) -> PlainFile | None:
        """The file of a media link's path without faults, None where there is none. Raises MediaError.

        Where the client leaves first, as `receive` tells, nobody waits for a clip, and None stands for it.
        """
        self._open()
        assert self._pipeline is not None
        try:
            return await while_connected(receive, self._pipeline.plain(path))
        except Disconnected:
            return None

    def _open(self) -> MediaRoutes:
        if self._routes is None:
            from mockserver.engine.media import MediaPipeline
            from mockserver.media.cache import MediaCache
            from mockserver.web.media_routes import MediaRoutes

            settings = self._services.settings
            folder = settings.cache_dir or self._default_cache()
            self._cache = MediaCache(folder, settings.cache_bytes, workers=2)
            self._pipeline = MediaPipeline(self._services, self._fault_selector, self._cache, self._measure)
            self._routes = MediaRoutes(self._pipeline, settings.public_url, self._pauses)
        return self._routes

    def drop_queue(self) -> None:
        """Make no clip that nobody has begun."""
        if self._cache is not None:
            self._cache.drop_queue()

    def close(self) -> None:
        """End what makes clips."""
        if self._cache is not None:
            self._cache.close()
