"""The workflows and actions for GitHub have the published form, and an action's steps do what they promise.

The steps run as a runner runs them, but for the installation, of which the command is looked at.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
import yaml

from mockserver.control_client import ControlClient
from tests.documents import blocks
from tests.serving import ROOT, wait_until
from tests.test_readme import PATIENCE, environment

ACTIONS: Final = ROOT / ".github" / "actions"
ACTION: Final = ACTIONS / "mockserver" / "action.yml"
WORKFLOW: Final = ROOT / ".github" / "workflows" / "ci.yml"
_EXPRESSION: Final = re.compile(r"\$\{\{ (\w+)\.([\w.]+) \}\}")
_FAKE_PYTHON: Final = """#!/bin/sh
[ "$1 $2" = '-m venv' ] || exit 9
mkdir -p "$3/bin"
cat > "$3/bin/python" <<'END'
#!/bin/sh
[ "$2" = pip ] && {{ echo "$@" > "{log}"; exit; }}
exec "{python}" "$@"
END
cat > "$3/bin/mockserver" <<'END'
#!/bin/sh
exec "{python}" -m mockserver "$@"
END
chmod +x "$3/bin/python" "$3/bin/mockserver"
"""
"""A Python whose environments have this checkout, and note what was to be installed."""


def read(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return document


@dataclass(slots=True)
class Runner:
    """A runner of GitHub's: what its steps left in its files is there for the next."""

    folder: Path
    environment: dict[str, str]
    outputs: dict[str, dict[str, str]] = field(default_factory=dict)
    printed: str = ""

    def use(self, path: Path, **inputs: str) -> dict[str, str]:
        """Run an action's steps, and give its outputs."""
        action = read(path)
        declared = {name: entry["default"] for name, entry in action.get("inputs", {}).items()}
        assert inputs.keys() <= declared.keys()
        for step in action["runs"]["steps"]:
            self._run(step, path.parent, {**declared, **inputs})
        return {name: self._filled(entry["value"], {}) for name, entry in action.get("outputs", {}).items()}

    def _filled(self, text: str, inputs: Mapping[str, str]) -> str:
        def value(match: re.Match[str]) -> str:
            if match[1] == "inputs":
                return inputs[match[2]]
            _, step, _, name = f"{match[1]}.{match[2]}".split(".")
            return self.outputs[step][name]

        return _EXPRESSION.sub(value, text)

    def _run(self, step: Mapping[str, Any], folder: Path, inputs: Mapping[str, str]) -> None:
        assert step["shell"] == "bash"
        files = {name: self.folder / name for name in ("GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_PATH")}
        for file in files.values():
            file.write_text("", encoding="utf-8")
        script = self.folder / "step.sh"
        script.write_text(step["run"], encoding="utf-8")
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", script],
            env={
                **self.environment,
                **{name: str(file) for name, file in files.items()},
                **{name: self._filled(text, inputs) for name, text in step.get("env", {}).items()},
                "GITHUB_ACTION_PATH": str(folder),
            },
            cwd=self.folder, capture_output=True, text=True, timeout=PATIENCE, check=False,
        )  # fmt: skip
        self.printed += done.stdout
        assert done.returncode == 0, done.stdout + done.stderr
        self.outputs[step.get("id", "")] = dict(_pairs(files["GITHUB_OUTPUT"]))
        self.environment.update(_pairs(files["GITHUB_ENV"]))
        for line in files["GITHUB_PATH"].read_text(encoding="utf-8").splitlines():
            self.environment["PATH"] = f"{line}{os.pathsep}{self.environment['PATH']}"


def _pairs(file: Path) -> Iterator[tuple[str, str]]:
    for line in file.read_text(encoding="utf-8").splitlines():
        name, _, value = line.partition("=")
        yield name, value


@pytest.fixture
def runner(tmp_path: Path) -> Iterator[Runner]:
    fakes = tmp_path / "fakes"
    fakes.mkdir()
    python = fakes / "python"
    python.write_text(_FAKE_PYTHON.format(log=tmp_path / "pip.txt", python=sys.executable), encoding="utf-8")
    python.chmod(0o755)
    own = environment(tmp_path, RUNNER_TEMP=str(tmp_path))
    own["PATH"] = f"{fakes}{os.pathsep}{own['PATH'].replace(str(tmp_path / 'bin'), '')}"
    runner = Runner(tmp_path, own)
    yield runner
    log = tmp_path / "mockserver" / "serving.log"
    if log.is_file() and log.stat().st_size:
        os.kill(json.loads(log.read_text("utf-8").partition("\n")[0])["pid"], 15)


