"""Who says what: every x-provenance of a contract, and where one is missing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from mockserver.contract import nodes, pointer
from mockserver.contract.extension import faults
from mockserver.contract.nodes import NodePlace
from mockserver.contract.source import DOCUMENT, Source

KEY: Final = "x-provenance"
NOTES: Final = "NOTES.md"
PROPERTY: Final = "property"
_READINGS: Final = re.compile(r"\breadings? ((?:[A-Z]+[0-9]+(?:, | and | )?)+)")
_CODE: Final = re.compile(r"[A-Z]+[0-9]+")


def split(text: str) -> tuple[str, str]:
    """`DOCUMENTED S1 row` as ("DOCUMENTED", "S1 row")."""
    tag, _, source = text.partition(" ")
    return tag, source


def claims(node: Any, at: str = "") -> Iterator[tuple[str, str]]:
    """Every x-provenance below `node`: the JSON pointer of what it speaks of, and its text."""
    if isinstance(node, list):
        for index, item in enumerate(node):
            yield from claims(item, f"{at}/{index}")
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


def missing(files: Source) -> Iterator[tuple[NodePlace, str]]:
    """Places that must say who says so and do not, with a message."""
    for place, what in _speakers(files):
        if not _says(files, place):
            blamed = place if what == PROPERTY else nodes.resolve(files, place)
            yield blamed, f"the {what} has no {KEY}"


def _says(files: Source, place: NodePlace) -> bool:
    return any(KEY in _object(files, there) for there in nodes.chain(files, place))


def _object(files: Source, place: NodePlace) -> dict[str, Any]:
    node = nodes.follow(files, place)
    return node if isinstance(node, dict) else {}


def _speakers(files: Source) -> Iterator[tuple[NodePlace, str]]:
    document = NodePlace(DOCUMENT, "")
    yield from _each(files, document.child("servers"), "server")
    yield from _each(files, document.child("components", "parameters"), "parameter")
    yield from _each(files, document.child("components", "responses"), "response")
    for path in _object(files, document.child("paths")):
        yield from _each(files, document.child("paths", path, "parameters"), "parameter")
    for operation in nodes.operations(files):
        yield from _each(files, operation.child("parameters"), "parameter")
        yield from _each(files, operation.child("responses"), "response")
    for schema in nodes.schemas(files, nodes.roots(files)):
        if schema.name is not None and not schema.promised and not schema.condition:
            yield schema.place, PROPERTY


def _each(files: Source, place: NodePlace, what: str) -> Iterator[tuple[NodePlace, str]]:
    node = nodes.follow(files, place)
    keys: list[str | int] = list(node) if isinstance(node, dict) else []
    if isinstance(node, list):
        keys = list(range(len(node)))
    for key in keys:
        yield place.child(key), what


def misread(files: Source) -> Iterator[tuple[NodePlace, str]]:
    """Provenance that is not written as x-job.schema.json says, or cites what is not there."""
    job = files.files[DOCUMENT].get("x-job")
    sources = job.get("sources") if isinstance(job, dict) else None
    known = set(sources) if isinstance(sources, dict) else set()
    notes = _notes(files.folder)
    for file, content in files.files.items():
        for at, text in claims(content):
            place = NodePlace(file, f"{at}/{KEY}")
            for _, message in faults(text, "provenance"):
                yield place, message
            for message in _citations(text, known, notes):
                yield place, message


def _citations(text: str, known: set[str], notes: str) -> Iterator[str]:
    tag, source = split(text)
    code = _CODE.match(source)
    own = tag == "ASSUMED" or source.startswith(("reading", "NOTES"))
    if not own and (code is None or code[0] not in known):
        yield f"{text!r}: {source.split(' ')[0]!r} is none of x-job.sources"
    for found in _READINGS.finditer(text):
        for reading in _CODE.findall(found[1]):
            if notes and not re.search(rf"\b{reading}\b", notes):
                yield f"{text!r}: {NOTES} has no reading {reading}"


def _notes(folder: Path) -> str:
    path = folder / NOTES
    return path.read_text(encoding="utf-8") if path.is_file() else ""
