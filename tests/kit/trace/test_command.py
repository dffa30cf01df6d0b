"""`mockserver check-trace` as it is typed."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.command_line import run_here
from tests.engine.test_lifecycle import STATE_AT
from tests.kit.trace.recording import Har, change, is_read, put


def run(home: Path, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    return run_here(["check-trace", *arguments], home, given=given)


@pytest.fixture
def files(recorded: tuple[Har, Har], tmp_path: Path) -> Path:
    """good.har, and bad.har with a status word in it that nobody knows."""
    bad = change(recorded[0], put(STATE_AT["gmicloud"], "warming-up"), where=is_read("gmicloud"))
    (tmp_path / "good.har").write_text(json.dumps(recorded[0]))
    (tmp_path / "bad.har").write_text(json.dumps(bad))
    (tmp_path / "broken.har").write_text('{"log": {"entries": [{}]}}')
    return tmp_path


def test_a_good_record_ends_with_0(files: Path) -> None:
    done = run(files, "good.har", "--provider", "kkiai")

    assert (done.returncode, done.stderr) == (0, ""), done.stdout


def test_a_bad_record_ends_with_1_and_says_why(files: Path) -> None:
    done = run(files, "bad.har", "--provider", "gmicloud")

    assert done.returncode == 1, done.stderr
    assert "warming-up" in done.stdout


def test_a_run_is_to_be_had_as_json(files: Path) -> None:
    done = run(files, "bad.har", "--provider", "gmicloud", "--json")

    report = json.loads(done.stdout)
    assert done.returncode == 1
    assert "new status word" in {drift["kind"] for drift in report["drifts"]}


def test_standard_input_is_a_file(files: Path) -> None:
    done = run(files, "-", "--provider", "aimlapi", given=(files / "good.har").read_text())

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["none.har"], "none.har: cannot be read: No such file or directory"),
        (["broken.har"], "broken.har: entry 1: request is missing"),
        (["good.har"], "choose one with --provider: aimlapi ("),
        (["good.har", "--provider", "nobody"], "no provider 'nobody'"),
    ],
)
def test_what_makes_no_sense_is_one_line_and_2(files: Path, arguments: list[str], message: str) -> None:
    done = run(files, *arguments)

    assert done.returncode == 2
    assert message in done.stderr
    assert done.stderr.startswith("mockserver: ")
    assert done.stderr.count("\n") == 1


def test_the_overlay_that_it_writes_makes_its_record_clean(files: Path) -> None:
    done = run(files, "bad.har", "--provider", "gmicloud", "--write-overlay", "seen.json")

    assert done.returncode == 1
    states = json.loads((files / "seen.json").read_text())["patch"]["openapi.json"]["x-job"]["states"]
    assert "warming-up" in states


def test_no_overlay_is_written_where_nothing_drifted(files: Path) -> None:
    done = run(files, "good.har", "--provider", "gmicloud", "--write-overlay", "seen.json")

    assert done.returncode == 0
    assert "nothing drifted" in done.stderr
    assert not (files / "seen.json").exists()
