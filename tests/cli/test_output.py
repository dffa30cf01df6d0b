"""Nothing that a stranger wrote reaches a terminal as it came, whichever command shows it."""

from __future__ import annotations

import ast
import io
import json
import logging
import os
import pty
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

import pytest
from rich.table import Table
from rich.text import Text

from mockserver.cli import console, logs, streams
from tests.command_line import run_here
from tests.engine.test_lifecycle import GMI, SUBMITS
from tests.kit.trace.recording import change, is_read, put
from tests.serving import ROOT, Process, clean_environment, serve
from tests.test_escapes import is_hidden

NASTY = "\x1b[31m\x1b]0;t\x07\x00\r\x7f\x9b2J\xad\u061c\u200b\u200f\u2028\u202e\u2066\ufeff\U000e0041[red]"
"""Codes for terminals, text that turns, characters that nobody sees, markup."""
SHOWN = "\\u001b[31m"
"""How its beginning must look."""
WRITERS = frozenset({"cli.streams", "cli.console", "cli.logs", "kit.reference_client"})
"""Modules that may write for people: the streams themselves, and the client to copy, which stands alone."""
OTHER_WAYS = frozenset(
    {
        "print",
        "sys.stdout.write",
        "sys.stderr.write",
        "os.write",
        "Console",
        "logging.StreamHandler",
        "click.secho",
    }
)
"""Calls that would go around the streams, or write codes that they do not let through."""
_COLOURS = re.compile(r"\x1b\[[\d;]*m")


def _read(data: bytes) -> str:
    text = data.decode().replace("\r\n", "\n")
    assert not {character for character in text if is_hidden(character)}, text
    return text


def _run(words: Sequence[str], home: Path, code: int = 0) -> str:
    """What a command writes to stdout and stderr: its exit code is `code`, and nothing of it is raw."""
    done = run_here(words, home)
    text = _read((done.stdout + done.stderr).encode())
    assert done.returncode == code, text
    return text


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def nasty(home: Path) -> Iterator[tuple[Process, str]]:
    """A server with a job that failed for a nasty reason, a nasty rule and nasty paths in its journal."""
    process = serve(["--store", "memory:", "--pace", "immediate"], home)
    path, body, _, _ = SUBMITS["gmicloud"]
    body = {**body, "payload": {"prompt": f"[mock:fail={NASTY}] {NASTY}\nqueued forged line"}}
    with process.client() as client:
        job = client.post(path, json=body).raise_for_status().json()["request_id"]
        client.get(f"{GMI}/{job}").raise_for_status()
        client.get(f"{GMI}/{quote(NASTY)}")
        client.get(GMI, params={"page": NASTY})
    rule = {"fault": "fail", "id": "r", "when": {"prompt": NASTY}, "settings": {"reason": NASTY}}
    with process.client(process.said["token"]) as control:
        control.post("/__mock/rules", json=rule).raise_for_status()
    yield process, job
    process.stop()
    assert not _read(process.log.read_bytes())


@pytest.mark.parametrize(
    ("words", "code", "shows"),
    [
        ("jobs explain gmicloud JOB", 0, SHOWN),
        ("jobs show gmicloud JOB", 0, SHOWN),
        ("jobs show gmicloud JOB --json", 0, SHOWN),
        ("jobs list", 0, "failed"),
        ("journal list", 0, "%1B"),
        ("journal list --json", 0, SHOWN),
        ("rules list", 0, SHOWN),
        ("rules list --json", 0, SHOWN),
        ("jobs show gmicloud NASTY", 1, "rror: "),
        ("jobs NASTY", 2, "rror: "),
        ("NASTY", 2, "rror: "),
        ("jobs list --NASTY", 2, "rror: "),
        ("rules add fail --when NASTY", 2, "rror: "),
        ("tenants restore NASTY", 2, "rror: "),
        ("journal har ./NASTY/x", 1, "rror: "),
    ],
)
def test_ctl(nasty: tuple[Process, str], home: Path, words: str, code: int, shows: str) -> None:
    process, job = nasty
    # A file name and an argument cannot hold a NUL.
    typed = NASTY.replace("\x00", "")
    given = [word.replace("JOB", job).replace("NASTY", typed) for word in words.split()]
    where = ["--url", process.url, "--token", str(process.said["token"])]
    text = _run(["ctl", *given, *where], home, code)
    assert shows in text
    assert "\nqueued forged line" not in text