def test_the_action_starts_a_server_and_says_where(runner: Runner) -> None:
    outputs = runner.use(ACTION, providers="gmicloud kkiai", pace="polls:1", options="--seed 7 --small-clips")
    installed = (runner.folder / "pip.txt").read_text("utf-8").split()[-1]
    assert Path(installed).resolve() == ROOT
    assert f"::add-mask::{outputs['token']}" in runner.printed

    bases = json.loads(outputs["providers"])
    assert set(bases) == {"gmicloud", "kkiai"}
    headers = {"Authorization": f"Bearer {outputs['key']}"}
    answer = httpx.get(f"{bases['gmicloud'][0]}/requests", headers=headers, trust_env=False)
    assert answer.status_code == 200
    with ControlClient(outputs["url"], outputs["token"]) as mock:
        assert mock.health()["exchanges"] == 1
    assert outputs["control"] == f"{outputs['url']}/__mock"

    ctl = ["mockserver", "ctl", "journal", "assert", "--count", "1"]
    assert subprocess.run(ctl, env=runner.environment, capture_output=True, check=False).returncode == 0

    log = runner.folder / "mockserver" / "serving.log"
    wait_until(lambda: len(log.read_text("utf-8").splitlines()) > 1)
    runner.printed = ""
    runner.use(ACTIONS / "mockserver" / "log" / "action.yml")
    assert "requests  200" in runner.printed
    assert outputs["token"] not in runner.printed


def test_the_action_takes_one_key_and_a_release(runner: Runner) -> None:
    outputs = runner.use(ACTION, version="0.1.0", key="the-key", providers="gmicloud")
    assert (runner.folder / "pip.txt").read_text("utf-8").split()[-1] == "videogen-mockserver==0.1.0"
    assert outputs["key"] == "the-key"
    [address, *_] = json.loads(outputs["providers"])["gmicloud"]
    answers = [
        httpx.get(f"{address}/requests", headers={"Authorization": f"Bearer {key}"}, trust_env=False)
        for key in ("the-key", "another")
    ]
    assert [answer.status_code for answer in answers] == [200, 401]


def test_an_action_whose_server_does_not_start_fails_with_the_reason(runner: Runner) -> None:
    with pytest.raises(AssertionError, match="wishful"):
        runner.use(ACTION, profile="wishful")


def test_ci_calls_one_script() -> None:
    steps = read(WORKFLOW)["jobs"]["everything"]["steps"]
    assert [step["run"] for step in steps if "run" in step] == [".ci/run"]
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


def test_what_is_named_of_an_action_is_there() -> None:
    text = "\n".join([WORKFLOW.read_text("utf-8"), *(lines for _, lines in blocks("yaml"))])
    used = set(re.findall(r"\.github/actions/([\w/]+)", text))
    assert {path.parent.relative_to(ACTIONS).as_posix() for path in ACTIONS.rglob("action.yml")} == used
    action = read(ACTION)
    assert set(re.findall(r"steps\.mock\.outputs\.(\w+)", text)) <= action["outputs"].keys()
    rows = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \|", _section(), re.MULTILINE)
    assert {name for row in rows for name in re.findall(r"`(\w+)`", row)} == {
        *action["inputs"],
        *action["outputs"],
    }


def _section() -> str:
    text = (ROOT / "mockserver" / "cli" / "README.md").read_text("utf-8")
    return text.partition("## In CI")[2].partition("\n## ")[0]


@pytest.mark.parametrize(
    ("schema", "files"),
    [("vendor.github-actions", sorted(ACTIONS.rglob("action.yml"))), ("vendor.github-workflows", [WORKFLOW])],
)
def test_each_has_the_published_form(schema: str, files: list[Path], tmp_path: Path) -> None:
    shown = [lines for _, lines in blocks("yaml") if "runs-on:" in lines and "workflows" in schema]
    for number, lines in enumerate(shown):
        files = [*files, tmp_path / f"{number}.yml"]
        files[-1].write_text(lines, encoding="utf-8")
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
