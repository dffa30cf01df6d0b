"""Links of answers to the contract's own operations: their paths, filled in with facts of a job."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any, Final, NamedTuple
from urllib.parse import quote, urlencode

from mockserver.contract import source
from mockserver.contract.nodes import METHODS
from mockserver.contract.unchecked import list_in, object_in
from mockserver.errors import ContractError

FORMS: Final = ("url", "path", "name")
"""The ways to write a link: absolute, from the root, and below the base URL without a leading slash."""
_PLACE: Final = re.compile(r"\{([^}]+)\}")
_PLAIN: Final = "!$&'()*+,;=:@"
"""What may stand in a path besides letters, digits and `-._~`."""


class LinkPlace(NamedTuple):
    """A part of a path that a fact fills: the job's id by one of its names, or a place of its submit's path.

    One that `spans` may hold slashes.
    """

    name: str
    of_the_job: bool
    spans: bool = False


class Link(NamedTuple):
    """A link to an operation: `parts` of its path, texts and places, and its query of texts and places."""

    operation: str
    form: str
    parts: tuple[str | LinkPlace, ...]
    query: tuple[tuple[str, str | LinkPlace], ...]

    def below(self, ids: Callable[[str], str | None], places: Mapping[str, str]) -> str | None:
        """The filled path and query below the base URL; None where a fact is missing.

        `ids` gives the job's by what the operation may be asked by, `places` those of its submit.
        """
        parts = [self._filled(part, ids, places) for part in self.parts]
        query = [(name, self._filled(part, ids, places, plain=True)) for name, part in self.query]
        if None in parts or any(value is None for _, value in query):
            return None
        path = "".join(filter(None, parts))
        return f"{path}?{urlencode(query)}" if query else path

    def _filled(
        self,
        part: str | LinkPlace,
        ids: Callable[[str], str | None],
        places: Mapping[str, str],
        *,
        plain: bool = False,
    ) -> str | None:
        if isinstance(part, str):
            return part
        value = ids(part.name) if part.of_the_job else places.get(f"path.{part.name}")
        if value is None or plain:
            return value
        return quote(value, safe=f"{_PLAIN}/" if part.spans else _PLAIN)


class _Target(NamedTuple):
    """An operation of the document: its path, its x-job, and its parameters by place and name."""

    path: str
    job: Mapping[str, Any]
    parameters: Mapping[tuple[str, str], Mapping[str, Any]]


class Links:
    """Compiles the links to the operations of a bundled document."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document

    @cached_property
    def _targets(self) -> dict[str, _Target]:
        """The operations by their ids; few contracts have links, so they are not looked for before."""
        return dict(_targets(self._document))

    def compile(self, template: Mapping[str, Any], at: str) -> Link:
        """The link of a template node. Raises ContractError where it leads to no operation, or cannot be
        filled in.
        """
        name, form = template["$link"], template.get("$as", "url")
        if not isinstance(name, str) or name not in self._targets:
            known = ", ".join(self._targets)
            raise ContractError(f"{name!r} is not one of the operations {known}", pointer=f"{at}/$link")
        if form not in FORMS:
            raise ContractError(f"$as {form!r} is not one of {', '.join(FORMS)}", pointer=at)
        target = self._targets[name]
        # A split by a group alternates: literal text, name, literal text, and so on.
        texts = _PLACE.split(target.path)
        if form == "name":
            texts[0] = texts[0].removeprefix("/")
        parts: list[str | LinkPlace] = [*texts]
        parts[1::2] = [self._part(name, "path", place, at) for place in texts[1::2]]
        query = [
            (key, self._part(name, "query", key, at))
            for (place, key), node in target.parameters.items()
            if place == "query" and (node.get("required") or target.job.get("key") == f"query.{key}")
        ]
        return Link(name, form, tuple(part for part in parts if part), tuple(query))

    def needs_submit(self, name: str) -> bool:
        """Whether a link to that operation has places of the submit's path in it, not the job's id alone."""
        link = self.compile({"$link": name}, "")
        return any(isinstance(part, LinkPlace) and not part.of_the_job for part in link.parts)

    def _part(self, operation: str, place: str, name: str, at: str) -> str | LinkPlace:
        """What fills a place in the path or the query of an operation."""
        target = self._targets[operation]
        node = target.parameters.get((place, name), {})
        constant = object_in(node.get("schema")).get("const")
        if target.job.get("key") == f"{place}.{name}":
            return LinkPlace((*list_in(target.job.get("by")), "id")[0], of_the_job=True)
        if isinstance(constant, str | int):
            return str(constant)
        if place == "path" and any(f"{{{name}}}" in path for path in self._submit_paths(target)):
            return LinkPlace(name, of_the_job=False, spans=node.get("x-spans") is True)
        message = (
            f"nothing fills {place}.{name} of {operation}: it is not its key, has no const, and no path of a"
            " submit has it"
        )
        raise ContractError(message, pointer=f"{at}/$link")

    def _submit_paths(self, target: _Target) -> Iterator[str]:
        """The paths of the submits whose jobs an operation finds."""
        for name, other in self._targets.items():
            if other.job.get("role") == "submit" and name in target.job.get("of", self._targets):
                yield other.path


def _targets(document: Mapping[str, Any]) -> Iterator[tuple[str, _Target]]:
    for path, methods in object_in(document.get("paths")).items():
        for node in [object_in(methods[method]) for method in METHODS if method in object_in(methods)]:
            listed = (*list_in(methods.get("parameters")), *list_in(node.get("parameters")))
            resolved = [object_in(source.resolve(document, parameter)) for parameter in listed]
            parameters = {(str(each.get("in")), str(each.get("name"))): each for each in resolved}
            if "operationId" in node:
                yield str(node["operationId"]), _Target(path, object_in(node.get("x-job")), parameters)
