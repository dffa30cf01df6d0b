"""A command that cannot do what it is told: one clear line, no traceback, and an exit code that fits."""

from __future__ import annotations

import errno
import gc
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from mockserver import cli
from mockserver.cli.serve import command as serve_command
from mockserver.errors import MediaError, SettingsError
from mockserver.settings import read_public_url
from tests import serving
from tests.serving import ROOT, clean_environment, client, serve


def run(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mockserver", *arguments],
        capture_output=True, text=True, check=False, timeout=60, cwd=home, env=clean_environment(home),
    )  # fmt: skip


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    assert done.stdout == ""
    assert done.stderr.startswith("mockserver: ")
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr


def test_a_certificate_that_is_none(tmp_path: Path) -> None:
    for name in ("cert.pem", "key.pem"):
        (tmp_path / name).write_text("garbage", encoding="utf-8")

    done = run(tmp_path, "serve", "--port", "0", "--tls-cert", "cert.pem", "--tls-key", "key.pem")

    assert done.returncode == 2
    assert "cert.pem and key.pem cannot be used" in one_line(done)


def test_the_key_of_a_client_is_no_key_of_the_server(tmp_path: Path) -> None:
    def told(**more: str) -> str:
        environment = {**clean_environment(tmp_path), "MOCKSERVER_KEY": "sk-client", **more}
        return subprocess.run(
            [sys.executable, "-m", "mockserver", "serve", "--port", "0", "--pace", "none"],
            capture_output=True, text=True, check=False, timeout=60, cwd=tmp_path, env=environment,
        ).stderr  # fmt: skip

    assert "The keys that it shall take alone belong in MOCKSERVER_KEYS." in told()
    assert "MOCKSERVER_KEY" not in told(MOCKSERVER_KEYS="sk-1 sk-2")


def test_a_broken_file_is_named_with_its_folder(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "fixtures" / "orbit", tmp_path / "more" / "orbit")
    (tmp_path / "more/orbit/openapi.json").write_text("{", encoding="utf-8")

    done = run(tmp_path, "serve", "--port", "0", "--contracts", "more")

    assert done.returncode == 2
    assert "more/orbit/openapi.json: is not JSON" in one_line(done)


def test_a_folder_that_cannot_be_made_for_the_demo(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")

    done = run(tmp_path, "demo", "--output", "file/demo")

    assert done.returncode == 2
    assert "cannot make the folder file/demo" in one_line(done)


def test_an_address_of_another_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    def bind(*_: object) -> None:
        raise OSError(errno.EADDRNOTAVAIL, "Cannot assign requested address")

    monkeypatch.setattr("socket.socket.bind", bind)
    with pytest.raises(SettingsError, match=r"^host '127\.0\.0\.1' is not an address of this machine$"):
        serve_command.main(["--port", "0"], standalone_mode=False)


@pytest.mark.parametrize(
    "text",
    ["", "mock.example.com", "ftp://a", "http://", "http://[", "http://a b", "http://a:x", "http://a:99999",
     "http://a?b", "http://a#b", "http://:80", "http://bücher.example"],
)  # fmt: skip
def test_a_public_url_that_no_client_could_call(text: str) -> None:
    with pytest.raises(SettingsError, match="must look like"):
        read_public_url(text)


@pytest.mark.parametrize("text", ["http://a", "HTTPS://a.example:8443/mock", "http://[::1]:80"])
def test_a_public_url(text: str) -> None:
    assert read_public_url(f"{text}/") == text


@pytest.mark.parametrize(("error", "code"), [(SettingsError("no"), 2), (MediaError("no"), 1)])
def test_the_exit_code_says_whose_fault_it_is(
    error: Exception, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(**_: object) -> None:
        raise error

    monkeypatch.setattr(cli.group, "main", fail)
    with pytest.raises(SystemExit) as ended:
        cli.main()

    assert ended.value.code == code
    assert capsys.readouterr().err == "mockserver: no\n"


def test_a_server_behind_another_address_says_where_it_listens(tmp_path: Path) -> None:
    process = serve(["--public-url", "https://mock.example", "--store", "memory:"], tmp_path)
    try:
        assert process.url == "https://mock.example"
        listening = str(process.said["listening"])
        with client(listening) as one:
            assert one.get("/__mock/health").status_code == 200
    finally:
        process.stop()


def test_a_variable_holds_several_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "_is_ours", lambda name: False)
    monkeypatch.setenv("MOCKSERVER_KEYS", "ann bob")
    process = serve(["--store", "memory:"], tmp_path)
    try:
        seen = []
        for key in ("ann", "bob", "ann bob"):
            with process.client(key) as one:
                seen.append(one.get("/api/v1/apikey/requests").status_code)
    finally:
        process.stop()
    assert seen == [200, 200, 401]


def test_ctrl_c_is_one_line_and_130(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "traffic.har")
    command = [sys.executable, "-m", "mockserver", "check-trace", "traffic.har", "--provider", "gmicloud"]
    reading = subprocess.Popen(
        command, cwd=tmp_path, env=clean_environment(tmp_path), stderr=subprocess.PIPE, text=True
    )
    with (tmp_path / "traffic.har").open("w"):
        reading.send_signal(signal.SIGINT)
        _, said = reading.communicate(timeout=60)
    assert (reading.returncode, said) == (130, "mockserver: interrupted\n")


def test_the_garbage_collector_searches_no_import_of_a_command(tmp_path: Path) -> None:
    code = """
import gc, sys
sys.argv = ["mockserver", "serve", "--help"]
from mockserver.__main__ import main
at_first = gc.get_freeze_count()
try:
    main()
except SystemExit:
    print(0 < at_first < gc.get_freeze_count(), gc.isenabled())
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=clean_environment(tmp_path), capture_output=True
    )
    assert done.stdout.decode().splitlines()[-1] == "True True", done.stderr.decode()


def test_a_command_in_a_process_of_others_freezes_nothing_of_theirs() -> None:
    before = gc.get_freeze_count()
    assert CliRunner().invoke(cli.group, ["clip", "--help"]).exit_code == 0
    assert gc.get_freeze_count() == before
