"""The tests' own machinery: servers start and stop, time moves, and CI does not skip."""

from __future__ import annotations

import gzip
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import conftest
from tests.serving import ROOT, Process, Running, serve

REQUESTS = "/api/v1/apikey/requests"
BODY = {"model": "Kling-Text2Video-V1.6-Standard", "payload": {"prompt": "A lighthouse in fog"}}
SKIPPING = """
import pytest

def test_skipped():
    pytest.skip("no such thing here")

@pytest.mark.xfail
def test_known():
    assert False

@pytest.mark.skipif(True, reason="never")
def test_marked():
    pass
"""


def test_a_process_serves_and_leaves_nothing_in_the_users_folders(
    server: Callable[..., Process], tmp_path: Path
) -> None:
    process = server()
    with process.client() as client:
        assert client.post(REQUESTS, json=BODY).status_code == 200
    assert process.stop() in (0, -signal.SIGTERM)
    assert (tmp_path / "home/state/mockserver/jobs.sqlite3").is_file()


def test_a_process_that_does_not_start_says_why(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="no-such-profile"):
        serve(["--profile", "no-such-profile"], tmp_path)


def test_a_running_app_takes_its_time_from_the_test(running: Callable[..., Running]) -> None:
    app = running()
    with app.client() as client:
        job = client.post(REQUESTS, json=BODY).json()
        seen = []
        for seconds in (0, 2, 6):
            app.clock.advance(seconds)
            seen.append(client.get(f"{REQUESTS}/{job['request_id']}").json()["status"])
    assert seen == ["queued", "processing", "success"]


@pytest.mark.parametrize(
    ("ci", "expected"), [("1", (1, "1 failed, 1 xfailed, 1 error")), ("", (0, "2 skipped, 1 xfailed"))]
)
def test_a_skip_fails_in_ci(ci: str, expected: tuple[int, str], tmp_path: Path) -> None:
    file = tmp_path / "test_skipping.py"
    file.write_text(SKIPPING)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.conftest", "-p", "no:cacheprovider"]
    environment = {**os.environ, "MOCKSERVER_CI": ci, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [*command, "--rootdir", tmp_path, file], env=environment, cwd=tmp_path, capture_output=True, text=True
    )
    code, says = expected
    assert done.returncode == code, done.stdout
    assert says in done.stdout


def test_what_is_fast_is_there_and_is_reached_through_its_folders() -> None:
    tests = ROOT / "tests"
    assert [name for name in (*conftest.FAST, *conftest.SLOW) if not (tests / name).exists()] == []
    assert all(conftest.is_fast(tests / name) for name in ("", "kit", "kit/traffic/test_curl.py", "jobs"))
    assert not any(conftest.is_fast(tests / name) for name in ("kit/conform", "test_readme.py", "web"))
    assert not any(conftest.is_fast(tests / name) for name in conftest.SLOW)


@pytest.mark.parametrize(
    ("value", "name"),
    [(gzip.compress(b"a"), "21-bytes"), (b"GET / HTTP/1.1", None), (b"\r\n", "2-bytes"), ("\x1f\x8b", None)],
)
def test_no_test_is_named_by_packed_bytes(value: object, name: str | None) -> None:
    assert conftest.pytest_make_parametrize_id(value) == name
