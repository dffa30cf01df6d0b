"""What the histories of a state machine draw their submits from."""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple

from hypothesis import strategies as st

from mockserver.contract.model import Contract
from mockserver.kit.strategies.near_misses import NearMiss, near_misses_of
from mockserver.kit.strategies.submit_requests import SubmitRequest, from_contract

_CACHED_CONTRACTS: Final = 16


class SubmitStrategies(NamedTuple):
    """Valid submits, and near misses."""

    requests: st.SearchStrategy[SubmitRequest]
    misses: st.SearchStrategy[NearMiss]


@lru_cache(_CACHED_CONTRACTS)
def strategies_of(contract: Contract, models: tuple[str, ...]) -> SubmitStrategies:
    """Submits of these models; of every model of the contract where there are none."""
    misses = near_misses_of(contract, models)
    requests = st.one_of([from_contract(contract, model) for model in models or (None,)])
    return SubmitStrategies(requests, st.integers(0, len(misses) - 1).map(misses.__getitem__))
