"""By chance."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from mockserver.faults.base import Predicate
from mockserver.faults.chance import draw
from mockserver.faults.seams import RequestFacts

_SHARE: Final = {"type": "number", "minimum": 0, "maximum": 1}


class Probability(Predicate):
    """The share of requests, 0 to 1: `0.2`, or `{of = 0.2, seed = 7}` with a seed of its own.

    Without it the server's seed decides. The same seed chooses the same of the same requests.
    """

    name = "probability"
    form: ClassVar = {
        "anyOf": [
            _SHARE,
            {
                "type": "object",
                "required": ["of"],
                "properties": {"of": _SHARE, "seed": {"type": "integer"}},
                "additionalProperties": False,
            },
        ]
    }

    @staticmethod
    def check(value: Any) -> Any:
        share, seed = value, None
        if isinstance(value, dict):
            if "of" not in value or value.keys() - {"of", "seed"}:
                raise ValueError(f"give a number from 0 to 1 or {{of, seed}}, not {value!r}")
            share, seed = value["of"], value.get("seed")
        return _share(share), _seed(seed)

    @staticmethod
    def holds(value: Any, request: RequestFacts) -> bool:
        share, seed = value
        return bool(draw(request, seed, "probability") < share)


def _share(value: Any) -> float:
    try:
        share = float(value)
    except (TypeError, ValueError):
        share = -1.0
    if isinstance(value, bool) or not 0 <= share <= 1:
        raise ValueError(f"give a number from 0 to 1, not {value!r}")
    return share


def _seed(value: Any) -> int | None:
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    raise ValueError(f"a seed is a whole number, not {value!r}")
