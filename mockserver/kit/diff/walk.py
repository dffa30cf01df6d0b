"""The records that a walk through two schemas carries with it."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple, Protocol

from mockserver.kit.diff.change_log import ChangeLog
from mockserver.kit.diff.node import Node

Message = Literal["request", "response"]
Known = tuple[frozenset[str], frozenset[str]]
"""By side, the names of the fields of a value that are described unconditionally."""


class ChangeLocation(NamedTuple):
    """A field in a body or answer: `root` names the message, `name` the field, `when` a condition, if any."""

    root: str
    name: str = ""
    when: str = ""

    def __str__(self) -> str:
        text = self.root
        if self.name:
            text += f": {self.name}"
        if self.when:
            text += f", when {self.when}"
        return text

    def field(self, name: str) -> ChangeLocation:
        """A property of the value here."""
        return self._replace(name=f"{self.name}.{name}" if self.name else name)

    def item(self) -> ChangeLocation:
        """Each item of the array here."""
        return self._replace(name=f"{self.name}[]")

    def under(self, condition: str) -> ChangeLocation:
        """The same value under one more condition."""
        if self.when:
            condition = f"{self.when} and {condition}"
        return self._replace(when=condition)


class Walk(Protocol):
    """What `branches` needs of the whole walk; `models` are the models that only one side has."""

    log: ChangeLog
    message: Message
    models: frozenset[str]

    def walk(self, a: Node, b: Node, where: ChangeLocation, known: Known) -> None:
        """Compare two schemas of one value; `known` are its fields that the schemas around them describe."""

    def add(
        self, code: str, where: ChangeLocation, before: Any, after: Any, pair: tuple[Node, Node], key: str
    ) -> None:
        """Add the change of a keyword; `code` lacks the message (request or response)."""

    def record(self, code: str, where: ChangeLocation, before: Any, after: Any, at: str, there: str) -> None:
        """Add the change at two pointers; `code` lacks the message."""
