"""The same valid requests in every run, simplest first: the basis of deterministic lists."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, product
from threading import Lock
from typing import Any, Final

import orjson
from hypothesis import HealthCheck, Phase, currently_in_test_context, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import HypothesisDeprecationWarning

from mockserver.contract import pointer
from mockserver.contract.model import Contract, Operation
from mockserver.contract.pointer import ABSENT, follow, parts
from mockserver.kit.strategies import subschemas
from mockserver.kit.strategies.submit_requests import SubmitRequest, body_schema, from_contract, models

_ENOUGH: Final = 2
"""Requests with a field, below which it is rare."""
_COMPLETE: Final = 4
_COMPLETE_OF_ONE_MODEL: Final = 6
"""Requests of a model that have every field."""
_SEED: Final = int(
    "b8d2c66e64b390fc143918cb6a405bf1c3bfc80822b462d775142f7930b9f72aa3f21f96bd73c6d09e7a27d74d72ea85", 16
)
"""Without one, Hypothesis seeds by the source text of the test, and an edit would change every list."""
_DRAWING: Final = Lock()


def pool(contract: Contract, model: str | None, operation: str, count: int = 60) -> tuple[SubmitRequest, ...]:
    """Different requests, sorted by the length of their JSON.

    `count` of any kind; for each model some with every field; and for each field that few of these have,
    or that few of the objects in it have, more that have it.
    """
    entry = contract.operations[operation]
    if model is None:
        names, complete_count = models(contract, entry), _COMPLETE
    else:
        names, complete_count = [model], _COMPLETE_OF_ONE_MODEL
    wanted = [(from_contract(contract, model, operation=operation, short=True), count)]
    for name in names:
        strategy = from_contract(contract, name, operation=operation, complete=True, short=True)
        wanted.append((strategy, complete_count))
    requests = _collect_all(wanted)
    known = fields(contract, entry)
    requests += _focused(contract, operation, _rare(requests, names, known), (False, True))
    inner = [here for at in known for here in fields(contract, entry, at)]
    requests += _focused(contract, operation, _rare(requests, names, inner), (False,))
    different = {orjson.dumps(request.body, option=orjson.OPT_SORT_KEYS): request for request in requests}
    return tuple(different[key] for key in sorted(different, key=lambda key: (len(key), key)))


def _focused(
    contract: Contract, operation: str, pairs: Sequence[tuple[str, str]], complete: Sequence[bool]
) -> list[SubmitRequest]:
    """For each model and field a request that has it if it can; with `complete` one that has all others."""
    strategies = [
        from_contract(contract, name, operation=operation, focus=at, complete=whole, short=True)
        for (name, at), whole in product(pairs, complete)
    ]
    return _collect_all([(strategy, 1) for strategy in strategies])


def _rare(
    requests: Sequence[SubmitRequest], names: Sequence[str], known: Sequence[str]
) -> list[tuple[str, str]]:
    """Models and fields that few requests have together."""
    met: Counter[tuple[str, str]] = Counter()
    for request in requests:
        met.update((request.model, at) for at in known if follow(request.body, parts(at)) is not ABSENT)
    return [pair for pair in product(names, known) if met[pair] < _ENOUGH]


def fields(contract: Contract, operation: Operation, above: str = "") -> list[str]:
    """JSON pointers of the body's fields, or of those below one of them, through objects alone."""
    schemas: Sequence[Any] = [body_schema(contract, operation)]
    for name in parts(above):
        nodes = list(subschemas.everything(contract.document, schemas))
        schemas = subschemas.properties(contract.document, nodes, str(name))
    return [above + pointer.write((name,)) for name in subschemas.names(contract.document, schemas)]


def collect(strategy: st.SearchStrategy[Any], count: int) -> list[Any]:
    """`count` values of a strategy, the same in every run.

    Within a test of Hypothesis, which allows no run of another, a thread of its own draws them.
    """
    return _collect_all([(strategy, count)])


def _collect_all(wanted: Sequence[tuple[st.SearchStrategy[Any], int]]) -> list[Any]:
    with _DRAWING, warnings.catch_warnings():
        # Hypothesis warns also if another thread, perhaps a client's, uses `random` meanwhile.
        warnings.filterwarnings("ignore", "Do not use the `random` module", HypothesisDeprecationWarning)
        if not currently_in_test_context():
            return _all_drawn(wanted)
        # In each new thread Hypothesis looks through everything that the process holds.
        with ThreadPoolExecutor(1) as executor:
            return executor.submit(_all_drawn, wanted).result()


def _all_drawn(wanted: Sequence[tuple[st.SearchStrategy[Any], int]]) -> list[Any]:
    return list(chain.from_iterable(_drawn(strategy, count) for strategy, count in wanted))


def _drawn(strategy: st.SearchStrategy[Any], count: int) -> list[Any]:
    values: list[Any] = []

    @seed(_SEED)
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
        values.append(value)

    draw()
    return values
