"""What the prompt says."""

from __future__ import annotations

import re
from typing import Any, ClassVar, Final

from mockserver.faults.base import Predicate
from mockserver.faults.seams import RequestFacts

SEARCHED: Final = 64 * 1024
"""Characters of a prompt that are searched: a simple expression may take as many steps as their square."""


class OfPrompt(Predicate):
    """A part of the prompt, or in a rule a `/REGEX/` that matches in it; a read has the prompt of its job."""

    name = "prompt"
    form: ClassVar = {"type": "string", "minLength": 1}

    @staticmethod
    def check(value: Any) -> Any:
        if not isinstance(value, str) or not value:
            raise ValueError("give a part of the prompt, or /REGEX/")
        if not is_expression(value):
            return re.compile(re.escape(value))
        try:
            return re.compile(value[1:-1])
        except re.error as error:
            raise ValueError(f"{value} is no regular expression: {error}") from None

    @staticmethod
    def holds(value: Any, request: RequestFacts) -> bool:
        return value.search(request.prompt, 0, SEARCHED) is not None


def is_expression(value: Any) -> bool:
    """Whether a value is a `/REGEX/`."""
    return isinstance(value, str) and len(value) > 2 and value[0] == value[-1] == "/"
