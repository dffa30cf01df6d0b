"""Many readers, and a cache with room for few clips: every byte that is sent is the clip's."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

import httpx

from mockserver.settings import Settings, read_pace
from tests.engine.test_lifecycle import GMI, SUBMITS
from tests.serving import Running, running_app

JOBS, READERS, DOWNLOADS = 12, 6, 120
"""The cache has room for three of the clips."""
ROOM = 3


def links(server: Running) -> list[str]:
    """The links of the clips of new jobs, each with a prompt of its own."""
    found = []
    with server.client() as client:
        for number in range(JOBS):
            body = {**SUBMITS["gmicloud"][1], "payload": {"prompt": f"boat {number}"}}
            job = client.post(GMI, json=body).json()["request_id"]
            found.append(str(client.get(f"{GMI}/{job}").json()["outcome"]["video_url"]))
    return found


def downloaded(of: list[str]) -> dict[str, bytes]:
    """The clips, one after another."""
    with httpx.Client(trust_env=False, timeout=60) as anyone:
        return {link: anyone.get(link).raise_for_status().content for link in of}


def differing(wanted: Mapping[str, bytes], seed: int) -> list[str]:
    """The links of the downloads, some of them in two ranges, whose bytes are not the clip's."""
    chance, wrong = Random(seed), []
    with httpx.Client(trust_env=False, timeout=60) as anyone:
        for _ in range(DOWNLOADS // READERS):
            link = chance.choice([*wanted])
            answer = anyone.get(link)
            content = answer.content
            if chance.random() < 0.3:
                middle = len(wanted[link]) // 2
                ranges = (f"bytes=0-{middle - 1}", f"bytes={middle}-")
                answers = [anyone.get(link, headers={"range": part}) for part in ranges]
                answer = max(answers, key=lambda answer: answer.status_code)
                content = b"".join(answer.content for answer in answers)
            if content != wanted[link]:
                wrong.append(f"{link}: {answer.status_code} {answer.text[:200]}")
    return wrong


def test_clips_that_come_and_go_have_no_wrong_byte(tmp_path: Path) -> None:
    pace = read_pace("immediate")
    settings = Settings(pace=pace, cache_dir=tmp_path / "large", small_clips=True)
    with running_app(settings) as server:
        room = ROOM * max(map(len, downloaded(links(server)).values()))
    settings = Settings(pace=pace, cache_dir=tmp_path / "small", cache_bytes=room, small_clips=True)
    with running_app(settings) as server, ThreadPoolExecutor(READERS) as readers:
        wanted = downloaded(links(server))
        wrong = list(readers.map(lambda seed: differing(wanted, seed), range(READERS)))
        # Clips that somebody waits for stay beyond the room until the next one is made.
        downloaded(list(wanted)[: ROOM + 1])

    assert len({*wanted.values()}) == JOBS
    assert wrong == [[]] * READERS
    stored = sum(path.stat().st_size for path in (tmp_path / "small").glob("*.mp4"))
    assert stored <= room
    assert not [*(tmp_path / "small").glob(".making-*")]
