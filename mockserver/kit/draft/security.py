"""How a document says that a key is sent, as far as the language of contracts takes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from mockserver.contract.unchecked import list_in, object_in
from mockserver.kit.draft.description import DescribedOperation, Description
from mockserver.kit.draft.todo import Todo, todo

_HEADERS: Final = ("authorization", "x-api-key", "api-key", "apikey", "xi-api-key", "x-api-token")


class GuessedSecurity(NamedTuple):
    """The schemes by name, the requirement, the headers in which keys arrive, and what is unsure."""

    schemes: Mapping[str, Any]
    requirement: Sequence[Mapping[str, Any]]
    headers: frozenset[str]
    todos: Sequence[Todo]


def guess_security(description: Description, operations: Sequence[DescribedOperation]) -> GuessedSecurity:
    """The first scheme that is taken, of those that the operations require; else a header that they list."""
    declared = object_in(description.document.get("components")).get("securitySchemes")
    for name in _required(description, operations):
        scheme = _taken(description.resolved(object_in(declared).get(name)))
        if scheme is not None:
            header = str(scheme.get("name", "authorization")).lower()
            return GuessedSecurity({"key": scheme}, [{"key": []}], frozenset({header}), ())
    header = _listed(operations)
    if header:
        scheme = {"type": "http", "scheme": "bearer"}
        if header.lower() != "authorization":
            scheme = {"type": "apiKey", "in": "header", "name": header}
        text = f"the document has no security scheme that is taken; the header {header} of its operations is"
        note = todo(("components", "securitySchemes", "key"), text)
        return GuessedSecurity({"key": scheme}, [{"key": []}], frozenset({header.lower()}), (note,))
    text = "the document does not say how a key is sent; no key is asked for"
    return GuessedSecurity({}, [], frozenset(), (todo((), text),))


def _required(description: Description, operations: Sequence[DescribedOperation]) -> list[str]:
    """The schemes that are required anywhere, those of the document last."""
    names: list[str] = []
    holders = [*(operation.node for operation in operations), description.document]
    for holder in holders:
        for requirement in list_in(holder.get("security")):
            names += object_in(requirement)
    if not names:
        names = list(object_in(object_in(description.document.get("components")).get("securitySchemes")))
    return list(dict.fromkeys(names))


def _taken(scheme: Mapping[str, Any]) -> dict[str, str] | None:
    match scheme:
        case {"type": "http", "scheme": str(word)} if word.lower() == "bearer":
            return {"type": "http", "scheme": "bearer"}
        case {"type": "apiKey", "in": "header", "name": str(header)} if header.lower() == "authorization":
            # It is how documents say that the word Bearer belongs to the key.
            return {"type": "http", "scheme": "bearer"}
        case {"type": "apiKey", "in": "header", "name": str(header)}:
            return {"type": "apiKey", "in": "header", "name": header}
        case {"type": "oauth2" | "openIdConnect"}:
            return {"type": "http", "scheme": "bearer"}
    return None


def _listed(operations: Sequence[DescribedOperation]) -> str:
    for operation in operations:
        for parameter in operation.parameters:
            name = str(parameter.get("name"))
            if parameter.get("in") == "header" and name.lower() in _HEADERS:
                return name
    return ""
