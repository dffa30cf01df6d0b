"""Reads a file of recorded traffic as exchanges; the format is detected from the content."""

from __future__ import annotations

import codecs
import os
import re
import sys
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final

import orjson

from mockserver.contract.key_places import KeyPlaces
from mockserver.errors import KitError
from mockserver.kit.trace import har, journal, ndjson, vcr
from mockserver.kit.trace.caller import with_callers
from mockserver.kit.trace.node import MOST_ENTRIES, UnreadableEntry, check_size
from mockserver.kit.traffic.body_limits import BodyBudget
from mockserver.kit.traffic.exchange import Exchange

MOST_BYTES: Final = 256 * 1024 * 1024
"""Of one file."""
MOST_YAML: Final = 96 * 1024 * 1024
"""Of one file in YAML, which takes four times as much while it is read."""
MOST_NODES: Final = 1_000_000
"""Nodes of YAML, each of which takes 350 bytes."""
FORMATS: Final = "a HAR, a VCR cassette, schemathesis' NDJSON or our journal"
_EVENT: Final = re.compile(rb'\{\s*"[A-Z]')
_ESCAPES: Final = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?P<half>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)
"""Escapes in JSON; `half` is half a character, which browsers write where they cut a text."""
STDIN: Final = "-"
_USUAL: Final = KeyPlaces()


def read_trace(
    path: Path | str,
    budget: BodyBudget | None = None,
    unread: list[str] | None = None,
    keys: KeyPlaces = _USUAL,
) -> list[Exchange]:
    """The exchanges in a file, or in standard input for `-`; what stands where `keys` arrive is redacted.

    Of bodies beyond the `budget` the heads are kept; entries that cannot be read are told to `unread`, if it
    is given and another entry can. Raises KitError, one line: file, entry, what is wrong.
    """
    name = "standard input" if str(path) == STDIN else str(path)
    try:
        return parse(_bytes(path, name), name, budget, unread, keys)
    except MemoryError:
        raise KitError(f"{name}: takes more memory than there is; cut it into several files") from None


def read_traces(
    paths: Sequence[Path | str], unread: list[str] | None = None, keys: KeyPlaces = _USUAL
) -> list[Exchange]:
    """Several files as one record, in the order of time, renumbered if there are several.

    Entries that cannot be read are told to `unread`. Raises KitError.
    """
    budget = BodyBudget()
    files = [read_trace(path, budget, unread, keys) for path in paths]
    if sum(map(len, files)) > MOST_ENTRIES:
        raise KitError(f"the files have more than {MOST_ENTRIES} entries in all; judge them one by one")
    if len(files) == 1:
        return files[0]
    exchanges = sorted(chain.from_iterable(files), key=lambda exchange: exchange.at)
    return [exchange._replace(number=number, numbered=False) for number, exchange in enumerate(exchanges, 1)]


def parse(
    data: bytes,
    name: str,
    budget: BodyBudget | None = None,
    unread: list[str] | None = None,
    keys: KeyPlaces = _USUAL,
) -> list[Exchange]:
    """`read_trace` for bytes; `name` stands for the file in errors."""
    data = _as_utf8(data, name)
    if not data.strip():
        raise KitError(f"{name}: is empty")
    try:
        exchanges, complete = _read(data, name, budget, unread)
    except UnreadableEntry as error:
        raise KitError(f"{name}: {error}") from None
    if not complete and not any(exchange.response_headers for exchange in exchanges):
        # A server always sends some: recorders drop them, and users of vcrpy empty them.
        exchanges = [exchange._replace(headerless=True) for exchange in exchanges]
    return with_callers(exchanges, complete=complete, name=name, keys=keys)


def _as_utf8(data: bytes, name: str) -> bytes:
    """The data without its byte order mark, which says in what encoding it is."""
    marks = (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    )
    for mark, encoding in marks:
        if not data.startswith(mark):
            continue
        if encoding == "utf-8":
            return data[len(mark) :]
        try:
            return data[len(mark) :].decode(encoding).encode()
        except UnicodeError:
            raise KitError(f"{name}: begins as {encoding.upper()} and is not {FORMATS}") from None
    return data


