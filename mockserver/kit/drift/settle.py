"""An overlay that makes a contract know what it was seen to drift from."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from mockserver.contract import source
from mockserver.contract.loader import compile_contract, profile_overlays
from mockserver.contract.model import Contract
from mockserver.contract.source import Source
from mockserver.kit.contracts import folders_of
from mockserver.kit.drift.collector import observe
from mockserver.kit.drift.drift import Drift
from mockserver.kit.drift.edit import Editor, difference
from mockserver.kit.traffic.call import Call, Reader
from mockserver.kit.traffic.history import History
from mockserver.media.picture import measure

ROUNDS: Final = 8
"""One drift can hide another: a value of a wrong type, that it is none of the known ones."""
_NAME: Final = "drift"


@dataclass(frozen=True, slots=True)
class Proposal:
    """The drifts of a record, and the overlay (see contracts/x-job.schema.json) after which it has none;
    None where nothing but unseen fields was found."""

    drifts: tuple[Drift, ...]
    overlay: dict[str, Any] | None


def laid_files(contract: Contract, folders: Sequence[Path] = ()) -> Source:
    """The files that a contract was made of, its overlays laid over them."""
    return source.lay(source.read_source(folders_of(folders)[contract.provider]), contract.overlays)


def collect(history: History, folders: Sequence[Path] = ()) -> tuple[Drift, ...]:
    """How the answers of a history drift from its contract; `folders` are those it was found in."""
    return observe(history.contract, laid_files(history.contract, folders), history.calls)


def settle(history: History, *, said: str, folders: Sequence[Path] = ()) -> Proposal:
    """What a history drifts from its contract, and the overlay that allows it, tried out.

    `said` names the record in every x-provenance. Raises ContractError where no contract comes of it.
    """
    contract = history.contract
    raw = source.read_source(folders_of(folders)[contract.provider])
    laid = source.lay(raw, contract.overlays)
    extra = contract.overlays[len(profile_overlays(raw, contract.profile)) :]
    edited = deepcopy(laid.files)
    first: tuple[Drift, ...] | None = None
    current, files, written = contract, laid, None
    for _ in range(ROUNDS):
        drifts = observe(current, files, _calls(history, current))
        first = drifts if first is None else first
        before = deepcopy(edited)
        Editor(edited, current, f"OBSERVED NOTES {said}").edit(drifts)
        if edited == before:
            break
        written = _written(laid, edited, said)
        files = raw._replace(files={**raw.files, f"overlays/{_NAME}.json": written})
        current = compile_contract(files, measure=measure, profile=contract.profile, overlays=(*extra, _NAME))
        files = source.lay(files, current.overlays)
    return Proposal(first or (), written)


def _calls(history: History, contract: Contract) -> list[Call]:
    """The history's calls, as another contract understands them."""
    if contract is history.contract:
        return history.calls
    reader = Reader(contract, history.reader.base)
    return [reader.read(call.exchange) for call in history.calls]


def _written(laid: Source, edited: dict[str, Any], said: str) -> dict[str, Any]:
    changed = {path: content for path, content in edited.items() if content != laid.files[path]}
    return {
        "title": "What was seen beside the documents",
        "x-provenance": f"OBSERVED NOTES {said}",
        "patch": {path: difference(laid.files[path], content) for path, content in changed.items()},
    }
