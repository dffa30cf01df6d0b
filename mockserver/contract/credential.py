"""A place at which an operation takes the key."""

from __future__ import annotations

from typing import Literal, NamedTuple


class Credential(NamedTuple):
    """Where a key arrives: in a header of that lower-case name, in the query or in a cookie, and the scheme
    before the key, if any, in lower case. It has to be at the places of `also` too. `caller` is the claim
    that names who has signed, where a token may stand in the key's place; else empty."""

    name: bytes
    scheme: str
    caller: str = ""
    place: Literal["header", "query", "cookie"] = "header"
    also: tuple[Credential, ...] = ()

    @property
    def whole(self) -> tuple[Credential, ...]:
        """Every place at which the key has to be."""
        return (self, *self.also)
