"""`mockserver verify` as a user meets it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from mockserver import in_process
from mockserver.cli import group
from tests.kit.miniatures.base import KEYS, GoodServer
from tests.kit.miniatures.status import TakesAnything
from tests.kit.miniatures.wire import Door, Reply
from tests.serving import clean_environment

CHEAP = ("--stage", "access", "--stage", "listing", "--stage", "job", "--interval", "0")


@pytest.fixture
def url() -> Iterator[str]:
    with in_process.serve(store="memory:", pace="polls:2") as running:
        yield running.base("gmicloud")


def run(*arguments: str, env: dict[str, str | None] | None = None) -> Result:
    return CliRunner(env=env).invoke(group, ["verify", *arguments])


def test_a_faithful_server_passes_with_a_verdict_in_the_last_line(url: str) -> None:
    done = run(url, "--provider", "gmicloud", *CHEAP)
    assert done.exit_code == 0
    assert done.stdout.splitlines()[-1].startswith("PASSED: 0 failures")


def test_the_control_plane_of_a_base_url_is_that_of_its_server() -> None:
    with in_process.serve(store="memory:", token="secret-token") as running:
        url = running.base("gmicloud")
        done = run(url, "--provider", "gmicloud", "--token", "secret-token", "--stage", "job")

    assert done.exit_code == 0, done.stdout


def test_the_plan_names_each_call_what_it_may_cost_and_sends_nothing(url: str) -> None:
    done = run(url, "--provider", "gmicloud", "--plan", "--json", "--max-jobs", "1")
    planned: dict[str, Any] = json.loads(done.stdout)
    assert {one["billable"] for one in planned["calls"]} == {"no", "if accepted", "yes"}
    assert planned["max_jobs"] == 1


def test_a_plan_of_a_far_endpoint_needs_no_key_and_begins_no_ledger(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger"
    arguments = ("https://api.example.com", "--provider", "gmicloud", "--plan", "--ledger", str(ledger))
    done = run(*arguments, env={"MOCKSERVER_KEY": None})
    assert done.exit_code == 0, done.output
    assert "Nothing was sent" in done.stdout
    assert not ledger.exists()


def test_a_server_that_takes_what_it_should_refuse_fails_with_the_page_and_a_curl_line() -> None:
    server = TakesAnything()
    door = Door(server.respond)
    server.url = door.url
    try:
        arguments = ("--provider", "gmicloud", "--stage", "refusals", "--max-jobs", "1")
        done = run(door.url, *arguments, env={"MOCKSERVER_KEY": KEYS[0]})
    finally:
        door.close()
    assert done.exit_code == 1
    assert "status.refuses" in done.stdout
    assert "curl -sS -g --path-as-is" in done.stdout
    assert "$MOCKSERVER_KEY" in done.stdout
    assert "GMI Cloud" in done.stdout
    assert KEYS[0] not in done.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("127.0.0.1:1", "--provider", "gmicloud"), "needs a scheme"),
        (("http://127.0.0.1:1",), "name the provider with --provider NAME"),
        (("http://127.0.0.1:1", "--provider", "nobody"), "no provider 'nobody'"),
        (("http://127.0.0.1:1", "--provider", "gmicloud", "--stage", "paid"), "no stage 'paid'"),
        (("https://api.example.com", "--provider", "gmicloud"), "put its API key into MOCKSERVER_KEY"),
        (("http://127.0.0.1:1", "--provider", "gmicloud", "--report", "a.txt"), "reports end in"),
    ],
)
def test_a_senseless_command_is_one_clear_line_and_2(arguments: tuple[str, ...], said: str) -> None:
    done = CliRunner(env={"MOCKSERVER_KEY": None}).invoke(group, ["verify", *arguments])
    told = f"{done.output}{done.exception}"
    assert said in told
    assert done.exit_code == 2 or getattr(done.exception, "exit_code", None) == 2


def test_what_may_be_charged_for_is_asked_about_first() -> None:
    done = run("https://api.example.com", "--provider", "gmicloud", env={"MOCKSERVER_KEY": "k"})
    assert done.exit_code == 2
    assert "may charge for 1 job: look at --plan, then pass --yes" in done.output


class Stopping(GoodServer):
    """Lets somebody press Ctrl-C at the first read of a job."""

    pid = 0

    def read(self, owner: str, name: str) -> Reply:
        """Answer, after the signal is sent."""
        if self.pid and name in self.jobs:
            os.kill(self.pid, signal.SIGINT)
            self.pid = 0
        return super().read(owner, name)


def test_ctrl_c_ends_with_130_and_says_how_to_go_on(tmp_path: Path) -> None:
    server = Stopping()
    door = Door(server.respond)
    server.url = door.url
    command = [
        *(sys.executable, "-m", "mockserver", "verify", door.url, "--provider", "gmicloud"),
        *("--stage", "job", "--max-jobs", "1", "--ledger", str(tmp_path / "ledger"), "--quiet"),
    ]
    environment = {**clean_environment(tmp_path), "MOCKSERVER_KEY": KEYS[0]}
    try:
        first = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
        server.pid = first.pid
        _, said = first.communicate(timeout=60)
        assert first.returncode == 130, said
        assert "the same command resumes from" in said
        assert "Traceback" not in said
        server.now += 60_000
        again = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    finally:
        door.close()
    assert again.returncode == 0, again.stdout
    assert len(server.jobs) == 1


class Styled(GoodServer):
    """Calls its jobs by what a terminal or a library could obey."""

    def new_id(self) -> str:
        """A tag that closes nothing, and an escape."""
        return "[/bold]\x1b[31m"


def test_what_a_server_calls_its_jobs_is_text_to_the_progress_shown() -> None:
    server = Styled()
    door = Door(server.respond)
    server.url = door.url
    try:
        arguments = ("--provider", "gmicloud", "--stage", "job", "--patience", "0", "--interval", "0")
        done = run(door.url, *arguments, env={"MOCKSERVER_KEY": KEYS[0]})
    finally:
        door.close()
    assert done.exit_code == 1
    assert isinstance(done.exception, SystemExit)
    assert "\x1b[31m" not in done.output


@pytest.mark.parametrize("option", ["--patience", "--interval", "--rate"])
def test_a_length_of_time_is_finite(option: str) -> None:
    done = run("http://127.0.0.1:1", "--provider", "gmicloud", option, "nan")
    assert done.exit_code == 2
    assert "must be a finite number" in done.output


def test_a_report_that_cannot_be_written_keeps_no_other_from_it(url: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    reports = ("--report", str(tmp_path / "file" / "a.json"), "--report", str(tmp_path / "b.json"))
    done = run(url, "--provider", "gmicloud", "--stage", "listing", *reports)
    assert "cannot be written" in str(done.exception)
    assert json.loads((tmp_path / "b.json").read_bytes())["kind"] == "verify"
