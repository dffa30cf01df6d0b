"""The bench's side of its load: it starts the process that sends, and gives it its rounds."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

from tests.bench.load import Round, Tally
from tests.bench.scenes import Scene
from tests.serving import ROOT, Process, clean_environment


class Load:
    """The process that sends the requests."""

    def __init__(self, home: Path, core: int | None) -> None:
        self._number = 0
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.load", *([] if core is None else [str(core)])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=clean_environment(home),
            cwd=ROOT,
        )

    def run(
        self, scene: Scene, server: Process, connections: int, seconds: float, *, bare: bool = False
    ) -> Tally:
        """One round. Raises RuntimeError as `finish` does."""
        self.start(scene, server, connections, seconds, bare=bare)
        return self.finish()

    def start(
        self,
        scene: Scene,
        server: Process,
        connections: int,
        seconds: float,
        *,
        bare: bool = False,
        pause: float = 0.0,
        most: int = 0,
    ) -> None:
        """Begin a round, which `finish` waits for; `pause` and `most` are a `Round`'s."""
        assert self._process.stdin is not None
        port = int(server.url.rpartition(":")[2])
        self._number += 1_000_000
        script = scene.script(port, bare=bare)
        order = Round(port, server.process.pid, script, connections, seconds, self._number, pause, most)
        self._process.stdin.write(json.dumps(asdict(order)).encode() + b"\n")
        self._process.stdin.flush()

    def finish(self) -> Tally:
        """What came of the round. Raises RuntimeError for a wrong answer: a fast error is no speed."""
        assert self._process.stdout is not None
        tally = Tally(**json.loads(self._process.stdout.readline()))
        if tally.wrong or not tally.answers:
            raise RuntimeError(f"a wrong answer: {tally.wrong or 'none came'}")
        return tally

    def close(self) -> None:
        """End the process."""
        self._process.communicate()
