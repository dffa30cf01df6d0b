"""Selects the provider of recorded traffic, and the exchanges that its contract can judge."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from mockserver.contract.model import Contract
from mockserver.errors import SettingsError
from mockserver.kit.contracts import load, placements
from mockserver.kit.traffic.call import Reader
from mockserver.kit.traffic.exchange import Exchange
from mockserver.kit.traffic.history import History
from mockserver.kit.traffic.time_limit import TimeLimit

_MOST_NAMED = 3
_PORTS = {"https": ":443", "http": ":80"}
_LOCAL = frozenset({"127.0.0.1", "::1", "localhost"})


class ChosenExchanges(NamedTuple):
    """The exchanges of a contract, in the order of time; `others` counts the rest by host and path, `servers`
    the calls by the server that they went to."""

    exchanges: list[Exchange]
    others: Counter[str]
    host: str
    servers: Counter[str]

    @property
    def note(self) -> str:
        """A sentence about what was left out; empty if nothing was."""
        count = sum(self.others.values())
        if not count:
            return ""
        examples = [place for place, _ in self.others.most_common(_MOST_NAMED)]
        if len(self.others) > _MOST_NAMED:
            examples.append("...")
        subject = "exchange is" if count == 1 else "exchanges are"
        elsewhere = f", or of other hosts than {self.host}" if self.host else ""
        return f"{count} {subject} of paths that the contract does not have{elsewhere}: {', '.join(examples)}"

    @property
    def doubt(self) -> str:
        """Why a verdict about these exchanges is about no server in particular; empty if it is about one."""
        if len(self.servers) < 2:
            return ""
        listed = [f"{server} ({count})" for server, count in self.servers.most_common(_MOST_NAMED)]
        if len(self.servers) > _MOST_NAMED:
            listed.append("...")
        return (
            f"calls to {len(self.servers)} servers have paths of the contract and were judged as one;"
            f" choose one with --host: {', '.join(listed)}"
        )


def guess(exchanges: Sequence[Exchange], contracts: Iterable[Contract], base: str = "") -> str:
    """The provider whose paths the exchanges have. Raises SettingsError if there is none, or several."""
    readers = [Reader(contract, base) for contract in contracts]
    counts: Counter[str] = Counter({reader.contract.provider: 0 for reader in readers})
    for exchange in exchanges:
        counts.update(_likeliest(readers, exchange))
    candidates = +counts
    if len(candidates) == 1:
        return next(iter(candidates))
    if not candidates:
        known = ", ".join(counts)
        raise SettingsError(
            f"no exchange has a path of {known}; behind a gateway, say its prefix with --base"
        )
    listed = ", ".join(f"{name} ({count})" for name, count in candidates.items())
    raise SettingsError(f"the traffic is of several providers; choose one with --provider: {listed}")


def _likeliest(readers: Sequence[Reader], exchange: Exchange) -> set[str]:
    """The providers whose path fits an exchange best: a path of many places fits what is not its own, too."""
    fits = [
        (-sum(map(len, match.parameters.values())), match.contract.provider)
        for match in (reader.find(exchange.method, exchange.url) for reader in readers)
        if match is not None and match.operation is not None
    ]
    return {provider for fit, provider in fits if fit == max(fits)[0]}


def candidates(folders: Sequence[Path] = ()) -> list[Contract]:
    """The contracts to guess among: those that the registry has, with those below `folders`."""
    return [load(name, folders=folders) for name in placements(folders)]


def choose(
    exchanges: Sequence[Exchange],
    contract: Contract,
    base: str = "",
    limit: TimeLimit | None = None,
    host: str = "",
) -> ChosenExchanges:
    """The exchanges whose path the contract has, and the fetches of files that their answers link to.

    With `host` (a name, with or without its port) calls to others are left out, whatever their path; files
    are followed to any host.

    When the time is over, the rest is left out without a word.
    """
    history, others, servers = History(contract, base), Counter[str](), Counter[str]()
    documented = _documented(contract)
    chosen = []
    for exchange in sorted(exchanges, key=lambda exchange: exchange.order):
        if limit is not None and limit.is_over:
            break
        is_call = _is_at(exchange.url, host) and history.reader.has_path(exchange.url)
        if history.file_at(exchange.url) is not None or is_call:
            history.add(history.read(exchange))
            chosen.append(exchange)
            if is_call:
                servers[_server(exchange.url, documented)] += 1
        else:
            url = urlsplit(exchange.url)
            others[f"{url.netloc}{url.path}"] += 1
    return ChosenExchanges(chosen, others, host, servers)


def _documented(contract: Contract) -> frozenset[str]:
    """The hosts that the contract names, with their ports."""
    return frozenset(
        urlsplit(str(server.get("url"))).netloc for server in contract.document.get("servers", ())
    )


def _server(url: str, documented: frozenset[str]) -> str:
    """The host and port of a URL; all names of one server have one: those of this machine, and those that
    the contract documents."""
    address = urlsplit(url)
    host = address.netloc.rpartition("@")[2].lower().removesuffix(_PORTS.get(address.scheme.lower(), ""))
    if host in documented:
        return "the documented hosts"
    if address.hostname in _LOCAL:
        return host.replace(f"[{address.hostname}]", "localhost").replace(address.hostname, "localhost")
    return host


def _is_at(url: str, host: str) -> bool:
    address = urlsplit(url)
    return host.lower() in ("", address.netloc.rpartition("@")[2].lower(), (address.hostname or ""))
