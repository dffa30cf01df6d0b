"""Lists of the places of jobs, which are in order, and entries whose keys begin with a tenant."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, MutableMapping, Sequence
from typing import Any, TypeVar

from mockserver.stores.base import Place
from mockserver.stores.memory_tally import JobPlace

_Name = TypeVar("_Name", bound=tuple[str, ...])


def remove_place(lists: MutableMapping[_Name, list[JobPlace]], name: _Name, place: JobPlace) -> None:
    """Remove a place from the list of that name, and the list with its last place."""
    places = lists[name]
    del places[bisect_left(places, place)]
    if not places:
        del lists[name]


def places_before(places: Sequence[JobPlace], before: Place | None) -> Iterator[JobPlace]:
    """The places before that one, the last first."""
    end = len(places) if before is None else bisect_left(places, before)
    return (places[index] for index in range(end - 1, -1, -1))


def drop_tenant(entries: MutableMapping[_Name, Any], tenant: str | None) -> None:
    """Remove the entries whose key begins with the tenant, or all."""
    for key in [key for key in entries if tenant in (None, key[0])]:
        del entries[key]
