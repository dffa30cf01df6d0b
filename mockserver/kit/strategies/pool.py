"""The same valid requests in every run, simplest first: what deterministic lists are made from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import orjson
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from mockserver.contract import pointer
from mockserver.contract.model import Contract, Operation
from mockserver.kit.strategies import layers
from mockserver.kit.strategies.asked import Asked, body_schema, from_contract

_OF_A_FIELD: Final = 3
_DEEP: Final = 0


def pool(contract: Contract, model: str | None, operation: str, count: int = 60) -> tuple[Asked, ...]:
    """Different requests, by the length of their JSON: `count` of any kind, and for each field some that
    have it, so that what is rare among all is there."""
    found = collect(from_contract(contract, model, operation=operation), count)
    for at in fields(contract, contract.operations[operation]):
        for complete in (False, True):
            strategy = from_contract(contract, model, operation=operation, focus=at, complete=complete)
            found += collect(strategy, _OF_A_FIELD)
    different = {orjson.dumps(asked.body, option=orjson.OPT_SORT_KEYS): asked for asked in found}
    return tuple(different[key] for key in sorted(different, key=lambda key: (len(key), key)))


def fields(contract: Contract, operation: Operation) -> list[str]:
    """JSON pointers of the body's fields, and of those in the objects that it holds."""
    return list(_fields(contract, [body_schema(contract, operation)], ""))


def _fields(contract: Contract, schemas: Sequence[Any], at: str) -> Iterator[str]:
    nodes = list(layers.everything(contract.document, schemas))
    for name in layers.names(contract.document, schemas):
        inner = at + pointer.write((name,))
        yield inner
        if at.count("/") < _DEEP:
            yield from _fields(contract, layers.properties(contract.document, nodes, name), inner)


def collect(strategy: st.SearchStrategy[Any], count: int) -> list[Any]:
    """`count` values of a strategy, the same in every run.

    They are drawn in a thread of their own, as Hypothesis allows no run within another's test.
    """
    with ThreadPoolExecutor(1) as executor:
        return executor.submit(_collected, strategy, count).result()


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
