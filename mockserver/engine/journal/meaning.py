"""What an exchange meant, in one sentence for people: accepted, refused and why, moved on, met a fault."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from mockserver.engine.journal.exchange import JournalEntry
from mockserver.numerals import plural

_SOURCE: Final = re.compile(r" \[((?:DOCUMENTED|VENDOR|OBSERVED|THIRD-PARTY|ASSUMED)\b[^\]]*)\]$")
"""Where a rule is written, at the end of a violation: too long for a line."""
_MOST: Final = 3
"""Violations, faults and warnings that a sentence names."""
_REMEMBERED: Final = 10_000
"""Jobs whose last state is remembered, to say what it was before."""
_TENANT: Final = 8
"""Digits of a tenant's name that tell it from others in a line."""
_FILES: Final = frozenset({"media", "content"})


class LastStates:
    """The state that each job showed last, as exchanges go by."""

    def __init__(self) -> None:
        self._states: OrderedDict[tuple[str | None, str], str] = OrderedDict()

    def before(self, entry: JournalEntry) -> str | None:
        """The state that an earlier exchange showed of the entry's job; the entry's own takes its place."""
        if entry.job_id is None or entry.state is None:
            return None
        job = entry.provider, entry.job_id
        before = self._states.pop(job, None)
        self._states[job] = entry.state
        if len(self._states) > _REMEMBERED:
            self._states.popitem(last=False)
        return before


def meaning(entry: JournalEntry, fault_names: Mapping[str, str], before: str | None = None) -> str:
    """The sentence; empty where there is nothing to say besides method, path and status.

    `fault_names` are the rules' faults by the rules' ids, as an entry has ids. `before` is the state that an
    earlier exchange showed of the job.
    """
    faults = [named_cause(cause, fault_names) for cause in entry.faults]
    parts = [
        outcome(entry, before),
        *_listed("fault", faults),
        *_listed("warning", entry.warnings),
    ]
    return "; ".join(filter(None, parts))


def short_tenant(tenant: str | None) -> str:
    """As much of a tenant's name as tells it from others; `-` where there is none."""
    return (tenant or "-")[:_TENANT]


def request_line(entry: JournalEntry) -> str:
    """Method, path and query."""
    query = f"?{entry.query}" * bool(entry.query)
    return f"{entry.method} {entry.path}{query}"


def outcome(entry: JournalEntry, before: str | None = None) -> str:
    """The sentence without the faults and warnings; `before` as for `meaning`."""
    return "; ".join(filter(None, (_outcome(entry, before), entry.delivery)))


def _outcome(entry: JournalEntry, before: str | None) -> str:
    if entry.refusal is not None:
        return f"refused: {_reasons(entry)}"
    if entry.role == "submit" and entry.job_id:
        return f"accepted, job {entry.job_id}"
    if entry.role in _FILES and entry.status < 300 and not entry.state:
        return f"{_size(entry.response_size)} of job {entry.job_id}"
    if entry.state is None:
        return ""
    if before is None or before == entry.state:
        return f"job is {entry.state}" if entry.role != "read" else entry.state
    return f"{before} → {entry.state}"


def _reasons(entry: JournalEntry) -> str:
    """The violations without the places where the rules are written, or the reason of another refusal."""
    if not entry.violations:
        return str(entry.refusal)
    return _joined([split_source(violation)[0] for violation in entry.violations])


def split_source(violation: str) -> tuple[str, str]:
    """What was wrong, and where the rule is written; that is empty where the violation does not say it."""
    source = _SOURCE.search(violation)
    if source is None:
        return violation, ""
    return violation[: source.start()], source[1]


def _listed(word: str, texts: Sequence[str]) -> Iterator[str]:
    if texts:
        yield f"{word} {_joined(texts)}"


def _joined(texts: Sequence[str]) -> str:
    more = [f"{len(texts) - _MOST} more"] if len(texts) > _MOST else []
    return "; ".join([*texts[:_MOST], *more])


def named_cause(cause: str, fault_names: Mapping[str, str]) -> str:
    """A rule by its fault and its id; a marker has the fault in its id."""
    name = fault_names.get(cause)
    return cause if name is None or name == cause else f"{name} ({cause})"


def _size(size: int) -> str:
    if size < 1000:
        return plural(size, "byte")
    if size < 1_000_000:
        return f"{size / 1000:.0f} kB"
    return f"{size / 1_000_000:.1f} MB"
