"""What it cost: jobs made, submits sent."""

from __future__ import annotations

from collections.abc import Iterator

from mockserver.kit.conform.evidence import Evidence
from mockserver.kit.conform.judges.base import JudgeBreach, NothingToJudge, judge
from mockserver.numerals import plural


@judge("jobs-made", "A client makes one job for each clip that is wanted: each costs.", always="MUST")
def jobs_made(evidence: Evidence, most: int = 1, least: int = 0) -> Iterator[JudgeBreach]:
    """Every job that the provider accepted counts, whether the client knows of it or not."""
    made = tuple(submit.number for submit in evidence.of("submit") if submit.job)
    if len(evidence.jobs) > most:
        yield JudgeBreach(f"at most {_jobs(most)} made and paid for", _jobs(len(evidence.jobs)), made)
    if len(evidence.jobs) < least:
        yield JudgeBreach(f"at least {_jobs(least)} made", _jobs(len(evidence.jobs)), made)


@judge("submits-sent", "A client submits no more often than makes sense, accepted or not.")
def submits_sent(evidence: Evidence, most: int = 1, least: int = 0) -> Iterator[JudgeBreach]:
    """Every submit counts, refused ones included."""
    sent = tuple(submit.number for submit in evidence.of("submit"))
    if not sent and not least:
        raise NothingToJudge("it sent no submit")
    if len(sent) > most:
        yield JudgeBreach(f"at most {most} submit{'s' * (most > 1)}", str(len(sent)), sent)
    if len(sent) < least:
        yield JudgeBreach(f"at least {least} submit{'s' * (least > 1)}", str(len(sent)), sent)


@judge("looks-before-repeating", "Before a client submits again it looks for the job that it may have made.")
def looks_before_repeating(evidence: Evidence) -> Iterator[JudgeBreach]:
    """Between a submit that made a job and the next submit there is a list or a read."""
    looked = True
    for exchange in evidence.of("submit", "list", "read"):
        if exchange.role != "submit":
            looked = True
        elif not looked:
            yield JudgeBreach("a look for the job before the next submit", "none", (exchange.number,))
            return
        else:
            looked = not exchange.job


def _jobs(count: int) -> str:
    return plural(count, "job")
