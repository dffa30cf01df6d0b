"""How an answer reached the client, where its faults let it come late, slowly, in part or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from mockserver.engine.journal.exchange import JournalEntry
from mockserver.numerals import plural

if TYPE_CHECKING:
    from mockserver.faults.seams import Asset, Reply

_DROPPED: Final = {
    "lost": "nothing of it arrived: the connection was closed",
    "reset": "nothing of it arrived: the connection was reset",
}


def of_reply(reply: Reply) -> str | None:
    """What became of a reply on its way, in words; None where it arrived as it is."""
    return ", ".join(_reply(reply)) or None


def of_asset(asset: Asset, size: int) -> str | None:
    """The same of a file, of which `size` bytes would be sent without its faults."""
    return ", ".join(_asset(asset, size)) or None


def shown_status(entry: JournalEntry) -> str:
    """What the client got, in a word: the status, or `lost` or `reset` where no answer reached it."""
    for word, way in _DROPPED.items():
        if (entry.delivery or "").startswith(way):
            return word
    return str(entry.status)


def answer_heading(entry: JournalEntry) -> str:
    """What stands above the body of the answer."""
    return "Answer" if shown_status(entry) == str(entry.status) else "Answer that did not arrive"


def _reply(reply: Reply) -> Iterator[str]:
    size = len(reply.body)
    if reply.disconnect:
        yield _DROPPED["reset" if reply.disconnect == "reset" else "lost"]
    elif reply.cut is not None and reply.cut < size:
        yield _cut(reply.cut, size)
    elif reply.drip:
        yield f"it came at {plural(reply.drip, 'byte')} a second"
    if reply.delay:
        yield f"{reply.delay:g} s late"


def _asset(asset: Asset, size: int) -> Iterator[str]:
    size = size if asset.body is None else len(asset.body)
    promised = size if asset.length is None else asset.length
    sent = min(size, promised if asset.cut is None else min(promised, asset.cut))
    if sent < promised:
        yield _cut(sent, promised)
    elif promised < size:
        yield f"only {promised} of the file's {plural(size, 'byte')} arrived, as its Content-Length said"
    if asset.stall:
        yield f"it paused for {asset.stall:g} s in the middle"


def _cut(sent: int, promised: int) -> str:
    return f"only {sent} of its {plural(promised, 'byte')} arrived, then the connection was closed"
