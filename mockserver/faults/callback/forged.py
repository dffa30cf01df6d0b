"""Callbacks with a wrong signature."""

from __future__ import annotations

from mockserver.faults.base import CallbackFault
from mockserver.faults.seams import Delivery


class CallbackForged(CallbackFault):
    """Callbacks are signed with another secret than the server's. Without a secret nothing is signed.

    Use: does the client refuse what anybody could have sent?
    """

    name = "callback-forged"

    def change(self, delivery: Delivery) -> list[Delivery]:
        return [delivery._replace(forged=True)]
