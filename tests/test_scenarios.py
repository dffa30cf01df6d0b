"""Every scenario brings a client of every provider into its situation, without a sleep.

The client here only goes on, whatever it meets; what is judged is that each rule of the scenario fired.
"""

from __future__ import annotations

import tomllib
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from mockserver.faults.catalogue import faults
from mockserver.faults.scenario import load_scenario
from mockserver.settings import Settings
from tests.engine.test_lifecycle import SUBMITS
from tests.serving import ROOT, Running, running_app

FOLDER: Final = ROOT / "fixtures" / "scenarios"
FILES: Final = sorted(FOLDER.glob("*.toml"))
PATIENCE: Final = 16
"""Requests after which the client here gives up."""
NOBODY: Final = "http://127.0.0.1:9/told"
"""Where nobody listens: what is judged here is that a callback was bent, not that it came."""
KEY: Final = "sk-scenario"


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Clips are kept between scenarios: with a seed every job of a provider has the same id."""
    return tmp_path_factory.mktemp("clips")


class Client:
    """Submits, polls and fetches, and is surprised by nothing."""

    def __init__(self, server: Running, provider: str, callback: str) -> None:
        self.server = server
        self.provider = provider
        self.path, body, self.id_at, self.read_path = SUBMITS[provider]
        self.body = {**body, "callback_url": callback} if provider == "kkiai" else body
        self.http = server.client(KEY)

    def run(self) -> None:
        """One job from submit to its files."""
        with self.http:
            job_id = self.submit()
            if job_id is None:
                return
            links = self.poll(job_id)
            for link in links:
                self.fetch(link)
            for link in self.links(self.ask(job_id)):
                self.fetch(link)

    def submit(self) -> str | None:
        """The job's id, also where the answer told none; None where no job was made."""
        for _ in range(4):
            with suppress(httpx.TransportError):
                self.http.post(self.path, json=self.body)
            if self.server.app.services.usage and (known := self.known()):
                return known
            self.server.clock.advance(61)
        return None

    def known(self) -> str | None:
        """The id by the journal: what an answer tells may be bent."""
        kept = self.server.app.services.journal.entries()
        return next((one.job_id for one in kept if one.role == "submit" and one.job_id), None)

    def ask(self, job_id: str) -> Any:
        """What a read answers, None where that is no JSON."""
        with suppress(httpx.TransportError, ValueError):
            return self.http.get(self.read_path.replace("{id}", job_id)).json()
        return None

    def poll(self, job_id: str) -> list[str]:
        """The links of the job when it shows any."""
        for _ in range(PATIENCE):
            answer = self.ask(job_id)
            if links := self.links(answer):
                return links
            self.server.clock.advance(3)
        return []

    def links(self, answer: Any) -> list[str]:
        """Every link to our media in an answer."""
        if isinstance(answer, dict):
            return [link for value in answer.values() for link in self.links(value)]
        if isinstance(answer, list):
            return [link for value in answer for link in self.links(value)]
        return [answer] if isinstance(answer, str) and "/media/" in answer else []

    def fetch(self, link: str) -> None:
        """The file, whole and by a range."""
        link = self.server.url + link[link.index("/media/") :]
        for headers in ({}, {"Range": "bytes=0-99"}):
            with suppress(httpx.TransportError):
                httpx.get(link, headers=headers, trust_env=False, timeout=30)


def _fired(server: Running) -> set[str]:
    """Names of all rules that acted, on answers, files and jobs."""
    return {name for one in server.app.services.journal.entries() for name in one.faults}


@pytest.mark.parametrize("provider", SUBMITS)
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_client_is_brought_into_the_situation(
    file: Path, provider: str, clips: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = Settings(scenario=file, seed=1, small_clips=True, cache_dir=clips)
    with running_app(settings) as server:
        Client(server, provider, NOBODY).run()
        fired = _fired(server)
        roles = {one.role for one in server.app.services.journal.entries()}
    assert "submit" in roles
    assert not [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    for rule in load_scenario(file).rules:
        if faults()[rule.fault].seam == "callback" and provider != "kkiai":
            continue
        if "provider" in rule.when and provider not in str(rule.when["provider"]):
            continue
        assert rule.id in fired, f"{rule.id} never fired; fired: {sorted(fired)}, roles seen: {roles}"


def test_each_line_of_the_field_report_has_a_scenario() -> None:
    lines = [tomllib.loads(file.read_text("utf-8")).get("line", "") for file in FILES]
    assert all(lines), "a scenario quotes the line it is about"
    assert len(FILES) >= 51
