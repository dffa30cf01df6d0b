"""From a request to a response, in the order of the arrows in mockserver/README.md."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from random import Random
from typing import Final

from mockserver.contract.router import Match, Router
from mockserver.contract.violation import shown
from mockserver.engine.action_context import ActionContext
from mockserver.engine.actions import ACTIONS
from mockserver.engine.admission import Admission
from mockserver.engine.answering import Unanswerable
from mockserver.engine.callbacks.sender import CallbackSender
from mockserver.engine.content_coding import ACCEPTED
from mockserver.engine.content_files import file_path, has_file
from mockserver.engine.faulting import apply
from mockserver.engine.faulting.select import FaultSelector, read_prompt_markers
from mockserver.engine.message import NoRoomForBody, Request, Response, no_room, problem
from mockserver.engine.plain_submits import PlainSubmits
from mockserver.engine.quotas import charge_quota
from mockserver.engine.refusals.refusal import Refusal, UnreadCoding
from mockserver.engine.repeats import Repeats, repeat_of
from mockserver.engine.request_context import RequestContext
from mockserver.engine.services import Services
from mockserver.engine.waits import Waits
from mockserver.errors import StoreError

_NO_CONTENT: Final = 204


class Pipeline:
    """Answers the requests to the providers' operations. `random` draws ids, of jobs and of answers."""

    def __init__(
        self,
        services: Services,
        admission: Admission,
        fault_selector: FaultSelector,
        callbacks: CallbackSender,
        random: Random,
    ) -> None:
        self._router = Router(services.contracts.values())
        self._store = services.store
        self._live_settings = services.live_settings
        self._journal = services.journal
        self._answering = services.answering
        self._changes = services.changes
        self._usage = services.usage
        self._admission = admission
        self._fault_selector = fault_selector
        self._callbacks = callbacks
        self._random = random
        self.waits = Waits(services)
        self.repeats = Repeats(services.store, services.live_settings, services.journal, services.usage)
        self._action_context = ActionContext(
            services.store, services.settings, random, {}, services.live_settings, services.uploads
        )
        self.plain_submits = PlainSubmits(services, self._action_context, self._refuse_body)

    def methods(self, path: str) -> Sequence[str]:
        """The documented methods of an undecoded path; none for an unknown one."""
        match = self._router.find("OPTIONS", path)
        return () if match is None else tuple(match.operations)

    def find(self, method: str, path: str) -> Match | None:
        """The route of an undecoded path, or None."""
        return self._router.find(method, path)

    async def handle(self, request: Request) -> Response:
        """Answer one request to a provider's route, and note the exchange."""
        if self._live_settings.stale:
            await self._live_settings.reread()
            self._answering.forget()
            self.repeats.forget()
        head = request.head
        match = head.match if head is not None else self._router.find(request.method, request.path)
        if match is None or match.operation is None:
            return await self._refuse_route(request, match)
        context = RequestContext(
            match.contract, match.operation, request, self._live_settings.now(), self._random
        )
        try:
            await self._admit(context, match)
            if self._live_settings.has_clocks:
                context.now = self._live_settings.now(context.tenant)
            if self._live_settings.has_quotas:
                response = await self._carry_out_within_quota(context)
            else:
                response = self._recall(context) or await self._carry_out(context)
        except Refusal as refusal:
            response = self._refuse(context, refusal)
        except (Unanswerable, NoRoomForBody, StoreError) as error:
            response = _failure(error)
            context.refusal = str(error)
        return self._noted(request, response, context)

    async def _admit(self, context: RequestContext, match: Match) -> None:
        """Let the request in. Its body is taken when its key is known, and only if the operation has one."""
        body = context.request.incoming
        try:
            self._admission.authenticate(context, self._live_settings.now)
        except Refusal:
            if body is not None:
                await body.skim()
            raise
        if context.marked_key:
            await self._admission.read_key_markers(context)
        if body is not None:
            await (body.skim() if context.operation.body is None else body.take())
            context.now = self._live_settings.now()
        self._admission.admit(context, match.parameters)
        if context.operation.body is not None:
            await self._admission.admit_body(context)

    def _refuse(self, context: RequestContext, refusal: Refusal) -> Response:
        """The provider's own answer; ours where its contract knows no such refusal of the operation."""
        context.error = context.refusal = refusal.message
        context.violations, context.error_field = refusal.violations, refusal.field
        if context.breaks_contract:
            self.plain_submits.learn(context)
        if refusal.when == "unknown-path":
            return self._no_such_path(context.request, refusal.message)[1]
        if refusal.when in context.operation.answers:
            response = self._answering.answer(context, refusal.when)
            if refusal.until is not None:
                self._say_when(response, context, refusal.until)
        elif isinstance(refusal, UnreadCoding):
            response = problem(415, "Unsupported content coding", refusal.message)
        else:
            response = problem(400, "The request makes no sense", refusal.message)
        if isinstance(refusal, UnreadCoding):
            response.headers.append((b"accept-encoding", ACCEPTED.encode()))
        return response

    def _refuse_body(self, context: RequestContext) -> Response:
        """Answer a submit whose body breaks the contract, and note the exchange."""
        try:
            self._admission.refuse_body(context)
        except Refusal as refusal:
            return self._noted(context.request, self._refuse(context, refusal), context)

    def _say_when(self, response: Response, context: RequestContext, until: int) -> None:
        """Let a Retry-After in seconds say how long it is, also by a clock that stands still."""
        wait = self._live_settings.seconds_until(context.tenant, until)
        if wait is None:
            wait = (until - context.now) / 1000
        value = b"%d" % max(1, math.ceil(wait))
        response.headers = [
            (name, value if name.lower() == b"retry-after" and own.isdigit() else own)
            for name, own in response.headers
        ]

    async def _refuse_route(self, request: Request, match: Match | None) -> Response:
        if request.incoming is not None:
            await request.incoming.skim()
        if match is None:
            reason, response = self._no_such_path(request)
        else:
            reason = f"{request.method} is not documented here, only {', '.join(match.operations)}"
            response = self._no_such_method(request, match, reason)
        refusal = reason if response.status != _NO_CONTENT else None
        self._journal.record(request, response, self._live_settings.now(), refusal=refusal)
        return response

    def _recall(self, context: RequestContext) -> Response | None:
        """The cached response to a read, where no fault can act on it; it needs no store."""
        if context.operation.role != "read" or self._fault_selector.may_act(context):
            return None
        return self._answering.recall(context)

    async def _carry_out_within_quota(self, context: RequestContext) -> Response:
        """Carry out what a quota allows. A submit is stored before the tenant's next one is judged."""
        if context.operation.role == "submit":
            async with self._store.turn(context.tenant):
                await charge_quota(self._live_settings, self._store, context)
                make_answer = await self._submit(context)
            return await self._answer_submit(context, make_answer)
        await charge_quota(self._live_settings, self._store, context)
        return self._recall(context) or await self._carry_out(context)

    async def _carry_out(self, context: RequestContext) -> Response:
        """Act and answer. What faults a request meets depends on its job, so the action comes first."""
        role = context.operation.role
        if role == "submit":
            return await self._answer_submit(context, await self._submit(context))
        when = await ACTIONS[role](self._action_context, context)
        if role == "list" and when == "default":
            await self._answering.pages.read_requests(self._store, context)
        if role == "delete" and when == "default":
            self._answering.forget()
            self._changes.notify()
        if context.moved and self._is_watched(context):
            self._changes.notify()
        if role == "content" and when == "default" and has_file(context):
            return await self._send_file(context)
        if self._fault_selector.may_act(context):
            faults = await self._fault_selector.select(context)
            return await apply.answer(self._fault_selector, self._answering, context, when, faults)
        return self._answering.answer(context, when)

    def _is_watched(self, context: RequestContext) -> bool:
        """Whether an answer waits, or the submit of the job may have asked for callbacks."""
        submit = None if context.job is None else context.contract.operations.get(context.job.operation)
        return len(self.waits) > 0 or (submit is not None and submit.callback is not None)

    async def _send_file(self, context: RequestContext) -> Response:
        """The response that is a file of the job, or that of a fault in its place."""
        if self._fault_selector.may_act(context):
            faults = await self._fault_selector.select(context)
            if apply.first_replacement(faults) is not None:
                return await apply.answer(self._fault_selector, self._answering, context, "default", faults)
        return Response(200, file=file_path(context))

    async def _answer_submit(self, context: RequestContext, make_answer: Callable[[], Response]) -> Response:
        """Answer a submit that was carried out: at once, or when its job has ended."""
        if context.operation.wait is None:
            return make_answer()
        came_at = context.now
        await self.waits.until_ended(context)
        response = make_answer()
        context.now = came_at
        return response

    async def _submit(self, context: RequestContext) -> Callable[[], Response]:
        """Act, and return what makes the answer. The faults come first, as they may prevent the job or
        change its plan.
        """
        await read_prompt_markers(context)
        if self._fault_selector.may_act(context):
            faults = await self._fault_selector.select(context)
            make_answer = await apply.submit(self._answering, self._action_context, context, faults)
        else:
            when = await ACTIONS["submit"](self._action_context, context)
            make_answer = partial(self._answering.answer, context, when)
            self.plain_submits.learn(context)
        if context.job is not None and context.operation.callback is not None:
            await self._callbacks.submitted(context.job, context.request.base, context.callback_faults)
            self._changes.notify()
        return make_answer

    def _no_such_path(self, request: Request, reason: str = "") -> tuple[str, Response]:
        """The reason, which may be another than that nothing is documented there, and the answer."""
        owner = self._router.owner(request.path)
        nearest = self._router.nearest(request.method, request.path, owner=owner)
        path = shown(request.path)
        hint = f"did you mean {' or '.join(nearest)}?"
        detail = reason or f"{request.method} {path} is not documented; {hint}"
        if owner is None or owner.unknown_path is None:
            return detail, problem(404, "No such path", detail, nearest=nearest)
        operation = next(iter(owner.operations.values()))
        now = self._live_settings.now()
        # An answer may repeat the path, which nothing has bounded.
        context = RequestContext(owner, operation, replace(request, path=path), now, self._random)
        context.error = detail
        return detail, self._answering.refuse_path(context, owner.unknown_path)

    def _no_such_method(self, request: Request, match: Match, message: str) -> Response:
        allow = ", ".join(match.operations)
        if request.method == "OPTIONS":
            return Response(_NO_CONTENT, [(b"allow", allow.encode())])
        neighbour = next(iter(match.operations.values()))
        if "method" in neighbour.answers:
            now = self._live_settings.now()
            context = RequestContext(match.contract, neighbour, request, now, self._random)
            context.error = message
            response = self._answering.answer(context, "method")
        else:
            response = problem(405, "Method not allowed", message)
        response.headers.append((b"allow", allow.encode()))
        return response

    def _noted(self, request: Request, response: Response, context: RequestContext) -> Response:
        self._usage.count(context.tenant, context.contract.provider, context.operation.role)
        if response.file:
            return response
        took = self._live_settings.now(context.tenant) - context.now
        entry = self._journal.add(request, response, context, context.now, max(0, took))
        if context.is_steady:
            response.repeat = repeat_of(context, entry, self._store)
        return response


def _failure(error: Unanswerable | NoRoomForBody | StoreError) -> Response:
    """Our own answer to what the provider's contract does not know."""
    if isinstance(error, Unanswerable):
        return error.response
    return no_room(error)
