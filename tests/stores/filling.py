"""Fills a file with very many jobs at once, all like one that is there."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path
from typing import Final

from mockserver.stores.sqlite import SqliteStore

_COPY: Final = """
    WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :number),
    copies AS (
        SELECT n, printf(:ids, n) AS copy, created_at - :ago + n * :apart AS moment, jobs.*
        FROM jobs, numbers WHERE id = :like
    )
    INSERT INTO jobs (
        provider, id, tenant, operation, model, created_at, facts, seconds, changed, plan, record
    ) SELECT provider, copy, tenant, operation, model, moment, facts, seconds, 0, plan,
        CAST(replace(
            replace(CAST(record AS TEXT), '"' || :like || '"', '"' || copy || '"'),
            '"created_at":' || created_at, '"created_at":' || moment
        ) AS BLOB)
    FROM copies ORDER BY n"""


def fill(path: Path, like: str, number: int, *, ids: str = "job-%d", apart: int = 1, ago: int = 0) -> None:
    """Add so many jobs, each `apart` milliseconds after the one before, all like the job of the id `like`.

    They begin `ago` milliseconds before that job. `ids` is the format of their ids, numbered from 1.
    The tally has counted them.
    """
    with sqlite3.connect(path, isolation_level=None) as connection:
        connection.execute(_COPY, {"like": like, "number": number, "ids": ids, "apart": apart, "ago": ago})
    connection.close()
    store = SqliteStore(path)
    store.tally.catch_up()
    asyncio.run(store.close())
