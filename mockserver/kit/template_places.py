"""Where the template of an answer shows what. A place is names between dots, of a list that of its items."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from mockserver.contract.names import PHASES

Phases = frozenset[str] | None
Mark = tuple[str, Any, frozenset[str]]
_USUAL: Final = {
    "unauthenticated": 401, "bad-credentials": 401, "unpaid": 402, "forbidden": 403, "unknown": 404,
    "conflict": 409, "too-large": 413, "media-type": 415, "limited": 429, "busy": 429, "error": 500,
    "upstream": 502, "unavailable": 503, "timeout": 504,
}  # fmt: skip
"""The status that the field has for a refusal; of all others it is 400."""


def refusal_status(status: int, cases: Sequence[str]) -> int | None:
    """The status of a refusal of these cases, the usual one where it is sent as a success; None for an answer
    to what went well.
    """
    if status >= 300:
        return status
    if PHASES.union({"default"}).intersection(cases):
        return None
    return _USUAL.get(cases[0], 400)


def places_of_facts(template: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Each place that shows a fact, with the fact's name; of lists of jobs none.

    A link is the fact `link.OPERATION`, or `path` or `name` in these forms.
    """
    if isinstance(template, list):
        for item in template:
            yield from places_of_facts(item, place)
        return
    if not isinstance(template, dict) or "$each" in template:
        return
    if isinstance(template.get("$"), str):
        yield place, template["$"]
    elif "$link" in template:
        form = template.get("$as", "url")
        yield place, f"link.{template['$link']}" if form == "url" else form
    elif "$when" in template:
        yield from places_of_facts(template.get("$then"), place)
        yield from places_of_facts(template.get("$else"), place)
    else:
        for name, node in template.items():
            yield from places_of_facts(node, f"{place}.{name}".lstrip("."))


def places_of_lists(template: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Each place with a list of jobs, and the template of one."""
    if not isinstance(template, dict):
        return
    if template.get("$each") == "jobs":
        yield place, template["$do"]
        return
    for name, node in template.items():
        yield from places_of_lists(node, f"{place}.{name}".lstrip("."))


def places_of_constants(template: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Each place that always has the same text or number."""
    if isinstance(template, dict) and not any(key.startswith("$") for key in template):
        for name, node in template.items():
            yield from places_of_constants(node, f"{place}.{name}".lstrip("."))
    elif isinstance(template, str | int) and not isinstance(template, bool):
        yield place, template


def places_of_phases(template: Any, place: str = "", phases: Phases = None) -> Iterator[Mark]:
    """Each place that has a constant in some phases only: the place, the constant, the phases."""
    if isinstance(template, dict) and "$when" in template:
        named = frozenset(template["$when"])
        chosen, others = (named, PHASES - named) if phases is None else (named & phases, phases - named)
        yield from places_of_phases(template.get("$then"), place, chosen)
        yield from places_of_phases(template.get("$else"), place, others)
    elif isinstance(template, dict) and not any(key.startswith("$") for key in template):
        for name, node in template.items():
            yield from places_of_phases(node, f"{place}.{name}".lstrip("."), phases)
    elif phases is not None and isinstance(template, str | int):
        yield place, template, phases


def place_of(pointer: str) -> str:
    """The place of a JSON pointer."""
    return pointer.removeprefix("/").replace("/", ".")
