"""Same seed, same requests: the same journal, times and ids included."""

from __future__ import annotations

from pathlib import Path

import httpx

from mockserver.engine.journal.exchange import JournalEntry
from mockserver.settings import Settings
from tests.engine.test_lifecycle import GMI, SUBMITS
from tests.serving import ROOT, running_app

SCENARIO = ROOT / "fixtures" / "scenarios" / "poll-flaky.toml"


def _play(clips: Path) -> list[JournalEntry]:
    settings = Settings(seed=11, scenario=SCENARIO, cache_dir=clips)
    with running_app(settings) as server:
        for key in ("one", "two"):
            headers = {"Authorization": f"Bearer {key}", "Host": "mock.test"}
            with httpx.Client(base_url=server.url, headers=headers, trust_env=False) as client:
                for provider, (path, body, _, read) in SUBMITS.items():
                    client.post(path, json=body)
                    kept = server.app.services.journal.entries()
                    job_id = next(one.job_id for one in reversed(kept) if one.role == "submit")
                    for _ in range(4):
                        client.get(read.replace("{id}", str(job_id)))
                        server.clock.advance(2.5)
                    client.post(path, json={"provider": provider})
                client.get(GMI)
                client.get("/nowhere")
        return server.app.services.journal.entries()


def test_two_runs_give_the_same_journal(tmp_path: Path) -> None:
    first, second = _play(tmp_path), _play(tmp_path)
    assert len(first) == len(second) > 30
    for one, other in zip(first, second, strict=True):
        assert one == other
    assert any(one.faults for one in first)