def _bytes(path: Path | str, name: str) -> bytes:
    size = 0
    try:
        if str(path) == STDIN:
            data = sys.stdin.buffer.read(MOST_BYTES + 1)
        else:
            with Path(path).open("rb") as file:
                size = os.fstat(file.fileno()).st_size
                data = b"" if size > MOST_BYTES else file.read(MOST_BYTES + 1)
    except OSError as error:
        raise KitError(f"{name}: cannot be read: {error.strerror}") from None
    if max(len(data), size) > MOST_BYTES:
        raise KitError(f"{name}: is longer than {MOST_BYTES // 1024**2} MiB; cut it into several files")
    return data


def _read(
    data: bytes, name: str, budget: BodyBudget | None, unread: list[str] | None
) -> tuple[list[Exchange], bool]:
    """The exchanges, and whether the format never leaves a header out."""
    first = data.lstrip()[:1]
    if first not in (b"{", b"["):
        return _cassette(_yaml(data, name), name, budget, unread)
    head = data.lstrip().split(b"\n", 1)[0]
    if _is_event(head, name):
        return ndjson.read(data, name, budget, unread), True
    document = _json(data, name)
    if vcr.is_bare(document):
        document = {"interactions": document}
    if isinstance(document, list) or "exchanges" in document:
        return journal.read(document, name, budget, unread), True
    if "log" in document:
        return har.read(document, name, budget, unread), har.is_complete(document)
    return _cassette(document, name, budget, unread)


def _json(data: bytes, name: str) -> Any:
    check_size(data, name)
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        problem = f"{name}: is not JSON: {error.msg.split(':')[0]} at {place}"
    try:
        return orjson.loads(_ESCAPES.sub(_whole_character, data))
    except orjson.JSONDecodeError:
        raise KitError(problem) from None


def _whole_character(escape: re.Match[bytes]) -> bytes:
    return rb"\ufffd" if escape["half"] else escape[0]


def _is_event(line: bytes, name: str) -> bool:
    """Whether a line is an event of schemathesis: an object of one key, a word in capitals."""
    if not _EVENT.match(line):
        return False
    check_size(line, name)
    try:
        event = orjson.loads(line)
    except orjson.JSONDecodeError:
        return False
    return isinstance(event, dict) and len(event) == 1


def _cassette(
    document: Any, name: str, budget: BodyBudget | None, unread: list[str] | None
) -> tuple[list[Exchange], bool]:
    if vcr.is_bare(document):
        document = {"interactions": document}
    if not isinstance(document, dict) or not document.keys() & {"http_interactions", "interactions"}:
        raise KitError(f"{name}: is not {FORMATS}")
    return vcr.read(document, name, budget, unread), vcr.is_complete(document)


def _count_nodes(events: Iterator[Any], name: str) -> None:
    """Raises KitError for YAML of more than MOST_NODES nodes."""
    if next(islice(events, MOST_NODES, None), None) is not None:
        raise KitError(f"{name}: holds more than can be judged at once; cut it into several files")


def _yaml(data: bytes, name: str) -> Any:
    import yaml

    from mockserver.kit.trace.plain_yaml import plain_loader, yaml_problem

    if len(data) > MOST_YAML:
        raise KitError(f"{name}: is YAML longer than {MOST_YAML // 1024**2} MiB; cut it into several files")
    loader = plain_loader()
    try:
        # Exact counting takes as long as reading, and few files need it.
        if data.count(b"\n") + data.count(b",") + data.count(b":") > MOST_NODES:
            _count_nodes(yaml.parse(data, Loader=loader), name)
        return yaml.load(data, Loader=loader)  # noqa: S506  (a safe loader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise KitError(f"{name}: is not {FORMATS}: {yaml_problem(error)}") from None
