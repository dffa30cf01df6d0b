"""The blocks of the documents do what they say: each is run as it stands."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from mockserver.control_client import ControlClient
from tests.documents import block, blocks
from tests.serving import LEAN, clean_environment, serve

PATIENCE: Final = 240
START: Final = "README.md"
KIT: Final = "mockserver/kit/README.md"
VERIFY: Final = "mockserver/kit/verify/README.md"
CONFORM: Final = "mockserver/kit/conform/README.md"
_PORT: Final = re.compile(r"\b87(?:87|90)\b")


def environment(home: Path, **more: str) -> dict[str, str]:
    """A clean one in which `mockserver` is this checkout's."""
    bin_folder = home / "bin"
    bin_folder.mkdir()
    command = bin_folder / "mockserver"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m mockserver "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    path = f"{bin_folder}{os.pathsep}{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {**clean_environment(home), "PYTHONPATH": LEAN, "PATH": path, **more}


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port


def run(lines: str, folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a block in an empty folder, as a shell that stops at the first thing that fails.

    The ports that it names become free ones, as another test may run beside it.
    """
    ports = {port: str(free_port()) for port in _PORT.findall(lines)}
    lines = _PORT.sub(lambda match: ports[match[0]], lines)
    more = {"MOCKSERVER_PORT": ports.get("8787", "0"), **more}
    return subprocess.run(
        ["bash", "-e", "-m", "-c", lines], cwd=folder, env=environment(folder, **more), capture_output=True,
        text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip


def others() -> list[tuple[str, str]]:
    """The shell blocks that no test below names. What `make` does, the tests and CI are themselves."""
    named = ("--plan", "mockserver verify http", "mockserver conform list", "client.", "http.server")
    return [
        (name, lines)
        for name, lines in blocks("sh")
        if not lines.startswith("make ") and not any(word in lines for word in named)
    ]


@pytest.mark.parametrize(("name", "lines"), others())
def test_every_other_block_runs(name: str, lines: str, tmp_path: Path) -> None:
    done = run(lines, tmp_path)
    assert done.returncode == 0, name + done.stdout[-4000:] + done.stderr[-4000:]


def test_local_development(tmp_path: Path) -> None:
    (tmp_path / "test_my_client.py").write_text(block(START, "python", "test_my_client.py"), encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "test_my_client.py"]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment(tmp_path), capture_output=True, text=True, check=False
    )
    assert "2 passed" in done.stdout, done.stdout + done.stderr


def test_a_server_in_a_with_block(tmp_path: Path) -> None:
    (tmp_path / "in_process.py").write_text(block(KIT, "python", "# in_process.py"), encoding="utf-8")
    done = run("python in_process.py", tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("200 ")


def test_a_server_in_unittest(tmp_path: Path) -> None:
    code = block(KIT, "python", "# test_unit.py")
    (tmp_path / "test_unit.py").write_text(code, encoding="utf-8")
    (tmp_path / "test_broken.py").write_text(code.replace("/requests", "/reqests"), encoding="utf-8")
    done = run("python -m unittest test_unit", tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    shutil.rmtree(tmp_path / "bin")
    done = run("python -m unittest test_broken", tmp_path)
    assert "FAILED (failures=1, errors=1)" in done.stderr
    assert done.stderr.count("did you mean GET /api/v1/ie/requestqueue/apikey/requests") == 2


def test_a_contract_check_in_ci(tmp_path: Path) -> None:
    done = run(block(VERIFY, "sh", "mockserver verify http"), tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "verify.xml").stat().st_size
    assert (tmp_path / "verify.sarif").stat().st_size


def test_a_live_endpoint(tmp_path: Path) -> None:
    server = serve(["--store", "memory:", "--speed", "20"], tmp_path / "home")
    try:
        url = server.said["providers"]["gmicloud"][0]
        done = run(block(VERIFY, "sh", "--plan"), tmp_path, BASE_URL=url)
        with ControlClient(server.url, server.said["token"]) as mock:
            jobs = mock.jobs()
    finally:
        server.stop()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Nothing was sent" in done.stdout
    assert len(jobs) == 1
    assert "my-key" not in done.stdout + done.stderr + (tmp_path / "verify.html").read_text(encoding="utf-8")


def test_from_nothing_to_a_matrix(tmp_path: Path) -> None:
    done = run(block(CONFORM, "sh", "mockserver conform list"), tmp_path)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert (tmp_path / "matrix.html").stat().st_size
    assert (tmp_path / "conform.json").stat().st_size


def test_the_adapter_conforms(tmp_path: Path) -> None:
    (tmp_path / "adapter.py").write_text(block(CONFORM, "python", "# adapter.py"), encoding="utf-8")
    cases = "--case request-plain --case submit-answer-lost --case poll-failure-with-reason"
    done = run(f"mockserver conform --provider gmicloud {cases} -- python adapter.py", tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
