"""The SQL statements of the SQLite store."""

from functools import cache

ADD = """
    INSERT INTO jobs (
        provider, id, tenant, operation, model, alias, created_at, facts, seconds, changed, plan, record
    ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
RECORD_APART = "INSERT INTO records (serial, record) VALUES (?, ?)"
RECORD = """
    SELECT coalesce(jobs.record, records.record), provider, id, tenant
    FROM jobs LEFT JOIN records USING (serial) WHERE serial = ?"""
GET = "SELECT serial, facts, seconds FROM jobs WHERE provider = ? AND id = ? AND tenant = ?"
FACTS = "SELECT facts, seconds FROM jobs WHERE serial = ?"
GET_FOR_ANY_TENANT = "SELECT serial, facts, seconds FROM jobs WHERE provider = ? AND id = ?"
FIND = """
    SELECT serial, facts, seconds FROM jobs WHERE tenant = ? AND provider = ? AND alias = ?
    AND (? IS NULL OR operation IN (SELECT value FROM json_each(?)))
    ORDER BY created_at DESC, serial DESC LIMIT 1"""
_LIST = """
    SELECT serial, facts, seconds FROM jobs WHERE tenant = ? AND provider = ? AND coalesce(model = ?, TRUE)
    AND (? IS NULL OR operation IN (SELECT value FROM json_each(?)))"""
_BEHIND = """
    AND (created_at, serial) {} (
        SELECT created_at, serial FROM jobs WHERE provider = ? AND id = ? AND tenant = ?)"""
_ORDER = """
    ORDER BY created_at {0}, serial {0} LIMIT ? OFFSET ?"""
COUNT = """
    SELECT coalesce(sum(number), 0) + (
        SELECT count(*) FROM jobs NOT INDEXED WHERE serial > (SELECT serial FROM tallied)
        AND tenant = ?1 AND provider = ?2 AND coalesce(model = ?3, TRUE)
        AND (?4 IS NULL OR operation IN (SELECT value FROM json_each(?4)))
    ) FROM groups WHERE tenant = ?1 AND provider = ?2 AND coalesce(model = ?3, TRUE)
    AND (?4 IS NULL OR operation IN (SELECT value FROM json_each(?4)))"""
APPEND_FACT = """
    UPDATE jobs SET facts = json_insert(facts, '$[#]', json(?)), changed = 1
    WHERE provider = ? AND id = ? AND tenant = ?
    RETURNING serial, facts, seconds"""
APPEND_FACT_UP_TO = """
    UPDATE jobs SET facts = json_insert(facts, '$[#]', json(?)), changed = 1
    WHERE provider = ? AND id = ? AND tenant = ?
    AND (SELECT count(*) FROM json_each(jobs.facts) WHERE json_extract(value, '$.kind') = ?) < ?
    RETURNING serial, facts, seconds"""
DELETE = """
    DELETE FROM jobs WHERE provider = ? AND id = ? AND tenant = ?
    RETURNING serial, tenant, provider, operation, model, seconds,
        (SELECT course FROM plans WHERE plans.id = jobs.plan), created_at, job_group, start"""
DELETE_RECORD = "DELETE FROM records WHERE serial = ?"
INCREMENT = """
    INSERT INTO counters (tenant, name, last) VALUES (?, ?, 1)
    ON CONFLICT (tenant, name) DO UPDATE SET last = last + 1 RETURNING last"""
DROP_NUMBERS = """
    DELETE FROM counters WHERE tenant = ? AND substr(name, 1, length(?)) = ? AND name <> ?"""
PUT_DOCUMENT = """
    INSERT INTO documents (tenant, kind, name, document) VALUES (?, ?, ?, ?)
    ON CONFLICT (kind, tenant, name) DO UPDATE SET document = excluded.document"""
DROP_DOCUMENT = "DELETE FROM documents WHERE tenant = ? AND kind = ? AND name = ?"
DOCUMENTS = "SELECT tenant, kind, name, document FROM documents ORDER BY serial"
DOCUMENTS_OF_KIND = "SELECT tenant, kind, name, document FROM documents WHERE kind = ? ORDER BY serial"
DOCUMENT = "SELECT tenant, kind, name, document FROM documents WHERE kind = ? AND name = ? LIMIT 1"
DOCUMENT_OF = "SELECT tenant, kind, name, document FROM documents WHERE kind = ? AND name = ? AND tenant = ?"
KINDS = "SELECT kind FROM documents GROUP BY kind ORDER BY min(serial)"
OTHER_TENANTS = "SELECT tenant FROM documents UNION SELECT tenant FROM counters"
HAVE_JOBS = "SELECT count(*) FROM (SELECT 1 FROM jobs LIMIT ?)"
HAS_JOBS = "SELECT count(*) FROM (SELECT 1 FROM jobs WHERE tenant = ? LIMIT ?)"
CLEAR = (
    "SELECT count(*) FROM jobs",
    "DELETE FROM records",
    "DELETE FROM jobs",
    "DELETE FROM starts",
    "DELETE FROM groups",
    "DELETE FROM documents",
    "DELETE FROM counters",
)
CLEAR_OF = (
    "SELECT count(*) FROM jobs WHERE tenant = ?",
    "DELETE FROM records WHERE serial IN (SELECT serial FROM jobs WHERE tenant = ?)",
    "DELETE FROM jobs WHERE tenant = ?",
    "DELETE FROM starts WHERE job_group IN (SELECT id FROM groups WHERE tenant = ?)",
    "DELETE FROM groups WHERE tenant = ?",
    "DELETE FROM documents WHERE tenant = ?",
    "DELETE FROM counters WHERE tenant = ?",
)
DATA_VERSION = "PRAGMA data_version"
CHECKPOINT = "PRAGMA wal_checkpoint(PASSIVE)"
LOG_LIMIT = "PRAGMA wal_autocheckpoint = 8000"
"""Pages from which on whoever writes carries them into the file, some 32 MiB: a thread does so before."""


@cache
def list_statement(*, after: bool, oldest_first: bool) -> str:
    """The statement of a list; with `after` three further values name the job behind which it goes on."""
    behind = _BEHIND.format(">" if oldest_first else "<") if after else ""
    return _LIST + behind + _ORDER.format("ASC" if oldest_first else "DESC")
