"""Where a contract's facts come from: every x-provenance, and where one is missing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from mockserver.contract import nodes, pointer
from mockserver.contract.extension import problems
from mockserver.contract.nodes import NodePlace, PlacedMessage, Schema
from mockserver.contract.source import DOCUMENT, Source
from mockserver.contract.unchecked import object_in

KEY: Final = "x-provenance"
NOTES: Final = "NOTES.md"
PROPERTY: Final = "property"
_READINGS: Final = re.compile(r"\breadings? ((?:[A-Z]+[0-9]+(?:, | and | )?)+)")
_WORD: Final = re.compile(r"\b[A-Z]+[0-9]+\b")
_CODE: Final = re.compile(r"[A-Z]+[0-9]+")


def split(text: str) -> tuple[str, str]:
    """`DOCUMENTED S1 row` as ("DOCUMENTED", "S1 row")."""
    tag, _, source = text.partition(" ")
    return tag, source


def claims(node: Any, at: str = "") -> Iterator[tuple[str, str]]:
    """Every x-provenance below `node`: the JSON pointer of its subject, and its text."""
    if isinstance(node, list):
        for index, child in enumerate(node):
            yield from claims(child, f"{at}/{index}")
    if not isinstance(node, dict):
        return
    if isinstance(node.get(KEY), str):
        yield at, node[KEY]
    for key, value in node.items():
        if key not in ("example", "examples"):
            yield from claims(value, at + pointer.write((key,)))


def assumed(document: Any) -> list[tuple[str, str]]:
    """Pointer and text of everything that is tagged ASSUMED."""
    return [(at, text) for at, text in claims(document) if split(text)[0] == "ASSUMED"]


def missing(files: Source, schemas: Sequence[Schema]) -> Iterator[PlacedMessage]:
    """The places that need an x-provenance and lack it; none where `x-job` has one for the whole folder."""
    if KEY in object_in(files.files[DOCUMENT].get("x-job")):
        return
    for place, kind in _subjects(files, schemas):
        if not _has_provenance(files, place):
            # A property may well refer to a shared schema: what lacks the source is the property.
            reported = place if kind == PROPERTY else nodes.resolve(files, place)
            yield reported, f"the {kind} has no {KEY}"


def _has_provenance(files: Source, place: NodePlace) -> bool:
    return any(KEY in object_in(nodes.follow(files, link)) for link in nodes.chain(files, place))


def _subjects(files: Source, schemas: Sequence[Schema]) -> Iterator[tuple[NodePlace, str]]:
    """Every place that needs an x-provenance, with the kind of node that it is."""
    document = NodePlace(DOCUMENT, "")
    yield from _children(files, document.child("servers"), "server")
    yield from _children(files, document.child("components", "parameters"), "parameter")
    yield from _children(files, document.child("components", "responses"), "response")
    for path in nodes.keys(files, document.child("paths")):
        yield from _children(files, document.child("paths", path, "parameters"), "parameter")
    for operation in nodes.operations(files):
        yield from _children(files, operation.child("parameters"), "parameter")
        yield from _children(files, operation.child("responses"), "response")
    for schema in schemas:
        if schema.name is not None and not schema.described and not schema.condition:
            yield schema.place, PROPERTY


def _children(files: Source, place: NodePlace, kind: str) -> Iterator[tuple[NodePlace, str]]:
    for key in nodes.keys(files, place):
        yield place.child(key), kind


def malformed(files: Source, judged: Source | None = None) -> Iterator[PlacedMessage]:
    """Every x-provenance that breaks x-job.schema.json or cites a source or reading that does not exist.

    A file that is the same in `judged`, another reading of the folder, has nothing new to say.
    """
    known = _sources(files)
    same: dict[str, Any] = {}
    if judged is not None and _sources(judged) == known:
        same = judged.files
    notes = read_notes(files.folder)
    readings = frozenset(_WORD.findall(notes)) if notes else None
    for file, content in files.files.items():
        if same.get(file) is content:
            continue
        for at, text in claims(content):
            place = NodePlace(file, f"{at}/{KEY}")
            for _, message in problems(text, "provenance"):
                yield place, message
            for message in _citations(text, known, readings):
                yield place, message


def _sources(files: Source) -> set[str]:
    return set(object_in(object_in(files.files[DOCUMENT].get("x-job")).get("sources")))


def _citations(text: str, known: set[str], readings: frozenset[str] | None) -> Iterator[str]:
    """`readings` are the codes that NOTES.md names, None where there is no such file."""
    tag, source = split(text)
    code = _CODE.match(source)
    own = tag == "ASSUMED" or source.startswith(("reading", "NOTES"))
    if not own and (code is None or code[0] not in known):
        yield f"{text!r}: {source.split(' ')[0]!r} is not one of x-job.sources"
    for citation in _READINGS.finditer(text):
        for reading in _CODE.findall(citation[1]):
            if readings is not None and reading not in readings:
                yield f"{text!r}: {NOTES} has no reading {reading}"


def read_notes(folder: Path) -> str:
    """The text of a provider's NOTES.md, empty where there is none."""
    path = folder / NOTES
    if not path.is_file():
        return ""
    return path.read_text(encoding="utf-8")
