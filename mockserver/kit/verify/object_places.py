"""Where a request names the job or model that it is about, and what else its operation demands."""

from __future__ import annotations

from mockserver.contract.demanded import demanded
from mockserver.contract.model import Operation
from mockserver.contract.names import OF_IDS
from mockserver.kit.traffic.history import History, JobHistory

Values = dict[str, dict[str, str]]
"""Values by their place (`path`, `query`, `headers`) and name."""


def places_of(history: History, operation: Operation, object_id: str) -> Values:
    """The values of a request about one job or model; other places of the path are as its submit had them."""
    assert operation.key is not None
    place, name = operation.key
    query, headers, path = (demanded(history.contract, operation, at) for at in ("query", "header", "path"))
    job = history.jobs.get(object_id)
    if job is not None and job.submit is not None:
        path |= {key: str(value) for key, value in job.submit.parameters.get("path", {}).items()}
    values = {"path": path, "query": query, "headers": headers}
    values[place][name] = object_id if job is None else _named(history, operation, job)
    return values


def _named(history: History, operation: Operation, job: JobHistory) -> str:
    """The id by which an operation knows a job: its own, else the further one that an answer showed."""
    other = history.contract.ids.get(operation.by[0])
    if other is None or "id" in operation.by:
        return job.job_id
    shown = (sighting.text(f"{OF_IDS}{other.name}") for _, sighting in job.sightings)
    return next(filter(None, shown), None) or other.of(job.job_id)
