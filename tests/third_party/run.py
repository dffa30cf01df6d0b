"""One client's way from its environment to a clip, and what the server says of it afterwards."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import av

from tests.serving import clean_environment
from tests.third_party.environments import Ready, Unavailable, prepare
from tests.third_party.registry import Registered, fill
from tests.third_party.servers import Servers

Json = Mapping[str, Any]

STEPS: Final = ("submit", "poll", "clip")
"""What every client must do; its program prints each step that it has passed, and may print more."""
ENDS: Final = {"waited": "succeeded", "picture": "succeeded", "failed": "failed", "cancelled": "cancelled"}
"""Steps that make one more job, and how it ends."""
REFUSED: Final = "refused"
"""The step that sends what breaks the contract."""
PATIENCE: Final = 90.0
"""Seconds after which a client that does not end is stopped."""

_SHOWN: Final = 16
"""Lines of what a failed program complained of."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a client fared. `missing`: why it could not be had; `problems`: what it or the server did wrong."""

    name: str
    version: str
    steps: Sequence[str] = ()
    problems: Sequence[str] = ()
    missing: str = ""

    @property
    def passed(self) -> bool:
        """Whether it was had and did all."""
        return not self.problems and not self.missing


def judge(client: Registered, servers: Servers, home: Path) -> Outcome:
    """Prepare a client, run its program in a home of its own, and judge what came of it."""
    try:
        ready = prepare(client)
    except Unavailable as reason:
        return Outcome(client.name, client.version, missing=str(reason))
    home.mkdir(parents=True)
    clip = home / "clip.mp4"
    steps, complaint = _execute(client, ready, servers, clip)
    exchanges = servers.ask(client, "journal")["exchanges"]
    problems = [*_breaches(exchanges)]
    if REFUSED in steps:
        problems = [] if len(problems) == 1 else [f"{len(problems)} requests break the contract, not one"]
    if complaint:
        problems.append(complaint)
    else:
        problems += [f"its program did not pass the step {step}" for step in STEPS if step not in steps]
        problems += _course(client, servers.ask(client, "jobs")["jobs"], exchanges, steps)
        problems += _picture(clip)
    return Outcome(client.name, ready.version, steps, problems)


def _execute(client: Registered, ready: Ready, servers: Servers, clip: Path) -> tuple[list[str], str]:
    """The steps that the program printed, and what it complained of, if anything."""
    words = servers.words(client)
    environment = {name: fill(value, words) for name, value in client.environment.items()}
    arguments = [str(clip), *(fill(value, words) for value in client.code.values())]
    process = subprocess.Popen(
        [*ready.command, *arguments],
        cwd=clip.parent,
        env={**clean_environment(clip.parent, checkout=False), **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        output, errors = process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        output, errors = process.communicate()
        errors += f"\nit did not end within {PATIENCE:.0f} s"
    steps = output.split()
    if process.returncode == 0:
        return steps, ""
    lines = errors.strip().splitlines() or [f"exit code {process.returncode}"]
    return steps, "\n".join(lines[-_SHOWN:])


def _breaches(exchanges: Sequence[Json]) -> Iterator[str]:
    """The requests that break the contract, and how."""
    for exchange in exchanges:
        if exchange["violations"]:
            violations = "; ".join(exchange["violations"])
            yield f"{exchange['method']} {exchange['path']} is no request of the contract: {violations}"


def _course(
    client: Registered, jobs: Sequence[Json], exchanges: Sequence[Json], steps: Sequence[str]
) -> Iterator[str]:
    """What is wrong with this client's jobs and exchanges as the server noted them, after these steps."""
    phases = ["succeeded", *(ENDS[step] for step in steps if step in ENDS)]
    wanted = sorted((client.provider, phase) for phase in phases)
    if sorted((job["provider"], job["phase"]) for job in jobs) != wanted:
        states = ", ".join(f"{job['provider']} {job['state']}" for job in jobs) or "none"
        ends = " and one that ".join(f"was {phase}" if phase == "cancelled" else phase for phase in phases)
        yield f"the server has not one job of it that {ends}, but: {states}"
    if len([exchange for exchange in exchanges if exchange["role"] == "read"]) < 2:
        yield "it did not poll twice"
    offered = [_headers(exchange) for exchange in exchanges if exchange["role"] == "submit"]
    if client.header and not any(client.header in headers for headers in offered):
        yield f"its submit has no header {client.header}"


def _headers(exchange: Json) -> set[str]:
    return {f"{name}: {value}".lower() for name, value in exchange["request"]["headers"]}


def _picture(clip: Path) -> Iterator[str]:
    """What is wrong with the file that the client stored."""
    if not clip.is_file():
        yield "it stored no clip"
        return
    try:
        with av.open(str(clip)) as video:
            if not any(True for _ in video.decode(video=0)):
                yield "the clip that it stored has no picture"
    except av.FFmpegError as error:
        yield f"the clip that it stored does not play: {error}"
