"""Lists: they say of each job what its own read says, and leave none out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, Final

from mockserver.contract.model import Contract
from mockserver.contract.violation import brief
from mockserver.kit.checks.base import Breach, check
from mockserver.kit.checks.observations import reachable
from mockserver.kit.traffic import clauses
from mockserver.kit.traffic.call import Call
from mockserver.kit.traffic.credentials import is_ordinary
from mockserver.kit.traffic.facts import Sighting
from mockserver.kit.traffic.history import History, JobHistory

_STEADY: Final = ("job.model", "job.alias", "job.created_at")
_FINAL: Final = ("media.video", "media.watermarked", "media.thumbnail", "media.seconds", "job.reason")
"""What does not change any more once a job has ended."""
_NEWEST: Final = re.compile("newest first", re.IGNORECASE)


def _listed(call: Call) -> list[Sighting]:
    """The entries of a list that was answered."""
    return [one for one in call.sightings if one.job is not None] if _is_list(call) else []


def _is_list(call: Call) -> bool:
    return call.role == "list" and is_ordinary(call) and call.succeeded


def _source(call: Call) -> str:
    assert call.operation is not None
    return clauses.promised(call.contract, call.operation)


@check("lists.agrees", "A list agrees with the job's own answers.")
def agrees(call: Call, history: History) -> Iterator[Breach]:
    """Model, names, moments and payload; the state is none that the job had left; files once it ended."""
    for one in _listed(call):
        story = history.jobs.get(one.job or "")
        for at, expected, actual in _differences(call, one, story) if story else ():
            yield Breach(expected, actual, source=_source(call), at=at, job=one.job)


def _differences(call: Call, one: Sighting, story: JobHistory) -> Iterator[tuple[str, str, str]]:
    before = [other for earlier, other in story.before(call) if earlier.role in ("submit", "read")]
    for other in reversed(before):
        names = [*_STEADY, *(_FINAL if other.state == one.state and _has_ended(other) else ())]
        different = [found for name in names for found in _unlike(name, one, other)]
        different += [found for at in one.echoes for found in _misquoted(at, one, other)]
        if not _follows(call.contract, other.state, one.state):
            at = one.facts["job.state"].at
            different.append((at, f"{other.state} as before, or what may follow it", str(one.state)))
        if different:
            yield from different
            return


def _has_ended(one: Sighting) -> bool:
    return one.phase in ("succeeded", "failed", "cancelled")


def _unlike(name: str, one: Sighting, other: Sighting) -> Iterator[tuple[str, str, str]]:
    mine, theirs = one.facts.get(name), other.facts.get(name)
    if mine is not None and theirs is not None and mine.value != theirs.value:
        yield mine.at, brief(theirs.value), brief(mine.value)


def _misquoted(at: str, one: Sighting, other: Sighting) -> Iterator[tuple[str, str, str]]:
    mine, theirs = one.echoes[at], other.echoes.get(at)
    if theirs is not None and mine.value != theirs.value:
        yield mine.at, brief(theirs.value), brief(mine.value)


def _follows(contract: Contract, before: str | None, after: str | None) -> bool:
    """Whether a state is the same or can come later; of a word that the contract lacks nothing is said."""
    states = contract.states
    if before == after or before not in states or after not in states:
        return True
    return after in reachable(states, before)


@check("lists.appears", "A submitted job appears in its caller's list.")
def appears(call: Call, history: History) -> Iterator[Breach]:
    """On the first page, where that has room left."""
    shown = {one.job for one in _listed(call)}
    if not _is_list(call) or not call.exchange.caller or _number(call) != 1 or len(shown) >= _size(call):
        return
    for story in history.jobs.values():
        if story.job not in shown and _belongs(call, story):
            actual = f"job {story.job} is not among {len(shown)}"
            yield Breach("every job of the caller", actual, source=_source(call), job=story.job)


def _belongs(call: Call, story: JobHistory) -> bool:
    """Whether the list has to show a job: the caller's, made before, by an operation and model it shows."""
    assert call.operation is not None
    submit, known = story.submit, call.operation.of
    if submit is None or submit.operation is None or story.caller != call.exchange.caller:
        return False
    if submit.answered_at > call.exchange.at or (known is not None and submit.operation.id not in known):
        return False
    filters = call.operation.filters
    asked = [str(value) for name, value in _query(call).items() if filters.get(name) == "model"]
    return all(submit.model == model for model in asked) and not _is_filtered_otherwise(call)


def _is_filtered_otherwise(call: Call) -> bool:
    """Whether the query narrows by something of which nothing is known here."""
    assert call.operation is not None
    page = call.operation.page
    plain_names = {name for name, field in call.operation.filters.items() if field == "model"}
    return not call.exchange.query.keys() <= plain_names | {page.number, page.size}


