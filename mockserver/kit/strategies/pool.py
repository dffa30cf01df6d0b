"""The same valid requests in every run, simplest first: what deterministic lists are made from."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Any, Final

import orjson
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import HypothesisDeprecationWarning

from mockserver.contract import pointer
from mockserver.contract.model import Contract, Operation
from mockserver.contract.pointer import ABSENT, follow, parts
from mockserver.kit.strategies import subschemas
from mockserver.kit.strategies.submit_requests import SubmitRequest, body_schema, from_contract, models

_ENOUGH: Final = 2
_FULL: Final = 4
_FULL_ALONE: Final = 6
_DRAWING: Final = Lock()


def pool(contract: Contract, model: str | None, operation: str, count: int = 60) -> tuple[SubmitRequest, ...]:
    """Different requests, by the length of their JSON: `count` of any kind, for each model some that lack
    nothing, and for each of its fields some that have it, so that what is rare among all is there."""
    entry = contract.operations[operation]
    names = models(contract, entry) if model is None else [model]
    full = [from_contract(contract, name, operation=operation, complete=True, short=True) for name in names]
    plain = from_contract(contract, model, operation=operation, short=True)
    found = _gathered(
        [(plain, count), *((strategy, _FULL if model is None else _FULL_ALONE) for strategy in full)]
    )
    rare = [
        from_contract(contract, name, operation=operation, focus=at, complete=complete, short=True)
        for name, at in _rare(found, names, fields(contract, entry))
        for complete in (False, True)
    ]
    found += _gathered([(strategy, 1) for strategy in rare])
    different = {orjson.dumps(asked.body, option=orjson.OPT_SORT_KEYS): asked for asked in found}
    return tuple(different[key] for key in sorted(different, key=lambda key: (len(key), key)))


def _rare(
    found: Sequence[SubmitRequest], names: Sequence[str], known: Sequence[str]
) -> Iterator[tuple[str, str]]:
    """Models and fields that few requests have together."""
    met = Counter(
        (asked.model, at) for asked in found for at in known if follow(asked.body, parts(at)) is not ABSENT
    )
    return ((name, at) for name in names for at in known if met[name, at] < _ENOUGH)


def fields(contract: Contract, operation: Operation) -> list[str]:
    """JSON pointers of the body's fields."""
    names = subschemas.names(contract.document, [body_schema(contract, operation)])
    return [pointer.write((name,)) for name in names]


def collect(strategy: st.SearchStrategy[Any], count: int) -> list[Any]:
    """`count` values of a strategy, the same in every run.

    They are drawn in a thread of their own, as Hypothesis allows no run within another's test.
    """
    return _gathered([(strategy, count)])


def _gathered(wanted: Sequence[tuple[st.SearchStrategy[Any], int]]) -> list[Any]:
    with _DRAWING, warnings.catch_warnings(), ThreadPoolExecutor(1) as executor:
        # Said also where another thread, a client under judgement perhaps, uses `random` meanwhile.
        warnings.filterwarnings("ignore", "Do not use the `random` module", HypothesisDeprecationWarning)
        parts = executor.submit(lambda: [_collected(*one) for one in wanted]).result()
    return [value for part in parts for value in part]


def _collected(strategy: st.SearchStrategy[Any], count: int) -> list[Any]:
    found: list[Any] = []

    @settings(
        derandomize=True,
        database=None,
        deadline=None,
        max_examples=count,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def draw(value: Any) -> None:
        found.append(value)

    draw()
    return found
