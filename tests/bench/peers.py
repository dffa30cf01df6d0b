"""`make bench-peers`: the same requests to us, WireMock, Prism and aimock, as ratios to a bare app.

The peers come from npm, in releases named here, into `.bench/peers/`. WireMock and Prism are given what our
server answers; WireMock makes an id for each submit and finds it in the path of a read, Prism knows one id.
aimock has an API of its own for videos, so it is asked by that, and has its list of models where others list
jobs. Who cannot be had is named with the reason.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from statistics import median
from typing import Final

import click
import httpx
from rich.console import Console
from rich.table import Table

from tests.bench.driver import Load
from tests.bench.lines import BARE, cores, pair, pinned
from tests.bench.load import Tally
from tests.bench.peer_stubs import aimock_scenes, answers_of, prism_document, wiremock_mappings
from tests.bench.saved import FOLDER, spread
from tests.bench.scenes import OURS, Scene, scenes
from tests.serving import PATIENCE, Process, clean_environment, wait_until
from tests.third_party.environments import Unavailable, node_program

SHOWN: Final = ("read", "submit, on disk", "refused, all new", "list of 30", "mixed job")
_CONNECTIONS: Final = 16
_WARM: Final = 5.0
"""Seconds of each scene that a peer has before the rounds: a JVM compiles what it runs often."""


@dataclass(frozen=True, slots=True)
class Peer:
    """A server of others: its package at npm, and what is run, below the package's folder."""

    name: str
    package: str
    version: str
    program: str

    def install(self) -> Path:
        """The program, installed unless that has been done. Raises Unavailable with the reason."""
        folder = FOLDER / "peers" / f"{self.name}-{self.version}"
        program = folder / "node_modules" / self.package / self.program.format(version=self.version)
        if not program.is_file():
            folder.mkdir(parents=True, exist_ok=True)
            options = ["--no-audit", "--no-fund", "--loglevel=error", "--prefix", str(folder)]
            command = [_npm(), "install", *options, f"{self.package}@{self.version}"]
            run = subprocess.run(command, capture_output=True, text=True, check=False)
            if run.returncode or not program.is_file():
                lines = (run.stderr or run.stdout).strip().splitlines() or ["its program is not there"]
                raise Unavailable(f"{self.package} could not be installed: {lines[0]}")
        return program


PEERS: Final = (
    Peer("WireMock", "wiremock", "3.13.2", "build/wiremock-standalone-{version}.jar"),
    Peer("Prism", "@stoplight/prism-cli", "5.16.0", "dist/index.js"),
    Peer("aimock", "@copilotkit/aimock", "1.43.0", "dist/cli.js"),
)


def _npm() -> str:
    return shutil.which("npm") or str(Path(node_program()).with_name("npm"))


def _node() -> str:
    return shutil.which("node") or node_program()


def _java() -> str:
    java = shutil.which("java")
    if java is None:
        raise Unavailable("there is no java here")
    return java


@dataclass(frozen=True, slots=True)
class Contender:
    """A server of the run, and what it is asked."""

    name: str
    process: Process
    scenes: Mapping[str, Scene]
    bare: bool = False


def bench_peers(home: Path, rounds: int, seconds: float, console: Console) -> Table:
    """Measure all that can be had."""
    with ExitStack() as stack:
        bare, ours, load = stack.enter_context(pair(home, BARE, OURS))
        asked = {scene.name: scene for scene in scenes(ours.url) if scene.name in SHOWN}
        contenders = [Contender("bare", bare, asked, bare=True), Contender("mockserver", ours, asked)]
        for peer in PEERS:
            try:
                process = stack.enter_context(_started(peer, ours.url, asked, home / peer.name))
            except Unavailable as reason:
                console.print(f"{peer.name}: not measured: {reason}", soft_wrap=True)
                continue
            own = aimock_scenes() if peer.name == "aimock" else asked
            contenders.append(Contender(f"{peer.name} {peer.version}", process, own))
        # Submits first: aimock's reads find what was submitted.
        for name in sorted(SHOWN, reverse=True):
            for contender in contenders[2:]:
                _play(load, contender, name, _WARM)
        tallies: dict[str, dict[str, list[Tally]]] = {item.name: {} for item in contenders}
        for _ in range(rounds):
            for name, contender in product(SHOWN, contenders):
                tally = _play(load, contender, name, seconds)
                tallies[contender.name].setdefault(name, []).append(tally)
    return _show(tallies)


