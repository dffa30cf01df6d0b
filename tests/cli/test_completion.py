"""The shell is offered the names that a line can go on with."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete

from mockserver.cli import group
from tests.serving import ROOT, clean_environment


def offered(line: str) -> list[str]:
    """What follows a line; its last word is unfinished."""
    *words, last = line.split(" ")
    completion = ShellComplete(group, {}, "mockserver", "_MOCKSERVER_COMPLETE")
    return [item.value for item in completion.get_completions(words, last)]


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("ser", "serve"),
        ("ctl clock fr", "freeze"),
        ("serve --log-format js", "json"),
        ("serve --provider gmi", "gmicloud"),
        ("contracts show kk", "kkiai"),
        ("contracts show gmicloud --profile ven", "vendor"),
        ("verify --provider gmicloud --model Kling-T", "Kling-Text2Video-V1.6-Standard"),
        ("verify --stage acc", "access"),
        ("conform --case request-pl", "request-plain"),
        ("conform --family re", "request"),
        ("ctl jobs force gmicloud some-job proc", "processing"),
        ("ctl jobs list --provider gmicloud --state succ", "success"),
        ("ctl rules add lost", "lost-answer"),
        ("ctl rules add too-many --when rol", "role="),
        ("ctl rules add too-many --set retry", "retry_after="),
        (f"contracts show --contracts {ROOT / 'fixtures' / 'orbit'} orb", "orbit"),
    ],
)
def test_a_name_is_offered(line: str, name: str) -> None:
    assert name in offered(line)
    assert all(other.startswith(line.rpartition(" ")[2]) for other in offered(line))


def test_what_cannot_be_read_offers_nothing(tmp_path: Path) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "openapi.json").write_text("{", encoding="utf-8")
    assert offered(f"verify --contracts {tmp_path} --provider broken --model x") == []


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash here that completes a line")
def test_bash_completes_a_line(tmp_path: Path) -> None:
    program = tmp_path / "mockserver"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m mockserver "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    script = """
        eval "$(_MOCKSERVER_COMPLETE=bash_source mockserver)"
        COMP_WORDS=(mockserver ctl rules add lost); COMP_CWORD=4
        _mockserver_completion mockserver; echo "${COMPREPLY[@]}"
    """
    environment = clean_environment(tmp_path)
    environment["PATH"] = f"{tmp_path}{os.pathsep}{environment['PATH']}"
    done = subprocess.run(
        ["bash", "-c", script], env=environment, capture_output=True, text=True, check=False
    )
    assert (done.stdout.strip(), done.stderr) == ("lost-answer", "")
