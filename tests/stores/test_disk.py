"""What becomes of the file while it is used, or was before it is opened."""

from __future__ import annotations

import asyncio
import errno
import os
import random
import re
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from mockserver.errors import SettingsError, StoreError
from mockserver.stores import file_watch
from mockserver.stores.open import open_store
from mockserver.stores.patience import PATIENCE
from mockserver.stores.sqlite import SqliteStore
from tests.stores.test_sqlite import JOB, POLLED


@pytest.fixture
def store(path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SqliteStore]:
    """A store whose second is over at each write."""
    monkeypatch.setattr(file_watch, "FRESH", 0.0)
    opened = SqliteStore(path)
    yield opened
    asyncio.run(opened.close())


def delete(path: Path) -> None:
    path.unlink()


def delete_log(path: Path) -> None:
    path.with_name("jobs.db-wal").unlink()


def replace(path: Path) -> None:
    shutil.copy(path, path.with_name("copy"))
    path.with_name("copy").rename(path)


def empty(path: Path) -> None:
    os.truncate(path, 0)


def overwrite_log(path: Path) -> None:
    log = path.with_name("jobs.db-wal")
    size = log.stat().st_size
    os.truncate(log, 0)
    os.truncate(log, size)


@pytest.mark.parametrize("deed", [delete, delete_log, replace, empty, overwrite_log])
def test_nothing_is_acknowledged_that_is_lost(deed: object, store: SqliteStore, path: Path) -> None:
    asyncio.run(store.add(JOB))
    assert callable(deed)
    deed(path)

    writings = (
        store.add(JOB._replace(id="two")),
        store.append_fact("ann", "p", "one", POLLED),
        store.increment("ann"),
        store.put_document("ann", "rule", "a", {}),
        store.delete("ann", "p", "one"),
        store.clear("ann"),
    )
    for writing in writings:
        with pytest.raises(StoreError, match=r"while the server uses it: put it back, or start the server"):
            asyncio.run(writing)


def test_a_file_that_is_put_back_is_used_again(store: SqliteStore, path: Path) -> None:
    path.rename(path.with_name("away"))
    with pytest.raises(StoreError, match=r"jobs.db was deleted while"):
        asyncio.run(store.add(JOB))
    path.with_name("away").rename(path)

    asyncio.run(store.add(JOB))

    assert asyncio.run(store.get("ann", "p", "one")) == JOB


def test_a_log_that_another_process_wrote_back_is_well(store: SqliteStore, path: Path) -> None:
    asyncio.run(store.add(JOB))
    other = sqlite3.connect(path)
    other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    other.close()
    assert path.with_name("jobs.db-wal").stat().st_size == 0

    asyncio.run(store.add(JOB._replace(id="two")))

    assert asyncio.run(store.count("ann", "p")) == 2


def test_a_log_that_cannot_be_opened_just_now_is_not_taken_for_overwritten(
    store: SqliteStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_many_files(*_: object, **__: object) -> None:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    monkeypatch.setattr(Path, "open", too_many_files)

    asyncio.run(store.add(JOB))

    assert asyncio.run(store.count("ann", "p")) == 1


def test_it_looks_once_in_a_second(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(file_watch, "monotonic", lambda: now)
    store = SqliteStore(path)
    asyncio.run(store.add(JOB))
    now += file_watch.FRESH
    asyncio.run(store.add(JOB._replace(id="two")))
    path.unlink()

    asyncio.run(store.add(JOB._replace(id="three")))
    now += file_watch.FRESH
    with pytest.raises(StoreError, match="deleted"):
        asyncio.run(store.add(JOB._replace(id="four")))
    asyncio.run(store.close())


def test_folders_and_files_are_this_users_alone(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/state/of/jobs.db")
    asyncio.run(store.add(JOB))
    folder = tmp_path / "state" / "of"
    modes = {file.name: file.stat().st_mode & 0o777 for file in folder.iterdir()}
    asyncio.run(store.close())

    assert modes == dict.fromkeys(("jobs.db", "jobs.db-wal", "jobs.db-shm"), 0o600)
    assert [path.stat().st_mode & 0o777 for path in (folder, folder.parent)] == [0o700, 0o700]


def test_a_file_that_is_there_keeps_its_rights(path: Path) -> None:
    path.touch(0o640)

    asyncio.run(SqliteStore(path).close())

    assert path.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize(("query", "level"), [("", 1), ("?sync=normal", 1), ("?sync=full", 2)])
def test_the_url_says_whether_each_change_waits_for_the_disk(path: Path, query: str, level: int) -> None:
    store = open_store(f"sqlite:///{path}{query}")
    assert isinstance(store, SqliteStore)
    synchronous = store._connection.execute("PRAGMA synchronous").fetchone()[0]
    asyncio.run(store.close())

    assert synchronous == level


@pytest.mark.parametrize(
    "query", ["?", "?sync", "?sync=off", "?mode=ro", "?sync=full&mode=ro", "?sync=full?"]
)
def test_another_parameter_is_refused_with_those_that_are(path: Path, query: str) -> None:
    with pytest.raises(SettingsError, match=r"parameters: sync=full, sync=normal$"):
        open_store(f"sqlite:///{path}{query}")
    assert not path.exists()


@pytest.mark.parametrize("seed", range(8))
def test_whatever_is_damaged_is_one_line(path: Path, seed: int) -> None:
    """Random bytes in any page but the first, which makes it another kind of file."""
    chance = random.Random(seed)
    store = SqliteStore(path)
    for number in range(100):
        asyncio.run(
            store.add(JOB._replace(id=str(number), request={"prompt": "a fox" * chance.randrange(900)}))
        )
        asyncio.run(store.put_document("ann", "rule", str(number), {"number": number}))
    asyncio.run(store.close())
    content = bytearray(path.read_bytes())
    for start in chance.sample(range(4096, len(content), 4096), 6):
        content[start : start + 4096] = chance.randbytes(4096)
    path.write_bytes(content)

    for text in _troubles(path):
        # Either the file is named or, where it is only one record, the job.
        assert re.match(rf"{re.escape(str(path))} |job \d+ of p is in the store, but cannot be read: ", text)
        assert "\n" not in text


def _troubles(path: Path) -> list[str]:
    """What a store over the file says when everything is asked of it; anything but a StoreError is raised."""
    troubles = []
    try:
        store = SqliteStore(path)
    except StoreError as error:
        return [str(error)]
    everything = [
        store.documents(),
        store.document("rule", "7"),
        store.kinds(),
        store.tenants(),
        store.list("ann", "p"),
        store.count("ann", "p"),
        store.find("ann", "p", "mine"),
        *(store.get("ann", "p", str(number)) for number in range(100)),
        store.add(JOB._replace(id="new")),
        store.append_fact("ann", "p", "7", POLLED),
        store.put_document("ann", "rule", "7", None),
        store.clear("ann"),
    ]
    store.changed()
    for asking in everything:
        try:
            asyncio.run(asking)
        except StoreError as error:
            troubles.append(str(error))
    asyncio.run(store.close())
    return troubles


def test_what_is_done_aside_waits_for_the_lock_as_long_as_a_request_does(store: SqliteStore) -> None:
    with store._aside() as sibling:
        assert sibling._run("PRAGMA busy_timeout", ()) == [(PATIENCE * 1000,)]
    assert store._run("PRAGMA busy_timeout", ()) == [(0,)]
