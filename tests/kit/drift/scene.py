"""A contract folder of one's own, and a record judged by what is in it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mockserver.contract.check import check_folder
from mockserver.contract.registry import ContractSources, using
from mockserver.contract.source import builtin_root
from mockserver.kit.contracts import load
from mockserver.kit.drift import Drift, Proposal, collect, settle
from mockserver.kit.findings.finding import Finding
from mockserver.kit.trace.judge import check_trace
from mockserver.kit.traffic.history import History
from mockserver.media.picture import measure
from tests.kit.trace.recording import Har, exchanges

RECORD = "recorded traffic of a test"
NOTE = "never seen"


@dataclass(frozen=True, slots=True)
class Outcome:
    """A record before and after its overlay: drifts without notes, and findings."""

    before: tuple[Drift, ...]
    after: tuple[Drift, ...]
    found_before: tuple[Finding, ...]
    found_after: tuple[Finding, ...]
    proposal: Proposal
    folder: Path

    @property
    def complaints(self) -> list[str]:
        """What `mockserver contracts check` says of the folder with the overlay in it."""
        return [finding.text() for finding in check_folder(self.folder, measure)]

    @property
    def kinds(self) -> set[str]:
        """The kinds of drift that there were."""
        return {drift.kind for drift in self.before}

    def one(self, kind: str) -> Drift:
        """The only drift of that kind."""
        (drift,) = [drift for drift in self.before if drift.kind == kind]
        return drift


def history_of(har: Har, provider: str, **reading: Any) -> History:
    """A record as a contract understands it."""
    return check_trace(exchanges(har), load(provider, **reading), target="a.har")[1]


def notes(har: Har, provider: str) -> set[str]:
    """Pointers of what was never seen in the polls."""
    return {drift.pointer for drift in collect(history_of(har, provider)) if drift.kind == NOTE}


def try_out(har: Har, provider: str, home: Path) -> Outcome:
    """Judge a record, write its overlay into a copy of the contract's folder, and judge again."""
    shutil.rmtree(home / provider, ignore_errors=True)
    shutil.copytree(builtin_root() / provider, home / provider, ignore=_unused(provider))
    before = check_trace(exchanges(har), load(provider), target="a.har")
    proposal = settle(before[1], record=RECORD)
    overlays = []
    if proposal.overlay is not None:
        (home / provider / "overlays" / "seen.json").write_text(json.dumps(proposal.overlay))
        overlays = ["seen"]
    first = _real(collect(before[1]))
    with using(ContractSources((home / provider,), (provider,))):
        contract = load(provider, overlays=overlays)
        after = check_trace(exchanges(har), contract, target="a.har")
        second = _real(collect(after[1]))
    return Outcome(
        before=first,
        after=second,
        found_before=before[0].findings,
        found_after=after[0].findings,
        proposal=proposal,
        folder=home / provider,
    )


def _unused(provider: str) -> Callable[[str, list[str]], list[str]]:
    """Overlays of no profile: to check them as well would take most of the time."""
    used = {name for names in load(provider).profiles.values() for name in names}

    def ignore(folder: str, names: list[str]) -> list[str]:
        inside = Path(folder).name == "overlays"
        return [name for name in names if inside and Path(name).stem not in used]

    return ignore


def _real(drifts: tuple[Drift, ...]) -> tuple[Drift, ...]:
    return tuple(drift for drift in drifts if drift.kind != NOTE)
