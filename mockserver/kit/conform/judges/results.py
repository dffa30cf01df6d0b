"""The files: clip and thumbnail."""

from __future__ import annotations

from collections.abc import Iterator

from mockserver.kit.conform.evidence import Evidence
from mockserver.kit.conform.judges.base import JudgeBreach, judge


@judge("thumbnail-kept", "The thumbnail that was asked for is there.")
def thumbnail_kept(seen: Evidence) -> Iterator[JudgeBreach]:
    """Byte for byte the job's."""
    if not seen.stills:
        return
    if seen.thumbnail is None:
        yield JudgeBreach("a thumbnail file", "there is none")
    elif seen.thumbnail not in seen.stills.values():
        yield JudgeBreach("the job's thumbnail", f"another file, of {len(seen.thumbnail)} bytes")


@judge("asks-for-fresh-link", "A link that has expired is asked for again, at the job.")
def asks_for_fresh_link(seen: Evidence) -> Iterator[JudgeBreach]:
    """After a fetch with 401, 403, 404 or 410 a read of the job comes before the next fetch, if any does."""
    refused: int | None = None
    for call in seen.of("read", "media"):
        if seen.role(call) == "read":
            refused = None
        elif refused is not None:
            yield JudgeBreach(
                "a read of the job before the next fetch", "the same link again", (refused, call.number)
            )
            return
        elif call.exchange.status in (401, 403, 404, 410):
            refused = call.number


@judge("fetches-at-most", "A file is fetched no more often than makes sense.")
def fetches_at_most(seen: Evidence, most: int = 1) -> Iterator[JudgeBreach]:
    """Fetches of files, failed ones included."""
    fetches = tuple(call.number for call in seen.of("media"))
    if len(fetches) > most:
        yield JudgeBreach(f"at most {most} fetches of files", str(len(fetches)), fetches)
