"""A running server is found by the file that it leaves, which its user alone can read."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from platformdirs import user_state_path

from mockserver.cli import group, local_servers
from mockserver.cli.local_servers import LocalServer
from tests.serving import Process, Running, clean_environment


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of the fixture `server`, for this process as well."""
    for name, value in clean_environment(tmp_path / "home", checkout=False).items():
        monkeypatch.setenv(name, value)
    return tmp_path / "home"


def ctl(*words: str) -> Result:
    return CliRunner().invoke(group, words)


def files() -> list[Path]:
    return [*(user_state_path("mockserver") / "servers").glob("*.json")]


def leave(running: Running, pid: int = os.getpid()) -> LocalServer:
    """The file of a server in this process."""
    record = LocalServer(
        running.url, running.url, running.url, running.app.services.settings.token or "", pid
    )
    local_servers.leave(record)
    return record


def test_ctl_finds_the_server_and_its_end(server: Callable[..., Process]) -> None:
    process = server()
    [file] = files()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert json.loads(file.read_bytes())["token"] == process.said["token"]

    shown = ctl("ctl", "clock", "show")
    assert shown.exit_code == 0, shown.output
    link = ctl("open", "--print").output.strip()
    assert link == f"{process.url}/#token={process.said['token']}"

    assert process.stop() in (0, -signal.SIGTERM)
    assert files() == []
    gone = ctl("ctl", "clock", "show")
    assert (gone.exit_code, "start `mockserver serve`" in gone.output) == (2, True)


def test_a_killed_server_is_noticed(running: Callable[..., Running]) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    alive = running(token="tok")
    leave(alive, ended.pid)
    record = leave(alive)

    found = ctl("ctl", "clock", "show")
    assert found.exit_code == 0
    assert "was killed; what it left is removed" in found.stderr
    assert [file.stem for file in files()] == [str(record.pid)]


def test_several_are_listed_and_one_is_chosen_by_its_address(running: Callable[..., Running]) -> None:
    first, second = running(token="first"), running(token="second")
    leave(first)
    leave(second, os.getppid())

    refused = ctl("ctl", "clock", "show")
    assert all(text in refused.output for text in ("choose one with --url", first.url, second.url))
    base = second.url.replace("127.0.0.1", "localhost") + "/api/v1/apikey"
    assert local_servers.reached(base, None) == (second.url, "second")
    assert local_servers.reached(base, "given") == (base, "given")
    assert "give --token" in ctl("ctl", "clock", "show", "--url", "http://127.0.0.1:1").output


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"machine": 1}', b"\xff"])
def test_what_is_no_servers_file_is_left_alone(content: bytes, running: Callable[..., Running]) -> None:
    leave(running(token="tok"))
    other = files()[0].with_name("other.json")
    other.write_bytes(content)
    assert len(local_servers.running()) == 1
    assert other.exists()


def test_a_home_that_cannot_be_written_stops_no_server(home: Path, running: Callable[..., Running]) -> None:
    home.mkdir()
    (home / "state").write_text("a file where the folder would be", encoding="utf-8")
    local_servers.withdraw(leave(running(token="tok")))
    assert local_servers.running() == []