def _query(call: Call) -> dict[str, Any]:
    return {**call.exchange.query, **call.parameters.get("query", {})}


def _number(call: Call) -> int:
    assert call.operation is not None
    value = _query(call).get(call.operation.page.number or "", 1)
    return value if isinstance(value, int) else 1


def _size(call: Call) -> int:
    assert call.operation is not None
    page = call.operation.page
    value = _query(call).get(page.size or "", page.most)
    return value if isinstance(value, int) else page.most


@check("lists.filter", "A list that is filtered by model has only jobs of that model.")
def narrowed(call: Call, history: History) -> Iterator[Breach]:
    """Where the entry tells its model, or the submit is known."""
    filters = call.operation.filters if call.operation else {}
    asked = [str(value) for name, value in _query(call).items() if filters.get(name) == "model"]
    for one in _listed(call):
        story = history.jobs.get(one.job or "")
        model = one.text("job.model") or (story.submit.model if story and story.submit else None)
        for wanted in asked:
            if model is not None and model != wanted:
                yield Breach(wanted, model, source=_source(call), at=one.at, job=one.job)


@check("lists.page", "A page has at most the requested number of jobs, and none from the page before.")
def page(call: Call, history: History) -> Iterator[Breach]:
    """Pages are compared where nothing was submitted in between."""
    shown = _listed(call)
    if not shown:
        return
    if len(shown) > _size(call):
        yield Breach(f"at most {_size(call)}", f"{len(shown)} jobs", source=_source(call))
    for other in reversed(history.calls):
        if other.role == "submit":
            return
        if _is_other_page(call, other):
            twice = {one.job for one in shown} & {one.job for one in _listed(other)}
            if twice:
                actual = f"{', '.join(sorted(map(str, twice)))} as on page {_number(other)}"
                yield Breach("other jobs than on another page", actual, source=_source(call))
            return


def _is_other_page(call: Call, other: Call) -> bool:
    if not _is_list(other) or other.operation is not call.operation:
        return False
    same = other.exchange.caller == call.exchange.caller and _size(other) == _size(call)
    return same and _number(other) != _number(call)


@check("lists.once", "No job appears twice in a list.")
def once(call: Call, history: History) -> Iterator[Breach]:
    """Of one answer."""
    for name, times in Counter(one.job for one in _listed(call)).items():
        if times > 1:
            yield Breach("each job once", f"job {name} {times} times", source=_source(call), job=name)


@check("lists.total", "The total that a list states is the number of its jobs.")
def total(call: Call, history: History) -> Iterator[Breach]:
    """At least as many as are shown, and no more where they all are."""
    count = next((one.facts["jobs.count"] for one in call.sightings if "jobs.count" in one.facts), None)
    if not _is_list(call) or count is None or not isinstance(count.value, int):
        return
    shown = len(_listed(call))
    whole = _number(call) == 1 and shown < _size(call)
    if count.value < shown or (whole and count.value != shown):
        expected = f"{shown}" if whole else f"at least {shown}"
        at = clauses.operation(call.operation) if call.operation else ""
        yield Breach(expected, str(count.value), at, _source(call), at=count.at)


@check("lists.order", "A list that is documented as newest first has the newest job first.")
def order(call: Call, history: History) -> Iterator[Breach]:
    """By the moments that are told, and by the order of submits that are known."""
    shown = _listed(call)
    clause = _newest_first(call) if len(shown) > 1 else ""
    for above, below in pairwise(shown) if clause else ():
        if _is_older(above, below, history):
            actual = f"job {below.job} below the older {above.job}"
            yield Breach("the newest first", actual, clause, at=below.at, job=below.job)


def _is_older(one: Sighting, other: Sighting, history: History) -> bool:
    mine, theirs = one.moment("job.created_at"), other.moment("job.created_at")
    if mine is not None and theirs is not None and mine != theirs:
        return mine < theirs
    first, second = history.jobs.get(one.job or ""), history.jobs.get(other.job or "")
    if first is None or second is None or first.submit is None or second.submit is None:
        return False
    return first.submit.answered_at <= second.submit.exchange.at


def _newest_first(call: Call) -> str:
    """Where the contract says that the list has the newest first, empty where it does not."""
    assert call.operation is not None
    at = clauses.operation(call.operation)
    response = f"{at}/responses/{call.exchange.status}"
    for place in (f"{response}/content/application~1json/schema", response, at):
        here, node = clauses.follow(call.contract, place)
        if isinstance(node, dict) and _NEWEST.search(str(node.get("description", ""))):
            return f"{here}/x-job" if "x-job" in node and place == at else here
    return ""
