"""From a request to a response, in the order of the arrows in contracts/README.md."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Final

from mockserver.contract.model import Contract
from mockserver.contract.router import Match, Router
from mockserver.engine.actions import ACTIONS, Room
from mockserver.engine.answering import Answering
from mockserver.engine.call import Call
from mockserver.engine.door import Door, Refusal
from mockserver.engine.journal import Journal
from mockserver.engine.message import Request, Response, problem
from mockserver.engine.refusal import Sibling
from mockserver.errors import StoreError
from mockserver.jobs.clock import Clock
from mockserver.settings import Settings
from mockserver.stores.base import Store

_NO_CONTENT: Final = 204


class Engine:
    """All contracts over one store and one clock."""

    def __init__(
        self, contracts: Sequence[Contract], store: Store, settings: Settings, clock: Clock, sibling: Sibling
    ) -> None:
        self.contracts = {contract.provider: contract for contract in contracts}
        self.router = Router(contracts)
        self.journal = Journal()
        self.store = store
        self.settings = settings
        self.clock = clock
        self._random = random.SystemRandom() if settings.seed is None else random.Random(settings.seed)  # noqa: S311
        self._door = Door(settings, sibling)
        self._room = Room(store, settings, self._random)
        self._answering = Answering()

    async def handle(self, request: Request) -> Response:
        """Answer one request to a provider's route, and note the exchange."""
        match = self.router.find(request.method, request.path)
        if match is None:
            return self._noted(request, self._lost(request), None)
        if match.operation is None:
            return self._noted(request, self._wrong_verb(request, match), None)
        call = Call(match.contract, match.operation, request, self.clock(), self._random)
        try:
            self._door.admit(call, match.parameters)
            when = await ACTIONS[match.operation.role](self._room, call)
        except Refusal as refusal:
            when, call.error, call.violations = refusal.when, refusal.message, refusal.violations
        except StoreError as error:
            return self._noted(request, problem(507, "The store failed", str(error)), call)
        return self._noted(request, self._answering.answer(call, when), call)

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
            call = Call(match.contract, neighbour, request, self.clock(), self._random, error=message)
            response = self._answering.answer(call, "method")
        else:
            response = problem(405, "Method not allowed", message)
        response.headers.append((b"allow", allow.encode()))
        return response

    def _noted(self, request: Request, response: Response, call: Call | None) -> Response:
        self.journal.add(request, response, call, call.now if call else self.clock())
        return response
