"""How a client sends its key, read in a bundled contract."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]


def learned_keys(document: Mapping[str, Any], operation: Mapping[str, Any]) -> tuple[Json, tuple[str, ...]]:
    """The headers of the key with `{}` in its place, and its names in the query, by the first requirement.

    Both are empty where no key is needed.
    """
    needed: list[Json] = operation.get("security", document.get("security", []))
    schemes = document.get("components", {}).get("securitySchemes", {})
    headers: Json = {}
    query: list[str] = []
    for name in next(iter(needed), {}):
        match schemes[name]:
            case {"type": "http", "scheme": str(word)}:
                headers["Authorization"] = f"{word.capitalize()} {{}}"
            case {"in": "header", "name": str(header)}:
                headers[header] = "{}"
            case {"in": "cookie", "name": str(cookie)}:
                headers["Cookie"] = "; ".join(filter(None, (headers.get("Cookie"), f"{cookie}={{}}")))
            case {"name": str(parameter)}:
                query.append(parameter)
    return headers, tuple(query)
