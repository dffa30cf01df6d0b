"""Our server without its fault room: nobody asks for rules, markers or another server's changes.

Only the bench runs it, to show what the room costs when nothing is set in it.
"""

from __future__ import annotations

from mockserver.cli import main
from mockserver.engine.actions import ACTIONS
from mockserver.engine.admission import Refusal
from mockserver.engine.message import Request, Response
from mockserver.engine.pipeline import Engine
from mockserver.engine.request_context import RequestContext


class Faultless(Engine):
    """The pipeline with every question about faults left out; it answers documented operations only."""

    async def handle(self, request: Request) -> Response:
        """Answer as Engine does."""
        match = self.router.find(request.method, request.path)
        assert match is not None
        assert match.operation is not None
        call = RequestContext(match.contract, match.operation, request, self.wall(), self._random)
        try:
            self._door.admit(call, match.parameters)
            known = self._answering.recall(call) if match.operation.role == "read" else None
            if known is not None:
                return self._noted(request, known, call)
            when = await ACTIONS[match.operation.role](self._room, call)
            response = self._answering.answer(call, when)
        except Refusal as refusal:
            call.error, call.violations = refusal.message, refusal.violations
            response = self._answering.answer(call, refusal.when)
        return self._noted(request, response, call)


if __name__ == "__main__":
    setattr(Engine, "handle", Faultless.handle)  # noqa: B010
    main()
