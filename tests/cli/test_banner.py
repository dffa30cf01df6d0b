"""The lines that the banner offers to try are run by a real shell, and submit a job."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from mockserver.cli.banner import curl
from mockserver.contract import registry
from mockserver.kit.contracts import load
from mockserver.settings import Settings
from tests.serving import ROOT, running_app

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="no curl here to run the lines")
KEY = "it's a key"


def _submitted(line: str) -> Any:
    environment = {**os.environ, "MOCKSERVER_KEY": KEY}
    done = subprocess.run(["sh", "-c", f"{line} -f"], env=environment, capture_output=True, check=False)
    assert done.returncode == 0, (line, done.stdout)
    return json.loads(done.stdout)


@pytest.mark.parametrize("keys", [(), (KEY,)])
def test_each_provider_takes_its_line(keys: tuple[str, ...]) -> None:
    with running_app(Settings(keys=keys, providers=("all",))) as running:
        for provider in registry.known():
            line = curl(load(provider), running.url, any_key=not keys)
            assert KEY not in line
            assert _submitted(line)


def test_the_line_has_what_the_contract_demands(tmp_path: Path) -> None:
    folder = tmp_path / "more" / "orbit"
    shutil.copytree(ROOT / "fixtures" / "orbit", folder)
    path = folder / "openapi.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    schemes = document["components"]["securitySchemes"]
    for name in schemes:
        schemes[name] = {"type": "apiKey", "in": "header", "name": "X-Orbit-Key"}
    submit = next(
        operation
        for methods in document["paths"].values()
        for operation in methods.values()
        if isinstance(operation, dict) and operation.get("x-job", {}).get("role") == "submit"
    )
    submit.setdefault("parameters", []).extend(
        {
            "name": name,
            "in": place,
            "required": True,
            "schema": {"enum": ["a & b's"]},
            "x-provenance": "ASSUMED",
        }
        for name, place in (("flavour", "query"), ("X-Flavour", "header"))
    )
    path.write_text(json.dumps(document), encoding="utf-8")
    with running_app(Settings(contracts=(tmp_path / "more",))) as running:
        line = curl(load("orbit", folders=[tmp_path / "more"]), running.url)
        assert "X-Orbit-Key: any-key" in line
        assert _submitted(line)
