"""Processes: killed and resumed, several at once, and callbacks."""

from __future__ import annotations

from collections.abc import Iterator

from mockserver.kit.conform.evidence import Evidence
from mockserver.kit.conform.judges.base import JudgeBreach, judge


@judge("keeps-id", "The id is on disk before the first poll.")
def keeps_id(seen: Evidence) -> Iterator[JudgeBreach]:
    """The job file names the job when the client is killed; `job_files` has it as it was then."""
    if seen.told_ids and not any(seen.told_ids[0] in text for text in seen.job_files[:1]):
        found = "it holds something else" if seen.job_files else "there is none"
        yield JudgeBreach(f"the job file names {seen.told_ids[0]}", found)


@judge("answers-callbacks", "Every callback is answered with a status from 200 to 299.")
def answers_callbacks(seen: Evidence) -> Iterator[JudgeBreach]:
    """As the server saw it, of those that reached the client while it ran."""
    bad = [one for one in seen.callbacks if one.get("status") and not 200 <= int(one["status"]) < 300]
    if bad:
        yield JudgeBreach(
            "2xx for every callback", f"{len(bad)} of {len(seen.callbacks)} with {bad[0]['status']}"
        )


@judge("reads-before-fetching", "A file is fetched only when an answer of the API has told of the success.")
def reads_before_fetching(seen: Evidence) -> Iterator[JudgeBreach]:
    """A callback is no answer: anybody can send one."""
    fetches = tuple(call.number for call in seen.of("media"))
    end = seen.end_told
    early = tuple(number for number in fetches if end is None or number < end.number)
    if early:
        yield JudgeBreach("a read that tells of the success before the fetch", "none", early)
