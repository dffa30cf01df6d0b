"""A made-up contract, served by our own server and verified."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from mockserver import in_process
from mockserver.kit import contracts
from mockserver.kit.findings.run import Run
from mockserver.kit.verify.state_machine import SearchOptions
from mockserver.kit.verify.verify import Progress, VerifyOptions, verify
from mockserver.settings import Settings
from tests.kit.generated.provider import NAME

LITTLE: Final = SearchOptions(examples=4, steps=12, seed=1, shrink=False)
STAGES: Final = ("access", "listing", "refusals", "job", "cancel", "callbacks", "sequences")


def verified(
    right: Path,
    served: Path,
    cache: Path,
    stages: Sequence[str] = STAGES,
    search: SearchOptions = LITTLE,
    requests: int | None = None,
) -> Run:
    """The run of verify by the contract in the folder `right` over a server that answers by `served`, each
    account so many `requests`."""
    contract = contracts.load(NAME, folders=(right.parent,))
    settings = Settings(contracts=(served.parent,), cache_dir=cache, seed=7)
    with in_process.serve(settings, store="memory:") as running, running.control() as control:
        url = running.url + contract.prefixes[0]
        if requests is not None:
            control.set_quota(requests=requests, window=3600.0)
        options = VerifyOptions(
            url, contract, stages=stages, search=search, control=control, interval=1.0, patience=60.0
        )
        run, _ = verify(options, Progress())
        return run
