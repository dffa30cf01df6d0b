"""One case on one server: set the weather, let the client work, take down what happened."""

from __future__ import annotations

import hashlib
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from urllib.parse import quote

import httpx

from mockserver.contract.model import Contract
from mockserver.control_client import ControlClient
from mockserver.errors import KitError
from mockserver.kit.conform.case import Case
from mockserver.kit.conform.client import Client, Running
from mockserver.kit.conform.evidence import Evidence, Ran
from mockserver.kit.conform.relay import Change, relayed
from mockserver.kit.conform.task import Task
from mockserver.kit.conform.timekeeper import Timekeeper
from mockserver.kit.history import History
from mockserver.kit.server import Server
from mockserver.kit.strategies.images import png
from mockserver.kit.trace import journal

PROMPT: Final = "A paper boat crosses a pond at dusk"
_SIDE: Final = 320
"""Pixels of the picture's sides: above the least of every provider."""
_TICK: Final = 0.05
_PAGE: Final = 10_000


class Stopped(Exception):
    """The whole run is to end."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Where cases are played: a server, a provider's contract, a client.

    `stop` is set when all is to end. The `seed` decides keys and prompts; `interval` is seconds.
    """

    server: Server
    contract: Contract
    client: Client
    seed: int
    interval: float
    stop: threading.Event

    def play(self, case: Case, changes: Sequence[Change] = (), take: str = "") -> Evidence:
        """Run the client through the case. `take` tells this run from others of the same case.

        Raises KitError where it cannot be run, Stopped where all is to end.
        """
        name = f"{self.seed}/{self.contract.provider}/{case.id}/{take}"
        key = f"sk-conform-{hashlib.sha256(name.encode()).hexdigest()[:24]}"
        with ExitStack() as stack:
            folder = Path(stack.enter_context(TemporaryDirectory(prefix="conform-")))
            control = stack.enter_context(ControlClient(self.server.control, self.server.token, key=key))
            base = self.server.base(self.contract.provider)
            if case.setup.vary is not None:
                base = stack.enter_context(relayed(base, self.contract, changes))
            task = self._task(case, base, key, folder)
            return _Play(self, case, task, control, folder).run()

    def _task(self, case: Case, base: str, key: str, folder: Path) -> Task:
        asked = case.client
        picture = folder / "image.png"
        picture.write_bytes(png(_SIDE, _SIDE))
        (folder / "output").mkdir()
        prompt = f"{PROMPT} ({key[-6:]})" if asked.prompt is None else asked.prompt
        return Task(
            base_url=base,
            key=key,
            provider=self.contract.provider,
            model=asked.model or default_model(self.contract, image=asked.image),
            prompt=prompt,
            image=str(picture) if asked.image else "",
            output=str(folder / "output" / "clip.mp4"),
            thumbnail=str(folder / "output" / "thumbnail.jpg") if asked.thumbnail else "",
            job_file=str(folder / "job"),
            interval=asked.interval or self.interval,
            deadline=asked.deadline,
            callback_url=f"http://127.0.0.1:{_free_port()}/callback" if asked.callback else "",
        )


