"""The wheel, built and installed where nothing else is: one name, it serves, and its users see its types."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from zipfile import ZipFile

import pytest

from mockserver.extras import KIT, SCRIPTS
from tests.serving import ROOT, USER, Process, launch

REQUESTS = "/api/v1/ie/requestqueue/apikey/requests"
BODY = {
    "model": "Kling-Text2Video-V1.6-Standard",
    "payload": {"prompt": "A tram turns a corner in the snow", "duration": "5", "aspect_ratio": "1:1"},
}
RIGHT = """
    from mockserver.control_client import ControlClient
    from mockserver.in_process import Tenant, serve
    from mockserver.kit.conform import Task, assert_conforms
    from mockserver.kit.reference_client import Client

    def make(task: Task) -> str:
        client = Client(task.provider, task.base_url, task.key, deadline=task.deadline)
        return client.generate(task.prompt, task.image, output=task.output).name

    def test_my_client(tenant: Tenant) -> None:
        assert_conforms(make, provider="gmicloud")
        control: ControlClient = tenant.control
        assert control.jobs() == tenant.jobs()
        with serve(pace="polls:2") as running:
            print(running.base("gmicloud").upper())
"""
WRONG = """
    from mockserver.control_client import ControlClient
    from mockserver.in_process import Tenant, serve
    from mockserver.kit.conform import assert_conforms
    from mockserver.kit.reference_client import Client

    def test_my_client(tenant: Tenant, control: ControlClient) -> None:
        tenant.advance("an hour")  # wrong
        control.advance("an hour")  # wrong
        assert_conforms(tenant, provider="gmicloud")  # wrong
        Client("kkiai", "http://127.0.0.1", 7)  # wrong
        with serve() as running:
            running.url.submit()  # wrong
"""


FIXTURES = """
    import httpx

    def test_all(mock_server, tenant, control, contract, advance, assert_submitted_once, assert_no_submit):
        assert_no_submit()
        body = {"model": "Kling-Text2Video-V1.6-Standard", "payload": {"prompt": "Snow"}}
        url, headers = tenant.base("gmicloud") + "/requests", tenant.headers("gmicloud")
        httpx.post(url, json=body, headers=headers).raise_for_status()
        advance(60)
        assert_submitted_once()
        assert control.jobs()[0]["state"] == "success"
        assert contract("gmicloud").provider == "gmicloud"

    def test_failing(tenant):
        httpx.get(tenant.base("gmicloud") + "/requests").raise_for_status()
"""


UV = Path(sys.executable).with_name("uv")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    _run(sys.executable, "-m", "build", "--installer", "uv", "--wheel", "--outdir", folder, ROOT)
    [path] = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def binaries(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment that has the wheel and what it needs, so without the kit."""
    folder = tmp_path_factory.mktemp("clean") / "venv"
    _run(UV, "venv", "--quiet", "--no-project", "--python", sys.executable, folder)
    _run(UV, "pip", "install", "--quiet", "--python", folder / "bin" / "python", wheel)
    return folder / "bin"


