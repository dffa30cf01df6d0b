"""A fault's own answer keeps the headers of the provider's but those that it names."""

from __future__ import annotations

from mockserver.engine.faulting.apply import _headers
from mockserver.faults.seams import Replacement

OWN = [(b"Retry-After", b"1"), (b"x-id", b"retry-after"), (b"Date", b"x-id"), (b"date", b"now")]


def test_a_header_takes_the_place_of_those_of_its_name() -> None:
    replacement = Replacement(headers=(("RETRY-after", "5"),), removed_headers=("DATE",))

    assert _headers(OWN, replacement) == [(b"x-id", b"retry-after"), (b"retry-after", b"5")]


def test_without_headers_of_its_own_all_stay() -> None:
    assert _headers(OWN, Replacement()) == OWN
