"""Method and path lead to an operation of a provider; a path that leads nowhere, to its neighbours."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple
from urllib.parse import unquote

from mockserver.contract.model import Contract, Operation, Route
from mockserver.errors import ContractError

_PLACE: Final = re.compile(r"\{([^}]+)\}")
_NOTHING: Final[Mapping[str, str]] = {}


class Match(NamedTuple):
    """What a path led to. `operation` is None where the verb is not documented for it."""

    contract: Contract
    operation: Operation | None
    parameters: Mapping[str, str]
    operations: Mapping[str, Operation]


Entry = tuple[Contract, Route]


class Router:
    """All routes of all contracts. Raises ContractError where two providers claim one path."""

    def __init__(self, contracts: Iterable[Contract]) -> None:
        self._fixed: dict[str, Entry] = {}
        self._last: dict[str, tuple[Entry, str]] = {}
        self._open: list[tuple[Entry, re.Pattern[str]]] = []
        for contract in contracts:
            for route in routes(contract):
                self._add((contract, route))

    def _add(self, entry: Entry) -> None:
        contract, route = entry
        parent, _, last = route.template.rpartition("/")
        if "{" not in route.template:
            taken = self._fixed.setdefault(route.template, entry)
        elif "{" not in parent and _PLACE.fullmatch(last):
            taken, _ = self._last.setdefault(parent, (entry, last[1:-1]))
        else:
            self._open.append((entry, _pattern(route.template)))
            return
        if taken[0] is not contract:
            raise ContractError(f"{route.template} is claimed by {taken[0].provider} and {contract.provider}")

    def find(self, method: str, path: str) -> Match | None:
        """What an undecoded path leads to, or None."""
        entry = self._fixed.get(path)
        if entry is not None:
            return _match(entry, method, _NOTHING)
        parent, _, last = path.rpartition("/")
        found = self._last.get(parent)
        if found is not None and last:
            return _match(found[0], method, {found[1]: unquote(last) if "%" in last else last})
        for entry, pattern in self._open:
            hit = pattern.fullmatch(path)
            if hit is not None:
                return _match(entry, method, {name: unquote(text) for name, text in hit.groupdict().items()})
        return None

    def _entries(self) -> list[Entry]:
        named = (*self._last.values(), *self._open)
        return [*self._fixed.values(), *(entry for entry, _ in named)]

    def templates(self) -> list[str]:
        """`METHOD path` of every operation, sorted by path."""
        entries = self._entries()
        return sorted(
            (f"{method} {route.template}" for _, route in entries for method in route.operations),
            key=lambda line: line.split(" ")[::-1],
        )

    def nearest(self, method: str, path: str, most: int = 3) -> list[str]:
        """The documented operations most like an unknown path, best first."""
        import difflib

        def likeness(line: str) -> float:
            verb, _, template = line.partition(" ")
            return difflib.SequenceMatcher(None, path, template).ratio() + (0.05 if verb == method else 0.0)

        return sorted(self.templates(), key=likeness, reverse=True)[:most]


def _match(entry: Entry, method: str, parameters: Mapping[str, str]) -> Match:
    contract, route = entry
    return Match(contract, route.operations.get(method), parameters, route.operations)


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


def _pattern(template: str) -> re.Pattern[str]:
    literal = True
    text = ""
    for part in _PLACE.split(template):
        text += re.escape(part) if literal else f"(?P<{part}>[^/]+)"
        literal = not literal
    return re.compile(text)
