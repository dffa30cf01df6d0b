"""The answer comes late."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from mockserver.faults.base import WireFault
from mockserver.faults.chance import draw
from mockserver.faults.seams import Reply, RequestFacts


class Delay(WireFault):
    """The answer comes `seconds` late, in real time; with `most`, a random time between the two.

    The random time is drawn from the request and `seed`; without one, from the server's seed.
    Use: does the client's timeout hold, and does it send a submit that timed out twice?
    """

    name = "delay"
    main = "seconds"
    seconds: float = Field(1.0, ge=0, le=3600)
    most: float | None = Field(None, le=3600)
    seed: int | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.most is not None and self.most < self.seconds:
            raise ValueError(f"most ({self.most:g}) is below seconds ({self.seconds:g})")
        return self

    def after(self, reply: Reply, request: RequestFacts) -> None:
        more = 0.0 if self.most is None else (self.most - self.seconds) * draw(request, self.seed, "delay")
        reply.delay += self.seconds + more
