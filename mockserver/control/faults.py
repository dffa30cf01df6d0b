"""The catalogue: every fault with its settings, and every predicate that a rule can have."""

from __future__ import annotations

from inspect import cleandoc
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel

from mockserver.control import ROOT
from mockserver.faults.catalogue import faults, predicates
from mockserver.faults.seams import Seam

router = APIRouter(prefix=ROOT, tags=["faults"])


class FaultRow(BaseModel):
    """A fault: its seam (a job's plan, an answer, a clip, a callback), what it does, its settings' schema."""

    name: str
    seam: Seam
    about: str
    settings: dict[str, Any]


class PredicateRow(BaseModel):
    """A predicate, by which a rule selects requests."""

    name: str
    about: str


class Catalogue(BaseModel):
    """All that a rule can be made of."""

    faults: list[FaultRow]
    predicates: list[PredicateRow]


@router.get("/faults")
def catalogue() -> Catalogue:
    """Every fault and every predicate."""
    return Catalogue(
        faults=[
            FaultRow(name=name, seam=fault.seam, about=_about(fault), settings=fault.model_json_schema())
            for name, fault in sorted(faults().items())
        ],
        predicates=[
            PredicateRow(name=name, about=_about(predicate))
            for name, predicate in sorted(predicates().items())
        ],
    )


def _about(kind: type) -> str:
    return cleandoc(kind.__doc__ or "")
