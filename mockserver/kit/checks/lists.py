"""Lists: they agree with each job's own answers, and leave out none of the caller's jobs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice, pairwise
from typing import Any, Final

from mockserver.contract.model import Contract
from mockserver.contract.violation import brief
from mockserver.kit.checks.base import Breach, check
from mockserver.kit.checks.observations import can_follow
from mockserver.kit.traffic import contract_locations
from mockserver.kit.traffic.call import Call
from mockserver.kit.traffic.credentials import is_ordinary
from mockserver.kit.traffic.facts import AnswerFact, Sighting
from mockserver.kit.traffic.history import LOOK_BACK, History, JobHistory
from mockserver.numerals import plural

_CONSTANT: Final = ("job.model", "job.alias", "job.created_at")
_FINAL: Final = (
    "media.video", "media.watermarked", "media.thumbnail", "media.image", "media.seconds", "job.reason",
)  # fmt: skip
"""Facts that do not change once a job has ended."""
_NEWEST: Final = re.compile("newest first", re.IGNORECASE)


def _listed(call: Call) -> list[Sighting]:
    """The jobs that a list shows; empty if the call is not an answered list."""
    if not _is_list(call):
        return []
    return [sighting for sighting in call.sightings if sighting.job_id is not None]


def _is_list(call: Call) -> bool:
    return call.role == "list" and is_ordinary(call) and call.succeeded


def _source(call: Call) -> str:
    assert call.operation is not None
    return contract_locations.provenance(call.contract, call.operation)


@check("lists.agrees", "A list agrees with the job's own answers.")
def agrees(call: Call, history: History) -> Iterator[Breach]:
    """On model, names, times and payload; on files once the job has ended. The list's state must not be one
    that the job had already left."""
    for sighting in _listed(call):
        job = history.jobs.get(sighting.job_id or "")
        if job is not None:
            for at, expected, actual in _differences(call, sighting, job):
                yield Breach(expected, actual, source=_source(call), at=at, job=sighting.job_id)


Difference = tuple[str, str, str]
"""JSON pointer in the list, what was expected there, what is there."""


def _differences(call: Call, sighting: Sighting, job: JobHistory) -> list[Difference]:
    """Where a list contradicts the latest of the job's own answers that it contradicts."""
    for other_call, other in job.sightings_before(call):
        if other_call.role in ("submit", "read"):
            differences = _compare(call.contract, sighting, other)
            if differences:
                return differences
    return []


def _compare(contract: Contract, sighting: Sighting, other: Sighting) -> list[Difference]:
    names = list(_CONSTANT)
    if other.states == sighting.states and other.ended:
        names += _FINAL
    differences = [
        *_unequal(sighting.facts, other.facts, names),
        *_unequal(sighting.echoes, other.echoes, sighting.echoes),
    ]
    if not can_follow(contract, other, sighting):
        before, now = (str(each.state or each.name) for each in (other, sighting))
        differences.append((sighting.state_pointer, f"{before} as before, or what may follow it", now))
    return differences


def _unequal(
    facts: Mapping[str, AnswerFact], others: Mapping[str, AnswerFact], names: Iterable[str]
) -> Iterator[Difference]:
    for name in names:
        fact, other = facts.get(name), others.get(name)
        if fact is not None and other is not None and fact.value != other.value:
            yield fact.pointer, brief(other.value), brief(fact.value)


@check("lists.appears", "A submitted job appears in its caller's list.")
def appears(call: Call, history: History) -> Iterator[Breach]:
    """On the first page, if that is not full."""
    if not _is_list(call) or not call.exchange.caller or _before(call):
        return
    shown = {sighting.job_id for sighting in _listed(call)}
    if len(shown) >= _size(call):
        return
    for job in history.jobs.values():
        if job.job_id not in shown and _belongs(call, job):
            actual = f"job {job.job_id} is not among {len(shown)}"
            yield Breach("every job of the caller", actual, source=_source(call), job=job.job_id)


def _belongs(call: Call, job: JobHistory) -> bool:
    """Whether the list must show a job: the caller submitted it before, and the list's operation and
    filters include it."""
    assert call.operation is not None
    submit, known = job.submit, call.operation.of
    if submit is None or submit.operation is None or job.deleted or job.caller != call.exchange.caller:
        return False
    if submit.answered_at > call.exchange.at or (known is not None and submit.operation.id not in known):
        return False
    return all(submit.model == model for model in _requested_models(call)) and not _has_other_filter(call)


def _requested_models(call: Call) -> list[str]:
    """The models that the query narrows the list to."""
    if call.operation is None:
        return []
    filters = call.operation.filters
    return [str(value) for name, value in _query(call).items() if filters.get(name) == "model"]


def _has_other_filter(call: Call) -> bool:
    """Whether the query has a parameter whose effect is not known here."""
    assert call.operation is not None
    page = call.operation.page
    models = {name for name, field in call.operation.filters.items() if field == "model"}
    return not call.exchange.query.keys() <= models | {page.number, page.size, page.offset}


def _query(call: Call) -> dict[str, Any]:
    return {**call.exchange.query, **call.parameters.get("query", {})}


