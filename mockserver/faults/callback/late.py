"""Callbacks that come late."""

from __future__ import annotations

from pydantic import Field

from mockserver.faults.base import CallbackFault
from mockserver.faults.seams import Delivery


class CallbackLate(CallbackFault):
    """Callbacks come `seconds` late by the tenant's clock, usually after polling has found the end.

    Use: does the client cope with a callback about an end that it knows already?
    """

    name = "callback-late"
    main = "seconds"
    seconds: float = Field(60.0, ge=0)

    def change(self, delivery: Delivery) -> list[Delivery]:
        return [delivery._replace(at=delivery.at + round(self.seconds * 1000))]
