"""The SQL statements that read and replace everything of a tenant."""

JOBS_OF = """
    SELECT serial, facts, seconds, coalesce(length(jobs.record), length(records.record))
    FROM jobs LEFT JOIN records USING (serial) WHERE tenant = ? ORDER BY created_at, serial"""
DOCUMENTS_OF = "SELECT serial, length(document) FROM documents WHERE tenant = ? ORDER BY serial"
DOCUMENT_AT = "SELECT tenant, kind, name, document FROM documents WHERE serial = ?"
NUMBERS_OF = "SELECT name, last FROM counters WHERE tenant = ?"
SET_NUMBER = "INSERT INTO counters (tenant, name, last) VALUES (?, ?, ?)"

PLAN_NUMBERS = "CREATE TEMP TABLE plan_numbers (staged INTEGER PRIMARY KEY, number INTEGER NOT NULL)"
STAGED_TWINS = """
    SELECT provider, id FROM staged.jobs AS new JOIN main.jobs USING (provider, id)
    ORDER BY new.serial LIMIT 1"""
STAGED_PLANS = "SELECT id, plan FROM staged.plans"
ADD_PLAN_NUMBER = "INSERT INTO plan_numbers (staged, number) VALUES (?, ?)"
LAST_SERIAL = "SELECT coalesce(max(seq), 0) FROM main.sqlite_sequence WHERE name = 'jobs'"
JOB_COLUMNS = "SELECT name FROM pragma_table_info('jobs')"
COPY_JOBS = """
    INSERT INTO main.jobs (serial, plan, {columns})
    SELECT serial + ?, number, {columns}
    FROM staged.jobs JOIN plan_numbers ON plan_numbers.staged = jobs.plan ORDER BY serial"""
COPY_RECORDS = "INSERT INTO main.records (serial, record) SELECT serial + ?, record FROM staged.records"
COPY_DOCUMENTS = """
    INSERT INTO main.documents (tenant, kind, name, document)
    SELECT tenant, kind, name, document FROM staged.documents ORDER BY serial"""
COPY_NUMBERS = "INSERT INTO main.counters SELECT * FROM staged.counters"
