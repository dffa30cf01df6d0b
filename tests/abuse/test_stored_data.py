"""Whatever a snapshot or the file itself says: it is refused or skipped with a reason, or works wholly.

Valid data is changed in a few places. Then everything is asked that can be asked, and the server starts again
over the same file. `MOCKSERVER_FUZZ=500` makes 500 examples of each.
"""

from __future__ import annotations

import asyncio
import copy
import json
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from mockserver.media.cache import MediaCache
from tests.abuse.stored import ANN, BOB, fill, look_at_ann, look_at_everything, serving, submit

EXAMPLES: Final = int(os.environ.get("MOCKSERVER_FUZZ", "12"))
ODD: Final[tuple[Any, ...]] = (
    None, True, False, 0, -1, 1, 2, 1_000_000, 2**31, 2**53 + 1, 2**62, 2**63 - 1, 2**63, 2**64, 10**30,
    -(2**63), 253_402_300_799_999, 253_402_300_800_000, 0.5, -0.0, 1e-300, 1e300, float("inf"), float("nan"),
    "", "-", ".", "..", "x", "a/b", "a b", "\0", "\x1b[31m", "\u202e", "\ud800", "é", "%2f", "?",
    "x" * 99_999, "http://[", "data:image/png;base64,AAAA", "2026-01-01", "success", "failed", "time",
    "polls", "manual",
    "real", "frozen", "rule", "clock", "quota", "callback", "delivery", "late", "gmicloud", "nobody",
    [], [[]], [None], [1, True], ["x"], {}, {"": 1}, {"kind": "polled", "at": 1}, {"id": "x"},
)  # fmt: skip
_MANY: Final = settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with jobs of every kind."""
    path = tmp_path_factory.mktemp("stored") / "jobs.db"
    asyncio.run(fill(path))
    return path


@contextmanager
def _copied(file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A copy of a store's file, for one example."""
    folder = tmp_path_factory.mktemp("fuzz")
    try:
        yield Path(shutil.copy(file, folder / file.name))
    finally:
        shutil.rmtree(folder)


