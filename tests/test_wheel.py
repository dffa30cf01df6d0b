"""The wheel, built and installed where nothing else is: one name, and it serves."""

from __future__ import annotations

import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.serving import ROOT, USER, Process, launch

REQUESTS = "/api/v1/ie/requestqueue/apikey/requests"
BODY = {
    "model": "Kling-Text2Video-V1.6-Standard",
    "payload": {"prompt": "A tram turns a corner in the snow", "duration": "5", "aspect_ratio": "1:1"},
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    _run(sys.executable, "-m", "build", "--wheel", "--outdir", folder, ROOT)
    [path] = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """The installed command, serving from an empty folder."""
    folder = tmp_path_factory.mktemp("clean")
    venv.create(folder / "venv", with_pip=True)
    binaries = folder / "venv" / "bin"
    _run(binaries / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", wheel)
    empty = folder / "empty"
    empty.mkdir()
    command = [str(binaries / "mockserver"), "serve", "--port", "0", "--speed", "1000"]
    process = launch(command, folder / "home", cwd=empty, checkout=False)
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
    assert (
        "mockserver = mockserver.__main__:main"
        in ZipFile(wheel).read(f"{information}/entry_points.txt").decode()
    )


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
