"""From a request to a response, in the order of the arrows in contracts/README.md."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from mockserver.contract.model import Contract
from mockserver.contract.router import Match, Router
from mockserver.engine.actions import ACTIONS, ActionContext
from mockserver.engine.admission import Admission, Refusal
from mockserver.engine.answering import Answering
from mockserver.engine.callbacks.sender import CallbackSender
from mockserver.engine.faulting import apply
from mockserver.engine.faulting.select import FaultSelector
from mockserver.engine.journal.journal import Journal
from mockserver.engine.journal.redact import redactor
from mockserver.engine.live_settings import LiveSettings
from mockserver.engine.message import Request, Response, problem
from mockserver.engine.quotas import spend
from mockserver.engine.refusals.refusal import Sibling
from mockserver.engine.request_context import RequestContext
from mockserver.errors import StoreError
from mockserver.jobs.clock import Clock
from mockserver.settings import Settings
from mockserver.stores.base import Store

_NO_CONTENT: Final = 204


class Engine:
    """All contracts over one store and one clock.

    `wall` is the real clock and `board` has the tenants' own; `wake` are called after whatever may make
    a callback due, `event_sources` know of more that is due than jobs do; `usage` counts requests by
    (tenant, provider, role).
    """

    def __init__(
        self, contracts: Sequence[Contract], store: Store, settings: Settings, clock: Clock, sibling: Sibling
    ) -> None:
        self.contracts = {contract.provider: contract for contract in contracts}
        self.router = Router(contracts)
        self.store = store
        self.settings = settings
        self.wall = clock
        self.board = LiveSettings(store, clock)
        secrets = (*settings.keys, *([settings.token] if settings.token else []))
        self.journal = Journal(redactor(contracts, secrets))
        self.wake: list[Callable[[], None]] = []
        self.usage: Counter[tuple[str, str, str]] = Counter()
        self.faulting = FaultSelector(self.board, store, settings.seed)
        self.callbacks = CallbackSender(self)
        self.event_sources: list[Callable[[str | None], Awaitable[int | None]]] = [self.callbacks.next_event]
        self._random = random.SystemRandom() if settings.seed is None else random.Random(settings.seed)  # noqa: S311
        self._door = Admission(settings, sibling)
        self._room = ActionContext(store, settings, self._random, {})
        self._answering = Answering()

    def clock(self, tenant: str = "") -> int:
        """The moment by the tenant's clock, in Unix milliseconds."""
        return self.board.now(tenant)

    def forget(self) -> None:
        """Drop bodies that were kept of jobs which may be gone."""
        self._answering.forget()

    async def handle(self, request: Request) -> Response:
        """Answer one request to a provider's route, and note the exchange."""
        if self.board.stale:
            await self.board.refresh()
            self.forget()
        match = self.router.find(request.method, request.path)
        if match is None:
            return self._noted(request, self._lost(request), None)
        if match.operation is None:
            return self._noted(request, self._wrong_verb(request, match), None)
        call = RequestContext(match.contract, match.operation, request, self.board.now(), self._random)
        try:
            self._door.admit(call, match.parameters)
            if self.board.has_clocks:
                call.now = self.board.now(call.tenant)
            if self.board.has_quotas:
                await spend(self.board, self.store, call)
            response = self._recall(call) or await self._carry_out(call)
        except Refusal as refusal:
            call.error, call.violations = refusal.message, refusal.violations
            response = self._answering.answer(call, refusal.when)
        except StoreError as error:
            response = problem(507, "The store failed", str(error))
        return self._noted(request, response, call)

    def _recall(self, call: RequestContext) -> Response | None:
        """The answer without the store, where it is known and no fault may act on it."""
        if call.operation.role != "read" or self.board.has_rules or call.tenant in self._door.marks:
            return None
        return self._answering.recall(call)

    async def _carry_out(self, call: RequestContext) -> Response:
        role = call.operation.role
        if role == "submit":
            return await self._submit(call)
        when = await ACTIONS[role](self._room, call)
        marks = self._door.marks.get(call.tenant, ())
        if marks or self.board.has_rules or (call.job is not None and call.job.plan.faults):
            return await apply.answer(self.faulting, self._answering, call, when, marks)
        return self._answering.answer(call, when)

    async def _submit(self, call: RequestContext) -> Response:
        rules = (*self._door.marks.get(call.tenant, ()), *apply.prompt_rules(call))
        if rules or self.board.has_rules:
            response = await apply.submit(self.faulting, self._answering, self._room, call, rules)
        else:
            response = self._answering.answer(call, await ACTIONS["submit"](self._room, call))
        if call.job is not None and call.operation.callback_at is not None:
            await self.callbacks.submitted(call.job, call.request.base, call.callback_faults)
            for hook in self.wake:
                hook()
        return response

    def _lost(self, request: Request) -> Response:
        nearest = self.router.nearest(request.method, request.path)
        detail = f"{request.method} {request.path} is not documented; did you mean {' or '.join(nearest)}?"
        return problem(404, "No such path", detail, nearest=nearest)

    def _wrong_verb(self, request: Request, match: Match) -> Response:
        allow = ", ".join(match.operations)
        if request.method == "OPTIONS":
            return Response(_NO_CONTENT, [(b"allow", allow.encode())])
        message = f"{request.method} is not documented here; {allow} is"
        neighbour = next(iter(match.operations.values()))
        if "method" in neighbour.answers:
            call = RequestContext(
                match.contract, neighbour, request, self.board.now(), self._random, error=message
            )
            response = self._answering.answer(call, "method")
        else:
            response = problem(405, "Method not allowed", message)
        response.headers.append((b"allow", allow.encode()))
        return response

    def _noted(self, request: Request, response: Response, call: RequestContext | None) -> Response:
        if call is None:
            self.journal.add(request, response, None, self.board.now())
            return response
        self.usage[call.tenant, call.contract.provider, call.operation.role] += 1
        took = self.board.now(call.tenant) - call.now
        self.journal.add(request, response, call, call.now, max(0, took))
        return response
