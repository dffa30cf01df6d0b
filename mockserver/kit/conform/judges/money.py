"""What it cost: jobs made, submits sent."""

from __future__ import annotations

from collections.abc import Iterator

from mockserver.kit.conform.evidence import Evidence
from mockserver.kit.conform.judges.base import JudgeBreach, judge


@judge("jobs-made", "A client makes one job for each clip that is wanted: each costs.", always="MUST")
def jobs_made(seen: Evidence, most: int = 1, least: int = 0) -> Iterator[JudgeBreach]:
    """Jobs that the provider accepted, whether the client knows of them or not."""
    made = [call.number for call in seen.of("submit") if seen.job_of(call)]
    if len(seen.jobs) > most:
        yield JudgeBreach(f"at most {_jobs(most)} made and paid for", f"{_jobs(len(seen.jobs))}", tuple(made))
    if len(seen.jobs) < least:
        yield JudgeBreach(f"at least {_jobs(least)} made", f"{_jobs(len(seen.jobs))}", tuple(made))


@judge("submits-sent", "A client submits no more often than makes sense, accepted or not.")
def submits_sent(seen: Evidence, most: int = 1, least: int = 1) -> Iterator[JudgeBreach]:
    """Every submit counts, refused ones included."""
    sent = tuple(call.number for call in seen.of("submit"))
    if len(sent) > most:
        yield JudgeBreach(f"at most {most} submit{'s' * (most > 1)}", f"{len(sent)}", sent)
    if len(sent) < least:
        yield JudgeBreach(f"at least {least} submit{'s' * (least > 1)}", f"{len(sent)}", sent)


@judge("looks-before-repeating", "Before a client submits again it looks for the job that it may have made.")
def looks_before_repeating(seen: Evidence) -> Iterator[JudgeBreach]:
    """After a submit that made a job, a further submit needs a list or read in between."""
    looked = True
    for call in seen.of("submit", "list", "read"):
        if seen.role(call) != "submit":
            looked = True
        elif not looked:
            yield JudgeBreach("a look for the job before the next submit", "none", (call.number,))
            return
        else:
            looked = not seen.job_of(call)


def _jobs(count: int) -> str:
    return f"{count} job{'' if count == 1 else 's'}"
