"""Made-up contracts served wrong in one choice: verify, judging by the right one, accuses the server."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import pytest

from mockserver.kit.findings.run import Run
from mockserver.kit.verify.state_machine import SearchOptions
from tests.kit.generated.judging import verified
from tests.kit.generated.mutants import Mutant, every_mutant
from tests.kit.generated.provider import write
from tests.kit.test_mutants import MUTANTS as OURS
from tests.kit.test_mutants import SURVIVORS

DESIGNS: Final = 20
"""Designs of which each has its mutants."""
FEWEST: Final = 250
RATE: Final = 0.97
"""Of these and the mutants of our own contracts, together."""
MUTANTS: Final = every_mutant(DESIGNS)
COUNT: Final = min(len(MUTANTS), int(os.environ.get("MOCKSERVER_GENERATED", "12")))
DRAWN: Final = [MUTANTS[index * len(MUTANTS) // COUNT] for index in range(COUNT)]
AS_USERS: Final = SearchOptions(seed=1, shrink=False)
"""As much as verify searches unless told otherwise, for what takes a rare history."""


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Clips of every server."""
    return tmp_path_factory.mktemp("clips")


@pytest.mark.parametrize("mutant", DRAWN, ids=[mutant.id for mutant in DRAWN])
def test_a_server_that_breaks_its_contract_is_accused(mutant: Mutant, tmp_path: Path, cache: Path) -> None:
    right, served = write(mutant.right, tmp_path / "right"), write(mutant.served, tmp_path / "served")
    run = verified(right, served, cache)
    assert _accuses(run) or _accuses(verified(right, served, cache, search=AS_USERS)), "nobody sees it"
    assert all(finding.check != "status.works" for finding in run.findings), "it breaks down"


def _accuses(run: Run) -> bool:
    return any(finding.severity != "note" for finding in run.findings)


def test_nearly_all_mutants_are_seen() -> None:
    names = [mutant.id for mutant in MUTANTS]
    assert len(set(names)) == len(names)
    count = len(names) + len(OURS)
    assert count >= FEWEST
    assert 1 - len(SURVIVORS) / count >= RATE, SURVIVORS
