"""How a key goes with a request: for everyone who sends one, and for the texts that say where it belongs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from urllib.parse import urlencode

from mockserver.contract.credential import Credential
from mockserver.contract.model import Operation


class Carriage(NamedTuple):
    """Headers by their names as people write them, and names and values for the query.

    Cookies are in the header `Cookie`.
    """

    headers: dict[str, str]
    query: dict[str, str]

    def url(self, url: str) -> str:
        """The URL with the query's part of the key."""
        if not self.query:
            return url
        return f"{url}{'&' if '?' in url else '?'}{urlencode(self.query)}"


def carriage(operation: Operation, key: str | None) -> Carriage:
    """How the operation takes the key; empty where it needs none, or for no key."""
    headers: dict[str, str] = {}
    query: dict[str, str] = {}
    if key is None or operation.credential is None:
        return Carriage(headers, query)
    cookies = []
    for credential in operation.credential.whole:
        name = credential.name.decode()
        match credential.place:
            case "header":
                headers[name.title()] = f"{credential.scheme.capitalize()} {key}".lstrip()
            case "query":
                query[name] = key
            case "cookie":
                cookies.append(f"{name}={key}")
    if cookies:
        headers["Cookie"] = "; ".join(cookies)
    return Carriage(headers, query)


def usual_carriage(operations: Iterable[Operation], key: str | None) -> Carriage:
    """How the first of the operations that needs a key takes it."""
    for operation in operations:
        if operation.credential is not None:
            return carriage(operation, key)
    return Carriage({}, {})


def places_in_words(credentials: Sequence[Credential]) -> str:
    """Where the key belongs, in words; the credentials are alternatives."""
    return " or ".join(" and ".join(map(_place_in_words, each.whole)) for each in credentials)


def _place_in_words(credential: Credential) -> str:
    name = credential.name.decode()
    if credential.place == "header":
        return f"the header {name.title()}: {credential.scheme.capitalize()} KEY".replace(":  ", ": ")
    if credential.place == "cookie":
        return f"the cookie {name}=KEY"
    return f"{name}=KEY in the query"