@pytest.fixture(scope="module")
def installed(binaries: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """The installed command, serving from an empty folder."""
    empty = tmp_path_factory.mktemp("empty")
    command = [str(binaries / "mockserver"), "serve", "--port", "0", "--speed", "1000"]
    process = launch(command, tmp_path_factory.mktemp("home"), cwd=empty, checkout=False)
    yield process
    process.stop()
    assert not list(empty.iterdir())


def _run(*command: str | Path) -> None:
    # The user's environment has pip's cache and index.
    done = subprocess.run(command, env=USER, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert done.returncode == 0, done.stdout.decode(errors="replace")


def test_it_holds_one_package_with_the_contracts_in_it(wheel: Path) -> None:
    names = ZipFile(wheel).namelist()
    tops = {name.partition("/")[0] for name in names}
    information = next(top for top in tops if top.endswith(".dist-info"))
    assert tops == {"mockserver", information}
    ours = {path.relative_to(ROOT / "contracts").as_posix() for path in (ROOT / "contracts").rglob("*.json")}
    prefix = "mockserver/_contracts/"
    assert ours <= {name.removeprefix(prefix) for name in names if name.startswith(prefix)}
    assert f"{information}/licenses/LICENSE" in names
    assert "mockserver/py.typed" in names
    commands = ZipFile(wheel).read(f"{information}/entry_points.txt").decode().splitlines()
    for name in ("mockserver", "videogen-mockserver"):
        assert f"{name} = mockserver.__main__:main" in commands


def test_it_runs_one_job_to_its_clip(installed: Process) -> None:
    with installed.client() as client:
        job = client.post(REQUESTS, json=BODY).raise_for_status().json()
        record = job
        while record["status"] != "success":
            record = client.get(f"{REQUESTS}/{job['request_id']}").raise_for_status().json()
        clip = client.get(record["outcome"]["video_url"]).raise_for_status()
        health = client.get("/__mock/health").raise_for_status().json()
    assert clip.headers["content-type"] == "video/mp4"
    assert clip.content[4:8] == b"ftyp"
    assert health["status"] == "ok"


def test_the_kit_names_what_it_is_installed_by() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    packages = {requirement.partition(">")[0] for requirement in project["optional-dependencies"]["kit"]}
    assert {"yaml" if package == "pyyaml" else package for package in packages} == KIT


def test_the_typefaces_are_looked_for_where_the_extra_installs_them() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    packages = [requirement.partition(">")[0] for requirement in project["optional-dependencies"]["scripts"]]
    assert {package.removeprefix("python-").replace("-", "_") for package in packages} == SCRIPTS


def test_without_the_kit_its_commands_and_imports_say_in_a_line_what_to_install(
    binaries: Path, tmp_path: Path
) -> None:
    (tmp_path / "openapi.yaml").write_text("openapi: 3.1.0")
    (tmp_path / "trace.yaml").write_text("interactions: []")
    commands = [
        ["mockserver", "verify", "--provider", "gmicloud"],
        ["mockserver", "check-trace", "trace.yaml", "--provider", "gmicloud"],
        ["mockserver", "conform", "--provider", "gmicloud", "--", "false"],
        ["mockserver", "contracts", "diff", "gmicloud", "gmicloud@vendor"],
        ["mockserver", "contracts", "new", "acme", "--from", "openapi.yaml"],
        ["python", "-c", "from mockserver.kit.conform import assert_conforms"],
        ["python", "-c", "import mockserver.kit.strategies"],
    ]
    for program, *arguments in commands:
        command = [str(binaries / program), *arguments]
        done = subprocess.run(command, cwd=tmp_path, env=USER, capture_output=True, text=True)
        assert done.returncode != 0
        last = done.stderr.splitlines()[-1]
        assert last.endswith("is not installed: pip install 'videogen-mockserver[kit]'"), done.stderr
        assert program == "python" or done.stderr.count("\n") == 1, done.stderr


@pytest.mark.parametrize("release", ["pytest==7.4.4", "pytest==9.0.1"])
def test_without_the_kit_its_fixtures_work(release: str, binaries: Path, tmp_path: Path) -> None:
    """Also with an older pytest than the kit's, as a project may have it."""
    _run(UV, "pip", "install", "--quiet", "--python", binaries / "python", release)
    (tmp_path / "test_it.py").write_text(dedent(FIXTURES), encoding="utf-8")
    command = [str(binaries / "python"), "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=tmp_path, env=USER, capture_output=True, text=True)
    assert "1 failed, 1 passed" in done.stdout, done.stdout + done.stderr
    assert "What the mock server saw" in done.stdout


def test_its_users_see_its_types(binaries: Path, tmp_path: Path) -> None:
    for name, text in (("right", RIGHT), ("wrong", WRONG)):
        (tmp_path / f"{name}.py").write_text(dedent(text), encoding="utf-8")
    checker: list[str | Path] = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", os.devnull]
    checker += ["--python-executable", binaries / "python", "right.py", "wrong.py"]
    checked = subprocess.run(checker, cwd=tmp_path, env=USER, capture_output=True, text=True)
    assert checked.stderr == ""
    errors = [line.split(":")[:2] for line in checked.stdout.splitlines() if ": error:" in line]
    lines = dedent(WRONG).splitlines()
    wrong = [["wrong.py", str(number)] for number, line in enumerate(lines, 1) if "# wrong" in line]
    assert errors == wrong, checked.stdout
