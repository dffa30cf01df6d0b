"""Whose traffic a record holds, and which of it a contract can judge."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from mockserver.contract.model import Contract
from mockserver.errors import SettingsError
from mockserver.kit.contracts import folders_of, load
from mockserver.kit.traffic.call import Reader
from mockserver.kit.traffic.exchange import Exchange
from mockserver.kit.traffic.history import History

_MOST_NAMED = 3


class ChosenExchanges(NamedTuple):
    """What belongs to a contract, in the order of time; `others` counts the rest by host and path."""

    exchanges: list[Exchange]
    others: Counter[str]

    @property
    def note(self) -> str:
        """What was left out, in a sentence; empty where nothing was."""
        count = sum(self.others.values())
        if not count:
            return ""
        named = ", ".join(place for place, _ in self.others.most_common(_MOST_NAMED))
        more = ", ..." if len(self.others) > _MOST_NAMED else ""
        what = "exchange is" if count == 1 else "exchanges are"
        return f"{count} {what} of paths that the contract does not have: {named}{more}"


def guess(exchanges: Sequence[Exchange], contracts: Iterable[Contract], base: str = "") -> str:
    """The provider whose paths the exchanges have. Raises SettingsError where it is none, or several."""
    counts = {}
    for contract in contracts:
        reader = Reader(contract, base)
        if count := sum(reader.has_path(one.url) for one in exchanges):
            counts[contract.provider] = count
        else:
            counts.setdefault(contract.provider, 0)
    found = {name: count for name, count in counts.items() if count}
    if len(found) == 1:
        return next(iter(found))
    if not found:
        known = ", ".join(counts)
        raise SettingsError(
            f"no exchange has a path of {known}; behind a gateway, say its prefix with --base"
        )
    said = ", ".join(f"{name} ({count})" for name, count in found.items())
    raise SettingsError(f"the traffic is of several providers; say which with --provider: {said}")


def whose(exchanges: Sequence[Exchange], folders: Sequence[Path] = (), base: str = "") -> str:
    """`guess` among the built-in providers and those below `folders`."""
    return guess(exchanges, (load(name, folders=folders) for name in folders_of(folders)), base)


def choose(exchanges: Sequence[Exchange], contract: Contract, base: str = "") -> ChosenExchanges:
    """The exchanges whose path is the contract's, or whose URL an answer among them has announced."""
    history, others = History(contract, base), Counter[str]()
    chosen = []
    for one in sorted(exchanges, key=lambda one: (one.at, one.number)):
        if history.reader.has_path(one.url) or history.file_at(one.url) is not None:
            history.add(history.read(one))
            chosen.append(one)
        else:
            place = urlsplit(one.url)
            others[f"{place.netloc}{place.path}"] += 1
    return ChosenExchanges(chosen, others)
