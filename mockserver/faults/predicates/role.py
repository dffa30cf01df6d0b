"""Which role."""

from __future__ import annotations

from typing import Any, ClassVar, Final, get_args

from mockserver.faults.base import Predicate
from mockserver.faults.matching import matches_name, read_names
from mockserver.faults.seams import RequestFacts
from mockserver.terms import RequestRole

_ROLES: Final = get_args(RequestRole)
_ROLE: Final = {"type": "string", "enum": list(_ROLES)}


class OfRole(Predicate):
    """The operation's role, a list of roles, or `media`."""

    name = "role"
    form: ClassVar = {"anyOf": [_ROLE, {"type": "array", "items": _ROLE, "minItems": 1}]}

    @staticmethod
    def check(value: Any) -> Any:
        names = read_names(value)
        if strange := [name for name in names if name not in _ROLES]:
            raise ValueError(f"{strange[0]!r} is no role; roles: {', '.join(_ROLES)}")
        return names

    @staticmethod
    def holds(value: Any, request: RequestFacts) -> bool:
        return matches_name(value, request.role)
