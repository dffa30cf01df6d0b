"""What a walk through two schemas carries with it."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple, Protocol

from mockserver.kit.diff.book import ChangeLog
from mockserver.kit.diff.node import Node

Way = Literal["request", "response"]
Known = tuple[frozenset[str], frozenset[str]]
"""The names of a value's fields that each side describes unconditionally."""


class ChangeLocation(NamedTuple):
    """`root` is an operation's body or answer; `name` the field in it; `when` the condition, if any."""

    root: str
    name: str = ""
    when: str = ""

    def __str__(self) -> str:
        named = f"{self.root}: {self.name}" if self.name else self.root
        return f"{named}, when {self.when}" if self.when else named

    def field(self, name: str) -> ChangeLocation:
        """A property of the value here."""
        return self._replace(name=f"{self.name}.{name}" if self.name else name)

    def item(self) -> ChangeLocation:
        """Each item of the array here."""
        return self._replace(name=f"{self.name}[]")

    def under(self, condition: str) -> ChangeLocation:
        """The same value under a further condition."""
        return self._replace(when=f"{self.when} and {condition}" if self.when else condition)


class Walk(Protocol):
    """What the comparison of one schema needs of the whole walk; `models` are those of one side only."""

    book: ChangeLog
    way: Way
    models: frozenset[str]

    def walk(self, a: Node, b: Node, where: ChangeLocation, known: Known) -> None:
        """Compare two schemas of a value whose fields `known` are described around them."""

    def note(
        self, code: str, where: ChangeLocation, before: Any, after: Any, pair: tuple[Node, Node], key: str
    ) -> None:
        """Note a change of a keyword; `code` is without the way."""
