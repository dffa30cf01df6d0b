"""The client's answers have the keys and types of the server's models."""

from __future__ import annotations

from types import UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints, is_typeddict

import pytest
from pydantic import BaseModel

from mockserver.control import (
    callbacks,
    clock,
    faults,
    health,
    jobs,
    journal,
    quotas,
    recorded,
    tenants,
    unreadable,
    usage,
)
from mockserver.control_client import answers
from mockserver.faults.rule import Rule

MODELS: dict[type, type[BaseModel]] = {
    answers.HealthAnswer: health.Health,
    answers.ClockAnswer: clock.Clock,
    answers.ClockEventAnswer: clock.ClockEvent,
    answers.JumpAnswer: clock.Jumped,
    answers.JobAnswer: jobs.JobRow,
    answers.JobDetailAnswer: jobs.JobShown,
    answers.TimelineAnswer: jobs.TimelineRow,
    answers.NextEventAnswer: jobs.NextEvent,
    answers.PlannedAnswer: jobs.PlannedRow,
    answers.ExplanationAnswer: jobs.ExplanationShown,
    answers.RuleAnswer: Rule,
    answers.FaultAnswer: faults.FaultRow,
    answers.PredicateAnswer: faults.PredicateRow,
    answers.CatalogueAnswer: faults.Catalogue,
    answers.LimitsAnswer: quotas.QuotaLimits,
    answers.QuotaAnswer: quotas.QuotaShown,
    answers.UsageAnswer: usage.UsageRow,
    answers.TenantAnswer: tenants.TenantRow,
    answers.UnreadableAnswer: unreadable.UnreadableRow,
    answers.MessageAnswer: recorded.RecordedMessage,
    answers.JournalEntryAnswer: recorded.RecordedExchange,
    answers.JournalPageAnswer: journal.JournalPage,
    answers.VerdictAnswer: journal.Verdict,
    answers.DeliveryAnswer: callbacks.DeliveryRow,
}


def shape(kind: Any) -> Any:
    """A type as its JSON is: pairs are lists, a union has no order, an answer stands for its model."""
    origin = get_origin(kind)
    if origin is Literal:
        return Literal, frozenset(get_args(kind))
    if origin is tuple:
        return (list, (shape(get_args(kind)[0]),))
    if origin is UnionType:
        return UnionType, frozenset(map(shape, get_args(kind)))
    if origin is not None:
        return origin, tuple(map(shape, get_args(kind)))
    return MODELS.get(kind, kind)


def model_shapes(model: type[BaseModel]) -> dict[str, Any]:
    """The types of a model's fields by their keys in JSON."""
    return {
        field.serialization_alias or name: shape(field.annotation)
        for name, field in model.model_fields.items()
    }


@pytest.mark.parametrize("answer", MODELS, ids=lambda answer: answer.__name__)
def test_an_answer_has_the_keys_and_types_of_its_model(answer: type) -> None:
    hints = {key: shape(kind) for key, kind in get_type_hints(answer).items()}
    assert hints == model_shapes(MODELS[answer])


@pytest.mark.parametrize("answer", MODELS, ids=lambda answer: answer.__name__)
def test_an_answer_always_has_all_its_keys(answer: type) -> None:
    assert vars(answer)["__required_keys__"] == get_type_hints(answer).keys()


def test_every_answer_of_the_client_has_a_model() -> None:
    assert {kind for kind in vars(answers).values() if is_typeddict(kind)} == MODELS.keys()
