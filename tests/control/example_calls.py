"""The examples of the API's page: a noun's calls are made as the page shows them, by curl.

`python -m tests.control.example_calls` makes them all and writes the answers into the files of the examples.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple

import httpx

from mockserver.control import document
from mockserver.control_client import ControlClient
from mockserver.settings import Settings
from tests.control.conftest import TOKEN
from tests.engine.test_lifecycle import SUBMITS
from tests.serving import ROOT, Running, running_app

FOLDER: Final = ROOT / "mockserver" / "control" / document.EXAMPLES
KEY: Final = "my-test-key"
SEED: Final = 7
_SHOWN_URL: Final = "http://127.0.0.1:8787"
_SHOWN_RECEIVER: Final = "http://127.0.0.1:9000"
_MANY: Final = 2
"""Members of a list that an example shows."""
_LONG: Final = 8_000
"""Characters of an answer beyond which an example shows a part of its objects."""
_STREAM: Final = "text/event-stream"
_PATIENCE: Final = {_STREAM: 1}
"""Seconds after which an answer of that type is read no further; a stream does not end by itself."""


class Played(NamedTuple):
    """What came of a call: `answer` is JSON or a text, None where it is neither."""

    status: int
    type: str
    answer: Any


def nouns() -> list[str]:
    """The nouns that have examples."""
    return sorted(file.stem for file in FOLDER.glob("*.json"))


@dataclass(frozen=True, slots=True)
class Stage:
    """A server, the commands of its page by their calls, and the address of a receiver of callbacks."""

    running: Running
    mock: ControlClient
    commands: Mapping[str, str]
    receiver: str
    folder: Path

    def play(self, noun: str) -> Iterator[Played]:
        """Make the calls of a noun as the page shows them, and give what came of each."""
        self._prepare(noun)
        for example in document.examples(noun):
            played = _run(self.commands[example["call"]], self.folder, _PATIENCE.get(example["type"], 30))
            yield _as_shown(played, self.running.url, self.receiver)

    def _prepare(self, noun: str) -> None:
        """Let the server have what the noun is about, and nothing else."""
        self.mock.reset()
        self.mock.clear_journal()
        if noun == "unreadable":
            rule = {"id": "old", "fault": "too-many", "settings": {"second": 2}}
            asyncio.run(self.running.store.put_document("", "rule", "old", rule))
            asyncio.run(self.running.app.services.live_settings.load())
        elif noun == "callbacks":
            self._submit("kkiai", callback_url=f"{self.receiver}/hook")
            self.running.clock.advance(10)
        elif noun == "jobs":
            self._submit("gmicloud")
            self.running.clock.advance(10)
            for _ in range(4):
                self._submit("gmicloud")
        else:
            self._submit("gmicloud")

    def _submit(self, provider: str, **more: str) -> None:
        path, body, _, _ = SUBMITS[provider]
        with self.running.client(KEY) as client:
            client.post(path, json={**body, **more}).raise_for_status()


@contextmanager
def staged(folder: Path) -> Iterator[Stage]:
    """A stage for every noun: the document takes longer to make than all of the calls."""
    settings = Settings(
        token=TOKEN, seed=SEED, providers=("gmicloud", "kkiai"), small_clips=True, cache_dir=folder / "media"
    )
    with (
        _receiver() as receiver,
        running_app(settings) as running,
        ControlClient(running.url, TOKEN) as mock,
    ):
        page = httpx.get(f"{running.url}/__mock/docs", headers={"x-mock-token": TOKEN}, trust_env=False).text
        yield Stage(running, mock, dict(_commands(page)), receiver, folder)


def _commands(page: str) -> Iterator[tuple[str, str]]:
    """Each call of the page with its command."""
    for article in re.findall(r"<article>.*?</article>", page, re.DOTALL):
        call = re.search(r"<h3><code>(.*?)</code>", article)
        command = re.search(r'<pre class="command">(.*?)</pre>', article, re.DOTALL)
        assert call is not None
        assert command is not None, article
        yield unescape(call[1]), unescape(command[1])


def _run(command: str, folder: Path, patience: float) -> Played:
    """Run a command of the page in a shell, for `patience` seconds at most."""
    options = f"--max-time {patience}"
    report = "%{stderr}%{http_code} %{content_type}"
    lines = f"curl() {{ command curl -sS {options} -w '{report}' \"$@\"; }}\n{command}"
    environment = {**os.environ, "MOCKSERVER_TOKEN": TOKEN}
    run = subprocess.run(["bash", "-c", lines], cwd=folder, env=environment, capture_output=True, check=False)
    status, _, content_type = run.stderr.decode().rpartition("\n")[2].partition(" ")
    content_type = content_type.partition(";")[0]
    if content_type == document.JSON and run.stdout:
        return Played(int(status), content_type, json.loads(run.stdout))
    if content_type == _STREAM:
        events = run.stdout.decode().split("\n\n")
        return Played(int(status), content_type, next(event for event in events if "data:" in event))
    return Played(int(status), content_type, None)


def _as_shown(played: Played, url: str, receiver: str) -> Played:
    """With the addresses that a reader has, in place of the ports of this run."""
    text = json.dumps(played.answer).replace(url, _SHOWN_URL).replace(receiver, _SHOWN_RECEIVER)
    text = text.replace(url.partition("://")[2], _SHOWN_URL.partition("://")[2])
    return played._replace(answer=json.loads(text))


@contextmanager
def _receiver() -> Iterator[str]:
    """The address of a server that takes every callback."""

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Receiver) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def shape(value: Any) -> Any:
    """What of an answer stays from run to run: its members, and which kind of value each is."""
    if isinstance(value, Mapping):
        return {name: shape(member) for name, member in value.items()}
    if isinstance(value, list):
        return [shape(item) for item in value]
    return type(value)


def shorten(answer: Any) -> Any:
    """An answer as an example shows it: with short lists, and where it is long, with small objects."""
    return _shorten(answer, members=len(json.dumps(answer)) > _LONG)


def _shorten(value: Any, *, members: bool) -> Any:
    if isinstance(value, list):
        return [_shorten(item, members=members) for item in value[:_MANY]]
    if isinstance(value, Mapping):
        names = list(value)
        if members:
            names = names[: 2 * _MANY]
        return {name: _shorten(value[name], members=members) for name in names}
    return value


def record(noun: str, stage: Stage) -> None:
    """Write the answers of a noun's calls into its file."""
    recorded = []
    for example, played in zip(document.examples(noun), stage.play(noun), strict=True):
        request: dict[str, Any] = {
            name: example[name] for name in ("call", "parameters", "body") if name in example
        }
        recorded.append({**request, **_recorded(played)})
    (FOLDER / f"{noun}.json").write_text(f"{json.dumps(recorded, indent=2)}\n", "utf-8")


def _recorded(played: Played) -> dict[str, Any]:
    head: dict[str, Any] = {"status": played.status, "type": played.type}
    if played.answer is not None:
        head["answer"] = shorten(played.answer)
        head["shortened"] = head["answer"] != played.answer
    return {name: value for name, value in head.items() if value is not False}


def main() -> None:
    """Write all of them anew."""
    with TemporaryDirectory() as folder, staged(Path(folder)) as stage:
        for noun in nouns():
            record(noun, stage)


if __name__ == "__main__":
    main()
