"""Puts the bodies of `x-job.bodies` where templates use them, so that a contract says each of them once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from mockserver.contract import pointer
from mockserver.contract.nodes import NodePlace, PlacedMessage
from mockserver.contract.source import DOCUMENT, USE, Source, merge_patch
from mockserver.contract.unchecked import object_in
from mockserver.errors import ContractError


def with_bodies(files: Source) -> tuple[Source, frozenset[str]]:
    """The files with each `{"$use": NAME}` of the document replaced by that body, and the names so used.

    What stands beside `$use` is merged into the body as an overlay's patch is. Raises ContractError for a
    name that no body has, and for a body that is part of itself.
    """
    document = object_in(files.files.get(DOCUMENT))
    bodies = object_in(object_in(document.get("x-job")).get("bodies"))
    if not bodies:
        return files, frozenset()
    use = _Use(bodies)
    put = {key: use.put(value, (key,), ()) for key, value in document.items() if key != "x-job"}
    job = {key: value for key, value in document["x-job"].items() if key != "bodies"}
    put["x-job"] = use.put(job, ("x-job",), ())
    return files._replace(files={**files.files, DOCUMENT: put}), frozenset(use.names)


def check_used(files: Source, used: Collection[str]) -> Iterator[PlacedMessage]:
    """The bodies that are not among those that are used."""
    for name in object_in(pointer.follow(files.files[DOCUMENT], ("x-job", "bodies"))):
        if name not in used:
            yield NodePlace(DOCUMENT, pointer.write(("x-job", "bodies", name))), "nothing uses this body"


class _Use:
    def __init__(self, bodies: Mapping[str, Any]) -> None:
        self._bodies = bodies
        self.names: set[str] = set()

    def put(self, node: Any, at: tuple[str | int, ...], within: tuple[str, ...]) -> Any:
        """A node with bodies in place of their names; `within` are the bodies that it is part of."""
        if isinstance(node, list):
            return [self.put(child, (*at, index), within) for index, child in enumerate(node)]
        if not isinstance(node, dict):
            return node
        beside = dict(node)
        # Most values are texts: a call for each of them would double the time.
        for key, value in node.items():
            if isinstance(value, dict | list):
                beside[key] = self.put(value, (*at, key), within)
        if USE not in node:
            return beside
        body = self._body(beside.pop(USE), at, within)
        return merge_patch(body, beside) if beside else body

    def _body(self, name: Any, at: tuple[str | int, ...], within: tuple[str, ...]) -> Any:
        where = pointer.write((*at, USE))
        if not isinstance(name, str) or name not in self._bodies:
            known = ", ".join(self._bodies)
            raise ContractError(f"no body is named {name!r}; bodies: {known}", file=DOCUMENT, pointer=where)
        if name in within:
            raise ContractError(f"the body {name!r} is part of itself", file=DOCUMENT, pointer=where)
        self.names.add(name)
        return self.put(self._bodies[name], at, (*within, name))