def test_json_for_people_means_the_same(nasty: tuple[Process, str], home: Path) -> None:
    process, job = nasty
    where = ["--url", process.url, "--token", str(process.said["token"])]
    shown = json.loads(_run(["ctl", "jobs", "show", "gmicloud", job, "--json", *where], home))
    assert shown["reason"] == NASTY.partition("]")[0]


def test_a_terminal(nasty: tuple[Process, str], home: Path) -> None:
    process, job = nasty
    words = [
        "ctl",
        "jobs",
        "explain",
        "gmicloud",
        job,
        "--url",
        process.url,
        "--token",
        process.said["token"],
    ]
    master, slave = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "mockserver", *words], stdin=slave, stdout=slave, stderr=slave,
        cwd=home, env=clean_environment(home),
    ):  # fmt: skip
        os.close(slave)
        text = _read(_until_closed(master))
    assert SHOWN in text


def _until_closed(master: int) -> bytes:
    """All that is written to a terminal; reading it fails when the last writer has gone."""
    data = b""
    try:
        while part := os.read(master, 65536):
            data += part
    except OSError:
        pass
    finally:
        os.close(master)
    return data


@pytest.fixture(scope="module")
def contracts(home: Path) -> Path:
    """A folder with a provider whose texts are nasty."""
    folder = home / "contracts" / "orbit"
    shutil.copytree(ROOT / "fixtures" / "orbit", folder, ignore=shutil.ignore_patterns("goldens"))
    document = json.loads((folder / "openapi.json").read_text(encoding="utf-8"))
    document["info"]["title"] = document["x-job"]["title"] = NASTY
    document["x-job"]["sources"]["O1"] = NASTY
    for state in document["x-job"]["states"].values():
        state["x-provenance"] = f"ASSUMED {NASTY}"
    (folder / "openapi.json").write_text(json.dumps(document), encoding="utf-8")
    return folder.parent


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("contracts show orbit --contracts FOLDER", 0),
        ("contracts show orbit --contracts FOLDER --json", 0),
        ("contracts bundle orbit --contracts FOLDER", 0),
        ("contracts diff FOLDER/orbit gmicloud --all", 1),
        ("contracts diff FOLDER/orbit gmicloud --json", 1),
        ("contracts show NASTY", 2),
        ("check-trace NASTY", 2),
        ("verify NASTY", 2),
        ("verify http://127.0.0.1:1/NASTY --provider gmicloud --plan", 2),
        ("conform --provider NASTY -- true", 2),
        ("conform --provider gmicloud --case NASTY -- true", 2),
        ("conform compare NASTY NASTY", 2),
        ("demo --NASTY", 2),
    ],
)
def test_other_commands(contracts: Path, home: Path, words: str, code: int) -> None:
    typed = NASTY.replace("\x00", "")
    given = [word.replace("FOLDER", str(contracts)).replace("NASTY", typed) for word in words.split()]
    text = _run(given, home, code)
    assert SHOWN in text or code


def test_a_server_that_does_not_start(contracts: Path, home: Path) -> None:
    words = ["serve", "--contracts", str(contracts), "--overlay", NASTY.replace("\x00", "")]
    done = subprocess.run(
        [sys.executable, "-m", "mockserver", *words], cwd=home, env=clean_environment(home),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, timeout=120,
    )  # fmt: skip
    text = _read(done.stdout)
    assert done.returncode == 2, text


