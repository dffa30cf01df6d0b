"""Processes: killed and resumed, several at once, and callbacks."""

from __future__ import annotations

from collections.abc import Iterator

from mockserver.kit.conform.evidence import FETCHES, Evidence
from mockserver.kit.conform.judges.base import JudgeBreach, NothingToJudge, judge


@judge("keeps-id", "The id is on disk before the first poll.")
def keeps_id(evidence: Evidence) -> Iterator[JudgeBreach]:
    """The job file names the job when the client is killed; `job_files` has it as it was then."""
    if not evidence.reported_job_ids:
        raise NothingToJudge("no answer told the client the id of a job")
    job = evidence.reported_job_ids[0]
    if not evidence.job_files:
        yield JudgeBreach(f"the job file names {job}", "there is none")
    elif job not in evidence.job_files[0]:
        yield JudgeBreach(f"the job file names {job}", "it holds something else")


@judge("answers-callbacks", "Every callback is answered with a status from 200 to 299.")
def answers_callbacks(evidence: Evidence) -> Iterator[JudgeBreach]:
    """Only callbacks count that reached the client while it ran, as the server saw them."""
    statuses = [callback["status"] for callback in evidence.callbacks]
    refused = [status for status in statuses if status and not 200 <= status < 300]
    if refused:
        yield JudgeBreach("2xx for every callback", f"{len(refused)} of {len(statuses)} with {refused[0]}")


@judge("reads-before-fetching", "A file is fetched only when an answer of the API has told of the success.")
def reads_before_fetching(evidence: Evidence) -> Iterator[JudgeBreach]:
    """A callback is no answer: anybody can send one."""
    fetches = [fetch.number for fetch in evidence.of(*FETCHES)]
    if not fetches:
        raise NothingToJudge("it fetched no file")
    end = evidence.reported_end
    early = tuple(number for number in fetches if end is None or number < end.number)
    if early:
        yield JudgeBreach("a read that tells of the success before the fetch", "none", early)
