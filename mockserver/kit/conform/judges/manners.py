"""Manners: how often, how soon, how long."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from statistics import median

from mockserver.kit.conform.evidence import ClientRun, Evidence
from mockserver.kit.conform.judges.base import JudgeBreach, judge
from mockserver.kit.traffic.call import Call
from mockserver.kit.traffic.exchange import retry_after

_SLACK = 0.05
"""Seconds by which clocks and a busy machine may differ."""


@judge("quiet-after-end", "When the job has ended, the client asks for it no more.", always="SHOULD")
def quiet_after_end(seen: Evidence, most: int = 0) -> Iterator[JudgeBreach]:
    """Reads after the answer that told of the end; up to `most`. One that follows a failed fetch of a file,
    for a fresh link, is none of them.
    """
    end = seen.end_told
    if end is None or len(seen.last_runs) > 1:
        return
    late, excused = [], False
    for call in seen.of("read", "media"):
        if call.number <= end.number:
            continue
        if seen.role(call) == "media":
            excused = True
        elif excused:
            excused = False
        else:
            late.append(call.number)
    if len(late) > most:
        yield JudgeBreach(
            f"no further polls once {seen.state(end)!r} was told", f"{len(late)} more", tuple(late)
        )


@judge("polls-spaced", "Between two polls of a job at least the interval that was asked for passes.")
def polls_spaced(seen: Evidence, share: float = 0.7) -> Iterator[JudgeBreach]:
    """From the start of one read to that of the next, `share` of the interval at least."""
    least = seen.task.interval * share
    close = [
        (later.number, later.exchange.at - former.exchange.at)
        for former, later in pairwise(seen.of("read"))
        if later.exchange.at - former.exchange.at < least
    ]
    if close and not seen.virtual:
        gap = min(gap for _, gap in close)
        yield JudgeBreach(
            f"{seen.task.interval:g} s between polls, as was asked",
            f"{len(close)} came sooner, after {gap:.3f} s at the least",
            tuple(number for number, _ in close),
        )


@judge("slows-down", "Where it goes on failing, a client waits longer and longer.")
def slows_down(
    seen: Evidence, role: str = "read", growth: float = 1.5, after: int = 3
) -> Iterator[JudgeBreach]:
    """Of `after` gaps and more between requests of that role, the later half is by its median `growth` times
    the earlier: a busy machine stretches one gap, not half of them.
    """
    moments = [call.exchange.at for call in seen.of(role)]
    gaps = [later - former for former, later in pairwise(moments)]
    half = len(gaps) // 2
    if len(gaps) >= after and not seen.virtual and median(gaps[half:]) < growth * median(gaps[:half]):
        shown = ", ".join(f"{gap:.2f}" for gap in gaps[:8])
        numbers = tuple(call.number for call in seen.of(role))
        yield JudgeBreach("longer and longer waits", f"waits of {shown} s", numbers)


@judge("waits-as-told", "A client that is told when to come again does not come before.")
def waits_as_told(seen: Evidence, role: str = "submit") -> Iterator[JudgeBreach]:
    """Retry-After in seconds or as a date, of the answers to that role."""
    for former, later in pairwise(seen.of(role)):
        told = _retry_after(former)
        waited = later.exchange.at - former.ended
        if told is not None and waited < told - _SLACK and not seen.virtual:
            yield JudgeBreach(
                f"{told:.1f} s of waiting, as Retry-After said",
                f"{waited:.2f} s",
                (former.number, later.number),
            )


@judge("asks-at-most", "A client makes no more requests than the case can take.")
def asks_at_most(seen: Evidence, most: int, role: str = "read") -> Iterator[JudgeBreach]:
    """Requests of that role."""
    asked = tuple(call.number for call in seen.of(role))
    if len(asked) > most:
        yield JudgeBreach(f"at most {most} requests of the kind {role}", str(len(asked)), asked[-5:])


@judge("asks-at-least", "A client does not give up before it has asked that often.")
def asks_at_least(seen: Evidence, least: int, role: str = "read") -> Iterator[JudgeBreach]:
    """Requests of that role."""
    asked = tuple(call.number for call in seen.of(role))
    if len(asked) < least:
        yield JudgeBreach(f"at least {least} requests of the kind {role}", str(len(asked)), asked[-5:])


@judge("stops-at-deadline", "When its time is over the client stops.")
def stops_at_deadline(seen: Evidence, grace: float = 2.0) -> Iterator[JudgeBreach]:
    """At most `grace` seconds after the deadline it was given, from its first request on."""
    for run in seen.last_runs:
        took = _at_work(seen, run)
        if took > seen.task.deadline + grace:
            yield JudgeBreach(f"an end within {seen.task.deadline:g} s, as was asked", f"{took:.1f} s")


@judge(
    "waits-until-deadline", "While its time is not over, the client does not give up on a job that goes on."
)
def waits_until_deadline(seen: Evidence, share: float = 0.6) -> Iterator[JudgeBreach]:
    """It was at work for `share` of its time, from its first request on."""
    for run in seen.last_runs:
        took = _at_work(seen, run)
        if run.ending == "exited" and took < seen.task.deadline * share:
            yield JudgeBreach(f"patience for {seen.task.deadline:g} s, as was asked", f"{took:.1f} s")


def _at_work(seen: Evidence, run: ClientRun) -> float:
    """Real seconds of a run without the loading of the client, as far as that can be told."""
    if seen.virtual or len(seen.runs) > 1 or not seen.calls:
        return run.seconds
    return run.seconds - max(0.0, seen.since_start(seen.calls[0]))


def _retry_after(call: Call) -> float | None:
    """Seconds from the answer on."""
    return retry_after(call.exchange, call.ended) if call.exchange.status >= 400 else None
