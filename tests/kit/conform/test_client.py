"""The client as a command and as a function: told what to do, watched, and ended whatever it does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from mockserver.errors import KitError
from mockserver.kit.conform.evidence import ClientRun
from mockserver.kit.conform.running.client import CommandClient, FunctionClient, as_client
from mockserver.kit.conform.running.escaped_processes import MARK, end_escaped
from mockserver.kit.conform.running.output_tail import STREAM_LIMIT
from mockserver.kit.conform.task import Task
from tests.kit.conform.environments import KEY, TASK, ends, good

FAMILY = """
import pathlib, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
part = pathlib.Path(sys.argv[1] + ".part")
part.write_text(str(child.pid))
part.rename(sys.argv[1])
time.sleep(float(sys.argv[2]))
"""


def ran(*words: str, task: Task = TASK) -> ClientRun:
    """How a Python program of these arguments ended by itself."""
    running = CommandClient((sys.executable, *words)).start(task)
    assert running.wait(60)
    return running.stop("over budget")


def test_a_command_is_told_in_its_environment_and_its_arguments() -> None:
    code = (
        "import os, sys; print(os.environ['MOCKSERVER_PROMPT'], os.environ['MOCKSERVER_DEADLINE'], *sys.argv)"
    )
    said = ran("-c", code, "--url={base_url}", "{interval}", "{no_such}", "{}").stdout
    assert said.split() == ["A", "boat", "5", "-c", f"--url={TASK.base_url}", "0.1", "{no_such}", "{}"]


def test_every_fact_has_a_variable() -> None:
    names = (
        "BASE_URL KEY PROVIDER MODEL PROMPT IMAGE OUTPUT THUMBNAIL JOB_FILE INTERVAL DEADLINE CALLBACK_URL "
        "ACCESS_KEY SECRET_KEY CONTRACT"
    )
    assert TASK.variables().keys() == {f"MOCKSERVER_{name}" for name in names.split()}


def test_variables_of_ours_that_are_set_already_do_not_reach_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOCKSERVER_TOKEN", "secret")
    assert ran("-c", "import os; print(os.environ.get('MOCKSERVER_TOKEN'))").stdout.strip() == "None"


def test_the_server_is_not_asked_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "example.com")
    assert (
        ran("-c", "import os; print(os.environ['NO_PROXY'])").stdout.strip()
        == "example.com,127.0.0.1,localhost"
    )


def test_exit_code_and_both_streams_are_kept() -> None:
    end = ran("-c", "import sys; print('out'); print('err', file=sys.stderr); sys.exit(7)")
    assert (end.ending, end.exit_code, end.stdout, end.stderr) == ("exited", 7, "out\n", "err\n")


def test_of_much_text_the_beginning_and_the_end_are_kept() -> None:
    end = ran("-c", f"print('start'); print('x' * {10 * STREAM_LIMIT}); print('end')")
    assert len(end.stdout) < 2 * STREAM_LIMIT + 100
    assert end.stdout.startswith("start")
    assert end.stdout.endswith("end\n")
    assert "bytes left out" in end.stdout


@pytest.mark.parametrize("before", [0, 65530, 200_000])
def test_the_key_in_what_is_written_is_noticed_and_hidden(before: int) -> None:
    end = ran("-c", f"import os; print('x' * {before} + os.environ['MOCKSERVER_KEY'])")
    assert end.leaked_key
    assert KEY not in end.stdout


def test_at_its_budget_the_whole_family_is_killed(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    running = CommandClient((sys.executable, "-c", FAMILY, str(pid), "600")).start(TASK)
    while not pid.exists():
        assert not running.wait(0.01)
    end = running.stop("over budget")
    assert (end.ending, end.exit_code) == ("over budget", None)
    assert (end.escaped, end.left) == (0, False)
    assert ends(int(pid.read_text()))


def test_what_a_client_leaves_behind_is_ended_with_it(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    assert ran("-c", FAMILY, str(pid), "0").ending == "exited"
    assert ends(int(pid.read_text()))


@pytest.mark.parametrize("in_group", [True, False])
def test_what_is_of_a_killed_group_and_not_gone_yet_has_not_escaped(in_group: bool) -> None:
    command = (sys.executable, "-c", "import time; time.sleep(600)")
    process = subprocess.Popen(command, env={**os.environ, MARK: "a"}, start_new_session=in_group)
    assert end_escaped("a", process.pid) == (0 if in_group else 1)
    assert process.wait() == -signal.SIGKILL


def test_stopping_twice_tells_the_same() -> None:
    running = CommandClient((sys.executable, "-c", "raise SystemExit(3)")).start(TASK)
    assert running.wait(60)
    assert running.stop("killed").exit_code == running.stop("killed").exit_code == 3


def test_a_command_that_is_not_there_cannot_be_started() -> None:
    with pytest.raises(KitError, match="cannot start 'no-such-program'"):
        CommandClient(("no-such-program",)).start(TASK)


def test_a_function_returns_or_raises() -> None:
    def fails(task: Task) -> None:
        raise ValueError(f"no clip, my key is {task.key}")

    running = FunctionClient(fails).start(TASK)
    assert running.wait(60)
    end = running.stop("over budget")
    assert (end.ending, end.exit_code, end.leaked_key) == ("exited", 1, True)
    assert "no clip" in end.stderr
    assert KEY not in end.stderr


@pytest.mark.parametrize(("given", "code"), [(0, 0), (None, 0), (4, 4), ("text", 1)])
def test_a_function_may_exit(given: object, code: int) -> None:
    def leave(task: Task) -> None:
        raise SystemExit(given)

    running = FunctionClient(leave).start(TASK)
    assert running.wait(60)
    assert running.stop("over budget").exit_code == code


def test_a_coroutine_function_is_awaited(tmp_path: Path) -> None:
    async def generate(task: Task) -> None:
        Path(task.output).write_text(task.prompt)

    running = FunctionClient(generate).start(replace(TASK, output=str(tmp_path / "o")))
    assert running.wait(60)
    assert (tmp_path / "o").read_text() == TASK.prompt


def test_a_function_that_does_not_end_is_left_alone() -> None:
    go_on = threading.Event()
    running = FunctionClient(lambda task: go_on.wait(60)).start(TASK)
    assert not running.wait(0)
    assert running.stop("over budget").ending == "over budget"
    go_on.set()


def test_a_client_is_given_as_words_a_line_or_a_function() -> None:
    assert as_client(["a", "b c"]) == CommandClient(("a", "b c"))
    assert as_client("a 'b c'") == CommandClient(("a", "b c"))
    assert as_client(good).label == "good"
    assert CommandClient(("a", "b c")).label == "a 'b c'"
    with pytest.raises(KitError, match="no command"):
        as_client([])


def test_a_system_without_waitid_knows_when_a_command_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "waitid", raising=False)
    end = ran("-c", "raise SystemExit(7)")
    assert (end.ending, end.exit_code) == ("exited", 7)


def test_a_system_without_process_groups_kills_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "killpg", raising=False)
    running = CommandClient((sys.executable, "-c", "import time; time.sleep(600)")).start(TASK)
    end = running.stop("over budget")
    assert (end.ending, end.exit_code) == ("over budget", None)
    assert running.wait(0)
