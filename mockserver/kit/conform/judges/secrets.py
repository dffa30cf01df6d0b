"""The key: who gets to see it."""

from __future__ import annotations

from collections.abc import Container, Iterator
from urllib.parse import unquote_plus

from mockserver.contract.key_places import key_places
from mockserver.kit.conform.evidence import Evidence
from mockserver.kit.conform.judges.base import JudgeBreach, NothingToJudge, judge
from mockserver.kit.traffic.exchange import REDACTED, Exchange


@judge("key-not-to-media", "The key goes to the API alone, never to the host of the files.", always="MUST")
def key_not_to_media(evidence: Evidence) -> Iterator[JudgeBreach]:
    """The journal redacts the key wherever it stands, so a redacted text in a fetch is a leak."""
    fetches = evidence.of("media")
    if not fetches:
        raise NothingToJudge("it fetched no file")
    leaks = tuple(fetch.number for fetch in fetches if _has_the_key(fetch.call.exchange, evidence))
    if leaks:
        yield JudgeBreach("no key in a request for a file", "the key was sent along", leaks)


@judge("key-not-in-url", "The key is in no address: those are logged everywhere.", always="MUST")
def key_not_in_url(evidence: Evidence) -> Iterator[JudgeBreach]:
    """Path and query of every request, but for the parameters in which the contract takes keys."""
    named = key_places([evidence.contract]).named
    urls = {each.number: _without(named, each.call.exchange.url) for each in evidence.exchanges}
    leaks = tuple(number for number, url in urls.items() if _shows_the_key(url, evidence))
    if leaks:
        yield JudgeBreach("no key in an address", "the key is in the address", leaks)


@judge("key-not-said", "The key is in nothing that the client writes.", always="MUST")
def key_not_said(evidence: Evidence) -> Iterator[JudgeBreach]:
    """Stdout, stderr and the job file."""
    if any(run.leaked_key for run in evidence.runs):
        yield JudgeBreach("the key is in nothing that the client prints", "it is in stdout or stderr")
    if any(evidence.task.secrets.are_in(text) for text in evidence.job_files):
        yield JudgeBreach("the key is in no file", "it is in the job file")


def _without(parameters: Container[str], url: str) -> str:
    before, mark, query = url.partition("?")
    parts = (
        part for part in query.split("&") if unquote_plus(part.partition("=")[0]).lower() not in parameters
    )
    return before + mark + "&".join(parts)


def _has_the_key(exchange: Exchange, evidence: Evidence) -> bool:
    texts = (exchange.url, *(value for _, value in exchange.request_headers))
    return any(_shows_the_key(text, evidence) for text in texts)


def _shows_the_key(text: str, evidence: Evidence) -> bool:
    """Whether the journal has hidden the key in it, or it has a secret that the server does not know."""
    return REDACTED in text or evidence.task.secrets.are_in(text)
