"""Finds the operation of a method and path; for an unknown path, the operations that are most like it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from itertools import takewhile
from typing import Final, NamedTuple
from urllib.parse import unquote

from mockserver.contract.model import Contract, Operation, Route
from mockserver.errors import ContractError

_SEGMENT: Final = "[^/]+"
_SPAN: Final = "[^/]+(?:/[^/]+)*"
_PLACE: Final = re.compile(r"\{([^}]+)\}")
_COMPARED: Final = 200
"""Characters of an unknown path that are compared with the documented ones, as they are longer than those."""
_NOTHING: Final[Mapping[str, str]] = {}


class Match(NamedTuple):
    """The route of a path. `operation` is None where the path has none for the method."""

    contract: Contract
    operation: Operation | None
    parameters: Mapping[str, str]
    operations: Mapping[str, Operation]


Entry = tuple[Contract, Route]


class Router:
    """All routes of all contracts. Raises ContractError where two providers claim one path."""

    def __init__(self, contracts: Iterable[Contract]) -> None:
        self._literal: dict[str, Entry] = {}
        self._by_parent: dict[str, tuple[Entry, str]] = {}
        self._patterns: list[tuple[Entry, re.Pattern[str]]] = []
        self._several_places: dict[str, Entry] = {}
        for contract in contracts:
            for route in routes(contract):
                self._add((contract, route))
        # What a place without slashes matches is not left to one with them.
        self._patterns.sort(key=lambda pair: bool(_spans(pair[0][1])))

    def _add(self, entry: Entry) -> None:
        contract, route = entry
        parent, _, last = route.template.rpartition("/")
        if "{" not in route.template:
            registered = self._literal.setdefault(route.template, entry)
        elif "{" not in parent and _PLACE.fullmatch(last) and not _spans(route):
            registered, _ = self._by_parent.setdefault(parent, (entry, last[1:-1]))
        else:
            registered = self._several_places.setdefault(_PLACE.sub("{}", route.template), entry)
            self._patterns.append((entry, _pattern(route.template, _spans(route))))
        if registered[0] is not contract:
            raise ContractError(_claimed(route.template, registered[0].provider, contract.provider))

    def find(self, method: str, path: str) -> Match | None:
        """The route of an undecoded path, or None."""
        entry = self._literal.get(path)
        if entry is not None:
            return _match(entry, method, _NOTHING)
        parent, _, last = path.rpartition("/")
        last_place = self._by_parent.get(parent)
        if last_place is not None and last:
            entry, name = last_place
            # `unquote` costs more than all the rest of a lookup, and few ids need it.
            return _match(entry, method, {name: unquote(last) if "%" in last else last})
        for entry, pattern in self._patterns:
            match = pattern.fullmatch(path)
            if match is not None:
                return _match(
                    entry, method, {name: unquote(text) for name, text in match.groupdict().items()}
                )
        return None

    def _all_entries(self) -> list[Entry]:
        named = (*self._by_parent.values(), *self._patterns)
        return [*self._literal.values(), *(entry for entry, _ in named)]

    def templates(self, owner: Contract | None = None) -> list[str]:
        """`METHOD path` of every operation, or of every operation of the owner, sorted by path."""
        entries = [entry for entry in self._all_entries() if owner in (None, entry[0])]
        return sorted(
            (f"{method} {route.template}" for _, route in entries for method in route.operations),
            key=lambda line: line.split(" ")[::-1],
        )

    def owner(self, path: str) -> Contract | None:
        """The provider below whose base URL an unknown path lies; None where it is nobody's.

        A base URL without a path owns what begins with the same segment as a documented path.
        """
        segments = path.split("/")

        def shared(entry: Entry) -> int:
            pairs = zip(segments, entry[1].template.split("/"), strict=False)
            return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))

        entries = [*self._all_entries()]
        count = max(map(shared, entries), default=0)
        alike = [entry for entry in entries if shared(entry) == count]
        if not alike:
            return None
        contract = max(alike, key=lambda entry: _likeness(path, entry[1].template))[0]
        depths = [max(2, prefix.count("/") + 1) for prefix in contract.prefixes if _below(path, prefix)]
        return contract if any(count >= depth for depth in depths) else None

    def nearest(self, method: str, path: str, most: int = 3, owner: Contract | None = None) -> list[str]:
        """The documented operations most like an unknown path, best first; those of the owner, if given."""

        def similarity(line: str) -> float:
            verb, _, template = line.partition(" ")
            # Of two paths that are equally alike, the one with the same method comes first.
            return _likeness(path, template) + 0.05 * (verb == method)

        return sorted(self.templates(owner), key=similarity, reverse=True)[:most]


def _likeness(path: str, template: str) -> float:
    """From 0 to 1: how much of a path stands in a documented one."""
    import difflib

    return difflib.SequenceMatcher(None, path[:_COMPARED], template).ratio()


def _claimed(template: str, first: str, second: str) -> str:
    name = second.partition("@")[0]
    return (
        f"{template} is claimed by {first} and {second}; put one of them below a prefix"
        f" (--mount {name}=/{name}, pytest --mockserver-mount {name}=/{name},"
        f" in_process.serve(mounts=['{name}=/{name}'])), or serve one of them alone"
        " (--provider, --mockserver-provider, providers=[...])"
    )


def _match(entry: Entry, method: str, parameters: Mapping[str, str]) -> Match:
    contract, route = entry
    operation = route.operations.get(method)
    if operation is None and method == "HEAD":
        operation = _sends_a_file(route.operations.get("GET"))
    return Match(contract, operation, parameters, route.operations)


def _sends_a_file(operation: Operation | None) -> Operation | None:
    """The operation if it sends a file, for which HEAD is as GET without the bytes."""
    return operation if operation is not None and operation.role == "content" else None


def _below(path: str, prefix: str) -> bool:
    return path == prefix or path.startswith(f"{prefix}/")


def routes(contract: Contract) -> list[Route]:
    """Every path of a contract under every prefix of its servers."""
    by_path: dict[str, dict[str, Operation]] = {}
    for operation in contract.operations.values():
        by_path.setdefault(operation.path, {})[operation.method] = operation
    return [
        Route(prefix + path, operations)
        for prefix in contract.prefixes
        for path, operations in by_path.items()
    ]


def _spans(route: Route) -> frozenset[str]:
    """The places of a route that may hold slashes."""
    return frozenset(name for operation in route.operations.values() for name in operation.spans)


def _pattern(template: str, spans: Collection[str]) -> re.Pattern[str]:
    """The expression for a template's paths."""
    parts = _PLACE.split(template)
    # A split by a group alternates: literal text, name, literal text, and so on.
    parts[::2] = map(re.escape, parts[::2])
    parts[1::2] = (f"(?P<{name}>{_SPAN if name in spans else _SEGMENT})" for name in parts[1::2])
    return re.compile("".join(parts))
