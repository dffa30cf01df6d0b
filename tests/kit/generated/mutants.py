"""Mutants: a server answers by the design that differs in one choice from the one it is judged by."""

from __future__ import annotations

from typing import Final, NamedTuple

from tests.kit.generated.design import CHOICES, Design, sample
from tests.kit.generated.provider import document

_MORE: Final = frozenset(
    {
        *(("callback", "none", other) for other in CHOICES["callback"]),
        *(("cancel", "none", other) for other in CHOICES["cancel"]),
        *(("models", "none", other) for other in CHOICES["models"]),
        ("models", "models", "both"),
        *(("listing", "none", other) for other in CHOICES["listing"]),
        *(("listing", "plain", other) for other in CHOICES["listing"] if other != "none"),
    }
)
"""A choice, the value judged by, and a value served that is one operation or parameter more."""
_SAME: Final = frozenset({("refusal", "own", "shared"), ("refusal", "shared", "own")})
"""Where a contract says the same at another place."""


class Mutant(NamedTuple):
    """The `right` design, the `served` one, and the choice in which they differ."""

    right: Design
    served: Design
    choice: str

    @property
    def id(self) -> str:
        """What was changed into what."""
        return f"{self.choice}:{self.before}->{self.after}|{self.right.id}"

    @property
    def before(self) -> str:
        """What is judged by."""
        value: str = getattr(self.right, self.choice)
        return value

    @property
    def after(self) -> str:
        """What is served."""
        value: str = getattr(self.served, self.choice)
        return value

    @property
    def wrong(self) -> bool:
        """Whether the server breaks the contract that it is judged by.

        It does not where it offers more, or where the choice changes nothing in such a design.
        """
        change = self.choice, self.before, self.after
        if change in _MORE or change in _SAME or document(self.right) == document(self.served):
            return False
        return not _unnoticed(self)


def _unnoticed(mutant: Mutant) -> bool:
    """Whether the server does other things, but answers as the contract says."""
    match mutant.choice:
        case "prefix":
            # It is called below the prefix that the contract judged by names first, which is another server.
            return True
        case "fields":
            # A default is a note to the reader, and a server may demand less than it says.
            return mutant.after != "header"
        case "cancel":
            # With one word for every end, a job that is cancelled and one that failed look alike.
            return mutant.right.words == "one" and mutant.after != "none"
    return False


def every_mutant(designs: int) -> list[Mutant]:
    """For each of so many designs a mutant for each choice that makes a server a wrong one.

    What a choice is changed into goes round, so that each value is served for each other.
    """
    mutants = []
    for number, design in enumerate(sample(designs)):
        for choice in CHOICES:
            wrong = [mutant for mutant in _of_choice(design, choice) if mutant.wrong]
            mutants += wrong[number % len(wrong) :][:1] if wrong else []
    return mutants


def _of_choice(design: Design, choice: str) -> list[Mutant]:
    others = (value for value in CHOICES[choice] if value != getattr(design, choice))
    return [Mutant(design, design._replace(**{choice: value}), choice) for value in others]
