"""A contract that was played cannot make the server answer 500: made-up ones, and ours with a key less."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path
from typing import Final

import pytest

from mockserver.contract.loader import load_contract
from mockserver.contract.source import builtin_root, read_source
from mockserver.engine.rehearsal import rehearse
from mockserver.errors import ContractError
from mockserver.media.picture import measure
from tests.engine.playing import broken_answers, removals, without
from tests.kit.generated.design import Design, sample
from tests.kit.generated.provider import write
from tests.serving import ROOT

DESIGNS: Final = 6
REMOVALS: Final = {"orbit": 14, "comet": 6, "gmicloud": 4}
"""Keys that are removed, each from a contract of its own; most are needed, and the check says so."""


@pytest.mark.parametrize("design", sample(DESIGNS, seed=4), ids=range(DESIGNS))
def test_no_made_up_contract_that_passes_is_answered_with_500(design: Design, tmp_path: Path) -> None:
    folder = write(design, tmp_path)

    contract = load_contract(folder, measure=measure)
    assert rehearse(contract) == []
    assert broken_answers(folder, contract) == []


@pytest.mark.parametrize("name", REMOVALS)
def test_no_contract_that_passes_without_a_key_is_answered_with_500(name: str, tmp_path: Path) -> None:
    origin = builtin_root() / name
    if not origin.is_dir():
        origin = ROOT / "fixtures" / name
    files = {
        file: content
        for file, content in read_source(origin).files.items()
        if not file.startswith("overlays/")
    }
    folder = tmp_path / name
    for file, path in random.Random(11).sample(removals(files), REMOVALS[name]):
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(origin, folder)
        (folder / file).write_text(json.dumps(without(files[file], path)), encoding="utf-8")
        try:
            contract = load_contract(folder, measure=measure)
        except ContractError:
            continue
        if not rehearse(contract):
            assert broken_answers(folder, contract) == [], f"{file}#/{'/'.join(path)}"
