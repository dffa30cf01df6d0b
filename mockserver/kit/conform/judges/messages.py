"""What the client writes: reasons, ids, how it ended."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mockserver.kit.conform.evidence import Evidence
from mockserver.kit.conform.judges.base import JudgeBreach, NothingToJudge, judge

_ERROR = re.compile(r"[\w.:]*(error|exception|panic)\b[^:]*:", re.IGNORECASE)
"""The line of a traceback that names the error, in most languages."""


@judge("tells", "The client says what its user needs to know.")
def tells(evidence: Evidence, pattern: str) -> Iterator[JudgeBreach]:
    """Stdout or stderr matches the regular expression `pattern`; upper and lower case are alike."""
    if not any(re.search(pattern, run.output, re.IGNORECASE) for run in evidence.last_runs):
        yield JudgeBreach(f"stdout or stderr says something like /{pattern}/", _last(evidence))


@judge("tells-reason", "The client says why the job failed, in the provider's words.")
def tells_reason(evidence: Evidence) -> Iterator[JudgeBreach]:
    """The job's reason is in stdout or stderr."""
    output = "\n".join(_normalized(run.output) for run in evidence.last_runs)
    reasons = dict.fromkeys(reason for job in evidence.jobs if (reason := job.get("reason")))
    if not reasons:
        raise NothingToJudge("no job failed for a reason")
    if not any(_normalized(reason) in output for reason in reasons):
        yield JudgeBreach(f"the reason {next(iter(reasons))!r} in stdout or stderr", _last(evidence))


@judge("tells-id", "The client says which job it was.")
def tells_id(evidence: Evidence) -> Iterator[JudgeBreach]:
    """The id of a reported job is in stdout, stderr or the job file."""
    jobs = evidence.reported_job_ids
    if not jobs:
        raise NothingToJudge("no answer told the client the id of a job")
    if not any(job in evidence.written_text for job in jobs):
        yield JudgeBreach(f"the id {jobs[-1]} in stdout, stderr or the job file", _last(evidence))


def _normalized(text: str) -> str:
    return " ".join(text.split()).lower()


def _last(evidence: Evidence) -> str:
    line = last_line("\n".join(run.output for run in evidence.last_runs))
    return f"it says: {line!r}" if line else "it says nothing"


def last_line(output: str) -> str:
    """The last line, up to 200 characters; of lines that name an error the last one."""
    lines = [line.strip() for line in output.splitlines() if line.strip()] or [""]
    errors = [line for line in lines if _ERROR.match(line)]
    return (errors or lines)[-1][:200]
