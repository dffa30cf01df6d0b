"""Each near miss of a contract can be drawn, and nothing else."""

from __future__ import annotations

from typing import Any, cast

import pytest
from hypothesis import find
from hypothesis import strategies as st

from mockserver.kit.verify import submit_strategies
from mockserver.kit.verify.submit_strategies import strategies_of


@pytest.mark.parametrize("number", [1, 2, 5])
def test_every_near_miss_can_be_drawn(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    names = tuple(f"miss-{index}" for index in range(number))
    models: list[Any] = []

    def requests_of(_: Any, model: str | None) -> Any:
        models.append(model)
        return st.just(model)

    monkeypatch.setattr(submit_strategies, "near_misses_of", lambda *_: names)
    monkeypatch.setattr(submit_strategies, "from_contract", requests_of)
    contract = cast(Any, object())
    for chosen in ((), ("m", "n")):
        strategies = strategies_of(contract, chosen)
        misses = cast(st.SearchStrategy[str], strategies.misses)
        assert {find(misses, name.__eq__) for name in names} == {*names}
    assert models == [None, "m", "n"]
    assert {find(cast(st.SearchStrategy[str], strategies.requests), model.__eq__) for model in "mn"} == {
        *"mn"
    }
