"""What the client says: reasons, ids, what kind of end it was."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mockserver.kit.conform.evidence import Evidence
from mockserver.kit.conform.judges.base import JudgeBreach, judge

_ERROR = re.compile(r"[\w.:]*(error|exception|panic)\b[^:]*:", re.IGNORECASE)
"""The line of a dump that says what is wrong, in most languages."""


@judge("tells", "The client says what its user needs to know.")
def tells(seen: Evidence, pattern: str) -> Iterator[JudgeBreach]:
    """Stdout or stderr has something that fits the regular expression `pattern`, case aside."""
    if not any(re.search(pattern, run.said, re.IGNORECASE) for run in seen.last_runs):
        yield JudgeBreach(f"stdout or stderr says something like /{pattern}/", _last(seen))


@judge("tells-reason", "The client says why the job failed, in the provider's words.")
def tells_reason(seen: Evidence) -> Iterator[JudgeBreach]:
    """The reason that the job has is in stdout or stderr."""
    said = "\n".join(_plain(run.said) for run in seen.last_runs)
    reasons = dict.fromkeys(str(job["reason"]) for job in seen.jobs if job.get("reason"))
    if reasons and not any(_plain(reason) in said for reason in reasons):
        yield JudgeBreach(f"the reason {next(iter(reasons))!r} in stdout or stderr", _last(seen))


@judge("tells-id", "The client says which job it was.")
def tells_id(seen: Evidence) -> Iterator[JudgeBreach]:
    """An id that it was told is in stdout, stderr or the job file."""
    said = "\n".join((*(run.said for run in seen.runs), *seen.job_files))
    if seen.told_ids and not any(one in said for one in seen.told_ids):
        yield JudgeBreach(f"the id {seen.told_ids[-1]} in stdout, stderr or the job file", _last(seen))


def _plain(text: str) -> str:
    return " ".join(text.split()).lower()


def _last(seen: Evidence) -> str:
    lines = [line.strip() for run in seen.last_runs for line in run.said.splitlines() if line.strip()]
    errors = [line for line in lines if _ERROR.match(line)]
    return f"it says: {(errors or lines)[-1][:200]!r}" if lines else "it says nothing"