def _before(call: Call) -> int:
    """How many jobs stand before the page."""
    assert call.operation is not None
    page = call.operation.page
    return (_integer(call, page.number, 1) - 1) * _size(call) + _integer(call, page.offset, 0)


def _size(call: Call) -> int:
    """The most jobs that the page may have."""
    assert call.operation is not None
    return _integer(call, call.operation.page.size, call.operation.page.most)


def _integer(call: Call, name: str | None, default: int) -> int:
    value = _query(call).get(name or "", default)
    return value if isinstance(value, int) else default


@check("lists.filter", "A list that is filtered by model has only jobs of that model.")
def narrowed(call: Call, history: History) -> Iterator[Breach]:
    """If the list shows the model, or the record has the submit."""
    for sighting in _listed(call):
        model = sighting.text("job.model") or _submitted_model(history, sighting)
        for wanted in _requested_models(call):
            if model is not None and model != wanted:
                yield Breach(wanted, model, source=_source(call), at=sighting.pointer, job=sighting.job_id)


def _submitted_model(history: History, sighting: Sighting) -> str | None:
    job = history.jobs.get(sighting.job_id or "")
    if job is None or job.submit is None:
        return None
    return job.submit.model


@check("lists.page", "A page has at most the requested number of jobs, and none from the page before.")
def page(call: Call, history: History) -> Iterator[Breach]:
    """Pages are compared if nothing was submitted in between."""
    shown = _listed(call)
    if not shown:
        return
    if len(shown) > _size(call):
        yield Breach(f"at most {_size(call)}", plural(len(shown), "job"), source=_source(call))
    for other in islice(reversed(history.calls), LOOK_BACK):
        if other.role == "submit":
            return
        if _is_other_page(call, other):
            twice = {sighting.job_id for sighting in shown}
            twice &= {sighting.job_id for sighting in _listed(other)}
            if twice:
                actual = f"{', '.join(sorted(map(str, twice)))} as on the page behind {_before(other)} jobs"
                yield Breach("other jobs than on another page", actual, source=_source(call))
            return


def _is_other_page(call: Call, other: Call) -> bool:
    if not _is_list(other) or other.operation is not call.operation:
        return False
    same = other.exchange.caller == call.exchange.caller and _size(other) == _size(call)
    return same and abs(_before(other) - _before(call)) >= _size(call)


@check("lists.once", "No job appears twice in a list.")
def once(call: Call, history: History) -> Iterator[Breach]:
    """On one page."""
    for job_id, times in Counter(sighting.job_id for sighting in _listed(call)).items():
        if times > 1:
            yield Breach("each job once", f"job {job_id} {times} times", source=_source(call), job=job_id)


@check("lists.total", "The total that a list states is the number of its jobs.")
def total(call: Call, history: History) -> Iterator[Breach]:
    """At least as many as the page shows; exactly as many if the page shows them all."""
    if not _is_list(call):
        return
    facts = (sighting.facts.get("jobs.count") for sighting in call.sightings)
    count = next((fact for fact in facts if fact is not None), None)
    if count is None or not isinstance(count.value, int):
        return
    shown = len(_listed(call))
    complete = not _before(call) and shown < _size(call)
    if count.value < shown or (complete and count.value != shown):
        assert call.operation is not None
        expected = str(shown) if complete else f"at least {shown}"
        clause = contract_locations.operation(call.operation)
        yield Breach(expected, str(count.value), clause, _source(call), at=count.pointer)


@check("lists.order", "A list that is documented as newest first has the newest job first.")
def order(call: Call, history: History) -> Iterator[Breach]:
    """By the creation times in the list, else by the order of the submits in the record."""
    shown = _listed(call)
    if len(shown) < 2:
        return
    clause = _newest_first(call)
    if not clause:
        return
    for above, below in pairwise(shown):
        if _is_older(above, below, history):
            actual = f"job {below.job_id} below the older {above.job_id}"
            yield Breach("the newest first", actual, clause, at=below.pointer, job=below.job_id)


def _is_older(sighting: Sighting, other: Sighting, history: History) -> bool:
    created, other_created = sighting.moment("job.created_at"), other.moment("job.created_at")
    if created is not None and other_created is not None and created != other_created:
        return created < other_created
    first, second = history.jobs.get(sighting.job_id or ""), history.jobs.get(other.job_id or "")
    if first is None or second is None or first.submit is None or second.submit is None:
        return False
    # Submits of the same moment, as by a clock that stands still, may have been made in either order.
    return first.submit.answered_at < second.submit.exchange.at


def _newest_first(call: Call) -> str:
    """The JSON pointer at which the contract says that the list is newest first, empty if it does not."""
    assert call.operation is not None
    operation = contract_locations.operation(call.operation)
    response = f"{operation}/responses/{call.exchange.status}"
    for place in (f"{response}/content/application~1json/schema", response, operation):
        at, node = contract_locations.follow(call.contract, place)
        if isinstance(node, dict) and _NEWEST.search(str(node.get("description", ""))):
            if place == operation and "x-job" in node:
                return f"{at}/x-job"
            return at
    return ""
