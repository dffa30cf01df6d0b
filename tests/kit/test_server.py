"""Our server as a process of the kit's: ready, found by provider, and ended whatever happens."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from mockserver.contract.registry import find_all
from mockserver.control_client import ControlClient
from mockserver.errors import KitError
from mockserver.kit.server import Server, started
from tests.serving import ROOT, clean_environment

SCENARIO = """
title = "Too many"
[[rules]]
fault = "too-many"
"""
INTERRUPTED = """
import sys, time
from mockserver.kit.server import started
with started("gmicloud") as server:
    print(server.pid, flush=True)
    time.sleep(60)
"""


def is_alive(pid: int) -> bool:
    """Whether there is a process of that number."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_it_serves_until_the_block_ends(tmp_path: Path) -> None:
    file = tmp_path / "busy.toml"
    file.write_text(SCENARIO)
    with started("gmicloud", "kkiai", profile="vendor", pace="polls:2", scenario=file, seed=1) as server:
        assert server.bases.keys() == {"gmicloud", "aimlapi", "kkiai"}
        assert server.base("kkiai") == f"{server.url}/kling"
        answer = httpx.get(
            f"{server.base('gmicloud')}/models", headers={"Authorization": "Bearer k"}, trust_env=False
        )
        assert answer.status_code == 429
        with ControlClient(server.control, server.token) as mock:
            assert [rule["fault"] for rule in mock.rules()] == ["too-many"]
        assert server.log() == ""
    assert not is_alive(server.pid)


def test_it_can_be_stopped_before_and_again() -> None:
    with started() as server:
        assert server.stop() in (0, -signal.SIGTERM)
        assert server.stop() in (0, -signal.SIGTERM)
        with pytest.raises(httpx.ConnectError):
            httpx.get(server.url, trust_env=False)


def test_further_contracts_overlays_and_variables_reach_it(tmp_path: Path) -> None:
    folder = ROOT / "contracts" / "kkiai"
    named = {"MOCKSERVER_TOKEN": "the-token"}
    with started(
        "kkiai", contracts=[folder], overlays=["kkiai/r1"], options=["--strict"], env=named
    ) as server:
        assert server.token == "the-token"


def test_the_users_own_settings_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOCKSERVER_PROFILE", "no-such-profile")
    monkeypatch.setenv("MOCKSERVER_TOKEN", "the-users")
    with started() as server:
        assert server.token != "the-users"


def test_one_that_does_not_start_says_why() -> None:
    with pytest.raises(KitError, match="pace 'soon' is not one of") as caught, started(pace="soon"):
        pytest.fail("it started")
    assert "exit code 2" in str(caught.value)


def test_only_the_last_lines_of_its_log_are_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chatty = tmp_path / "python"
    chatty.write_text("#!/bin/sh\nfor n in 1 2 3 4 5 6 7 8 9 10; do echo line-$n >&2; done\necho ready\n")
    chatty.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(chatty))
    with pytest.raises(KitError) as caught, started():
        pytest.fail("it started")
    assert "line-10" in str(caught.value)
    assert "line-2\n" not in str(caught.value)


def test_one_that_serves_somebody_else_is_an_error_and_ends() -> None:
    with (
        pytest.raises(KitError, match=f"no provider 'acme'; providers: {', '.join(find_all())}"),
        started("acme"),
    ):
        pytest.fail("it has no such provider")


def test_an_error_in_the_block_ends_it() -> None:
    seen: list[Server] = []

    def fails() -> None:
        with started() as server:
            seen.append(server)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    assert not is_alive(seen[0].pid)


def test_ctrl_c_ends_both(tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED],
        env=clean_environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    assert is_alive(pid)
    parent.send_signal(signal.SIGINT)
    parent.communicate(timeout=30)
    assert parent.returncode != 0
    assert not is_alive(pid)
