"""The recipes of the documents, each run as it stands: copied into an empty folder, over real HTTP."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

import pytest

from tests.browser import CHROMIUM, chromium
from tests.conftest import IN_CI
from tests.documents import block, blocks
from tests.serving import wait_until
from tests.test_readme import PATIENCE, environment, free_port, run
from tests.third_party.environments import node_program

COMMAND_LINE: Final = "mockserver/cli/README.md"
QUICK: Final = {"MOCKSERVER_SPEED": "20", "MOCKSERVER_SMALL_CLIPS": "1"}
"""A recipe's job takes as long as a reader likes to look; a test's does not."""
_NAMED: Final = re.compile(r"# (test_\w+\.py)\n")


def with_ports(*texts: str) -> list[str]:
    """The texts with free ports in place of those that they name, the same in each."""
    for port in ("8787", "8790"):
        free = str(free_port())
        texts = tuple(text.replace(port, free) for text in texts)
    return list(texts)


def test_every_whole_test_passes(tmp_path: Path) -> None:
    files = {match[1]: lines for _, lines in blocks("python") if (match := _NAMED.match(lines))}
    assert len(files) == 5
    for name, lines in files.items():
        (tmp_path / name).write_text(lines, encoding="utf-8")
    number = sum(lines.count("\ndef test_") for lines in files.values())
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *files], cwd=tmp_path, env=environment(tmp_path),
        capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert f"{number} passed" in done.stdout, done.stdout + done.stderr


def node() -> str:
    """Node of this machine, in CI the one that its clients of npm have."""
    program = shutil.which("node")
    if program is not None:
        return program
    if not IN_CI:
        pytest.skip("no Node here to run the client in JavaScript")
    return node_program()


def test_a_client_in_five_minutes_in_python_javascript_and_curl(tmp_path: Path) -> None:
    serving, python, javascript, shell = with_ports(
        block(COMMAND_LINE, "sh", "client.py"),
        block(COMMAND_LINE, "python", "# client.py"),
        block(COMMAND_LINE, "js", "// client.mjs"),
        block(COMMAND_LINE, "sh", "# client.sh"),
    )
    for name, lines in (("client.py", python), ("client.mjs", javascript), ("client.sh", shell)):
        (tmp_path / name).write_text(lines, encoding="utf-8")
    commands = re.findall(r"(?:python|node|sh) client\.\w+", serving)
    assert len(commands) == 3
    each = "".join(f"{command} && mv clip.mp4 {number}.mp4\n" for number, command in enumerate(commands))
    lines = re.sub(r"^python client.*\n", each.replace("node ", f"{node()} "), serving, flags=re.MULTILINE)
    done = run(lines, tmp_path, **QUICK)
    assert done.returncode == 0, done.stdout + done.stderr
    assert [b"ftyp" in (tmp_path / f"{number}.mp4").read_bytes()[:16] for number in range(3)] == [True] * 3


@contextmanager
def in_the_background(lines: str, folder: Path) -> Iterator[None]:
    """A block that goes on until somebody ends it."""
    process = subprocess.Popen(
        ["bash", "-e", "-c", lines], cwd=folder, env=environment(folder, **QUICK),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()


def listens(port: int) -> bool:
    """Whether a server takes connections there."""
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here to open the page")
def test_a_page_in_a_browser(tmp_path: Path) -> None:
    serving, page = with_ports(block(COMMAND_LINE, "sh", "--cors"), block(COMMAND_LINE, "html", "page.html"))
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    address = re.search(r"http://\S+/page\.html", serving)
    assert address is not None
    with in_the_background(serving, tmp_path), chromium(tmp_path / "profile") as browser:
        tab = browser.tab()
        for port in re.findall(r"--port (\d+)|http.server (\d+)", serving):
            wait_until(partial(listens, int("".join(port))))
        tab.open(address[0])
        tab.until("document.querySelector('video')?.videoWidth > 0")
