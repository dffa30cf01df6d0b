"""Our server without its fault room: nobody asks for rules, markers or another server's changes.

Only the bench runs it, to show what the room costs when nothing is set in it.
"""

from __future__ import annotations

from mockserver.cli import main
from mockserver.engine.actions import ACTIONS
from mockserver.engine.message import Request, Response
from mockserver.engine.pipeline import Pipeline
from mockserver.engine.refusals.refusal import Refusal
from mockserver.engine.request_context import RequestContext


class Faultless(Pipeline):
    """The pipeline with every question about faults left out; it answers documented operations only."""

    async def handle(self, request: Request) -> Response:
        """Answer as Pipeline does."""
        match = self._router.find(request.method, request.path)
        assert match is not None
        assert match.operation is not None
        context = RequestContext(
            match.contract, match.operation, request, self._live_settings.now(), self._random
        )
        try:
            await self._admit(context, match)
            known = self._answering.recall(context) if match.operation.role == "read" else None
            if known is not None:
                return self._noted(request, known, context)
            when = await ACTIONS[match.operation.role](self._action_context, context)
            response = self._answering.answer(context, when)
        except Refusal as refusal:
            context.error, context.violations = refusal.message, refusal.violations
            response = self._answering.answer(context, refusal.when)
        return self._noted(request, response, context)


if __name__ == "__main__":
    setattr(Pipeline, "handle", Faultless.handle)  # noqa: B010
    main()
