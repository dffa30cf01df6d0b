"""Writes the overlay that makes a contract allow its drifts."""

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
from mockserver.kit.contracts import placements
from mockserver.kit.drift.collector import observe
from mockserver.kit.drift.drift import Drift
from mockserver.kit.drift.edit import Editor, difference
from mockserver.kit.traffic.call import Call, Reader
from mockserver.kit.traffic.history import History
from mockserver.media.picture import measure

ROUNDS: Final = 8
"""One drift can hide another: a value of a new type may also be outside the list of values."""
_NAME: Final = "drift"


@dataclass(frozen=True, slots=True)
class Proposal:
    """The drifts of a record, and the overlay (see contracts/x-job.schema.json) that removes them;
    the overlay is None if fields that no answer had are the only drifts."""

    drifts: tuple[Drift, ...]
    overlay: dict[str, Any] | None


def laid_files(contract: Contract, folders: Sequence[Path] = ()) -> Source:
    """A contract's files with its overlays applied."""
    return source.apply_overlays(placements(folders)[contract.provider].read(), contract.overlays)


def collect(history: History, folders: Sequence[Path] = ()) -> tuple[Drift, ...]:
    """The drifts of a history's answers from its contract; `folders` are those that hold contracts."""
    return observe(history.contract, laid_files(history.contract, folders), history.calls)


def settle(history: History, *, record: str, folders: Sequence[Path] = ()) -> Proposal:
    """A history's drifts from its contract, and the overlay that allows them, proved by judging again.

    `record` names the record in every x-provenance. Raises ContractError if the overlay breaks the contract.
    """
    # One drift can hide another. So each round compiles the contract with the overlay so far and observes
    # the same exchanges again, until an edit changes nothing: the last contract has judged the whole record.
    contract = history.contract
    raw = placements(folders)[contract.provider].read()
    laid = source.apply_overlays(raw, contract.overlays)
    extra = contract.overlays[len(profile_overlays(raw, contract.profile)) :]
    edited = deepcopy(laid.files)
    first: tuple[Drift, ...] | None = None
    current, files, overlay = contract, laid, None
    for _ in range(ROUNDS):
        drifts = observe(current, files, _calls(history, current))
        if first is None:
            first = drifts
        before = deepcopy(edited)
        Editor(edited, current, f"OBSERVED NOTES {record}").edit(drifts)
        if edited == before:
            break
        overlay = _overlay(laid, edited, record)
        files = raw._replace(files={**raw.files, f"overlays/{_NAME}.json": overlay})
        current = compile_contract(files, measure=measure, profile=contract.profile, overlays=(*extra, _NAME))
        files = source.apply_overlays(files, current.overlays)
    return Proposal(first or (), overlay)


def _calls(history: History, contract: Contract) -> list[Call]:
    """The history's calls, read by another contract."""
    if contract is history.contract:
        return history.calls
    reader = Reader(contract, history.reader.base)
    return [reader.read(call.exchange) for call in history.calls]


def _overlay(laid: Source, edited: dict[str, Any], record: str) -> dict[str, Any]:
    changed = {path: content for path, content in edited.items() if content != laid.files[path]}
    return {
        "title": "What was seen beside the documents",
        "x-provenance": f"OBSERVED NOTES {record}",
        "patch": {path: difference(laid.files[path], content) for path, content in changed.items()},
    }
