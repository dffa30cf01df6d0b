"""Manners: how often, how soon, how long."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from statistics import median

from mockserver.kit.conform.evidence import FETCHES, CaseExchange, ClientRun, Evidence
from mockserver.kit.conform.judges.base import JudgeBreach, NothingToJudge, judge
from mockserver.kit.traffic.exchange import retry_after
from mockserver.numerals import plural

_SLACK = 0.05
"""Seconds by which clocks and a busy machine may differ."""


@judge("quiet-after-end", "When the job has ended, the client asks for it no more.", always="SHOULD")
def quiet_after_end(evidence: Evidence, most: int = 0) -> Iterator[JudgeBreach]:
    """At most `most` reads come after the response that reported the end. A read that follows a fetch of a
    file, for a fresh link, does not count, nor does one that looks up the clip, which the end did not show.
    """
    end = evidence.reported_end
    if end is None:
        raise NothingToJudge("no read told the client of the end")
    if len(evidence.last_runs) > 1:
        return
    late, excused = [], False
    for exchange in sorted((*evidence.polls, *evidence.of(*FETCHES)), key=lambda each: each.number):
        if exchange.number <= end.number:
            continue
        if exchange.role in FETCHES:
            excused = True
        elif excused:
            excused = False
        else:
            late.append(exchange.number)
    if len(late) > most:
        yield JudgeBreach(
            f"no further polls once {(end.state or end.phase)!r} was told", f"{len(late)} more", tuple(late)
        )


@judge("polls-spaced", "Between two polls of a job at least the interval that was asked for passes.")
def polls_spaced(evidence: Evidence, share: float = 0.7) -> Iterator[JudgeBreach]:
    """From the start of a read to the start of the next, at least `share` of the interval passes."""
    gaps = {later.number: later.sent_at - former.sent_at for former, later in pairwise(evidence.polls)}
    if not gaps:
        raise NothingToJudge("it asked for the job once at most")
    close = {number: gap for number, gap in gaps.items() if gap < evidence.task.interval * share}
    if close and not evidence.virtual:
        yield JudgeBreach(
            f"{evidence.task.interval:g} s between polls, as was asked",
            f"{len(close)} came sooner, after {min(close.values()):.3f} s at the least",
            tuple(close),
        )


@judge("slows-down", "Where it goes on failing, a client waits longer and longer.")
def slows_down(
    evidence: Evidence, role: str = "read", growth: float = 1.5, after: int = 3
) -> Iterator[JudgeBreach]:
    """Of `after` gaps or more between requests of that role, the median of the later half, or the shortest,
    is `growth` times that of the earlier half.
    """
    # A busy machine stretches a gap, which moves the median of two; a client that waits by chance has a short
    # one now and then. Who does not slow down has neither.
    moments = [exchange.sent_at for exchange in evidence.of(role)]
    gaps = [later - former for former, later in pairwise(moments)]
    half = len(gaps) // 2
    if len(gaps) < after:
        raise NothingToJudge(f"it sent {plural(len(moments), role)}, too few to see whether it slows down")
    grows = any(middle(gaps[half:]) >= growth * middle(gaps[:half]) for middle in (median, min))
    if not evidence.virtual and not grows:
        shown = ", ".join(f"{gap:.2f}" for gap in gaps[:8])
        numbers = tuple(exchange.number for exchange in evidence.of(role))
        yield JudgeBreach("longer and longer waits", f"waits of {shown} s", numbers)


@judge("waits-as-told", "A client that is told when to come again does not come before.")
def waits_as_told(evidence: Evidence, role: str = "submit") -> Iterator[JudgeBreach]:
    """The wait is that of Retry-After, in seconds or as a date, in the responses to that role."""
    pairs = [pair for pair in pairwise(evidence.of(role)) if _retry_after(pair[0]) is not None]
    if not pairs:
        raise NothingToJudge(f"it sent no {role} after it was told how long to wait")
    for former, later in pairs:
        delay = _retry_after(former)
        waited = later.sent_at - former.call.answered_at
        if delay is not None and waited < delay - _SLACK and not evidence.virtual:
            yield JudgeBreach(
                f"{delay:.1f} s of waiting, as Retry-After said",
                f"{waited:.2f} s",
                (former.number, later.number),
            )


@judge("asks-at-most", "A client makes no more requests than the case can take.")
def asks_at_most(evidence: Evidence, most: int, role: str = "read") -> Iterator[JudgeBreach]:
    """Only requests of that role count."""
    requests = tuple(exchange.number for exchange in evidence.of(role))
    if len(requests) > most:
        yield JudgeBreach(
            f"at most {plural(most, 'request')} of the kind {role}", str(len(requests)), requests[-5:]
        )


@judge("asks-at-least", "A client does not give up before it has asked that often.")
def asks_at_least(evidence: Evidence, least: int, role: str = "read") -> Iterator[JudgeBreach]:
    """Only requests of that role count."""
    requests = tuple(exchange.number for exchange in evidence.of(role))
    if len(requests) < least:
        yield JudgeBreach(
            f"at least {plural(least, 'request')} of the kind {role}", str(len(requests)), requests[-5:]
        )


@judge("stops-at-deadline", "When its time is over the client stops.")
def stops_at_deadline(evidence: Evidence, grace: float = 2.0) -> Iterator[JudgeBreach]:
    """It stops at most `grace` seconds after its deadline, counted from its first request."""
    for run in evidence.last_runs:
        took = _at_work(evidence, run)
        if took > evidence.task.deadline + grace:
            yield JudgeBreach(f"an end within {evidence.task.deadline:g} s, as was asked", f"{took:.1f} s")


@judge(
    "waits-until-deadline", "While its time is not over, the client does not give up on a job that goes on."
)
def waits_until_deadline(evidence: Evidence, share: float = 0.6) -> Iterator[JudgeBreach]:
    """It works for at least `share` of its time, counted from its first request."""
    least = evidence.task.deadline * share
    for run in evidence.last_runs:
        took = _at_work(evidence, run)
        if run.ending != "exited" or took >= least:
            continue
        if run.seconds >= least:
            # Its own clock may have begun anywhere between its start and its first request.
            raise NothingToJudge(
                f"it was at work for {took:.1f} s after its first request and {run.seconds:.1f} s in all:"
                " whether it gave up early cannot be told"
            )
        yield JudgeBreach(f"patience for {evidence.task.deadline:g} s, as was asked", f"{took:.1f} s")


def _at_work(evidence: Evidence, run: ClientRun) -> float:
    """Real seconds of a run, without the time to load the client where that can be measured."""
    if evidence.virtual or len(evidence.runs) > 1 or not evidence.exchanges:
        return run.seconds
    return run.seconds - max(0.0, evidence.since_start(evidence.exchanges[0]))


def _retry_after(exchange: CaseExchange) -> float | None:
    """Seconds from the response on that a refusal asks to wait."""
    if exchange.status < 400:
        return None
    return retry_after(exchange.call.exchange, exchange.call.answered_at)
