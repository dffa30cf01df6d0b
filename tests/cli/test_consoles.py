"""Every command prints in every encoding, on a terminal or not, ends alike, and leaves nothing behind."""

from __future__ import annotations

import contextlib
import io
import json
import os
import pty
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click
import pytest

from mockserver import cli
from mockserver.cli import demo, streams
from mockserver.cli import group as command_line
from mockserver.cli.console import console
from mockserver.cli.demo_jobs import JOBS
from mockserver.control_client import ControlClient
from mockserver.media.spec import VideoSpec
from mockserver.media.synth import make_video
from mockserver.settings import Settings
from tests.control.conftest import TOKEN, Bench
from tests.kit.trace.recording import archive, change, is_read, put
from tests.serving import KEY, ROOT, clean_environment, running_app

FOREIGN: Final = "Łódź — 東京 ✓ 🎬"
"""Signs that no encoding of the test has all of."""
ENCODINGS: Final = ("ascii", "cp1252", "cp437", "latin-1")
SURFACES: Final = [(encoding, terminal) for encoding in ENCODINGS for terminal in (False, True)]
ORDINARY: Final = ("utf-8", False)

CHEAP: Final = """
0 contracts show gmicloud
0 contracts show orbit --contracts FIXTURES --assumed
0 contracts show kkiai --json
0 contracts bundle orbit --contracts FIXTURES
1 contracts check WORK/broken
1 contracts diff gmicloud gmicloud@vendor --all
1 contracts diff gmicloud gmicloud@vendor --json
0 contracts diff --codes
2 contracts new moon --from WORK/nothing.json
0 conform list
0 conform list --judges --json
0 conform report WORK/run.json --report WORK/again.html
0 conform compare WORK/run.json WORK/run.json
0 clip WORK/foreign.mp4
2 clip WORK/bad.har
2 serve --contracts nowhere
0 open --print
0 ctl callbacks list
1 ctl callbacks replay nothing
0 ctl clock freeze
0 ctl faults
0 ctl jobs list
0 ctl jobs show gmicloud JOB
0 ctl jobs explain gmicloud JOB
0 ctl jobs pace gmicloud JOB manual
0 ctl jobs force gmicloud JOB processing
0 ctl jobs fail gmicloud JOB --reason FOREIGN
0 ctl jobs explain gmicloud JOB
0 ctl jobs cancel kkiai OTHER
0 ctl jobs delete kkiai OTHER
1 ctl jobs show gmicloud FOREIGN
0 ctl clock advance 2
0 ctl clock jump
0 ctl clock run
0 ctl clock set 1900000000
0 ctl clock show
1 ctl clock drop
0 ctl journal list
0 ctl journal list --json
0 ctl journal explain
0 ctl journal har WORK/journal.har
1 ctl journal assert --operation FOREIGN --none
0 ctl journal clear
0 ctl quotas set --parallel 3
0 ctl quotas show
0 ctl quotas drop
0 ctl rules add fail --id r --when prompt=FOREIGN --set reason=FOREIGN
0 ctl rules list
0 ctl rules drop r
0 ctl tenants list
0 ctl tenants snapshot WORK/snapshot.json --key KEY
0 ctl tenants restore WORK/snapshot.json --key KEY
0 ctl tenants reset --all
0 ctl unreadable list
0 ctl unreadable drop --all
0 ctl usage
""".strip().splitlines()
"""Command lines in their order; the words in capitals stand for what a run has."""
COSTLY: Final = """
1 check-trace WORK/bad.har --provider gmicloud --report WORK/trace.md
1 check-trace WORK/bad.har --provider gmicloud --json
0 verify URL --provider gmicloud --plan
0 verify URL --provider gmicloud --stage access --report WORK/verify.json
3 conform --provider gmicloud --case request-plain --report WORK/conform.json -- false
""".strip().splitlines()
DEMO: Final = "0 demo --output WORK/demo --speed 50"


