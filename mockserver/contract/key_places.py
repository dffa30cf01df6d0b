"""Where keys arrive: the names by which a key is hidden, whatever it looks like."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from mockserver.contract.model import Contract

COMMON_HEADERS: Final = ("authorization", "x-api-key", "api-key")
"""Headers in which a client may put its key, whatever its contract names; in lower case."""
COMMON_PARAMETERS: Final = frozenset({"key", "api_key", "api-key", "apikey", "token", "access_token"})
"""Query parameters in which a client may put its key by mistake; in lower case."""
_PLACES: Final = ("header", "query", "cookie")


class KeyPlaces(NamedTuple):
    """Names, in lower case, of the headers, query parameters and cookies in which a contract takes keys.

    `usual` are the COMMON_PARAMETERS that no contract declares as a parameter of another meaning.
    """

    headers: tuple[str, ...] = ()
    named: frozenset[str] = frozenset()
    cookies: frozenset[str] = frozenset()
    usual: frozenset[str] = COMMON_PARAMETERS

    @property
    def parameters(self) -> frozenset[str]:
        """Query parameters whose values are hidden."""
        return self.named | self.usual


def read_cookies(header: str) -> Iterator[tuple[str, str]]:
    """The names and values of a Cookie header (RFC 6265), as they stand there."""
    for part in header.split(";"):
        name, _, value = part.strip().partition("=")
        yield name, value


def key_places(contracts: Iterable[Contract]) -> KeyPlaces:
    """The places by the security schemes (`type: apiKey`) of these contracts, used by an operation or not."""
    contracts = list(contracts)
    schemes = [scheme for contract in contracts for scheme in _schemes(contract)]
    named = {place: [name for where, name in schemes if where == place] for place in _PLACES}
    operations = [operation for contract in contracts for operation in contract.operations.values()]
    declared = {name.lower() for operation in operations for name in operation.parameters.names("query")}
    return KeyPlaces(
        tuple(dict.fromkeys(named["header"])),
        frozenset(named["query"]),
        frozenset(named["cookie"]),
        COMMON_PARAMETERS - declared,
    )


def _schemes(contract: Contract) -> Iterator[tuple[str, str]]:
    """The place and the name of each key in a place of its own."""
    schemes = contract.document.get("components", {}).get("securitySchemes", {})
    for scheme in schemes.values():
        if scheme.get("type") == "apiKey":
            yield str(scheme.get("in")), str(scheme.get("name")).lower()