def default_model(contract: Contract, *, image: bool) -> str:
    """The model whose clips are the smallest, of those that need a picture, or of those that need none.

    A clip is made for every case, so its size decides how long a run takes. Raises KitError for none such.
    """
    at = contract.media["first"][-1]
    fitting = [one for one in contract.models.values() if (at in one.payload.get("properties", {})) == image]
    if not fitting:
        what = "from a picture" if image else "from text alone"
        raise KitError(f"{contract.provider} has no model that makes a clip {what}")
    return min(fitting, key=lambda one: one.clips["default"].height * one.clips["default"].fps).id


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class _Play:
    """One run of one case."""

    def __init__(self, stage: Stage, case: Case, task: Task, control: ControlClient, folder: Path) -> None:
        self.stage = stage
        self.case = case
        self.task = task
        self.control = control
        self.folder = folder
        self.rules: list[str] = []
        self.virtual = case.setup.pace == "time"
        self.first = 0
        self.job_files: list[str] = []

    def run(self) -> Evidence:
        """From the weather to the evidence; nothing of it stays on the server."""
        try:
            self._set_up()
            began = self.control.clock()["now"] / 1000
            runs = self._work()
            return self._evidence(runs, began)
        finally:
            self._clean_up()

    def _set_up(self) -> None:
        self.first = int(self.control.journal(limit=1, bodies=False)["last"])
        if self.virtual:
            self.control.freeze()
        for number, rule in enumerate(self.case.setup.rules, 1):
            name = f"{self.case.id}.{self.task.key[-6:]}:{rule.fault}.{number}"
            self.control.add_rule(
                rule.fault, when=rule.when, settings=rule.settings, times=rule.times, rule_id=name
            )
            self.rules.append(name)
        if self.case.setup.quota is not None:
            self.control.set_quota(**self.case.setup.quota.model_dump())

    def _clean_up(self) -> None:
        for name in self.rules:
            self.control.drop_rule(name)
        self.control.clear_journal()
        self.control.reset()

    def _work(self) -> list[Ran]:
        asked = self.case.client
        keeper = Timekeeper(self.control, moves=self.virtual, since=self.first)
        keeper.held = self.case.setup.hold is not None or asked.kill_after is not None
        runs: list[Ran] = []
        end = time.monotonic() + self.case.budget
        if asked.kill_after is not None:
            runs.append(self._killed(keeper, end))
            keeper.count_anew()
            keeper.held = self.case.setup.hold is not None
        with _several(self.stage.client, self._tasks()) as running:
            self._watch(running, keeper, end)
            runs += [one.stop("over budget") for one in running]
        self._keep_job_file()
        return runs

    def _tasks(self) -> list[Task]:
        more = [self.task.into(f"{self.task.output[:-4]}-{n}.mp4") for n in range(2, self.case.client.workers + 1)]
        return [self.task, *more]

    def _killed(self, keeper: Timekeeper, end: float) -> Ran:
        """A run that ends when it has made so many exchanges, or by itself before."""
        wanted = self.case.client.kill_after
        assert wanted is not None
        with _several(self.stage.client, [self.task]) as (running,):
            while keeper.seen.get(wanted.role, 0) < wanted.count and not running.wait(0):
                self._tick(end)
                if time.monotonic() > end:
                    break
                keeper.look(_TICK)
            ran = running.stop("killed", last=False)
        self._keep_job_file()
        return ran

    def _watch(self, running: Sequence[Running], keeper: Timekeeper, end: float) -> None:
        hold = self.case.setup.hold
        while not all(one.wait(0) for one in running) and time.monotonic() < end:
            self._tick(end)
            if self.virtual:
                keeper.held = keeper.held and hold is not None and keeper.seen.get(hold.role, 0) < hold.count
                keeper.look(_TICK)
            else:
                running[-1].wait(_TICK) if running[0].wait(0) else running[0].wait(_TICK)

    def _tick(self, end: float) -> None:
        if self.stage.stop.is_set():
            raise Stopped

    def _keep_job_file(self) -> None:
        path = Path(self.task.job_file)
        if path.is_file():
            self.job_files.append(path.read_bytes()[:65536].decode("utf-8", "replace"))

    def _evidence(self, runs: list[Ran], began: float) -> Evidence:
        callbacks = self.control.callbacks(settle=self.virtual)
        noted = self._noted()
        jobs = self.control.jobs(limit=_PAGE)
        history = History(self.stage.contract)
        for exchange in journal.read(noted, "journal"):
            history.add(history.read(exchange))
        for name in self.rules:
            self.control.drop_rule(name)
        self.rules.clear()
        output = self.folder / "output"
        expected = {Path(task.output).name for task in self._tasks()} | {"thumbnail.jpg"}
        outputs = tuple(_content(Path(task.output)) for task in self._tasks())
        return Evidence(
            task=self.task,
            contract=self.stage.contract,
            history=history,
            notes={int(one["number"]): one for one in noted},
            runs=tuple(runs),
            began=began,
            virtual=self.virtual,
            jobs=tuple(jobs),
            callbacks=tuple(callbacks),
            outputs=outputs,
            thumbnail=_content(output / "thumbnail.jpg"),
            clips=self._files(jobs, "video.mp4") if any(outputs) else {},
            stills=self._files(jobs, "thumbnail.jpg") if self.task.thumbnail else {},
            job_files=tuple(self.job_files),
            leftovers=tuple(sorted(one.name for one in output.iterdir() if one.name not in expected)),
            picture=_content(Path(self.task.image)) or b"" if self.task.image else b"",
        )

    def _noted(self) -> list[dict[str, Any]]:
        """What the client asked: with its key, or without any but about this case."""
        page = self.control.journal(since=self.first, limit=_PAGE)
        if page["dropped"] and not page["exchanges"]:
            raise KitError("the server's journal has lost what the client did")
        with ControlClient(self.stage.server.control, self.stage.server.token) as everybody:
            refused = everybody.journal(since=self.first, limit=_PAGE, status="401")["exchanges"]
        mine = {str(one["job"]) for one in page["exchanges"] if one["job"]}
        strays = [one for one in refused if one["tenant"] is None and self._is_mine(one, mine)]
        return sorted([*page["exchanges"], *strays], key=lambda one: int(one["number"]))

    def _is_mine(self, one: dict[str, Any], jobs: set[str]) -> bool:
        """A refused request without a key is told by the prompt in it, or by a job in its address."""
        asked = f"{one['path']}?{one['query']}"
        body = one["request"]["text"] or ""
        return self.task.key[-6:] in body or any(job in asked for job in jobs)

    def _files(self, jobs: Sequence[dict[str, Any]], file: str) -> dict[str, bytes]:
        found = {}
        for job in jobs:
            if job["phase"] == "succeeded":
                place = f"/media/{quote(job['provider'], safe='')}/{quote(job['id'], safe='')}/{file}"
                answer = httpx.get(self.stage.server.url + place, trust_env=False, timeout=30)
                if answer.status_code == httpx.codes.OK:
                    found[str(job["id"])] = answer.content
        return found


@contextmanager
def _several(client: Client, tasks: Sequence[Task]) -> Iterator[list[Running]]:
    """The client once for each task; whatever happens, none of them is left running."""
    running: list[Running] = []
    try:
        for task in tasks:
            running.append(client.start(task))
        yield running
    finally:
        for one in running:
            one.stop("killed")


def _content(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None
