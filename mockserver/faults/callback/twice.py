"""Callbacks that come twice."""

from __future__ import annotations

from pydantic import Field

from mockserver.faults.base import CallbackFault
from mockserver.faults.seams import Delivery


class CallbackTwice(CallbackFault):
    """Each callback comes a second time, `seconds` later by the tenant's clock.

    Use: does the client do its work, or pay, twice?
    """

    name = "callback-twice"
    main = "seconds"
    seconds: float = Field(0.0, ge=0)

    def change(self, delivery: Delivery) -> list[Delivery]:
        again = delivery._replace(copy=delivery.copy + 1, at=delivery.at + round(self.seconds * 1000))
        return [delivery, again]
