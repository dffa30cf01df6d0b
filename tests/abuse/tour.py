"""The standing tour: what strangers send at a server, with a bystander who must not notice.

A test takes the fixture `tour`, prepares its attack, and puts the attack alone into `with visit.attack()`:

    def test_many_prompts(tour: Callable[..., Tour]) -> None:
        visit = tour("--strict")
        with visit.client() as client, visit.attack(memory=50 * MIB):
            client.post(SUBMIT, content=SOMETHING_NASTY)

The server is a real process over a fresh SQLite file and cache; `shared_tour` is the same, but one server for
all tests of a module that want the same options. Meanwhile a tenant of its own polls every 20 ms
(`bystander.py`), and another one polls a calm server that nobody attacks. When the block ends, all of this is
asserted:

* every poll of the bystander was answered with 200,
* its worst wait is at most `PATIENCE_OF_BYSTANDER` plus `MULTIPLE` times the worst wait at the calm server
  during the attack and in the second before it, and never more than `MOST_FORGIVEN`,
* the server's memory never rose by more than `memory` bytes above what it was before,
* stderr grew by at most `log` bytes,
* the server lives.

Whatever else an attack must not do, its test asserts. An attack takes a few seconds at most: choose its size
so that a server without the bound would make the bystander wait for several times the limit, and no larger.
"""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

import httpx

from mockserver.control_client import ControlClient
from tests.abuse import bystander
from tests.serving import Process, client, launch

KIB: Final = 1024
MIB: Final = 1024 * KIB
SUBMIT: Final = "/api/v1/apikey/requests"
"""Where gmicloud takes a submit; `SUBMIT/ID` reads the job."""
MODEL: Final = "Kling-Text2Video-V1.6-Standard"
ATTACKER: Final = "attacker-key"
BYSTANDER: Final = "bystander-key"

PATIENCE_OF_BYSTANDER: Final = 0.25
"""Seconds that a poll may take during an attack on an idle machine: a person does not notice."""
MULTIPLE: Final = 10
"""How often the worst wait at the calm server is forgiven on top. An idle machine makes it wait for 2 to 5 ms
at worst, so that this adds a few hundredths of a second; attacks took from 1.6 to 30 s. A busy machine makes
both servers slow, and the one that has work to do more often."""
CALM: Final = 1.0
"""Seconds before an attack in which waits at the calm server count, as a short attack sees few of them."""
MOST_FORGIVEN: Final = 1.5
"""Seconds that a poll may take at the most, however busy the machine is: no attack may hide behind that."""
MEMORY: Final = 200 * MIB
"""What an attack may cost at its peak unless its test says otherwise."""
LOG: Final = 8 * KIB
"""What an attack may write to stderr unless its test says otherwise: some dozens of lines."""


class Poll(NamedTuple):
    """A poll: its start by the monotonic clock, seconds until the answer, and its status (0 for none)."""

    started: float
    took: float
    status: int


@dataclass(slots=True)
class Bystander:
    """The process that polls, and what it has written down."""

    process: subprocess.Popen[bytes]
    file: Path
    _polls: list[Poll] = field(default_factory=list)
    _read_up_to: int = 0

    @classmethod
    def start(cls, url: str, path: str, file: Path) -> Bystander:
        """One that polls `path` and has had its first answer."""
        address = urlsplit(url)
        command = [sys.executable, "-I", "-S", str(Path(bystander.__file__))]
        command += [str(address.hostname), str(address.port), path, BYSTANDER, str(file)]
        file.touch()
        started = cls(subprocess.Popen(command, stdin=subprocess.DEVNULL), file)
        started.polls(0.0)
        return started

    def polls(self, since: float) -> list[Poll]:
        """Every poll that had no answer yet at `since` or began later, up to one that began just now.

        Raises TimeoutError where the bystander gets no answer within its own patience.
        """
        now = time.monotonic()
        give_up = now + bystander.PATIENCE + 5
        while time.monotonic() < give_up:
            self._read()
            if self._polls and self._polls[-1].started >= now:
                return [poll for poll in self._polls if poll.started + poll.took >= since]
            time.sleep(bystander.INTERVAL)
        raise TimeoutError(f"the bystander has written nothing for {bystander.PATIENCE:.0f} s")

    def worst(self, since: float) -> float:
        """The longest of these polls, in seconds."""
        return max(poll.took for poll in self.polls(since))

    def _read(self) -> None:
        with self.file.open("rb") as log:
            log.seek(self._read_up_to)
            lines = log.read().rpartition(b"\n")[0]
        self._read_up_to += len(lines) + 1 if lines else 0
        for line in lines.splitlines():
            started, took, status = line.split()
            self._polls.append(Poll(float(started), float(took), int(status)))

    def stop(self) -> None:
        """End the process."""
        self.process.kill()
        self.process.wait()


