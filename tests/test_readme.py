"""The README's blocks do what they say: each is run as it stands."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import yaml

from tests.serving import ROOT, clean_environment, serve

_BLOCK: Final = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
PATIENCE: Final = 240


def block(language: str, word: str) -> str:
    """The first block of that language that holds `word`."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return next(str(code) for kind, code in _BLOCK.findall(text) if kind == language and word in code)


def environment(home: Path, **more: str) -> dict[str, str]:
    """A clean one in which `mockserver` is this checkout's."""
    bin_folder = home / "bin"
    bin_folder.mkdir()
    command = bin_folder / "mockserver"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m mockserver "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    path = f"{bin_folder}{os.pathsep}{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {**clean_environment(home), "PATH": path, **more}


def run(code: str, folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a block in an empty folder, as a shell that stops at the first thing that fails."""
    return subprocess.run(
        ["bash", "-e", "-m", "-c", code], cwd=folder, env=environment(folder, **more), capture_output=True,
        text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip


def test_local_development(tmp_path: Path) -> None:
    (tmp_path / "test_my_client.py").write_text(block("python", "test_my_client.py"), encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "test_my_client.py"]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment(tmp_path), capture_output=True, text=True, check=False
    )
    assert "2 passed" in done.stdout, done.stdout + done.stderr


def test_a_contract_check_in_ci(tmp_path: Path) -> None:
    done = run(block("sh", "mockserver contracts diff"), tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "verify.xml").stat().st_size
    assert (tmp_path / "verify.sarif").stat().st_size


def test_a_live_endpoint(tmp_path: Path) -> None:
    server = serve(["--store", "memory:", "--speed", "20"], tmp_path / "home")
    try:
        url = server.said["providers"]["gmicloud"][0]
        done = run(block("sh", "--plan"), tmp_path, BASE_URL=url)
    finally:
        server.stop()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Nothing was sent" in done.stdout
    assert "my-key" not in done.stdout + done.stderr + (tmp_path / "verify.html").read_text(encoding="utf-8")


def test_the_workflow_is_one() -> None:
    workflow = yaml.safe_load(block("yaml", "actions/checkout"))
    commands = [step["run"] for step in workflow["jobs"]["contract"]["steps"] if "run" in step]
    assert any(line.startswith("mockserver verify") for line in commands)


def test_from_nothing_to_a_matrix(tmp_path: Path) -> None:
    done = run(block("sh", "mockserver conform list"), tmp_path)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert (tmp_path / "matrix.html").stat().st_size
    assert (tmp_path / "conform.json").stat().st_size


def test_the_adapter_conforms(tmp_path: Path) -> None:
    (tmp_path / "adapter.py").write_text(block("python", "# adapter.py"), encoding="utf-8")
    cases = "--case request-plain --case submit-answer-lost --case poll-failure-with-reason"
    done = run(f"mockserver conform --provider gmicloud {cases} -- python adapter.py", tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
