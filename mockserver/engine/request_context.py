"""A request on its way: what is known of it so far."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from random import Random
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from mockserver.contract.model import Contract, Model, Operation, Place
from mockserver.contract.pointer import follow
from mockserver.engine.message import Request
from mockserver.jobs.job import NOWHERE, Job, Plan, State

if TYPE_CHECKING:
    from mockserver.contract.answer_template import AnswerTemplate
    from mockserver.engine.documents.uploads import Upload
    from mockserver.faults.base import CallbackFault
    from mockserver.faults.rule import Rule


class Balance(NamedTuple):
    """What a caller may spend, and what of it is left, in the unit of the contract's prices."""

    credits: float
    left: float


class ListPage(NamedTuple):
    """One page of a list: the ids of its first and last job, whether there are more, and the cursor that
    leads to them. None where there is no such thing.
    """

    first: str | None = None
    last: str | None = None
    more: bool | None = None
    cursor: str | None = None


NO_PAGE: Final = ListPage()


class PreparedAnswer(NamedTuple):
    """The body of a submit's answer that shows its job in a state, made before the job was stored."""

    answer: AnswerTemplate
    state: State
    body: bytes


class RequestContext:
    """One request to one operation, filled in from admission to the answer.

    `now` is Unix milliseconds; `violations` are why it was refused, `warnings` what was let pass,
    `faults` what acted on it; `error_field` has the steps to the field that a refusal is about, the first its
    place; `refusal` says why the answer is no good one. `marker_rules` are those that
    markers in its key or prompt stand for. `marked_key` is the key if it has any.
    `later_jobs` are those of a list that are read while it is sent, if it is a long one.
    `prepared` is the body of a submit's answer, made before its job was stored.
    `moved` says that a fact was noted by which its job may have gone on.
    `change_plan` changes a new job's plan; `link` is what its media links end in.
    `is_steady` says that its answer depends on nothing but its job and the job's state, or on its own bytes
    alone; `breaks_contract` that its body is refused by the contract, whatever jobs there are; `key_lapses`
    that the moment decides whether its key is taken.
    """

    # What most requests leave as it is stands in the class: to set all of it costs a microsecond each time.
    tenant: str = ""
    parameters: Mapping[str, Mapping[str, Any]] = MappingProxyType({})
    body: Any = None
    job: Job | None = None
    state: State | None = None
    jobs: Sequence[tuple[Job, State]] = ()
    later_jobs: AsyncIterator[tuple[Job, State]] | None = None
    jobs_count: int | None = None
    page: ListPage = NO_PAGE
    model: Model | None = None
    account: Balance | None = None
    upload: Upload | None = None
    error: str | None = None
    error_field: tuple[str | int, ...] | None = None
    refusal: str | None = None
    status: int | None = None
    violations: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    change_plan: Callable[[Plan], Plan] | None = None
    callback_faults: Sequence[CallbackFault] = ()
    link: str = ""
    warnings: tuple[str, ...] = ()
    prepared: PreparedAnswer | None = None
    moved: bool = False
    marked_key: str = ""
    marker_rules: Sequence[Rule] = ()
    is_steady: bool = False
    breaks_contract: bool = False
    key_lapses: bool = False

    def __init__(
        self, contract: Contract, operation: Operation, request: Request, now: int, random: Random,
        tenant: str = "",
    ) -> None:  # fmt: skip
        self.contract = contract
        self.operation = operation
        self.request = request
        self.now = now
        self.random = random
        if tenant:
            self.tenant = tenant

    def value_at(self, place: Place | None) -> str:
        """The text of a parameter; empty without one."""
        if place is None:
            return ""
        where, name = place
        return str(self.parameters.get(where, {}).get(name, ""))

    @property
    def submitted_places(self) -> Mapping[str, str]:
        """What a submit has beside its body, as far as a job keeps it."""
        noted = self.operation.noted
        if not noted:
            return NOWHERE
        return {".".join(place): text for place in noted if (text := self.value_at(place))}

    @property
    def submitted_model(self) -> str:
        """The model that a submit names, else the one that stands for none."""
        if self.operation.model_places:
            return "/".join(self.value_at(place) for place in self.operation.model_places)
        model = follow(self.body, self.operation.model_at)
        return model if isinstance(model, str) else str(self.operation.default_model)
