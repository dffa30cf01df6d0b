"""The key: who gets to see it."""

from __future__ import annotations

from collections.abc import Iterator

from mockserver.kit.conform.evidence import Evidence
from mockserver.kit.conform.judges.base import JudgeBreach, judge
from mockserver.kit.traffic.exchange import REDACTED, Exchange


@judge("key-not-to-media", "The key goes to the API alone, never to the host of the files.", always="MUST")
def key_not_to_media(evidence: Evidence) -> Iterator[JudgeBreach]:
    """The journal redacts the key wherever it stands, so a redacted text in a fetch is a leak."""
    leaks = tuple(fetch.number for fetch in evidence.of("media") if _has_the_key(fetch.call.exchange))
    if leaks:
        yield JudgeBreach("no key in a request for a file", "the key was sent along", leaks)


@judge("key-not-in-url", "The key is in no address: those are logged everywhere.", always="MUST")
def key_not_in_url(evidence: Evidence) -> Iterator[JudgeBreach]:
    """Path and query of every request."""
    leaks = tuple(
        exchange.number for exchange in evidence.exchanges if REDACTED in exchange.call.exchange.url
    )
    if leaks:
        yield JudgeBreach("no key in an address", "the key is in the address", leaks)


@judge("key-not-said", "The key is in nothing that the client writes.", always="MUST")
def key_not_said(evidence: Evidence) -> Iterator[JudgeBreach]:
    """Stdout, stderr and the job file."""
    if any(run.leaked_key for run in evidence.runs):
        yield JudgeBreach("the key is in nothing that the client prints", "it is in stdout or stderr")
    if any(evidence.task.key in text for text in evidence.job_files):
        yield JudgeBreach("the key is in no file", "it is in the job file")


def _has_the_key(exchange: Exchange) -> bool:
    in_headers = any(REDACTED in value for _, value in exchange.request_headers)
    return in_headers or REDACTED in exchange.url
