"""Callbacks in the wrong order."""

from __future__ import annotations

from pydantic import Field

from mockserver.faults.base import CallbackFault
from mockserver.faults.seams import Delivery


class CallbackOutOfOrder(CallbackFault):
    """A job's callbacks come in the opposite order: the end first, the beginning last.

    All come late: their times are mirrored at a moment `seconds` after the submit, which should not be
    before the job's end. A callback due after that moment keeps its time.
    Use: does the client take a finished job for a running one?
    """

    name = "callback-out-of-order"
    main = "seconds"
    seconds: float = Field(60.0, gt=0)

    def change(self, delivery: Delivery) -> list[Delivery]:
        turn = delivery.submitted + round(self.seconds * 1000)
        if delivery.at >= turn:
            return [delivery]
        # Times are mirrored at the turn, so what was due first comes last. Subtracting the number mirrors
        # the order of states that begin in the same moment too.
        return [delivery._replace(at=2 * turn - delivery.at - delivery.number)]
