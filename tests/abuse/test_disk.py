"""The disk changes below a running server: locks, files and folders that go, files that are empty."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from mockserver.media.spec import SCRATCH
from tests.abuse.tour import PROGRAM, SUBMIT, Tour, submit
from tests.serving import wait_until

HELD = 1.5
"""Seconds that another process holds the lock: several times what the bystander may wait."""
NAMESPACE = ("unshare", "--map-root-user", "--mount")
"""Begins a command whose mounts are seen by nobody else; every user may have them."""
READ_ONLY = ("sh", "-c", 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"')
"""Begins a command for which a folder, the first argument, cannot be written, not even by root."""

DISK = 1024 * 1024
"""Bytes of the small disk."""
SMALL_DISK = ("sh", "-c", f'mount -t tmpfs -o size={DISK} small "$0" && exec "$@"')
"""Begins a command for which a folder, the first argument, is a disk of its own."""


@contextmanager
def foreign_lock(store: Path) -> Iterator[None]:
    """Hold the store's lock for writers as a backup program does."""
    connection = sqlite3.connect(store, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        connection.close()


def test_a_lock_that_another_process_holds(shared_tour: Callable[..., Tour]) -> None:
    visit = shared_tour("--pace", "immediate")
    with visit.client() as client:
        job = submit(client, "before")
    statuses: list[int] = []

    def write() -> None:
        with visit.client() as writer:
            body = {"model": "Kling-Text2Video-V1.6-Standard", "payload": {"prompt": "during"}}
            statuses.append(writer.post(SUBMIT, json=body).status_code)

    writers = [threading.Thread(target=write) for _ in range(4)]
    with visit.attack(), visit.client() as reader:
        with foreign_lock(visit.store):
            for writer in writers:
                writer.start()
            until = time.monotonic() + HELD
            while time.monotonic() < until:
                assert reader.get(f"{SUBMIT}/{job}").status_code == 200
        for writer in writers:
            writer.join()
    assert statuses == [200] * 4


@pytest.mark.parametrize("how", ["deleted", "replaced"])
def test_a_store_that_goes(how: str, tour: Callable[..., Tour]) -> None:
    visit = tour()
    with visit.client() as client:
        submit(client, "before")
        with visit.attack():
            _take_away(visit.store, how)
            refused = _until_refused(client)
    assert refused.status_code == 507
    assert "store" in refused.text or visit.store.name in refused.text


def _take_away(store: Path, how: str) -> None:
    if how == "replaced":
        shutil.copy(store, store.with_name("other"))
    for path in store.parent.glob(f"{store.name}*"):
        path.unlink()
    if how == "replaced":
        store.with_name("other").rename(store)


def _until_refused(client: httpx.Client) -> httpx.Response:
    """The first submit that is refused, within the seconds that the server may take to notice."""
    body = {"model": "Kling-Text2Video-V1.6-Standard", "payload": {"prompt": "after"}}
    answer = client.post(SUBMIT, json=body)
    until = time.monotonic() + 8
    while answer.status_code == 200 and time.monotonic() < until:
        time.sleep(0.1)
        answer = client.post(SUBMIT, json=body)
    return answer


def _clip(client: httpx.Client, prompt: str) -> str:
    """The link of a new job's clip."""
    return _link(client, submit(client, prompt))


def _link(client: httpx.Client, job: str) -> str:
    return str(client.get(f"{SUBMIT}/{job}").json()["outcome"]["video_url"])


def test_a_cache_folder_that_goes(shared_tour: Callable[..., Tour]) -> None:
    visit = shared_tour("--pace", "immediate")
    with visit.client() as client:
        video = _clip(client, "first")
        before = client.get(video).raise_for_status().content
        wait_until(lambda: not any(visit.cache.glob(f"{SCRATCH}*")))
        with visit.attack():
            shutil.rmtree(visit.cache)
            assert client.get(video).raise_for_status().content == before
            assert client.get(_clip(client, "second")).status_code == 200


@pytest.mark.parametrize("size", [0, 100])
def test_a_clip_that_was_cut(size: int, shared_tour: Callable[..., Tour]) -> None:
    visit = shared_tour("--pace", "immediate")
    with visit.client() as client:
        video = _clip(client, "first")
        before = client.get(video).raise_for_status().content
        wait_until(lambda: any(visit.cache.glob("*.mp4")))
        with visit.attack():
            for path in visit.cache.glob("*.mp4"):
                path.write_bytes(before[:size])
            assert client.get(video).raise_for_status().content == before


def test_a_cache_that_cannot_be_written(tour: Callable[..., Tour]) -> None:
    if subprocess.run([*NAMESPACE, "true"], check=False).returncode:
        pytest.skip("this machine gives no mount of its own (unshare)")
    visit = tour("--pace", "immediate")
    with visit.client() as client:
        job = submit(client, "first")
        before = client.get(_link(client, job)).raise_for_status().content
    visit.stop()
    visit.program = (*NAMESPACE, *READ_ONLY, visit.cache, *PROGRAM)
    visit.start()
    with visit.client() as client, visit.attack():
        assert client.get(_link(client, job)).raise_for_status().content == before
        refused = client.get(_clip(client, "second"))
    assert refused.status_code == 503
    assert "cache" in refused.text


def test_a_cache_whose_disk_is_full(tour: Callable[..., Tour]) -> None:
    if subprocess.run([*NAMESPACE, "true"], check=False).returncode:
        pytest.skip("this machine gives no mount of its own (unshare)")
    visit = tour("--pace", "immediate")
    visit.stop()
    visit.cache.mkdir(exist_ok=True)
    visit.program = (*NAMESPACE, *SMALL_DISK, visit.cache, *PROGRAM)
    visit.start()
    # Nobody else sees the small disk but through the server's own eyes.
    disk = Path(f"/proc/{visit.process.process.pid}/root{visit.cache}")
    (disk / "filler").write_bytes(bytes(DISK - 20 * 1024))
    with visit.client() as client:
        video = _clip(client, "first")
        with visit.attack():
            refused = client.get(video)
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
        assert "the disk is full: no space left for the media cache" in refused.json()["detail"]
        assert [path.name for path in disk.iterdir()] == ["filler"]
        (disk / "filler").unlink()
        made = client.get(video).raise_for_status().content
        assert len(made) > 20 * 1024
        assert client.get(video).content == made


def test_a_store_with_overwritten_pages(tour: Callable[..., Tour]) -> None:
    visit = tour()
    with visit.client() as client:
        for number in range(50):
            submit(client, f"job {number}")
    visit.stop()
    data = visit.store.read_bytes()
    visit.store.write_bytes(data[:4096] + b"\xa5" * (len(data) - 4096))
    problem = _problem_of_start(visit)
    assert "Traceback" not in problem
    assert len(problem.splitlines()) <= 1, problem


def _problem_of_start(visit: Tour) -> str:
    """What a server says that does not start or does not serve; nothing where it does."""
    try:
        visit.start()
    except (RuntimeError, httpx.HTTPError) as error:
        return str(error).strip()
    return ""
