"""401: the key is not accepted."""

from __future__ import annotations

from typing import Literal

from mockserver.faults.base import WireFault
from mockserver.faults.seams import Replacement, RequestFacts


class Unauthorized(WireFault):
    """The server answers as if the key were wrong, or with `key = "missing"` as if there were none.

    Use: does the client stop at once, as no retry can help?
    """

    name = "unauthorized"
    main = "key"
    key: Literal["wrong", "missing"] = "wrong"

    def before(self, request: RequestFacts) -> Replacement:
        when = "bad-credentials" if self.key == "wrong" else "unauthenticated"
        return Replacement(
            when, fallbacks=("unauthenticated",), message=f"the mock was told that the key is {self.key}"
        )
