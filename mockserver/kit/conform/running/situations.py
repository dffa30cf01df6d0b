"""Which situations a provider's contract can be brought into, and what a case becomes where it cannot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Final, NamedTuple

from mockserver.contract.model import Contract, Model
from mockserver.contract.unchecked import object_in
from mockserver.kit.conform.case import Case, Situation
from mockserver.kit.conform.running.media_schemas import media_schemas
from mockserver.kit.conform.running.models import makes_from_text
from mockserver.kit.learned_api import LearnedApi, learn


def case_for(case: Case, contract: Contract) -> Case:
    """The case as it is for a contract; where that lacks a situation, `not_for` has the reason.

    Raises ValidationError if its changes are invalid.
    """
    provider = contract.provider
    for situation, changes in case.otherwise.items():
        if _lacks(situation, case, contract):
            case = case.changed(changes)
    case = case.for_provider(provider.partition("@")[0])
    reasons = (_lacks(situation, case, contract) for situation in case.situations)
    reason = next(filter(None, reasons), "")
    if not reason:
        return case
    return case.model_copy(update={"not_for": {**case.not_for, provider: reason}})


def prompt_limit(contract: Contract, model: Model) -> int | None:
    """How many characters the model's prompt may have; None where the contract has no limit."""
    schemas = media_schemas(contract, model, "prompt")
    return next(filter(None, (object_in(schema).get("maxLength") for schema in schemas)), None)


@cache
def learned(contract: Contract) -> LearnedApi:
    """What a client can learn from the contract."""
    return learn(dict(contract.document))


def _tells_unpaid(_: Case, contract: Contract) -> bool:
    """Whether a client can tell that no credit is left from too many requests, but by the words."""
    submit = next(each for each in contract.operations.values() if each.role == "submit")
    unpaid, limited = submit.answers.get("unpaid"), submit.answers.get("limited")
    if unpaid is None or limited is None or unpaid.status != limited.status:
        return True
    return bool(learned(contract).spent)


def _has_code(case: Case, contract: Contract) -> bool:
    """Whether the contract has an answer of the code, for the role, that the case is about."""
    rules = [rule for rule in case.setup.rules if rule.fault == "business-code"]
    return all(
        any(
            f"code-{rule.settings['code']}" in operation.answers
            for operation in contract.operations.values()
            if operation.role == rule.when.get("role")
        )
        for rule in rules
    )


class Demand(NamedTuple):
    """What a situation needs: whether a contract has it, and the reason where it has not."""

    met: Callable[[Case, Contract], object]
    reason: str


_DEMANDS: Final[Mapping[Situation, Demand]] = {
    "callback": Demand(
        lambda _, contract: any(operation.callback for operation in contract.operations.values()),
        "it documents no callbacks",
    ),
    "thumbnail": Demand(lambda _, contract: learned(contract).stills, "it documents no thumbnail"),
    "text-model": Demand(
        lambda _, contract: any(makes_from_text(contract, model) for model in contract.models.values()),
        "it documents no model for text alone",
    ),
    "look-up": Demand(
        lambda _, contract: learned(contract).lookup, "it has no list, and no id of the caller's own"
    ),
    "prompt-limit": Demand(
        lambda _, contract: any(prompt_limit(contract, model) for model in contract.models.values()),
        "it documents no limit of a prompt",
    ),
    "state-word": Demand(
        lambda _, contract: learned(contract).states, "its answers have no word for a state"
    ),
    "unpaid-told": Demand(_tells_unpaid, "it says of no credit what it says of too many requests"),
    "another-model": Demand(lambda _, contract: len(contract.models) > 1, "it has one model"),
    "business-code": Demand(_has_code, "its answers have no such code"),
}


def _lacks(situation: Situation, case: Case, contract: Contract) -> str:
    """Why the contract cannot be brought into the situation; empty where it can."""
    demand = _DEMANDS[situation]
    if demand.met(case, contract):
        return ""
    return demand.reason