def test_the_banner(contracts: Path, home: Path) -> None:
    words = ["-u", "-m", "mockserver", "serve", "--contracts", str(contracts), "--port", str(_free_port())]
    with subprocess.Popen(
        [sys.executable, *words, "--store", "memory:"],
        stdout=subprocess.PIPE,
        cwd=home,
        env=clean_environment(home),
    ) as process:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line)
            if b"control plane" in line:
                break
        process.terminate()
    assert SHOWN in _read(b"".join(lines))


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def test_a_report_of_recorded_traffic(nasty: tuple[Process, str], home: Path) -> None:
    process, _ = nasty
    with process.client(process.said["token"]) as control:
        har = control.get("/__mock/journal.har").raise_for_status().json()
    changed = change(har, put("/status", NASTY), where=is_read("gmicloud"))
    (home / "nasty.har").write_text(json.dumps(changed), encoding="utf-8")
    assert SHOWN in _run(["check-trace", "nasty.har", "--provider", "gmicloud"], home, 1)


CLIENT = "import sys; print(sys.argv[1]); print(sys.argv[1], file=sys.stderr); sys.exit(3)"


def test_what_a_client_wrote(home: Path) -> None:
    typed = NASTY.replace("\x00", "")
    words = ["conform", "--provider", "gmicloud", "--case", "request-plain", "--trace"]
    text = _run([*words, "--", sys.executable, "-c", CLIENT, typed], home, 3)
    assert "stderr" in text
    assert SHOWN in text


def test_a_traceback_and_a_warning(home: Path) -> None:
    code = f"""
import warnings
from mockserver.cli import streams
streams.install()
warnings.warn({NASTY!r})
raise RuntimeError({NASTY!r})
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=home, env=clean_environment(home), capture_output=True
    )
    assert _read(done.stderr).count(SHOWN) >= 2


def test_a_log_record_is_one_line_and_its_traceback(home: Path) -> None:
    try:
        raise ValueError(NASTY)
    except ValueError:
        record = logging.makeLogRecord(
            {
                "msg": "GET %s failed",
                "args": (f"/a\nERROR: forged{NASTY}",),
                "levelname": "ERROR",
                "exc_info": sys.exc_info(),
            }
        )
    lines = logs.PlainFormatter().format(record)
    assert lines.startswith("ERROR: GET /a\\nERROR: forged\\u001b[31m")
    assert "ValueError: \\u001b" in lines
    assert not any(map(is_hidden, lines))


def test_a_console_lets_its_own_codes_through_and_no_others(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = io.StringIO()
    screen = console.PlainConsole(
        file=shown, force_terminal=True, width=400, markup=False, color_system="standard"
    )
    table = Table(NASTY, title=NASTY)
    table.add_row(NASTY, style="red")
    screen.print(table, NASTY, Text(NASTY, style="bold"))
    with screen.status(NASTY):
        pass
    text = _COLOURS.sub("", shown.getvalue())
    assert "\\u001b]0;t\\u0007" in text
    assert text.count(SHOWN) >= 4


def test_a_stream_lets_nobody_around_it() -> None:
    written = io.BytesIO()
    stream = streams.PlainStream(io.TextIOWrapper(written, encoding="utf-8"))
    assert stream.write("a\x1b") == 2
    stream.writelines(["\x07", "b\n"])
    stream.flush()
    assert written.getvalue() == b"a\\u001b\\u0007b\n"
    assert not hasattr(stream, "buffer")
    assert stream.encoding == "utf-8"


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_json_stays_json_in_every_encoding(home: Path, encoding: str) -> None:
    environment = {**clean_environment(home), "PYTHONIOENCODING": encoding}
    command = [sys.executable, "-m", "mockserver", "contracts", "show", "gmicloud", "--json"]
    done = subprocess.run(command, cwd=home, env=environment, capture_output=True)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.decode(encoding))


def test_nobody_writes_for_people_in_another_way() -> None:
    calls = []
    for path in sorted((ROOT / "mockserver").rglob("*.py")):
        module = ".".join(path.relative_to(ROOT / "mockserver").with_suffix("").parts)
        if module not in WRITERS:
            calls += [f"{module}: {name}" for name in _called(path) if name in OTHER_WAYS]
    assert not calls


def _called(path: Path) -> list[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)]