@dataclass(slots=True)
class Attack:
    """What an attack did: the bystander's worst wait and the most that is allowed in seconds, and bytes.

    `peak` and `left` are the server's memory above what it was before, at its highest and at the end.
    """

    worst: float = 0.0
    allowed: float = 0.0
    unanswered: list[Poll] = field(default_factory=list)
    peak: int = 0
    left: int = 0
    logged: int = 0

    def __str__(self) -> str:
        waits = f"the bystander waits for {1000 * self.worst:.0f} ms of {1000 * self.allowed:.0f} at most"
        memory = f"memory rises by {self.peak / MIB:.1f} MiB, {self.left / MIB:.1f} MiB are left"
        return f"{waits}; {memory}; {self.logged} bytes are logged"


PROGRAM: Final = (sys.executable, "-m", "mockserver")


@dataclass(slots=True)
class Polled:
    """A server over files in `home`, started by `program`, and the tenant that polls a job there."""

    home: Path
    arguments: tuple[str | Path, ...] = ()
    program: tuple[str | Path, ...] = PROGRAM
    process: Process = field(init=False)
    bystander: Bystander = field(init=False)

    def __post_init__(self) -> None:
        self.start()

    @property
    def store(self) -> Path:
        """The SQLite file."""
        return self.home / "jobs.sqlite3"

    @property
    def cache(self) -> Path:
        """The folder of the clips."""
        return self.home / "clips"

    @property
    def url(self) -> str:
        """The server's address."""
        return self.process.url

    @property
    def lives(self) -> bool:
        """Whether the server runs."""
        return self.process.process.poll() is None

    def start(self) -> None:
        """Start the server over the files that are there, and the bystander with a new job."""
        files = ["--store", f"sqlite:///{self.store}", "--cache-dir", str(self.cache)]
        command = [*self.program, "serve", "--port", "0", *files, "--small-clips", *self.arguments]
        self.process = launch([str(word) for word in command], self.home / "home")
        # The control plane is loaded at its first call, which takes longer than most attacks.
        with self.control() as control:
            control.health()
        with client(self.url, BYSTANDER) as tenant:
            path = f"{SUBMIT}/{submit(tenant, 'a bystander')}"
        # Named after the server, because another may follow it over the same files.
        polls = self.home / f"polls-{self.process.process.pid}.txt"
        self.bystander = Bystander.start(self.url, path, polls)

    def stop(self) -> int:
        """End both, and give the server's exit code."""
        self.bystander.stop()
        return self.process.stop()

    def client(self, key: str | None = ATTACKER) -> httpx.Client:
        """A client with the attacker's key, or another. The caller closes it."""
        return client(self.url, key)

    def control(self, key: str | None = None) -> ControlClient:
        """A client of the control plane, for the tenant of a key or for everybody. The caller closes it."""
        return ControlClient(self.url, self.process.said["token"], key=key)

    def connect(self) -> socket.socket:
        """A bare connection to the server. The caller closes it."""
        address = urlsplit(self.url)
        return socket.create_connection((str(address.hostname), address.port or 80), timeout=30)


@dataclass(slots=True, kw_only=True)
class Tour(Polled):
    """A server under attack with its bystander, and the calm server."""

    calm: Polled

    @contextmanager
    def attack(self, *, memory: int = MEMORY, log: int = LOG) -> Iterator[Attack]:
        """Measure what the block does to the server, and assert what the module's docstring says."""
        pid, stderr = self.process.process.pid, self.process.log
        before, logged = measure(pid), stderr.stat().st_size
        forget_peak(pid)
        measured = Attack()
        began = time.monotonic()
        yield measured
        polls = self.bystander.polls(began)
        assert self.lives, "the server has ended"
        after = measure(pid)
        measured.worst = max(poll.took for poll in polls)
        noise = self.calm.bystander.worst(began - CALM)
        measured.allowed = min(MOST_FORGIVEN, PATIENCE_OF_BYSTANDER + MULTIPLE * noise)
        measured.unanswered = [poll for poll in polls if poll.status != 200]
        measured.peak, measured.left = after.peak - before.now, after.now - before.now
        measured.logged = stderr.stat().st_size - logged
        print(measured)
        assert not measured.unanswered, measured
        assert measured.worst <= measured.allowed, measured
        assert measured.peak <= memory, measured
        assert measured.logged <= log, f"{measured}: {stderr.read_text(errors='replace')[-2000:]}"


def submit(tenant: httpx.Client, prompt: Any, **payload: Any) -> str:
    """The id of a new job of gmicloud. Raises httpx.HTTPStatusError where it is refused."""
    body = {"model": MODEL, "payload": {"prompt": prompt, **payload}}
    return str(tenant.post(SUBMIT, json=body).raise_for_status().json()["request_id"])


class Memory(NamedTuple):
    """Bytes of memory that a process holds: now, and the most since its peak was forgotten."""

    now: int
    peak: int


def measure(pid: int) -> Memory:
    """What a process holds, as Linux counts it."""
    text = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    kib = dict(re.findall(r"^(VmRSS|VmHWM):\s+(\d+) kB", text, re.MULTILINE))
    return Memory(int(kib["VmRSS"]) * KIB, int(kib["VmHWM"]) * KIB)


def forget_peak(pid: int) -> None:
    """Let the most that a process ever held be what it holds now."""
    Path(f"/proc/{pid}/clear_refs").write_text("5", encoding="ascii")
