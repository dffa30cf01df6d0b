"""Callbacks that never come."""

from __future__ import annotations

from mockserver.faults.base import CallbackFault
from mockserver.faults.seams import Delivery


class CallbackNever(CallbackFault):
    """No callback comes at all.

    Use: does the client poll as well, or wait for ever?
    """

    name = "callback-never"

    def change(self, delivery: Delivery) -> list[Delivery]:
        return []
