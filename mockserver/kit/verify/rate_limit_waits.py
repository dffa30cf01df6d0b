"""The waits that a rate limit asks for, bounded one by one and in all."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

from mockserver.kit.traffic.exchange import Exchange, retry_after

MAX_WAIT: Final = 120.0
"""Seconds that a Retry-After may ask for; a request is not sent again after a longer wait."""
MAX_WAITED: Final = 600.0
"""Seconds of such waits in a run: what a server asks for must not decide how long a run takes."""


@dataclass(slots=True)
class RateLimitWaits:
    """The waits of one run; `waited` is their sum in seconds."""

    waited: float = 0.0

    def after(self, exchange: Exchange) -> float | None:
        """Seconds to wait before the request is sent again; None where it is not to be."""
        wait = retry_after(exchange, time.time()) if exchange.status == 429 else None
        if wait is None or wait > MAX_WAIT or self.waited + wait > MAX_WAITED:
            return None
        self.waited += wait
        return wait
