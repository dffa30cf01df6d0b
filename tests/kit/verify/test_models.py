"""`--model`: every stage asks for that model alone, also where the path of a submit names it."""

from __future__ import annotations

from pathlib import Path

import pytest

from mockserver import in_process
from mockserver.kit.contracts import load
from mockserver.kit.verify.state_machine import SearchOptions
from mockserver.kit.verify.verify import Progress, VerifyOptions, verify
from mockserver.settings import Settings

STAGES = ("refusals", "job", "cancel", "callbacks", "sequences")
PREFIXES = {"kkiai": "", "veo": "/v1beta", "fal": "", "replicate": "/v1"}


@pytest.mark.parametrize("provider", PREFIXES)
def test_the_model_that_is_asked_for_is_the_only_one(provider: str, tmp_path: Path) -> None:
    contract = load(provider)
    model = [*contract.models][1]
    settings = Settings(providers=(provider,), cache_dir=tmp_path, seed=7)
    with in_process.serve(settings, store="memory:") as server, server.control() as control:
        options = VerifyOptions(
            server.url + PREFIXES[provider], contract, stages=STAGES, models=[model], control=control,
            search=SearchOptions(2, 8, 1, shrink=False), interval=1.0, patience=60.0,
        )  # fmt: skip
        run, target = verify(options, Progress())
    assert not run.findings
    submits = [call for call in target.full_history().calls if call.role == "submit" and call.succeeded]
    assert {call.model for call in submits} == {model}
