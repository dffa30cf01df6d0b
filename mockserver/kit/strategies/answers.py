"""Answers that a contract permits, to test clients with: a job's facts stay, all else may vary."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, get_args

from hypothesis import assume
from hypothesis import strategies as st

from mockserver.contract import pointer
from mockserver.contract.model import Contract, Operation
from mockserver.contract.names import PHASES
from mockserver.errors import SettingsError
from mockserver.kit import contracts
from mockserver.kit.strategies import subschemas
from mockserver.kit.strategies.answer_fields import AnswerField, places, shape
from mockserver.kit.strategies.instances import Choices, Draw, InstanceGenerator, Unsatisfiable
from mockserver.kit.strategies.jobs import VIDEOS, DrawnJob, Parts, job, job_ids, requests_of, states
from mockserver.kit.strategies.mutations import REMOVED, Mutation, Path, apply
from mockserver.kit.strategies.submit_requests import SubmitRequest
from mockserver.terms import Role

USUAL_NAMES: Final = ("new_field", "x-extra", "Статус", "status_detail", "metadata2", "url_expires")
RESERVED_NAMES: Final = ("__proto__", "constructor", "prototype")
"""Names that some JSON parsers refuse on purpose; no provider is known to send one."""
_STRANGE: Final[tuple[Any, ...]] = (
    None, True, 0, -1, 1e300, "", "text", [], {}, [[1], None],
    {"id": "another", "status": "failed", "url": None}, "\U0001f600" * 50,
)  # fmt: skip
_ROLES: Final = get_args(Role)


@dataclass(frozen=True, slots=True)
class DrawnAnswer:
    """An answer: status, headers by lower-case name, the JSON body; `drawn_job` is the job it is about."""

    status: int
    headers: Mapping[str, str]
    body: Any
    drawn_job: DrawnJob


def find(contract: Contract, operation: str) -> Operation:
    """The operation of that id, or the first of that role. Raises SettingsError."""
    if operation in contract.operations:
        return contract.operations[operation]
    for entry in contract.operations.values():
        if operation == entry.role:
            return entry
    known = ", ".join((*contract.operations, *_ROLES))
    raise SettingsError(f"{contract.provider} has no operation {operation!r}; known: {known}")


def responses(
    contract: Contract | str,
    operation: str = "read",
    when: str = "default",
    *,
    profile: str = "documented",
    state: str | None = None,
    phase: str | None = None,
    model: str | None = None,
    job_id: st.SearchStrategy[str] | None = None,
    video_url: st.SearchStrategy[str] | None = None,
    requests: st.SearchStrategy[SubmitRequest] | None = None,
) -> st.SearchStrategy[DrawnAnswer]:
    """Answers of one case of an operation (its id or role) as the contract permits them.

    Optional fields come and go, fields nobody documented appear, free fields take extreme values; the
    job's id, state and link are where the contract puts them. The parameters that are strategies replace
    those facts. Raises SettingsError for an operation, case, state or model that is not there.
    """
    loaded = contracts.as_contract(contract, profile)
    entry = find(loaded, operation)
    if when not in entry.answers:
        raise SettingsError(f"{entry.id} has no answer {when!r}; answers: {', '.join(sorted(entry.answers))}")
    if job_id is None:
        job_id = job_ids(loaded)
    if video_url is None:
        video_url = st.sampled_from(VIDEOS)
    if requests is None:
        requests = requests_of(loaded, entry, model)
    if phase is None and when in PHASES:
        phase = when
    parts = Parts(job_id, states(loaded, entry, state, phase), video_url, requests)

    @st.composite
    def answered(draw: Draw) -> DrawnAnswer:
        return _answered(draw, loaded, entry, when, parts)

    return answered()


def _answered(draw: Draw, contract: Contract, operation: Operation, when: str, parts: Parts) -> DrawnAnswer:
    drawn = job(draw, contract, operation, parts, operation.answers[when].status)
    answer = operation.answer(when, drawn.job_phase)
    drawn, when = replace(drawn, error_status=answer.status), answer.when
    if operation.role == "list":
        more = draw(st.integers(0, 3))
        jobs = [job(draw, contract, operation, parts, answer.status) for _ in range(more)]
        drawn = replace(drawn, jobs=jobs, jobs_count=len(jobs), jobs_more=False)
        if jobs:
            drawn = replace(drawn, jobs_first=jobs[0].job_id, jobs_last=jobs[-1].job_id)
    body = answer.render(drawn)
    assume(answer.schema is None or answer.schema.is_valid(body))
    headers = {name.decode(): value.decode() for name, value in answer.headers_for(drawn)}
    return DrawnAnswer(answer.status, headers, _evolved(draw, contract, operation, when, body), drawn)


def evolutions(
    body: Any,
    contract: Contract | str,
    operation: str = "read",
    when: str = "default",
    *,
    names: Sequence[str] = USUAL_NAMES,
) -> st.SearchStrategy[Any]:
    """The answer as a later version of the API may give it: it keeps its schema and the job's facts.

    `body` is a concrete answer of that case; the simplest variant is the answer itself, so that what
    breaks a client shrinks to one field. New fields have one of the `names`. Raises
    SettingsError as `responses` does.
    """
    loaded = contracts.as_contract(contract)
    entry = find(loaded, operation)

    @st.composite
    def evolved(draw: Draw) -> Any:
        return _evolved(draw, loaded, entry, when, body, names)

    return evolved()


def _evolved(
    draw: Draw,
    contract: Contract,
    operation: Operation,
    when: str,
    body: Any,
    names: Sequence[str] = USUAL_NAMES,
) -> Any:
    """Mutation by mutation; one that would break the schema is left out."""
    template, schema = shape(contract, operation, when)
    validator = operation.answers[when].schema
    marked = {place.at: place for place in places(template, body)}
    for change in list(_changes(draw, contract, schema, body, marked, names)):
        try:
            changed = apply(body, change)
        except (LookupError, ValueError):
            continue
        if validator is None or validator.is_valid(changed):
            body = changed
    return body


def _changes(
    draw: Draw,
    contract: Contract,
    schema: Any,
    body: Any,
    marked: Mapping[str, AnswerField],
    names: Sequence[str],
) -> Iterator[Mutation]:
    generator = InstanceGenerator(contract.document, draw, Choices({}, bold=False))
    for path, value, schemas in _objects(contract, [schema], body, ()):
        if _fixed(marked, path, below=False):
            continue
        documented = subschemas.names(contract.document, schemas)
        for name in documented:
            yield from _of_field(draw, generator, (schemas, value, (*path, name)), marked)
        for name in list(value):
            if name not in documented and draw(st.integers(0, 3)) == 3:
                yield from _drop((*path, name), marked)
        if draw(st.integers(0, 3)) == 3:
            name = draw(st.sampled_from(names))
            if name not in value and name not in documented:
                yield Mutation((*path, name), draw(st.sampled_from(_STRANGE)))


def _objects(
    contract: Contract, schemas: Sequence[Any], value: Any, path: Path
) -> Iterator[tuple[Path, dict[str, Any], Sequence[Any]]]:
    """Every object of a body with the schemas that apply to it."""
    nodes = list(subschemas.active(contract.document, schemas, value))
    if isinstance(value, dict):
        yield path, value, schemas
        for name, inner in value.items():
            parts = subschemas.properties(contract.document, nodes, name)
            yield from _objects(contract, parts, inner, (*path, name))
    elif isinstance(value, list):
        items = [node["items"] for node in nodes if "items" in node]
        for index, inner in enumerate(value):
            yield from _objects(contract, items, inner, (*path, str(index)))


Spot = tuple[Sequence[Any], dict[str, Any], Path]


def _of_field(
    draw: Draw, generator: InstanceGenerator, spot: Spot, marked: Mapping[str, AnswerField]
) -> Iterator[Mutation]:
    """A documented field goes, comes or changes; 0, the simplest draw, leaves it."""
    schemas, value, path = spot
    name, at = path[-1], pointer.write(path)
    fate = draw(st.integers(0, 3))
    if fate == 0:
        return
    if name in value and fate == 1:
        yield from _drop(path, marked)
        return
    nodes = list(subschemas.active(generator.document, schemas, value))
    parts = subschemas.properties(generator.document, nodes, name)
    if name in value and (isinstance(value[name], dict | list) or (at in marked and marked[at].of_job)):
        return
    if _fixed(marked, path, below=True):
        return
    if name not in value and any(known == at or known.startswith(f"{at}/") for known in marked):
        yield Mutation(path, None)
        return
    try:
        yield Mutation(path, generator.value(parts))
    except Unsatisfiable:
        return


def _drop(path: Path, marked: Mapping[str, AnswerField]) -> Iterator[Mutation]:
    if not _fixed(marked, path, below=True):
        yield Mutation(path, REMOVED)


def _fixed(marked: Mapping[str, AnswerField], path: Path, *, below: bool) -> bool:
    """Whether a place is fixed, lies in a fixed whole, or, with `below`, holds a fixed place."""
    at = pointer.write(path)
    return any(
        place.at == at
        or (place.whole and at.startswith(f"{place.at}/"))
        or (below and place.at.startswith(f"{at}/"))
        for place in marked.values()
        if place.fixed
    )