def _play(load: Load, contender: Contender, name: str, seconds: float) -> Tally:
    scene, bare = contender.scenes[name], contender.bare
    return load.run(scene, contender.process, _CONNECTIONS, seconds, bare=bare)


@contextmanager
def _started(peer: Peer, ours: str, asked: Mapping[str, Scene], home: Path) -> Iterator[Process]:
    """The peer, ready for requests. Raises Unavailable."""
    program = str(peer.install())
    home.mkdir()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    commands: Mapping[str, Callable[[], Sequence[str]]] = {
        "WireMock": lambda: _wiremock(program, port, home, ours, asked),
        "Prism": lambda: [
            *(_node(), program, "mock", "--host", "127.0.0.1", "--port", port, "--verboseLevel", "silent"),
            str(prism_document(home, answers_of(ours, asked))),
        ],
        "aimock": lambda: [
            *(_node(), program, "--port", port, "--log-level", "silent", "--fixtures"),
            str(_aimock_fixtures(home)),
        ],
    }
    log = home / "stderr.txt"
    with log.open("wb") as stderr:
        process = subprocess.Popen(
            commands[peer.name](),
            stdin=subprocess.DEVNULL,
            stdout=stderr,
            stderr=stderr,
            env=clean_environment(home),
            cwd=home,
        )
    started = pinned(Process(f"http://127.0.0.1:{port}", process, {}, log), cores()[1])
    try:
        try:
            wait_until(lambda: _answers(started))
        except AssertionError:
            text = log.read_text(errors="replace").strip()[-300:]
            raise Unavailable(f"it did not answer within {PATIENCE:.0f} s: {text}") from None
        yield started
    finally:
        started.stop()


def _answers(server: Process) -> bool:
    try:
        httpx.get(server.url, trust_env=False)
    except httpx.HTTPError:
        return False
    return True


def _wiremock(program: str, port: str, home: Path, ours: str, asked: Mapping[str, Scene]) -> Sequence[str]:
    wiremock_mappings(home, answers_of(ours, asked))
    # Its journal is bounded, as ours is; otherwise it is as it comes.
    options = ["--bind-address", "127.0.0.1", "--port", port, "--root-dir", str(home), "--disable-banner"]
    return [_java(), "-jar", program, *options, "--max-request-journal-entries", "1000"]


def _aimock_fixtures(home: Path) -> Path:
    path = home / "fixtures.json"
    video = '{"id": "video-1", "status": "completed", "url": "https://images.example.com/boat.mp4"}'
    path.write_text(
        f'{{"fixtures": [{{"match": {{}}, "response": {{"video": {video}}}}}]}}', encoding="utf-8"
    )
    return path


def _show(tallies: Mapping[str, Mapping[str, Sequence[Tally]]]) -> Table:
    title = "Answers per second at 16 connections, as ratios to a bare uvicorn ASGI app"
    table = Table(title=title, title_justify="left")
    table.add_column("scene", no_wrap=True)
    table.add_column("bare /s", justify="right")
    others = [name for name in tallies if name != "bare"]
    for name in others:
        table.add_column(name, justify="right")
    for scene in SHOWN:
        bare = [tally.rate for tally in tallies["bare"][scene]]
        ratios = (
            [tally.rate / rate for tally, rate in zip(tallies[name][scene], bare, strict=True)]
            for name in others
        )
        table.add_row(scene, f"{median(bare):,.0f}", *map(spread, ratios))
    return table


@click.command()
@click.option("--rounds", default=5, show_default=True, type=click.IntRange(1, 50))
@click.option("--seconds", default=1.0, show_default=True, type=click.FloatRange(0.05, 60))
def main(rounds: int, seconds: float) -> None:
    """Compare the server with WireMock, Prism and aimock."""
    console = Console(width=140)
    with tempfile.TemporaryDirectory() as name:
        console.print(bench_peers(Path(name), rounds, seconds, console))
    console.print(
        f"Medians of {rounds} alternating rounds of {seconds:g} s (low-high), all servers on one core. "
        "Only ours checks requests by the provider's contract and stores jobs on disk."
    )


if __name__ == "__main__":
    main()
