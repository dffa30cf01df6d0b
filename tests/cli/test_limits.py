"""The limits that the table of the command line's README promises are those that the server has."""

from __future__ import annotations

from inspect import signature
from pathlib import Path
from typing import Any, Final

import pytest

from mockserver import inflate
from mockserver.contract import formats
from mockserver.control import bounds
from mockserver.engine import (
    answering,
    body_threads,
    live_settings,
    long_lists,
    media,
    query,
    request_body,
    usage,
)
from mockserver.engine.callbacks import lookup, places
from mockserver.engine.journal.journal import Journal
from mockserver.faults import marker
from mockserver.jobs import job
from mockserver.media import header, pixels
from mockserver.stores import base, memory_numbers, patience
from mockserver.stores.sqlite import SqliteStore
from mockserver.web import bodies, connection, descriptors

README: Final = Path(__file__).parent.parent.parent / "mockserver" / "cli" / "README.md"
WORDS: Final = {4: "four", 10: "ten"}


def size(number: int) -> str:
    """Bytes in the largest unit that leaves no rest."""
    for unit, power in (("GiB", 30), ("MiB", 20), ("KiB", 10)):
        if number % (1 << power) == 0:
            return f"{number >> power:,} {unit}"
    return f"{number:,} bytes"


def default(of: Any, parameter: str) -> Any:
    return signature(of).parameters[parameter].default


LIMITS: dict[str, list[str]] = {
    "a body": [
        f"{size(bounds.MAX_BODY)} for the control plane", f"{size(bounds.MAX_SNAPSHOT)} for a snapshot",
    ],
    "a body in `gzip`": [
        f"{inflate.MOST_MEMBERS:,} members", f"in {WORDS.get(inflate.MOST_CODINGS)} of them",
    ],
    "all bodies that are being received": [size(bodies.IN_FLIGHT)],
    "a body that nobody wants": [size(bodies.SKIMMED)],
    "a head, or trailers": [f"{size(connection.MAX_HEAD)} and {connection.MAX_HEADERS} headers"],
    "the wait for a whole head": [f"{connection.PATIENCE:g} s;", f"{connection.SLOWEST:,} bytes a second"],
    "the wait for a client that reads nothing": [f"{connection.READER_PATIENCE:g} s"],
    "requests that wait behind another": [f"| {connection.MAX_PIPELINED} |"],
    "connections": [f"less {descriptors.RESERVE};", f"{descriptors.MOST:,} at most"],
    "fields of a query": [f"| {query.MAX_FIELDS:,} |"],
    "values of a body": [f"{request_body._MOST_VALUES:,} commas", f"{request_body._DEEPEST} levels"],
    "bodies of more than": [
        f"of more than {size(body_threads.IN_THE_LOOP)}",
        f"| {body_threads._THREADS} at a time, {body_threads._PATIENCE:g} s with the wait",
    ],
    "a link to a picture": [f"{formats._LONGEST_URL:,} characters"],
    "the header of a picture": [f"{header.MOST_PARTS:,} parts", f"{size(header.MOST_FILLING)} between"],
    "a picture that a clip shows": [
        f"of {pixels.DRAWABLE / 1e6:g} million pixels, {pixels.LONGEST:,} in a row or column",
        f"{WORDS.get(pixels.MOST_SCANNED // pixels.DRAWABLE)} times those", f"{pixels.MOST_CHUNKS:,} chunks",
    ],
    "markers of a prompt or key": [
        f"| {marker.MOST_MARKERS}, in the first {marker.LONGEST_PROMPT:,} characters",
    ],
    "a list of jobs": [size(long_lists.AT_ONCE)],
    "callbacks on their way": [
        f"| {places.MAX_PARALLEL}, of one tenant {places.PER_TENANT},",
        f"to one host and port {places.PER_RECEIVER} |",
        f"{places.MAX_WAITING:,} in memory, {places.WAITING_PER_RECEIVER} for one receiver",
    ],
    "names of receivers": [f"| {lookup.MAX_LOOKUPS} |"],
    "submits with more than": [f"more than {size(base.LARGE)}", f"their {patience.PATIENCE:g} s"],
    "requests for clips that hold large pictures": [f"| {media.MOST_LARGE} |"],
    "facts of a job": [f"| {job.MOST_NOTED:,} |"],
    "rules; clocks and quotas": [
        f"| {live_settings.MOST_RULES:,}; {live_settings.MOST_TENANTS:,} of each |",
    ],
    "exchanges in the journal": [
        f"| {default(Journal, 'max_entries'):,}, and {size(default(Journal, 'max_bytes'))} |",
    ],
    "decoded jobs of a file, and answers": [
        f"{answering._MAX_ENTRIES:,} of {size(answering._MAX_BODY)}",
        f"| {size(default(SqliteStore, 'remembered'))}, and",
    ],
    "keys that `usage` counts": [f"the last {usage.MAX_TENANTS:,} |"],
    "counters of keys without jobs": [f"of {memory_numbers.MAX_TENANTS:,} keys"],
}  # fmt: skip


def rows() -> list[str]:
    """The rows of the table of what comes in."""
    table = README.read_text(encoding="utf-8").partition("| what comes in | how much | above it |\n")[2]
    return table.partition("\n\n")[0].splitlines()[1:]


@pytest.mark.parametrize("name", LIMITS)
def test_a_limit_is_the_one_that_is_promised(name: str) -> None:
    assert [limit for limit in LIMITS[name] if limit not in _row(name)] == []


def test_every_row_stands_here() -> None:
    assert len(rows()) == len(LIMITS)


def _row(name: str) -> str:
    """The row that begins with the name: of two names that are the beginning of it, the longer one's."""

    def names(row: str) -> list[str]:
        return [other for other in LIMITS if row.startswith(f"| {other}")]

    [row] = [row for row in rows() if name == max(names(row), key=len, default="")]
    return row
