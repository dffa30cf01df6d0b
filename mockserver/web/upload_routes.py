"""Uploaded files: takes one with PUT at the link that a provider's route gave, and sends it with GET."""

from __future__ import annotations

from urllib.parse import parse_qs

from mockserver.engine.body_threads import BodyThreads
from mockserver.engine.content_coding import ACCEPTED
from mockserver.engine.documents.uploads import Upload
from mockserver.engine.message import NoRoomForBody, Request, Response, no_room, problem
from mockserver.engine.refusals.refusal import Refusal, UnreadCoding
from mockserver.engine.request_body import inflate_body, media_type_of
from mockserver.engine.services import Services
from mockserver.engine.uploads import PREFIX
from mockserver.errors import StoreError
from mockserver.numerals import plural
from mockserver.terms import EVERYBODY, RequestRole
from mockserver.web.bodies import BodiesInFlight, IncomingBody, send_and_close
from mockserver.web.media_routes import StoredFile, plan_file
from mockserver.web.wire import BODILESS, App, Disconnected, Receive, Scope, Send, read_head, send_response

_METHODS = "GET, HEAD, PUT"


class UploadRoutes:
    """An ASGI app over the uploads; whatever else is below /media is for `others`."""

    def __init__(self, services: Services, others: App) -> None:
        self._services = services
        self._others = others
        self._max_body = services.settings.max_body
        self._in_flight = BodiesInFlight(self._max_body)
        self._threads = BodyThreads()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if not scope["path"].startswith(PREFIX):
            await self._others(scope, receive, send)
            return
        request = read_head(scope, self._services.settings.public_url)
        await self._services.live_settings.refresh()
        if request.method in BODILESS:
            response = await self._answer(request, None)
            await send_response(send, response, body=request.method != "HEAD")
            return
        body = IncomingBody(request, receive, self._in_flight, self._max_body)
        try:
            response = await self._answer(request, body)
        except Disconnected:
            return
        finally:
            body.release()
        if body.whole:
            await send_response(send, response)
        else:
            await send_and_close(send, receive, response, self._max_body)

    async def _answer(self, request: Request, body: IncomingBody | None) -> Response:
        """Send or take the file, and note the exchange."""
        place = None
        try:
            place = await self._services.uploads.find(request.path)
            if body is None:
                response = await self._sent(request, place)
            else:
                response = await self._taken(request, place, body)
        except (NoRoomForBody, StoreError) as error:
            response = no_room(error)
        role: RequestRole = "media" if body is None else "upload"
        provider, tenant = (None, None) if place is None else (place.provider, place.tenant)
        now = self._services.live_settings.now(tenant or EVERYBODY)
        self._services.journal.record(request, response, now, provider=provider, role=role, tenant=tenant)
        return response

    async def _sent(self, request: Request, place: Upload | None) -> Response:
        content = None if place is None else await self._services.uploads.read(place)
        if place is None or content is None:
            return problem(404, "No such file", "nothing was uploaded there, or it gave way to newer files")
        stored = StoredFile(place.content_type, f"{place.id}-{place.version}", len(content))
        sending = plan_file(request.headers, stored)
        headers = [(name.encode(), value.encode()) for name, value in sending.headers]
        return Response(sending.status, headers, content[sending.span.first : sending.span.last + 1])

    async def _taken(self, request: Request, place: Upload | None, body: IncomingBody) -> Response:
        if request.method != "PUT":
            return _wrong_method(request)
        refusal = "no upload is open there" if place is None else self._refusal(request, place)
        if place is None or refusal:
            await body.skim()
            return problem(403, "The upload is refused", refusal)
        await body.take()
        try:
            await self._inflate(request, body)
        except UnreadCoding as error:
            response = problem(415, "Unsupported content coding", error.message)
            response.headers.append((b"accept-encoding", ACCEPTED.encode()))
            return response
        except Refusal as refused:
            return problem(400, "The upload is refused", refused.message)
        if request.cut:
            return problem(413, "Too large", f"this server takes {plural(self._max_body, 'byte')}")
        if not await self._services.uploads.fill(place, request.body):
            return problem(403, "The upload is refused", "its place was removed meanwhile")
        return Response(200, [], b"")

    async def _inflate(self, request: Request, body: IncomingBody) -> None:
        """Undo the coding in which the file was sent. Raises Refusal and NoRoomForBody."""
        if request.coding and not request.cut:
            request.incoming = body
            await inflate_body(request, self._max_body, self._threads, (media_type_of(request),))

    def _refusal(self, request: Request, place: Upload) -> str:
        """Why a file is not taken; empty where it is."""
        if parse_qs(request.query).get("signature") != [place.secret]:
            return "the signature is not that of the link"
        if self._services.live_settings.now(place.tenant) > place.until:
            return "the link has expired"
        sent = request.header(b"content-type")
        if sent != place.content_type:
            return f"the link is signed for Content-Type {place.content_type}, got {sent or 'none'}"
        return ""


def _wrong_method(request: Request) -> Response:
    response = problem(405, "No such method", f"{request.method} is not one of {_METHODS}")
    response.headers.append((b"allow", _METHODS.encode()))
    return response
