"""Finds words of `x-job` that no message can have, and words of schemas that `x-job` knows nothing of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from mockserver.contract import nodes, pointer
from mockserver.contract.nodes import JSON, NodePlace, PlacedMessage
from mockserver.contract.source import DOCUMENT, Source
from mockserver.contract.unchecked import list_in, object_in, one_or_more

_STATE: Final = "job.state"
_EACH: Final = "*"
"""A step of a path into each member of a list."""
_BRANCHES: Final = ("allOf", "anyOf", "oneOf")
Steps = tuple[str, ...]


def check_words(files: Source) -> Iterator[PlacedMessage]:
    """States and models that a message cannot name, and those named that there are not."""
    job = NodePlace(DOCUMENT, "").child("x-job")
    states, models = (object_in(nodes.follow(files, job.child(name))) for name in ("states", "models"))
    shown: dict[str, NodePlace] = {}
    for name, state in states.items():
        word = object_in(state).get("word")
        at = job.child("states", name)
        shown.setdefault(*((word, at.child("word")) if isinstance(word, str) else (name, at)))
    yield from _compared(shown, _words_of_states(files), "state")
    named = {name: job.child("models", name) for name in models}
    yield from _compared(named, _words_of_models(files), "model")
    for place in nodes.operations(files):
        at = place.child("x-job", "default-model")
        default = nodes.follow(files, at)
        if isinstance(default, str) and default not in models:
            yield at, f"there is no model {default!r}"
    if nodes.follow(files, job.child("media", "mode")) is pointer.ABSENT:
        for name, model in models.items():
            for mode in object_in(object_in(model).get("clips")):
                if mode != "default":
                    yield (
                        job.child("models", name, "clips", mode),
                        "no field says the mode: there is no media.mode",
                    )


def _compared(
    known: Mapping[str, NodePlace], listed: list[dict[str, NodePlace]], noun: str
) -> Iterator[PlacedMessage]:
    """`listed` are the words of each place that lists some; a word must be known, and be in one of them.

    `known` are the words of `x-job` with their places.
    """
    for words in listed:
        for word, place in words.items():
            if word not in known:
                yield place, f"no job has it: x-job has no {noun} {word!r}"
    for word, at in known.items() if listed else ():
        if not any(word in words for words in listed):
            yield at, f"no message can name it: no schema of a {noun} lists {word!r}"


def _words_of_states(files: Source) -> list[dict[str, NodePlace]]:
    listed = []
    for operation in nodes.operations(files):
        for status in nodes.keys(files, operation.child("responses")):
            response = nodes.resolve(files, operation.child("responses", status))
            entries = nodes.follow(files, response.child("x-job"))
            templates = [object_in(entry).get("body") for entry in one_or_more(entries)]
            schema = response.child(*JSON, "schema")
            for template in templates:
                listed += [_words_at(files, schema, steps) for steps in _paths(template, _STATE)]
    return _whole(listed)


def _words_of_models(files: Source) -> list[dict[str, NodePlace]]:
    listed = []
    for operation in nodes.operations(files):
        at = nodes.follow(files, operation.child("x-job", "model"))
        if isinstance(at, str):
            body = nodes.resolve(files, operation.child("requestBody")).child(*JSON, "schema")
            listed.append(_words_at(files, body, pointer.parts(at)))
    return _whole(listed)


def _whole(listed: list[dict[str, NodePlace]]) -> list[dict[str, NodePlace]]:
    """The lists, or none where a place takes any word."""
    return listed if all(listed) else []


def _paths(template: Any, name: str) -> Iterator[Steps]:
    """Where a template puts a fact."""
    pending: list[tuple[Any, Steps]] = [(template, ())]
    while pending:
        node, steps = pending.pop()
        if isinstance(node, list):
            pending += [(child, (*steps, _EACH)) for child in node]
        elif isinstance(node, dict) and node.get("$") == name:
            yield steps
        elif isinstance(node, dict) and "$" not in node:
            pending += [
                (child, _within(steps, key)) for key, child in node.items() if key not in ("$when", "$each")
            ]


def _within(steps: Steps, key: str) -> Steps:
    if key in ("$then", "$else"):
        return steps
    return (*steps, _EACH if key == "$do" else key)


def _words_at(files: Source, schema: NodePlace, steps: Steps) -> dict[str, NodePlace]:
    """The words that the schemas list for a place in a value; none where one of them takes any."""
    places = _alternatives(files, schema)
    for step in steps:
        parts = [
            place.child("items") if step == _EACH else place.child("properties", step) for place in places
        ]
        places = [inner for part in parts for inner in _alternatives(files, part)]
    words: dict[str, NodePlace] = {}
    for place in places:
        node = object_in(nodes.follow(files, place))
        for index, word in enumerate(list_in(node.get("enum"))):
            if isinstance(word, str):
                words.setdefault(word, place.child("enum", index))
        if isinstance(node.get("const"), str):
            words.setdefault(node["const"], place.child("const"))
    return words


def _alternatives(files: Source, place: NodePlace) -> list[NodePlace]:
    """The schemas that speak of the same value: the one there, what it refers to, and all branches."""
    met: dict[NodePlace, None] = {}
    pending = [place]
    while pending:
        place = pending.pop()
        node = nodes.follow(files, place)
        if not isinstance(node, dict) or place in met:
            continue
        met[place] = None
        if isinstance(node.get("$ref"), str):
            pending.append(nodes.target(place, node["$ref"]))
        for key in _BRANCHES:
            pending += [place.child(key, index) for index in range(len(list_in(node.get(key))))]
    return list(met)
