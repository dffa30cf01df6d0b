"""The files: clip and thumbnail."""

from __future__ import annotations

from collections.abc import Iterator

from mockserver.kit.conform.evidence import FETCHES, Evidence, size_of
from mockserver.kit.conform.judges.base import JudgeBreach, NothingToJudge, judge


@judge("thumbnail-kept", "The thumbnail that was asked for is there.")
def thumbnail_kept(evidence: Evidence) -> Iterator[JudgeBreach]:
    """It is byte for byte the job's."""
    if not evidence.stills:
        raise NothingToJudge("the job has no thumbnail")
    if evidence.thumbnail is None:
        yield JudgeBreach("a thumbnail file", "there is none")
    elif evidence.thumbnail not in evidence.stills.values():
        yield JudgeBreach("the job's thumbnail", f"another file, of {size_of(evidence.thumbnail)} bytes")


@judge("asks-for-fresh-link", "A link that has expired is asked for again, at the job.")
def asks_for_fresh_link(evidence: Evidence) -> Iterator[JudgeBreach]:
    """After a fetch with 401, 403, 404 or 410 a read of the job comes before the next fetch, if any does."""
    refused: int | None = None
    for exchange in evidence.of("read", *FETCHES):
        if exchange.role == "read":
            refused = None
        elif refused is not None:
            yield JudgeBreach(
                "a read of the job before the next fetch", "the same link again", (refused, exchange.number)
            )
            return
        elif exchange.status in (401, 403, 404, 410):
            refused = exchange.number


@judge("fetches-at-most", "A file is fetched no more often than makes sense.")
def fetches_at_most(evidence: Evidence, most: int = 1) -> Iterator[JudgeBreach]:
    """Every fetch of a file counts, failed ones included; each file by itself, as its address names it."""
    fetches: dict[str, list[int]] = {}
    for fetch in evidence.of(*FETCHES):
        fetches.setdefault(fetch.call.exchange.path, []).append(fetch.number)
    if not fetches:
        raise NothingToJudge("it fetched no file")
    for path, numbers in fetches.items():
        if len(numbers) > most:
            yield JudgeBreach(f"at most {most} fetches of {path}", str(len(numbers)), tuple(numbers))