@dataclass(frozen=True, slots=True)
class Console:
    """A place to print to: its encoding, and whether it is a terminal."""

    encoding: str
    terminal: bool

    @contextmanager
    def streams(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[io.BytesIO]:
        """Standard output and error, and the bytes that are written to both, whole after the block."""
        written = io.BytesIO()
        if not self.terminal:
            with monkeypatch.context() as patch:
                stream = io.TextIOWrapper(written, encoding=self.encoding, write_through=True)
                patch.setattr(sys, "stdout", stream)
                patch.setattr(sys, "stderr", stream)
                yield written
            stream.detach()
            return
        master, slave = pty.openpty()
        reader = threading.Thread(target=_drain, args=(master, written))
        reader.start()
        with monkeypatch.context() as patch, os.fdopen(slave, "w", encoding=self.encoding) as screen:
            patch.setattr(sys, "stdout", screen)
            patch.setattr(sys, "stderr", screen)
            yield written
        reader.join()

    def run(self, words: Sequence[str], monkeypatch: pytest.MonkeyPatch) -> tuple[int, str]:
        """The exit code of a command line, and what it prints."""
        with self.streams(monkeypatch) as written:
            monkeypatch.setattr(sys, "argv", ["mockserver", *words])
            with pytest.raises(SystemExit) as ended:
                cli.main()
        code = ended.value.code
        assert code is None or isinstance(code, int)
        return code or 0, written.getvalue().decode(self.encoding)


def _drain(master: int, into: io.BytesIO) -> None:
    try:
        while part := os.read(master, 65536):
            into.write(part)
    except OSError:
        pass
    finally:
        os.close(master)


Fill = Callable[[str], list[str]]


@pytest.fixture
def fill(tmp_path: Path, conform_run: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Fill]:
    """Puts into a command line what a test has: a server with two jobs, files, a folder to work in."""
    (tmp_path / "work").mkdir()
    (tmp_path / "run.json").write_text(conform_run, encoding="utf-8")
    _write_contract_with_a_mistake(tmp_path / "broken" / "orbit")
    with running_app(Settings(token=TOKEN)) as running, ControlClient(running.url, TOKEN) as mock:
        bench = Bench(running, mock, ControlClient)
        names = {
            "URL": running.url, "WORK": str(tmp_path), "FIXTURES": str(ROOT / "fixtures"),
            "FOREIGN": FOREIGN, "KEY": KEY,
            "JOB": bench.submit(prompt=FOREIGN), "OTHER": bench.submit("kkiai"),
        }  # fmt: skip
        bench.state(names["JOB"])
        recording = change(archive(running), put("/status", FOREIGN), where=is_read("gmicloud"))
        (tmp_path / "bad.har").write_text(json.dumps(recording), encoding="utf-8")
        spec = VideoSpec("gmicloud", "a", names["JOB"], FOREIGN, 1.0, 160, 90, 5, request="0123456789abcdef")
        make_video(spec, tmp_path / "foreign.mp4")
        monkeypatch.chdir(tmp_path / "work")
        monkeypatch.setenv("TERM", "xterm-256color")
        monkeypatch.setenv("MOCKSERVER_CONTROL_URL", running.url)
        monkeypatch.setenv("MOCKSERVER_TOKEN", TOKEN)
        yield lambda line: [_filled(word, names) for word in line.split()]


def _write_contract_with_a_mistake(folder: Path) -> None:
    shutil.copytree(ROOT / "fixtures" / "orbit", folder)
    path = folder / "openapi.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    document["components"]["schemas"] = {FOREIGN: {"nullable": True}}
    path.write_text(json.dumps(document), encoding="utf-8")


def _filled(word: str, names: dict[str, str]) -> str:
    for name, value in names.items():
        word = word.replace(name, value)
    return word


@pytest.fixture(scope="module")
def conform_run(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A run of a client that was saved."""
    path = tmp_path_factory.mktemp("conform") / "run.json"
    words = ["conform", "--provider", "gmicloud", "--case", "request-plain", "--name", FOREIGN, "-q"]
    with pytest.raises(SystemExit):
        command_line.main([*words, "--report", str(path), "--", "false"], standalone_mode=False)
    return path.read_text(encoding="utf-8")


def _endings(place: Console, lines: Sequence[str], fill: Fill, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Each line with the exit code that it has there. A command that breaks off or says nothing fails."""
    endings = []
    for line in lines:
        command = line.split(" ", 1)[1]
        code, text = place.run(fill(command), monkeypatch)
        assert text.strip(), command
        assert "Traceback" not in text, text
        endings.append(f"{code} {command}")
    return endings


@pytest.mark.parametrize(("encoding", "terminal"), SURFACES)
def test_every_command_prints_and_ends_alike(
    encoding: str, terminal: bool, fill: Fill, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _endings(Console(encoding, terminal), CHEAP, fill, monkeypatch) == CHEAP
    assert not list((tmp_path / "work").iterdir())


@pytest.mark.parametrize(("encoding", "terminal"), [("utf-8", False), ("ascii", True), ("cp437", False)])
def test_commands_that_run_something(
    encoding: str, terminal: bool, fill: Fill, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _endings(Console(encoding, terminal), COSTLY, fill, monkeypatch) == COSTLY
    assert not list((tmp_path / "work").iterdir())


def test_the_demo_on_a_poor_terminal(fill: Fill, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "jobs_of", lambda name: [job for job in JOBS[:1] if job.provider == name])
    assert _endings(Console("ascii", terminal=True), [DEMO], fill, monkeypatch) == [DEMO]
    assert not list((tmp_path / "work").iterdir())


def test_a_real_console_without_unicode_and_what_is_left_in_the_folder(fill: Fill, tmp_path: Path) -> None:
    """A process of its own: what other packages do when they are imported there counts, too."""
    lines = [
        "verify URL --provider gmicloud --stage sequences --examples 1 --max-jobs 60 --quiet",
        "conform --provider gmicloud --case request-plain --quiet -- false",
        "contracts diff gmicloud gmicloud@vendor",
    ]
    script = "import sys; from mockserver import cli; sys.argv[1:] = sys.argv[1].split(); cli.main()"
    poor = {"PYTHONUTF8": "0", "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii"}
    for line in lines:
        done = subprocess.run(
            [sys.executable, "-c", script, " ".join(fill(line))], cwd=tmp_path / "work",
            env={**clean_environment(tmp_path), **poor}, capture_output=True, timeout=120,
        )  # fmt: skip
        # Too little is asked for to judge all.
        assert done.returncode == (1 if "diff" in line else 3), done.stdout + done.stderr
        assert not list((tmp_path / "work").iterdir())


@pytest.mark.parametrize(("encoding", "first"), [("ascii", "-"), ("cp437", "-"), ("utf-8", "⠋")])
def test_a_spinner_has_signs_of_its_console(
    encoding: str, first: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Console(encoding, terminal=True).streams(monkeypatch) as written:
        streams.install()
        with console().status("asking"):
            pass
    assert first in written.getvalue().decode(encoding).replace("\x1b[32m", "").partition(" asking")[0]


class Broken(io.StringIO):
    """A console that takes nothing."""

    def write(self, text: str) -> int:
        raise UnicodeEncodeError("ascii", text, 0, 1, "no such sign")


@pytest.mark.parametrize(
    "line",
    [
        "verify URL --provider gmicloud --stage access -q --report WORK/a.json --write-overlay WORK/b.json",
        "check-trace WORK/bad.har --provider gmicloud --report WORK/a.html --write-overlay WORK/b.json",
        "conform report WORK/run.json --report WORK/a.html --report WORK/b.json",
        "conform --provider gmicloud --case request-plain -q --report WORK/a.md --report WORK/b.xml -- false",
        "contracts bundle orbit --contracts FIXTURES --output WORK/a.json",
        "ctl journal har WORK/a.har",
    ],
)
def test_files_are_written_before_anything_is_printed(
    line: str, fill: Fill, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = fill(line)
    monkeypatch.setattr(sys, "stdout", Broken())
    with contextlib.suppress(UnicodeEncodeError, SystemExit):
        command_line.main(words)
    files = [Path(word) for word in words if Path(word).parent == tmp_path and Path(word).stem in "ab"]
    assert files
    # Of a server that keeps its contract there is no overlay.
    assert [file.name for file in files if not file.exists()] in ([], ["b.json"] * ("verify" in line))


@pytest.mark.parametrize(
    "line",
    [
        "check-trace WORK/bad.har --provider gmicloud --report /dev/null/a.html --report WORK/b.html",
        "conform report WORK/run.json --report /dev/null/a.html --report WORK/b.html",
        "conform --provider kkiai --case request-plain --report /dev/null/a.md --report WORK/b.md -- false",
    ],
)
def test_a_report_that_cannot_be_written_hinders_nothing_else(
    line: str, fill: Fill, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, text = Console("ascii", terminal=False).run(fill(line), monkeypatch)
    assert code == 2
    assert list(tmp_path.glob("b.*"))
    *printed, error = text.strip().splitlines()
    assert printed
    assert "/dev/null/a." in error


def test_no_command_is_left_out() -> None:
    lines = [f"{line.split(' ', 1)[1]} " for line in (*CHEAP, *COSTLY, DEMO)]
    names = list(_names(command_line, click.Context(command_line)))
    assert len(names) > 40
    assert not [name for name in names if not any(line.startswith(f"{name} ") for line in lines)]


def _names(command: click.Command, context: click.Context, path: tuple[str, ...] = ()) -> Iterator[str]:
    if not isinstance(command, click.Group):
        yield " ".join(path)
        return
    for name in command.list_commands(context):
        inner = command.get_command(context, name)
        assert inner is not None
        yield from _names(inner, context, (*path, name))
