"""How long the answer to a submit may wait for the end of its job: a preference of RFC 7240."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from mockserver.numerals import whole_number


class WaitRule(NamedTuple):
    """The place where a submit may ask to wait, the word by which it does, and how many seconds at most."""

    at: tuple[str, str]
    word: str
    seconds: float

    def is_at(self, parameter: Mapping[str, Any]) -> bool:
        """Whether a parameter of the operation, as its document has it, is the place."""
        place, name = parameter["in"], parameter["name"]
        return self.at == (place, name.lower() if place == "header" else name)

    def seconds_of(self, text: str) -> float:
        """The seconds that a text asks for, as `wait`, `wait=5` or `lang=en, wait=5`; 0 where it does not."""
        for preference in text.split(","):
            name, given, value = preference.partition(";")[0].partition("=")
            if name.strip().lower() == self.word.lower():
                number = whole_number(value.strip().strip('"'))
                return min(number or 0, self.seconds) if given else self.seconds
        return 0
