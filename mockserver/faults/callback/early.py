"""A callback before the submit's answer."""

from __future__ import annotations

from mockserver.faults.base import CallbackFault
from mockserver.faults.seams import Delivery


class CallbackEarly(CallbackFault):
    """The first callback comes before the answer to the submit, so before the client knows the job's id.

    With `every` all of them do.
    Use: does the client keep a callback about a job that it does not know yet?
    """

    name = "callback-early"
    every: bool = False

    def change(self, delivery: Delivery) -> list[Delivery]:
        if self.every or delivery.number == 1:
            return [delivery._replace(early=True)]
        return [delivery]
