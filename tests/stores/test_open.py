"""A store's URL opens a store, or says in one line what is wrong with it."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from mockserver.errors import SettingsError, StoreError
from mockserver.jobs.job import Fact, Job, Plan, Step
from mockserver.stores.memory import MemoryStore
from mockserver.stores.open import open_store
from mockserver.stores.sqlite import SqliteStore


def close(url: str) -> type:
    store = open_store(url)
    asyncio.run(store.close())
    return type(store)


def test_memory_is_memory() -> None:
    assert close("memory:") is MemoryStore


def test_a_path_with_a_slash_of_its_own_is_absolute_and_gets_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "state" / "of mine" / "jobs a=%20#1.db"

    assert close(f"sqlite:///{path}") is SqliteStore
    assert path.is_file()


def test_any_other_path_is_relative(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    close("sqlite:///jobs.db")

    assert (tmp_path / "jobs.db").is_file()


def test_a_tilde_is_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))

    close("sqlite:///~/state/jobs.db")

    assert (tmp_path / "state" / "jobs.db").is_file()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "memory",
        "memory://",
        "jobs.db",
        "sqlite:",
        "sqlite://jobs.db",
        "sqlite:///",
        "sqlite:///:memory:",
        "x:///a",
    ],
)
def test_any_other_url_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match=r"^there is no store .*: write memory: or sqlite:///FILE$"):
        open_store(url)


def test_a_missing_slash_is_hinted_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    with pytest.raises(
        StoreError, match="there is no folder var/lib here; an absolute path takes four slashes"
    ):
        open_store("sqlite:///var/lib/jobs.db")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="is a folder; name a file in it"):
        open_store(f"sqlite:///{tmp_path}")


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    says = "file/state cannot be made: .+; name a store elsewhere, sqlite:///FILE, or memory:$"
    with pytest.raises(StoreError, match=says):
        open_store(f"sqlite:///{tmp_path}/file/state/jobs.db")


def test_a_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "folder").write_text("a file")

    with pytest.raises(StoreError, match=r"folder.* cannot be made"):
        open_store(f"sqlite:///{tmp_path}/folder/jobs.db")


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("remember the milk\n" * 100)

    with pytest.raises(StoreError, match=r"notes.txt is not an SQLite database; use another file"):
        open_store(f"sqlite:///{path}")
    assert path.read_text() == "remember the milk\n" * 100


def test_another_programs_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "theirs.db"
    theirs = sqlite3.connect(path)
    theirs.execute("CREATE TABLE places (url TEXT)")
    theirs.close()
    before = path.read_bytes()

    with pytest.raises(StoreError, match="is another program's database; use another file"):
        open_store(f"sqlite:///{path}")
    assert path.read_bytes() == before


VERSION_1 = f"""
    CREATE TABLE jobs (
        serial INTEGER PRIMARY KEY AUTOINCREMENT,
        provider TEXT NOT NULL,
        id TEXT NOT NULL,
        tenant TEXT NOT NULL,
        model TEXT NOT NULL,
        alias TEXT,
        created_at INTEGER NOT NULL,
        facts TEXT NOT NULL,
        record BLOB,
        UNIQUE (provider, id)
    ) STRICT;
    CREATE INDEX jobs_newest ON jobs (tenant, provider, created_at, serial, model);
    CREATE INDEX jobs_named ON jobs (tenant, provider, alias, created_at, serial) WHERE alias IS NOT NULL;
    CREATE TABLE records (serial INTEGER PRIMARY KEY REFERENCES jobs, record BLOB NOT NULL) STRICT;
    CREATE TABLE numbers (tenant TEXT PRIMARY KEY, last INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    PRAGMA application_id = {0x4D6F636B};
    PRAGMA user_version = 1;
    PRAGMA journal_mode = WAL;
    INSERT INTO jobs (provider, id, tenant, model, created_at, facts, record) VALUES (
        'p', 'one', 'ann', 'm', 7, '[{{"kind":"polled","at":8}}]', CAST(
        '{{"id":"one","tenant":"ann","provider":"p","operation":"submit","model":"m","request":{{}},"created_at":7,'
        || '"plan":{{"steps":[{{"state":"queued","phase":"waiting","lasts":2}}],"pace":"time","polls":0,'
        || '"reason":null}},"alias":null}}' AS BLOB));
    INSERT INTO numbers VALUES ('ann', 41);
"""


def tables(path: Path) -> list[tuple[str, str]]:
    """The names of what is in a file, and how it was made, as far as its spacing does not matter."""
    connection = sqlite3.connect(path)
    made = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name"
    ).fetchall()
    made += connection.execute("SELECT 'version', user_version FROM pragma_user_version").fetchall()
    connection.close()
    return [(name, " ".join(str(said).split())) for name, said in made]


def test_a_file_of_the_first_schema_is_brought_to_this_one(tmp_path: Path) -> None:
    old = sqlite3.connect(tmp_path / "jobs.db")
    old.executescript(VERSION_1)
    old.close()

    store = open_store(f"sqlite:///{tmp_path}/jobs.db")
    job = asyncio.run(store.get("ann", "p", "one"))
    counts = [asyncio.run(store.count("ann", "p", operations=[name])) for name in ("submit", "other")]
    (group,) = asyncio.run(store.tally.groups("ann", "p"))
    listed = [placed.job.id for placed in asyncio.run(store.page("ann", ["p"]))]
    number = asyncio.run(store.increment("ann"))
    asyncio.run(store.put_document("ann", "rule", "a", {}))
    asyncio.run(store.close())
    close(f"sqlite:///{tmp_path}/new.db")

    plan = Plan((Step("queued", "waiting", 2),))
    assert job == Job("one", "ann", "p", "submit", "m", {}, 7, plan, facts=(Fact("polled", 8),))
    assert counts == [1, 0]
    assert (group.operation, group.model, group.number) == ("submit", "m", 1)
    assert group.course == ((0, "queued", "waiting"),)
    assert listed == ["one"]
    assert number == 42
    assert tables(tmp_path / "jobs.db") == tables(tmp_path / "new.db")


def test_a_file_that_cannot_be_brought_to_this_schema_stays_as_it_was(tmp_path: Path) -> None:
    old = sqlite3.connect(tmp_path / "jobs.db")
    old.executescript(VERSION_1)
    old.execute("CREATE TABLE documents (mine TEXT)")
    old.close()
    before = tables(tmp_path / "jobs.db")

    with pytest.raises(StoreError, match=r"jobs.db cannot be used: table documents already exists"):
        open_store(f"sqlite:///{tmp_path}/jobs.db")
    assert tables(tmp_path / "jobs.db") == before


def test_the_jobs_of_an_older_file_are_counted_by_their_plans_and_lost_ones_too(tmp_path: Path) -> None:
    old = sqlite3.connect(tmp_path / "jobs.db")
    old.executescript(VERSION_1)
    names = "provider, id, tenant, model, created_at, facts, record"
    copied = f"INSERT INTO jobs ({names}) SELECT provider, ?, tenant, model, 8, '[]', %s FROM jobs LIMIT 1"
    for number in range(1, 25):
        old.execute(copied % "CAST(replace(record, 'queued', 'in line') AS BLOB)", (f"other-{number}",))
    old.execute(copied % "NULL", ("without",))
    old.execute(copied % "CAST('{' AS BLOB)", ("broken",))
    old.commit()
    old.close()

    store = open_store(f"sqlite:///{tmp_path}/jobs.db")
    groups = asyncio.run(store.tally.groups("ann", "p"))
    asyncio.run(store.close())

    by_word = {group.course[0].state: (group.number, len(group.course)) for group in groups}
    lost = {word: numbers for word, numbers in by_word.items() if word not in ("queued", "in line")}
    assert (by_word["queued"], by_word["in line"]) == ((1, 1), (24, 1))
    assert [number for number, _ in lost.values()] == [2]


def test_a_file_that_is_refused_is_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[sqlite3.Connection] = []
    connect = sqlite3.connect

    def note(*args: Any, **more: Any) -> sqlite3.Connection:
        opened.append(connect(*args, **more))
        return opened[-1]

    monkeypatch.setattr(sqlite3, "connect", note)
    (tmp_path / "jobs.db").write_bytes(b"no database" * 100)

    with pytest.raises(StoreError):
        open_store(f"sqlite:///{tmp_path}/jobs.db")
    assert opened
    for connection in opened:
        with pytest.raises(sqlite3.ProgrammingError, match="closed"):
            connection.execute("SELECT 1")


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    close(f"sqlite:///{tmp_path}/jobs.db")
    newer = sqlite3.connect(tmp_path / "jobs.db")
    newer.execute("PRAGMA user_version = 5")
    newer.close()

    with pytest.raises(
        StoreError, match=r"newer mockserver \(schema 5, this one knows 4\); update mockserver"
    ):
        open_store(f"sqlite:///{tmp_path}/jobs.db")
