"""What the prompt says."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from mockserver.faults.base import Predicate
from mockserver.faults.seams import RequestFacts


class OfPrompt(Predicate):
    """A part of the prompt, or a `/REGEX/` that matches in it; a read has the prompt of its job."""

    name = "prompt"
    form: ClassVar = {"type": "string", "minLength": 1}

    @staticmethod
    def check(value: Any) -> Any:
        if not isinstance(value, str) or not value:
            raise ValueError("give a part of the prompt, or /REGEX/")
        if len(value) < 3 or value[0] != "/" or value[-1] != "/":
            return re.compile(re.escape(value))
        try:
            return re.compile(value[1:-1])
        except re.error as error:
            raise ValueError(f"{value} is no regular expression: {error}") from None

    @staticmethod
    def holds(value: Any, request: RequestFacts) -> bool:
        return value.search(request.prompt) is not None