@pytest.fixture(autouse=True)
def made_clips(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Clips that cost nothing: these tests are about what leads to them."""
    clip = tmp_path / "clip"
    clip.write_bytes(b"clip")

    async def make(cache: MediaCache, spec: Any, *more: Any) -> BufferedReader:
        return clip.open("rb")

    monkeypatch.setattr(MediaCache, "video", make)
    monkeypatch.setattr(MediaCache, "thumbnail", make)


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _places(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _places(inner, (*path, index))


def _holder(document: Any, path: tuple[Any, ...]) -> Any:
    for part in path[:-1]:
        document = document[part]
    return document


@st.composite
def changed(draw: st.DrawFn, original: Any) -> Any:
    """The document with one to three changes: values replaced, members or items dropped, added, doubled."""
    document = copy.deepcopy(original)
    for _ in range(draw(st.integers(1, 3))):
        places = [place for place in _places(document) if place]
        if not places:
            break
        path = draw(st.sampled_from(places))
        holder, last = _holder(document, path), path[-1]
        deed = draw(st.sampled_from(("replace", "replace", "replace", "drop", "add")))
        if deed == "replace":
            holder[last] = draw(st.sampled_from(ODD))
        elif deed == "drop":
            del holder[last]
        elif isinstance(holder, list):
            holder.append(copy.deepcopy(holder[last]))
        else:
            holder["added"] = draw(st.sampled_from(ODD))
    return document


def _troubles(answers: list[httpx.Response]) -> list[tuple[str, int, str]]:
    return [
        (str(answer.request.url), answer.status_code, answer.text[:300])
        for answer in answers
        if answer.status_code >= 500
    ]


async def _ask_bob(path: Path) -> None:
    """Start over the file, and let Bob work as if nothing had happened."""
    async with serving(path) as server:
        answer = await submit(server, BOB)
        assert answer.status_code == 200, answer.text
        listed = await server.ask("GET", "/api/v1/ie/requestqueue/apikey/requests", BOB)
        assert listed.status_code == 200, listed.text
        shown = await server.control("GET", f"/jobs?key={BOB}")
        assert shown.json()["count"] >= 2
        assert not _troubles(await look_at_everything(server))


@_MANY
@given(data=st.data())
def test_a_snapshot_is_refused_with_a_reason_or_works_wholly(
    filled: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    async def play(path: Path) -> None:
        target = f"/tenants/snapshot?key={ANN}"
        async with serving(path) as server:
            before = (await server.control("GET", target)).json()
            answer = await server.control("PUT", target, data.draw(changed(before)))
            event(f"answered {answer.status_code}")
            if answer.status_code == 200:
                assert not _troubles(await look_at_ann(server))
                assert (await server.control("GET", "/unreadable")).json() == []
            else:
                assert answer.status_code in (409, 422), answer.text
                assert len(answer.json()["detail"]) > 20
                assert (await server.control("GET", target)).json() == before
            assert not _troubles(await look_at_everything(server))
        await _ask_bob(path)

    with _copied(filled, tmp_path_factory) as path:
        asyncio.run(play(path))


CELLS: Final = (
    ("documents", "document"), ("documents", "kind"), ("documents", "name"), ("documents", "tenant"),
    ("jobs", "facts"), ("jobs", "record"), ("jobs", "created_at"), ("jobs", "operation"), ("jobs", "model"),
    ("jobs", "alias"), ("jobs", "id"), ("jobs", "provider"), ("records", "record"), ("plans", "plan"),
    ("courses", "course"), ("counters", "last"),
)  # fmt: skip


@st.composite
def damaged(draw: st.DrawFn, value: Any) -> Any:
    """A cell as another program, another version or a bad disk may leave it."""
    if isinstance(value, int):
        return draw(st.sampled_from((0, -1, 1, 2**53, 2**63 - 1, -(2**63))))
    text = value if isinstance(value, bytes) else str(value or "").encode()
    if draw(st.booleans()):
        try:
            document = json.loads(text)
        except ValueError:
            document = None
        if isinstance(document, (dict, list)) and document:
            return json.dumps(draw(changed(document)), allow_nan=False, default=str).encode()
    if not text:
        return draw(st.sampled_from((b"", b"x", b"\xff")))
    at = draw(st.integers(0, len(text) - 1))
    return draw(
        st.sampled_from((
            text[:at], text[:at] + bytes([text[at] ^ 1]) + text[at + 1 :], text + b"x", b"\xff" + text,
            b"", b"null", b"[]", b"{}",
        ))
    )  # fmt: skip


def _damage(path: Path, data: st.DataObject) -> None:
    """Change some cells that belong to Ann's rows or to everybody's, never to Bob's."""
    with sqlite3.connect(path) as connection:
        connection.text_factory = bytes
        bob = connection.execute(
            "SELECT tenant FROM jobs GROUP BY tenant ORDER BY count(*) LIMIT 1"
        ).fetchone()[0]
        for _ in range(data.draw(st.integers(1, 3))):
            table, column = data.draw(st.sampled_from(CELLS))
            query = f"SELECT rowid, {column} FROM {table} WHERE {column} IS NOT NULL"
            values: tuple[Any, ...] = ()
            if table in ("jobs", "documents"):
                query, values = f"{query} AND tenant <> CAST(? AS TEXT)", (bob,)
            if table == "counters":
                query = f"SELECT tenant, {column} FROM counters WHERE tenant <> CAST(? AS TEXT)"
                values = (bob,)
            rows = connection.execute(query, values).fetchall()
            if not rows:
                continue
            row, value = data.draw(st.sampled_from(rows))
            try:
                text = data.draw(damaged(value))
            except (TypeError, ValueError):
                continue
            key = "tenant = CAST(? AS TEXT)" if table == "counters" else "rowid = ?"
            kind = {"record": "BLOB", "created_at": "INTEGER", "last": "INTEGER"}.get(column, "TEXT")
            try:
                connection.execute(
                    f"UPDATE {table} SET {column} = CAST(? AS {kind}) WHERE {key}", (text, row)
                )
            except sqlite3.IntegrityError:
                continue


@_MANY
@given(data=st.data())
def test_a_file_that_others_wrote_harms_nobody_else(
    filled: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    async def play(path: Path) -> None:
        _damage(path, data)
        await _ask_bob(path)
        async with serving(path) as server:
            troubles = _troubles(await look_at_ann(server))
            assert all("failed" not in text or status == 507 for _, status, text in troubles), troubles
            for answer in await look_at_everything(server):
                assert answer.status_code < 500, answer.text
            dropped = (await server.control("DELETE", "/unreadable")).json()["dropped"]
            event("something was skipped" if dropped else "nothing was skipped")
            assert (await server.control("DELETE", "/unreadable")).json() == {"dropped": 0}
        await _ask_bob(path)

    with _copied(filled, tmp_path_factory) as path:
        asyncio.run(play(path))
