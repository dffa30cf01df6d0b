"""`conform` against clients that leave huge files, odd files and processes behind."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mockserver.kit.conform.case import Case, load_cases, select_cases
from mockserver.kit.conform.evidence import LargeFile
from mockserver.kit.conform.running.client import CommandClient
from mockserver.kit.conform.running.files import HEAD, JOB_FILE, ClientFiles, read_file
from mockserver.kit.conform.running.journal_tail import JournalTail
from mockserver.kit.conform.running.run_options import RunOptions
from mockserver.kit.conform.running.runner import run as run_cases
from mockserver.kit.traffic.time_limit import TimeLimit
from tests.kit.conform.environments import TASK, ends
from tests.kit.hostile.measured import ENOUGH, run
from tests.kit.hostile.recordings import sparse

HUGE = 20 * 1024**3
ASKS = """
import os, urllib.request
request = urllib.request.Request(os.environ["MOCKSERVER_BASE_URL"] + "/requests")
request.add_header("Authorization", "Bearer " + os.environ["MOCKSERVER_KEY"])
urllib.request.urlopen(request).read()
"""
"""A client that asks for nothing is not judged."""
LEAVES_HUGE_FILES = f"""{ASKS}
for name in ("OUTPUT", "JOB_FILE", "THUMBNAIL", "IMAGE"):
    path = os.environ["MOCKSERVER_" + name]
    if path:
        with open(path, "wb") as file:
            file.truncate({HUGE})
"""
ESCAPES = """
import os, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        part = sys.argv[1] + ".part"
        with open(part, "w") as file:
            file.write(str(os.getpid()))
        os.rename(part, sys.argv[1])
        time.sleep(600)
    os._exit(0)
while not os.path.exists(sys.argv[1]):
    time.sleep(0.01)
"""


def test_files_of_twenty_gigabytes_are_judged_and_not_read() -> None:
    client = ("--", sys.executable, "-c", LEAVES_HUGE_FILES)
    ended = run("conform", "--provider", "gmicloud", "--case", "request-plain", "--quiet", *client)
    assert ended.code == 1, ended.stderr
    assert "Traceback" not in ended.stderr
    assert f"a file of {HUGE} bytes" in " ".join(ended.stdout.split())
    assert ended.used < ENOUGH / 2


def test_a_file_is_read_as_far_as_it_can_matter(tmp_path: Path) -> None:
    assert read_file(sparse(tmp_path / "a", HUGE), 1000) == LargeFile(bytes(HEAD), HUGE)
    assert read_file(sparse(tmp_path / "b", 1000), 1000) == bytes(1000)
    assert read_file(tmp_path / "none", 1000) is None


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, lambda path: path.symlink_to("/dev/zero")])
def test_what_is_no_file_is_not_there_and_does_not_stay_open(
    tmp_path: Path, make: Callable[[Path], Any]
) -> None:
    def next_free() -> int:
        descriptor = os.dup(0)
        os.close(descriptor)
        return descriptor

    make(tmp_path / "a")
    before = next_free()
    assert read_file(tmp_path / "a", 1000) is None
    assert next_free() == before


def test_of_a_job_file_the_beginning_is_read(tmp_path: Path) -> None:
    files = ClientFiles(replace(TASK, job_file=str(sparse(tmp_path / "job", HUGE))), 1)
    files.read_job_file()
    assert [len(text) for text in files.job_files] == [JOB_FILE]


def test_a_name_of_a_file_that_is_no_text_is_shown(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/half-\xff")).touch()
    files = ClientFiles(replace(TASK, output=str(tmp_path / "clip.mp4")), 1)
    assert files.leftovers() == ("half-\\xff",)


@pytest.mark.skipif(sys.platform != "linux", reason="processes are found by /proc")
def test_a_process_that_left_the_group_is_ended_and_told_of(tmp_path: Path) -> None:
    started = tmp_path / "pid"
    running = CommandClient((sys.executable, "-c", ESCAPES, str(started))).start(TASK)
    assert running.wait(60)
    ended = running.stop("over budget")
    assert (ended.escaped, ended.left) == (1, False)
    assert ends(int(started.read_text()))


def test_when_the_time_is_over_cases_could_not_run() -> None:
    limit = TimeLimit(60, clock=iter([0.0, *[61.0] * 100]).__next__)
    matrix = run_cases(
        CommandClient((sys.executable, "-c", "")), "gmicloud", RunOptions(limit=limit), only_plain()
    )
    assert {(result.verdict, result.reason) for result in matrix.results} == {
        ("could not run", "--time-limit 60 s is over")
    }
    assert matrix.exit_code == 3


def only_plain() -> list[Case]:
    """The baseline case."""
    return select_cases(load_cases(), ids=["request-plain"])


def test_trouble_of_one_case_is_no_end_of_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def stumble(tail: JournalTail) -> None:
        raise MemoryError("no room")

    monkeypatch.setattr(JournalTail, "collect", stumble)
    matrix = run_cases(CommandClient((sys.executable, "-c", "")), "gmicloud", None, only_plain())
    assert [result.reason for result in matrix.results] == ["could not be judged: MemoryError: no room"]
    assert matrix.exit_code == 3
