"""What a fault and a predicate are. Each of them is one small file, found by its name.

A fault has one of four seams: it bends a job's plan when it is submitted (`faults/plan/`), changes
an answer on its way out (`faults/wire/`), the bytes of a clip or thumbnail (`faults/media/`), or a
job's callbacks (`faults/callback/`). A predicate (`faults/predicates/`) says whether a rule is about
a request.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict

from mockserver.faults.seams import (
    Asset,
    Delivery,
    PlanDraft,
    Replacement,
    Reply,
    RequestFacts,
    Seam,
    Vocabulary,
)

SUBMIT = frozenset({"submit"})
READ = frozenset({"read"})
ALL = frozenset({"submit", "read", "list", "cancel", "models", "model"})


class Fault(BaseModel, ABC):
    """A fault with its settings as fields; the class docstring is its documentation.

    `roles` are those whose requests it can act on, `usual` those it acts on where a rule names no role
    and no operation; `main` is the setting that a marker's `[mock:NAME=VALUE]` gives.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: ClassVar[str]
    seam: ClassVar[Seam]
    roles: ClassVar[frozenset[str]]
    usual: ClassVar[frozenset[str]] = ALL | {"media"}
    main: ClassVar[str] = ""


class PlanFault(Fault):
    """Bends a job's course when it is submitted."""

    seam = "plan"
    roles = SUBMIT

    @abstractmethod
    def bend(self, course: PlanDraft, words: Vocabulary) -> PlanDraft:
        """The course it takes instead."""


class WireFault(Fault):
    """Acts on an answer: in place of it, or after it was made."""

    seam = "wire"
    roles = ALL

    def before(self, subject: RequestFacts) -> Replacement | None:
        """An answer in place of carrying the request out; None lets it through."""
        return None

    def after(self, reply: Reply, subject: RequestFacts) -> None:
        """Change the answer of a request that was carried out."""
        return


class MediaFault(Fault):
    """Acts on a clip or thumbnail that is fetched."""

    seam = "media"
    roles = frozenset({"media"})

    @abstractmethod
    def change(self, asset: Asset) -> None:
        """Change what is sent."""


class CallbackFault(Fault):
    """Acts on the callbacks of a job; chosen when it is submitted."""

    seam = "callback"
    roles = SUBMIT

    @abstractmethod
    def change(self, delivery: Delivery) -> list[Delivery]:
        """What is delivered instead: none, this one changed, or several."""


class Predicate(ABC):
    """Whether a rule is about a request. `value` is what the rule gives it, already checked.

    `form` is the JSON Schema of what a rule may give.
    """

    name: ClassVar[str]
    form: ClassVar[Mapping[str, Any]]

    @staticmethod
    @abstractmethod
    def check(value: Any) -> Any:
        """The value in its right type. Raises ValueError with what it should be."""

    @staticmethod
    @abstractmethod
    def holds(value: Any, subject: RequestFacts) -> bool:
        """Whether the subject is meant."""
