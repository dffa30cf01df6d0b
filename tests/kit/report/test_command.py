"""The reports as the command writes them, over a real socket and with a real key."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from jsonschema import Draft202012Validator
from junitparser import JUnitXml

from mockserver.kit.report import KINDS
from mockserver.kit.report.json import SCHEMA
from mockserver.settings import Settings, read_pace
from tests.command_line import run_here
from tests.serving import running_app

SECRET: Final = "sk-live-0123456789abcdef"
OTHER: Final = "sk-live-of-somebody-else"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server that behaves as the vendor says."""
    settings = Settings(
        profile="vendor", pace=read_pace("polls:2"), cache_dir=tmp_path_factory.mktemp("media")
    )
    with running_app(settings) as server:
        yield server.url


def _verify(
    url: str, home: Path, *more: str, key_variable: str = "MOCKSERVER_KEY"
) -> subprocess.CompletedProcess[str]:
    own = f"{SECRET}-{home.name}"  # Nobody else's jobs are in its way.
    words = [
        *("verify", url, "--provider", "gmicloud"),
        *("--stage", "access", "--stage", "listing", "--stage", "job", "--interval", "0"),
    ]
    return run_here([*words, *more], home, variables={key_variable: own, "MOCKSERVER_OTHER_KEY": OTHER})


def _known(path: Path, *fingerprints: str) -> str:
    entries = [{"fingerprint": one, "reason": "they know"} for one in fingerprints]
    path.write_text(json.dumps({"known": entries}))
    return str(path)


def test_one_run_writes_them_all_and_none_holds_a_key(url: str, tmp_path: Path) -> None:
    paths = [tmp_path / "out" / f"report{ending}" for ending in KINDS]
    done = _verify(url, tmp_path, *(part for path in paths for part in ("--report", str(path))))
    assert done.returncode == 1, done.stderr
    assert done.stdout.splitlines()[-1].startswith("FAILED: ")
    texts = [path.read_text(encoding="utf-8") for path in paths]
    assert [len(text) for text in texts if SECRET in text or OTHER in text] == []
    assert SECRET not in done.stdout + done.stderr
    assert "$MOCKSERVER_KEY" in done.stdout
    assert all(
        '"created"' in text.replace("&quot;", '"').replace("&#34;", '"').replace('\\"', '"') for text in texts
    )
    assert JUnitXml.fromfile(str(paths[1])).failures > 0


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl here to run the lines")
def test_every_line_to_ask_again_runs_as_it_is_printed_and_is_answered(url: str, tmp_path: Path) -> None:
    done = _verify(url, tmp_path, "--key-env", "MY_KEY", "--json", key_variable="MY_KEY")
    lines = {finding["curl"] for finding in json.loads(done.stdout)["findings"]}
    assert any('Bearer $MY_KEY"' in line for line in lines)
    for line in sorted(lines):
        words = ["bash", "-c", f"{line} -w '%{{stderr}}%{{http_code}}'" if " < <(" not in line else line]
        ran = subprocess.run(
            words, env={**os.environ, "MY_KEY": "a-key"}, capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, (line, ran.stderr)
        assert ran.stderr in ("200", "400", "401", "404", ""), (line, ran.stderr)


def test_json_on_stdout_is_the_report_and_nothing_else(url: str, tmp_path: Path) -> None:
    done = _verify(url, tmp_path, "--json")
    told: Any = json.loads(done.stdout)
    assert [
        error.message for error in Draft202012Validator(json.loads(SCHEMA.read_text())).iter_errors(told)
    ] == []
    assert done.returncode == int(told["verdict"]["failed"]) == 1
    assert {part["name"]: part["percent"] for part in told["coverage"]}["operations"] == 100


def test_what_is_known_is_excused_and_a_stale_entry_fails(url: str, tmp_path: Path) -> None:
    words = ("lifecycle.word *", "schema.answer *")
    done = _verify(url, tmp_path, "--known", _known(tmp_path / "known.json", *words))
    assert (done.returncode, done.stdout.splitlines()[-1].partition(":")[0]) == (0, "PASSED"), done.stdout
    done = _verify(url, tmp_path, "--known", _known(tmp_path / "stale.json", *words, "auth.required *"))
    assert done.returncode == 1
    assert "passes unexpectedly: auth.required *" in done.stdout


def test_a_file_that_makes_no_sense_is_refused_before_anything_is_asked(tmp_path: Path) -> None:
    for option in (("--known", str(tmp_path / "none.json")), ("--report", "report.txt")):
        done = _verify("http://127.0.0.1:1", tmp_path, *option)
        assert done.returncode == 2
        assert len(done.stderr.strip().splitlines()) == 1


def test_a_report_that_cannot_be_written_does_not_swallow_the_findings(url: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = _verify(url, tmp_path, "--report", str(tmp_path / "file" / "report.json"))
    assert done.returncode == 2
    assert "FAILED: " in done.stdout, done.stdout + done.stderr
    assert "cannot be written" in done.stderr
    assert "Traceback" not in done.stderr
