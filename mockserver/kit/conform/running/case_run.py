"""One run of one case: set the weather, let the client work, take down what happened."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import httpx

from mockserver.contract.model import Contract
from mockserver.control_client import ControlClient
from mockserver.kit.conform.case import Case
from mockserver.kit.conform.evidence import ClientRun, Evidence
from mockserver.kit.conform.running.client import ClientUnderTest, RunningClient
from mockserver.kit.conform.running.virtual_clock import VirtualClock
from mockserver.kit.conform.task import Task
from mockserver.kit.server import Server
from mockserver.kit.trace import journal
from mockserver.kit.traffic.history import History

_TICK: Final = 0.05
_COLLECT: Final = 0.5
_PAGE: Final = 10_000
_NOBODY: Final = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Trusts nobody, as loopback needs none: to load the usual authorities takes longer than the fetch."""


class RunStopped(Exception):
    """The whole run is to end."""


@dataclass(frozen=True, slots=True)
class CaseContext:
    """Where cases are played: a server, a provider's contract, a client. `stop` is set when all is to end."""

    server: Server
    contract: Contract
    client: ClientUnderTest
    stop: threading.Event


class CaseRun:
    """One run of one case."""

    def __init__(
        self, setting: CaseContext, case: Case, task: Task, control: ControlClient, folder: Path
    ) -> None:
        self.setting = setting
        self.case = case
        self.task = task
        self.control = control
        self.folder = folder
        self.rules: list[str] = []
        self.virtual = case.setup.pace == "time"
        self.first = 0
        self.since = 0
        self.collected = time.monotonic()
        self.end = self.collected + case.budget
        self.noted: dict[int, dict[str, Any]] = {}
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
        self.since = self.first
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

    def _work(self) -> list[ClientRun]:
        asked = self.case.client
        keeper = VirtualClock(self.control, moves=self.virtual, since=self.first)
        keeper.held = self.case.setup.hold is not None or asked.kill_after is not None
        runs: list[ClientRun] = []
        self.end = time.monotonic() + self.case.budget
        if asked.kill_after is not None:
            runs.append(self._killed(keeper))
            keeper.count_anew()
            keeper.held = self.case.setup.hold is not None
        with _several(self.setting.client, self._tasks()) as running:
            self._watch(running, keeper)
            runs += [one.stop("over budget") for one in running]
        self._keep_job_file()
        return runs

    def _tasks(self) -> list[Task]:
        more = [
            self.task.into(f"{self.task.output[:-4]}-{n}.mp4") for n in range(2, self.case.client.workers + 1)
        ]
        return [self.task, *more]

    def _killed(self, keeper: VirtualClock) -> ClientRun:
        """A run that ends when it has made so many exchanges, or by itself before."""
        wanted = self.case.client.kill_after
        assert wanted is not None
        with _several(self.setting.client, [self.task]) as (running,):
            while keeper.seen.get(wanted.role, 0) < wanted.count and not running.wait(0):
                self._tick()
                if self._over():
                    break
                keeper.look(_TICK)
            ran = running.stop("killed", last=False)
        self._keep_job_file()
        return ran

    def _watch(self, running: Sequence[RunningClient], keeper: VirtualClock) -> None:
        hold = self.case.setup.hold
        while not all(one.wait(0) for one in running) and not self._over():
            self._tick()
            if self.virtual:
                keeper.held = keeper.held and hold is not None and keeper.seen.get(hold.role, 0) < hold.count
                keeper.look(_TICK)
            else:
                _wait_for_one(running)

    def _tick(self) -> None:
        if self.setting.stop.is_set():
            raise RunStopped
        if time.monotonic() - self.collected > _COLLECT:
            self._collect()

    def _over(self) -> bool:
        if time.monotonic() >= self.end and not self.noted:
            self._collect()
        return time.monotonic() >= self.end

    def _keep_job_file(self) -> None:
        path = Path(self.task.job_file)
        if path.is_file():
            self.job_files.append(path.read_bytes()[:65536].decode("utf-8", "replace"))

    def _evidence(self, runs: list[ClientRun], began: float) -> Evidence:
        callbacks = self.control.callbacks(settle=self.virtual)
        noted = self._numbered()
        jobs = self.control.jobs(limit=_PAGE)
        history = History(self.setting.contract)
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
            contract=self.setting.contract,
            history=history,
            notes={int(one["number"]): one for one in noted},
            runs=tuple(runs),
            began=began,
            other_key=not noted and self._with_other_key(),
            virtual=self.virtual,
            jobs=tuple(jobs),
            callbacks=tuple(callbacks),
            outputs=outputs,
            thumbnail=_content(output / "thumbnail.jpg"),
            clips=self._files(jobs, "video.mp4") if any(one is not None for one in outputs) else {},
            stills=self._files(jobs, "thumbnail.jpg") if self.task.thumbnail else {},
            job_files=tuple(self.job_files),
            leftovers=tuple(sorted(one.name for one in output.iterdir() if one.name not in expected)),
            picture=_content(Path(self.task.image)) or b"" if self.task.image else b"",
        )

    def _collect(self) -> None:
        """Take down what came since: a journal keeps the last of everybody's, and a client may make many."""
        page = self.control.journal(since=self.since, limit=_PAGE)
        if page["exchanges"] and not self.noted:
            # Some clients need seconds to be loaded: the budget begins with what they do.
            self.end = time.monotonic() + self.case.budget
        for one in page["exchanges"]:
            self.noted[int(one["number"])] = one
            self.since = max(self.since, int(one["number"]))
        self.collected = time.monotonic()

    def _numbered(self) -> list[dict[str, Any]]:
        """What the client asked, with its key or without any but about this case; numbered from 1."""
        self._collect()
        with ControlClient(self.setting.server.control, self.setting.server.token) as everybody:
            refused = everybody.journal(since=self.first, limit=_PAGE, status="401")["exchanges"]
        mine = {str(one["job"]) for one in self.noted.values() if one["job"]}
        strays = {
            int(one["number"]): one for one in refused if one["tenant"] is None and self._is_mine(one, mine)
        }
        every = sorted((self.noted | strays).items())
        return [{**one, "number": number} for number, (_, one) in enumerate(every, 1)]

    def _with_other_key(self) -> bool:
        """Whether somebody with another key submitted the prompt that only this run was given."""
        token = self.task.key[-6:]
        if token not in self.task.prompt:
            return False
        with ControlClient(self.setting.server.control, self.setting.server.token) as everybody:
            submits = everybody.journal(since=self.first, limit=_PAGE, role="submit")["exchanges"]
        return any(token in (one["request"]["text"] or "") for one in submits)

    def _is_mine(self, one: dict[str, Any], jobs: set[str]) -> bool:
        """A refused request without a key is told by the prompt in it, or by a job in its address."""
        asked = f"{one['path']}?{one['query']}"
        body = one["request"]["text"] or ""
        prompts = (self.task.prompt, json.dumps(self.task.prompt)[1:-1])
        return any(one in body for one in prompts) or any(job in asked for job in jobs)

    def _files(self, jobs: Sequence[dict[str, Any]], file: str) -> dict[str, bytes]:
        found = {}
        for job in jobs:
            if job["phase"] == "succeeded":
                place = f"/media/{quote(job['provider'], safe='')}/{quote(job['id'], safe='')}/{file}"
                answer = httpx.get(
                    self.setting.server.url + place, trust_env=False, timeout=30, verify=_NOBODY
                )
                if answer.status_code == httpx.codes.OK:
                    found[str(job["id"])] = answer.content
        return found


@contextmanager
def _several(client: ClientUnderTest, tasks: Sequence[Task]) -> Iterator[list[RunningClient]]:
    """The client once for each task; whatever happens, none of them is left running."""
    running: list[RunningClient] = []
    try:
        # One by one: what has started is ended, also where the next cannot.
        for task in tasks:
            running.append(client.start(task))  # noqa: PERF401
        yield running
    finally:
        for one in running:
            one.stop("killed")


def _wait_for_one(running: Sequence[RunningClient]) -> None:
    for one in running:
        if not one.wait(0):
            one.wait(_TICK)
            return


def _content(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None
