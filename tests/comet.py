"""The invented provider of fixtures/comet, changed for a test."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from tests.serving import ROOT

COMET: Final = ROOT / "fixtures" / "comet"


def changed_comet(folder: Path, change: Callable[[dict[str, Any]], Any]) -> Path:
    """A copy of the provider in `folder`, whose OpenAPI document `change` has changed in place."""
    path = folder / "comet"
    shutil.copytree(COMET, path)
    document = json.loads((path / "openapi.json").read_text())
    change(document)
    (path / "openapi.json").write_text(json.dumps(document))
    return path


def parameter(place: str, name: str, **schema: Any) -> dict[str, Any]:
    """A parameter of an operation: any text, unless `schema` says otherwise."""
    node = {"name": name, "in": place, "description": "Made up.", "schema": schema or {"type": "string"}}
    return {**node, "required": place == "path", "x-provenance": "ASSUMED invented parameter"}


def put_below_fleet(document: dict[str, Any]) -> None:
    """Let each path to comets name a fleet first."""
    document["paths"] = {
        path.replace("/comets", "/{fleet}/comets"): methods for path, methods in document["paths"].items()
    }
    fleet = {"name": "fleet", "in": "path", "required": True, "schema": {"type": "string"}}
    for path, methods in document["paths"].items():
        if "{fleet}" in path:
            methods.setdefault("parameters", []).append({**fleet, "x-provenance": "ASSUMED invented"})
