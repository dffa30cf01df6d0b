"""Contracts of ours made wrong in one way and served: the kit, judging by the right one, sees each."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from tests.kit.mutants import aimlapi, gmicloud, kkiai, kkiai_requests
from tests.kit.mutants.edit import Mutant, write
from tests.kit.mutants.hunt import Place, counting, hunt

MUTANTS: Final = (*gmicloud.MUTANTS, *kkiai.MUTANTS, *kkiai_requests.REQUESTS, *aimlapi.MUTANTS)
FEWEST: Final = 60
RATE: Final = 0.95
_WORD: Final = "that a word is refused says nothing of others, and nobody can try all words"
_LISTED: Final = "the vendor's table has this code for this status as well, so the answer is a documented one"
SURVIVORS: Final = {
    "gmicloud/ratio-more": _WORD,
    "kkiai/mode-more": _WORD,
    "aimlapi/duration-more": _WORD,
    "kkiai/no-key-1000": _LISTED,
    "kkiai/invalid-1200": _LISTED,
    "kkiai/step-removed": "a state between two answers may be over before the second is asked for",
    "aimlapi/request-id-no-uuid": "`format` alone is a note to the reader in JSON Schema 2020-12, no rule",
}
"""What nobody sees, and why."""


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Clips of every server: a right one's are those of most wrong ones."""
    return tmp_path_factory.mktemp("clips")


@pytest.mark.parametrize("provider", ["gmicloud", "kkiai", "aimlapi"])
def test_the_right_contract_gives_no_finding(provider: str, cache: Path) -> None:
    assert hunt(provider, Place(None, cache), lambda finding: True) is None


@pytest.mark.parametrize("mutant", MUTANTS, ids=[one.id for one in MUTANTS])
def test_a_wrong_contract_is_seen(mutant: Mutant, cache: Path, tmp_path: Path) -> None:
    caught = hunt(mutant.provider, Place(write(mutant, tmp_path), cache), counting(mutant))
    if mutant.id in SURVIVORS:
        assert caught is None, f"SURVIVORS is stale, {mutant.id} is seen: {caught}"
        return
    assert caught is not None, f"nobody sees that {mutant.why}"
    assert caught.finding.check != "status.works", "a server that breaks down is no wrong server"


def test_nearly_all_are_seen() -> None:
    names = [one.id for one in MUTANTS]
    assert len(set(names)) == len(names) >= FEWEST
    assert set(names) >= SURVIVORS.keys()
    assert 1 - len(SURVIVORS) / len(names) >= RATE, f"survivors: {SURVIVORS}"
