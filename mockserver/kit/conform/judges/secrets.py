"""The key: whom it is shown."""

from __future__ import annotations

from collections.abc import Iterator

from mockserver.kit.conform.evidence import Evidence
from mockserver.kit.conform.judges.base import JudgeBreach, judge
from mockserver.kit.traffic.call import Call
from mockserver.kit.traffic.exchange import HIDDEN


@judge("key-not-to-media", "The key goes to the API alone, never to the host of the files.", always="MUST")
def key_not_to_media(seen: Evidence) -> Iterator[JudgeBreach]:
    """The journal hides the key wherever it is, so what is hidden in a fetch is a leak."""
    leaks = tuple(call.number for call in seen.of("media") if _shown(call))
    if leaks:
        yield JudgeBreach("no key in a request for a file", "the key was sent along", leaks)


@judge("key-not-in-url", "The key is in no address: those are logged everywhere.", always="MUST")
def key_not_in_url(seen: Evidence) -> Iterator[JudgeBreach]:
    """Path and query of every request."""
    leaks = tuple(call.number for call in seen.calls if HIDDEN in call.exchange.url)
    if leaks:
        yield JudgeBreach("no key in an address", "the key is in the address", leaks)


@judge("key-not-said", "The key is in nothing that the client writes.", always="MUST")
def key_not_said(seen: Evidence) -> Iterator[JudgeBreach]:
    """Stdout, stderr and the job file."""
    if any(run.loud for run in seen.runs):
        yield JudgeBreach("the key is in nothing that the client prints", "it is in stdout or stderr")
    if any(seen.task.key in text for text in seen.job_files):
        yield JudgeBreach("the key is in no file", "it is in the job file")


def _shown(call: Call) -> bool:
    hidden = [value for _, value in call.exchange.request_headers if HIDDEN in value]
    return bool(hidden) or HIDDEN in call.exchange.url
