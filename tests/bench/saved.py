"""The figures of a run, saved beside those of earlier runs on this machine, and what has moved since."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any, Final, Literal, NamedTuple

from rich.console import RenderableType
from rich.table import Table

from tests.serving import ROOT

FOLDER: Final = ROOT / ".bench"
"""Each run is a file here, named by its time."""


class Figure(NamedTuple):
    """What was measured, round by round."""

    name: str
    unit: str
    better: Literal["higher", "lower"]
    values: Sequence[float]


class Result(NamedTuple):
    """A part of the bench: what people read, and its figures."""

    shown: Sequence[RenderableType]
    figures: Sequence[Figure]


class Moved(NamedTuple):
    """A figure whose spread and that of an earlier run (ISO 8601) have nothing in common."""

    name: str
    at: str
    before: Sequence[float]
    now: Sequence[float]
    better: bool


def document(figures: Sequence[Figure], options: Mapping[str, Any]) -> dict[str, Any]:
    """The run as JSON: when, where and of which commit its figures are."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _git("rev-parse", "--short", "HEAD"),
        "changed": bool(_git("status", "--porcelain")),
        "machine": _machine(),
        "python": sys.version.split()[0],
        "options": dict(options),
        "figures": {
            figure.name: {"unit": figure.unit, "better": figure.better, "values": [*figure.values]}
            for figure in figures
        },
    }


def save(run: Mapping[str, Any], folder: Path = FOLDER) -> Path:
    """Write a run beside the others."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{run['at'].replace(':', '')}.json"
    path.write_text(json.dumps(run, indent=1) + "\n", encoding="utf-8")
    return path


def moved(run: Mapping[str, Any], folder: Path = FOLDER) -> list[Moved]:
    """What has moved since the last saved run on this machine that has the same figure."""
    earlier = [old for old in _runs(folder) if old["machine"] == run["machine"]]
    changes = []
    for name, figure in run["figures"].items():
        last = next((old for old in earlier if name in old["figures"]), None)
        if last is None:
            continue
        before, now = last["figures"][name]["values"], figure["values"]
        if min(now) > max(before) or max(now) < min(before):
            better = (min(now) > max(before)) == (figure["better"] == "higher")
            changes.append(Moved(name, last["at"], before, now, better))
    return changes


def show_moved(run: Mapping[str, Any], changes: Sequence[Moved], folder: Path = FOLDER) -> RenderableType:
    """What has moved, for people."""
    earlier = (old["figures"] for old in _runs(folder) if old["machine"] == run["machine"])
    if not any(figures.keys() & run["figures"].keys() for figures in earlier):
        return "No run with these figures was saved on this machine before: there is nothing to compare with."
    if not changes:
        return "Since the last saved run on this machine nothing moved beyond the spread of its rounds."
    table = Table(title="Moved since the last saved run, beyond the spread of both", title_justify="left")
    for name in ("figure", "last run", "then", "now", ""):
        table.add_column(name, justify="right" if name in ("then", "now") else "left")
    for change in changes:
        verdict = "[green]better[/]" if change.better else "[red]worse[/]"
        table.add_row(change.name, change.at, spread(change.before), spread(change.now), verdict)
    return table


def spread(values: Sequence[float], digits: int = 2) -> str:
    """The median, and between which values all lie."""
    return f"{median(values):,.{digits}f} ({min(values):,.{digits}f}-{max(values):,.{digits}f})"


def _runs(folder: Path) -> Iterator[dict[str, Any]]:
    """Saved runs, the newest first; a file that is none is passed over."""
    for path in sorted(folder.glob("*.json"), reverse=True):
        try:
            run = json.loads(path.read_text(encoding="utf-8"))
        except ValueError:
            continue
        if isinstance(run, dict) and {"at", "machine", "figures"} <= run.keys():
            yield run


def _machine() -> dict[str, Any]:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    return {"name": platform.node(), "processor": model or platform.processor(), "cores": os.cpu_count()}


def _git(*arguments: str) -> str:
    run = subprocess.run(["git", *arguments], capture_output=True, text=True, check=False, cwd=ROOT)
    return run.stdout.strip()
