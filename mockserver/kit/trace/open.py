"""A file of recorded traffic becomes exchanges, whatever its format: it is told by what is in it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import orjson

from mockserver.errors import KitError
from mockserver.kit.trace import har, journal, ndjson, vcr
from mockserver.kit.trace.caller import named
from mockserver.kit.trace.node import Unreadable
from mockserver.kit.traffic.exchange import Exchange

MOST_BYTES: Final = 256 * 1024 * 1024
"""Of one file."""
FORMATS: Final = "a HAR, a VCR cassette, schemathesis' NDJSON or our journal"
STDIN: Final = "-"


def read_trace(path: Path | str) -> list[Exchange]:
    """The exchanges that a file holds, or standard input for `-`; keys are hidden in them.

    Raises KitError, one line: file, entry, what is wrong.
    """
    name = "standard input" if str(path) == STDIN else str(path)
    return parse(_bytes(path, name), name)


def read_traces(paths: Sequence[Path | str]) -> list[Exchange]:
    """Several files as one record: in the order of time, numbered anew if there is more than one."""
    files = [read_trace(path) for path in paths]
    if len(files) == 1:
        return files[0]
    every = sorted((one for file in files for one in file), key=lambda one: one.at)
    return [one._replace(number=number) for number, one in enumerate(every, 1)]


def parse(data: bytes, name: str) -> list[Exchange]:
    """`read_trace` for bytes that are already here."""
    data = data.removeprefix(b"\xef\xbb\xbf")
    if not data.strip():
        raise KitError(f"{name}: is empty")
    try:
        exchanges, complete = _read(data, name)
    except Unreadable as error:
        raise KitError(f"{name}: {error}") from None
    return named(exchanges, complete=complete)


def _bytes(path: Path | str, name: str) -> bytes:
    try:
        if str(path) == STDIN:
            data = sys.stdin.buffer.read(MOST_BYTES + 1)
        else:
            with Path(path).open("rb") as file:
                data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise KitError(f"{name}: cannot be read: {error.strerror}") from None
    if len(data) > MOST_BYTES:
        raise KitError(f"{name}: is longer than {MOST_BYTES // 1024**2} MiB; cut it into several files")
    return data


def _read(data: bytes, name: str) -> tuple[list[Exchange], bool]:
    """The exchanges, and whether the format never leaves a header out."""
    first = data.lstrip()[:1]
    if first not in (b"{", b"["):
        return _cassette(_yaml(data, name), name)
    head = data.lstrip().split(b"\n", 1)[0]
    if _is_event(head):
        return ndjson.read(data, name), True
    try:
        document = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        said = f"line {error.lineno}, column {error.colno}"
        raise KitError(f"{name}: is not JSON: {error.msg.split(':')[0]} at {said}") from None
    if isinstance(document, list) or "exchanges" in document:
        return journal.read(document, name), True
    if "log" in document:
        return har.read(document, name), har.is_complete(document)
    return _cassette(document, name)


def _is_event(line: bytes) -> bool:
    """Whether a line is an event of schemathesis: an object of one key, a word in capitals."""
    try:
        event = orjson.loads(line)
    except orjson.JSONDecodeError:
        return False
    return isinstance(event, dict) and len(event) == 1 and next(iter(event))[:1].isupper()


def _cassette(document: Any, name: str) -> tuple[list[Exchange], bool]:
    if not isinstance(document, dict) or not document.keys() & {"http_interactions", "interactions"}:
        raise KitError(f"{name}: is none of {FORMATS}")
    return vcr.read(document, name), vcr.is_complete(document)


def _yaml(data: bytes, name: str) -> Any:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return yaml.load(data, Loader=loader)  # noqa: S506  (both are safe loaders)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise KitError(f"{name}: is none of {FORMATS}: {error.problem}{where}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise KitError(f"{name}: is none of {FORMATS}: {str(error).splitlines()[0]}") from None
