"""The clip from which a submit goes on: a drawn body gets the id of a job that has one."""

from __future__ import annotations

from typing import Any

from mockserver.contract.model import Contract, Operation
from mockserver.contract.pointer import follow
from mockserver.kit.examples import example_of
from mockserver.kit.strategies.submit_requests import SubmitRequest
from mockserver.kit.traffic.history import History, can_go_on, may_go_on


def unfinished_source(contract: Contract, operation_id: str, history: History) -> str | None:
    """The id of a job that could go on if it had ended; None where one can already, or none is known."""
    source, jobs = contract.source_of(operation_id), history.jobs.values()
    if source is None or any(can_go_on(source, job) for job in jobs):
        return None
    return next((job.job_id for job in jobs if not job.ended and may_go_on(source, job)), None)


def missing_session(contract: Contract, operation_id: str, history: History) -> SubmitRequest | None:
    """What opens a session to go on from, where the submit needs one and none is open."""
    source, jobs = contract.source_of(operation_id), history.jobs.values()
    if source is None or any(can_go_on(source, job) for job in jobs):
        return None
    makers = [contract.operations[name] for name in source.of or () if name in contract.operations]
    sessions = [operation for operation in makers if operation.role == "session"]
    return example_of(contract, sessions[0], tuple(contract.models)) if sessions else None


def with_source(operation: Operation, body: Any, history: History) -> Any:
    """The body with the id of the first job that can go on, where it has a text in that place.

    As it is where the operation goes on from nothing, or where no such job is known.
    """
    source = operation.source
    if source is None or not isinstance(follow(body, source.video), str):
        return body
    job = next((job for job in history.jobs.values() if can_go_on(source, job)), None)
    return body if job is None else _replaced(body, source.video, job.job_id)


def _replaced(body: Any, path: tuple[str, ...], value: str) -> Any:
    if not path:
        return value
    return {**body, path[0]: _replaced(body[path[0]], path[1:], value)}
