"""Whoever keeps to a contract is not accused, whatever the contract: made-up ones are served and verified."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import pytest

from mockserver.kit.findings.run import INCOMPLETE
from tests.kit.generated.design import Design, sample
from tests.kit.generated.judging import verified
from tests.kit.generated.provider import write

ALONE: Final = int(os.environ.get("MOCKSERVER_GENERATED", "2"))
"""Designs whose single operations are judged as well, by schemathesis."""
COUNT: Final = int(os.environ.get("MOCKSERVER_GENERATED", "25"))


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Clips of every server."""
    return tmp_path_factory.mktemp("clips")


@pytest.mark.parametrize("design", sample(COUNT), ids=[f"{i}" for i in range(COUNT)])
def test_a_server_that_keeps_to_its_contract_is_not_accused(
    design: Design, tmp_path: Path, cache: Path
) -> None:
    folder = write(design, tmp_path)
    run = verified(folder, folder, cache)
    assert [finding.sentence for finding in run.findings] == [], design.id
    assert run.not_judged == (), design.id


@pytest.mark.parametrize("design", sample(ALONE), ids=[f"{i}" for i in range(ALONE)])
def test_its_single_operations_are_not_accused_either(design: Design, tmp_path: Path, cache: Path) -> None:
    folder = write(design, tmp_path)
    run = verified(folder, folder, cache, ("single",))
    assert [finding.sentence for finding in run.findings] == [], design.id


@pytest.mark.parametrize("refusal", ["ok-code", "own"])
@pytest.mark.parametrize("stage", ["listing", "job", "single"])
def test_a_limit_is_no_pass_and_no_failure_also_where_it_is_sent_as_200(
    stage: str, refusal: str, tmp_path: Path, cache: Path
) -> None:
    folder = write(Design(refusal=refusal), tmp_path)
    run = verified(folder, folder, cache, (stage,), requests=0)
    assert [finding.sentence for finding in run.findings] == []
    assert run.exit_code == INCOMPLETE
    valid = [row for row in run.account if (row.phase, row.operation) == ("examples", "models")]
    assert not any(row.families.get("schemathesis") for row in valid)
