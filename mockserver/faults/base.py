"""The base classes of faults and predicates. Each fault and predicate is one small file.

A fault has one of four seams: it changes a job's plan when it is submitted (`faults/plan/`), changes
an answer before it is sent (`faults/wire/`), the bytes of a clip or thumbnail (`faults/media/`), or a
job's callbacks (`faults/callback/`). A predicate (`faults/predicates/`) says whether a rule is about
a request.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Final, get_args

from pydantic import BaseModel, ConfigDict, field_validator

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
from mockserver.terms import Role

SUBMIT = frozenset({"submit"})
READ = frozenset({"read"})
ALL = frozenset(get_args(Role))


_HEADER_NAME: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_HEADER_VALUE: Final = re.compile(r"[\t -~\xa0-\xff]*")
LARGEST: Final = 1_000_000_000
"""The largest number in a setting: 30 years in seconds, or a gigabyte."""
LONGEST: Final = 10_000
"""The longest text in a setting, and the most entries."""


def check_size(value: Any) -> None:
    """Refuse what no setting needs, and what could not be stored. Raises ValueError."""
    if isinstance(value, str):
        value.encode()
    if isinstance(value, (int, float)) and abs(value) > LARGEST:
        raise ValueError(f"the number is beyond {LARGEST}")
    if isinstance(value, (str, list, tuple, Mapping)) and len(value) > LONGEST:
        raise ValueError(f"its length is {len(value)}; {LONGEST} is allowed")
    if isinstance(value, Mapping):
        value = (*value, *value.values())
    if isinstance(value, (list, tuple)):
        for entry in value:
            check_size(entry)


def check_headers(headers: Mapping[str, str]) -> None:
    """Refuse headers that cannot be sent. Raises ValueError."""
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name):
            raise ValueError(f"{name!a} is not the name of a header")
        if not _HEADER_VALUE.fullmatch(value):
            raise ValueError(f"header {name}: {value!a} cannot be sent; use printable characters of Latin-1")


class Fault(BaseModel, ABC):
    """A fault with its settings as fields; the class docstring is its documentation.

    `roles` are those that it can act on, `usual` those that it acts on where a rule names no role and no
    operation; `main` is the setting that a marker's `[mock:NAME=VALUE]` gives.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
    name: ClassVar[str]
    seam: ClassVar[Seam]
    roles: ClassVar[frozenset[str]]
    usual: ClassVar[frozenset[str]] = ALL | {"media"}
    main: ClassVar[str] = ""

    @field_validator("*")
    @classmethod
    def _bounded(cls, value: Any) -> Any:
        check_size(value)
        return value


class PlanFault(Fault):
    """Changes a job's plan when it is submitted."""

    seam = "plan"
    roles = SUBMIT

    @abstractmethod
    def change(self, draft: PlanDraft, vocabulary: Vocabulary) -> PlanDraft:
        """The draft with the fault in it."""


class WireFault(Fault):
    """Replaces an answer, or changes it after it was made."""

    seam = "wire"
    roles = ALL

    def before(self, request: RequestFacts) -> Replacement | None:
        """The answer to give instead of the real one; None lets the request through.

        A submit that is answered so is not carried out; of other requests the facts are noted first.
        """
        return None

    def after(self, reply: Reply, request: RequestFacts) -> None:
        """Change the answer of a request that was carried out."""
        return


class MediaFault(Fault):
    """Acts on a clip or thumbnail that is fetched."""

    seam = "media"
    roles = frozenset({"media"})

    @abstractmethod
    def change(self, asset: Asset) -> None:
        """Change the asset in place."""


class CallbackFault(Fault):
    """Acts on the callbacks of a job; chosen when it is submitted."""

    seam = "callback"
    roles = SUBMIT

    @abstractmethod
    def change(self, delivery: Delivery) -> list[Delivery]:
        """The deliveries to send instead: none, this one changed, or several."""


class Predicate(ABC):
    """A test of a request. `value` is the rule's value for it, already checked.

    `form` is the JSON Schema of that value.
    """

    name: ClassVar[str]
    form: ClassVar[Mapping[str, Any]]

    @staticmethod
    @abstractmethod
    def check(value: Any) -> Any:
        """The value in the type that `holds` takes. Raises ValueError that says what it should be."""

    @staticmethod
    @abstractmethod
    def holds(value: Any, request: RequestFacts) -> bool:
        """Whether the request passes the test."""
