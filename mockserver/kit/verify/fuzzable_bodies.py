"""Bodies that schemathesis can draw: it turns schemas into a canonical form, which some conditions outgrow.

Where it cannot, a condition is left out of what it draws from, and of nothing else: the contract judges what
was drawn by all of its rules.
"""

from __future__ import annotations

import copy
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Any, Final

from schemathesis.core.errors import InvalidSchema
from schemathesis.generation.jsonschema.builder import build

from mockserver.contract import pointer
from mockserver.contract.model import Path
from mockserver.contract.nodes import METHODS
from mockserver.contract.pointer import ABSENT
from mockserver.contract.validate import draft

_CONDITION: Final = ("if", "then", "else")
_FORMATS: Final[dict[str, Any]] = {}
"""One object, by which schemathesis knows again what it has built."""
_BODY: Final = ("requestBody", "content", "application/json", "schema")


def make_fuzzable(document: dict[str, Any]) -> None:
    """Leave out of a bundled document the conditions without which its bodies can be drawn, in place.

    A body that cannot be drawn without any of them stays as it is: schemathesis tells of it.
    """
    for path in document["paths"].values():
        for method in METHODS & path.keys():
            schema = pointer.follow(path[method], _BODY)
            if isinstance(schema, dict) and not _can_draw(document, schema):
                _relax(document, schema)


def _can_draw(document: dict[str, Any], schema: dict[str, Any]) -> bool:
    """Whether schemathesis can draw values of a schema of the document."""
    whole = {**schema, "components": document.get("components", {})}
    try:
        build(whole, draft=draft(), formats=_FORMATS)
    except InvalidSchema:
        return False
    return True


def _relax(document: dict[str, Any], schema: dict[str, Any]) -> None:
    """Leave out the condition without which the schema can be drawn, or that and all before it."""
    places = list(dict.fromkeys(_conditions(document, schema)))

    def helps(count: int) -> bool:
        return _can_draw(_without(document, places[:count]), schema)

    # The fewest from the front that help: to leave out more never makes a schema harder to draw.
    fewest = bisect_left(range(len(places) + 1), True, key=helps)
    if fewest > len(places):
        return
    alone = places[fewest - 1 : fewest]
    enough = _can_draw(_without(document, alone), schema)
    _leave_out(document, alone if enough else places[:fewest])


def _without(document: dict[str, Any], places: Sequence[Path]) -> dict[str, Any]:
    trial = copy.deepcopy(document)
    _leave_out(trial, places)
    return trial


def _conditions(document: dict[str, Any], schema: dict[str, Any]) -> Iterator[Path]:
    """The paths of the conditions in shared schemas that a schema leads to."""
    visited: set[Path] = set()
    pending: list[tuple[Any, Path]] = [(schema, ())]
    while pending:
        node, at = pending.pop()
        if isinstance(node, list):
            pending += [(child, (*at, str(index))) for index, child in enumerate(node)]
        if not isinstance(node, dict):
            continue
        if at and "if" in node:
            yield at
        reference = node.get("$ref")
        if isinstance(reference, str) and reference.startswith("#/"):
            target = pointer.parts(reference[1:])
            if target not in visited:
                visited.add(target)
                pending.append((pointer.follow(document, target), target))
        pending += [(child, (*at, key) if at else ()) for key, child in node.items()]


def _leave_out(document: dict[str, Any], places: Sequence[Path]) -> None:
    for place in places:
        node = pointer.follow(document, place)
        if node is not ABSENT:
            for word in _CONDITION:
                node.pop(word, None)
