"""The chance by which rules act: drawn anew each time, or the same for the same seed and request."""

from __future__ import annotations

from mockserver.engine.faulting.select import FaultSelector
from mockserver.engine.live_settings import LiveSettings
from mockserver.stores.memory import MemoryStore
from tests.serving import START


def chances(seed: int | None, *parts: str) -> list[float]:
    store = MemoryStore()
    selector = FaultSelector(LiveSettings(store, lambda: START), store, seed)
    return [selector._chance(part, number) for part in parts for number in range(50)]


def test_it_is_a_number_from_0_to_below_1_and_seldom_the_same() -> None:
    for seed in (None, 0, 7):
        drawn = chances(seed, "ann", "bob")
        assert all(0 <= chance < 1 for chance in drawn)
        assert len(set(drawn)) == 100
        assert min(drawn) < 0.5 < max(drawn)


def test_with_a_seed_it_is_the_same_in_each_run() -> None:
    assert chances(7, "ann") == chances(7, "ann") != chances(8, "ann")
    assert chances(None, "ann") != chances(None, "ann")
