"""The SQL statements of the tally in SQLite, and of the pages of jobs without their requests."""

from typing import Final

BITS: Final = 8
"""Each level's buckets are 256 times as wide as those of the level below."""
LEVELS: Final = 6
"""Levels of buckets, from 1 millisecond to 34 years. Two statements here have both numbers in their text."""

PLAN_ID = "SELECT id FROM plans WHERE plan = ?"
ADD_PLAN = "INSERT INTO plans (plan, course) VALUES (?, ?) ON CONFLICT DO NOTHING"
COURSE_ID = "SELECT id FROM courses WHERE course = ?"
ADD_COURSE = "INSERT INTO courses (course, changes) VALUES (?, ?) ON CONFLICT DO NOTHING"
COURSE = "SELECT course FROM courses WHERE id = ?"

REST = """
    SELECT (SELECT coalesce(max(serial), 0) FROM jobs) > (SELECT serial FROM tallied)
        OR EXISTS (SELECT 1 FROM jobs WHERE changed)"""
LAST = "SELECT serial FROM tallied"
UNTIL = "SELECT max(serial) FROM (SELECT serial FROM jobs WHERE serial > ? ORDER BY serial LIMIT ?)"
SET_LAST = "UPDATE tallied SET serial = ?"
COUNT_NEW = """
    INSERT INTO groups (tenant, provider, operation, model, course, number, seconds)
    SELECT tenant, provider, operation, model, plans.course, count(*), total(seconds)
    FROM jobs JOIN plans ON plans.id = jobs.plan
    WHERE jobs.serial > ? AND jobs.serial <= ? GROUP BY 1, 2, 3, 4, 5
    ON CONFLICT DO UPDATE SET number = number + excluded.number, seconds = seconds + excluded.seconds"""
START_NEW = """
    WITH fresh AS MATERIALIZED (
        SELECT groups.id AS job_group, jobs.created_at
        FROM jobs CROSS JOIN plans ON plans.id = jobs.plan CROSS JOIN courses ON courses.id = plans.course
        CROSS JOIN groups ON groups.tenant = jobs.tenant AND groups.provider = jobs.provider
            AND groups.operation = jobs.operation AND groups.model = jobs.model
            AND groups.course = plans.course
        WHERE jobs.serial > ? AND jobs.serial <= ? AND courses.changes
    )
    INSERT INTO starts (job_group, level, bucket, number)
    SELECT job_group, levels.value, created_at >> (8 * levels.value), count(*)
    FROM fresh, json_each('[0, 1, 2, 3, 4, 5]') AS levels WHERE TRUE GROUP BY 1, 2, 3
    ON CONFLICT DO UPDATE SET number = number + excluded.number"""
CHANGED = """
    SELECT jobs.serial, tenant, provider, operation, model, seconds, plans.course, created_at,
        job_group, start, facts, plans.plan
    FROM jobs JOIN plans ON plans.id = jobs.plan WHERE changed LIMIT ?"""
SET_COUNTED = """
    UPDATE jobs SET changed = 0, job_group = value ->> 1, start = value ->> 2
    FROM json_each(?) WHERE serial = value ->> 0"""
ADD_GROUP = """
    INSERT INTO groups (tenant, provider, operation, model, course, number, seconds)
    VALUES (?, ?, ?, ?, ?, 0, 0)"""
GROUP_ID = """
    SELECT groups.id, courses.changes FROM groups JOIN courses ON courses.id = groups.course
    WHERE tenant = ? AND provider = ? AND operation = ? AND model = ? AND groups.course = ?"""
CHANGE_GROUP = """
    UPDATE groups SET number = number + ?, seconds = CASE number + ? WHEN 0 THEN 0 ELSE seconds + ? END
    WHERE id = ?"""
CHANGE_STARTS = """
    INSERT INTO starts (job_group, level, bucket, number)
    SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each(?) WHERE TRUE
    ON CONFLICT DO UPDATE SET number = number + excluded.number"""
DROP_STARTS = """
    DELETE FROM starts WHERE number = 0 AND (job_group, level, bucket) IN (
        SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?)
    )"""

GROUPS = """
    SELECT id, tenant, provider, operation, model, course, number, seconds FROM groups
    WHERE coalesce(tenant = ?, TRUE) AND coalesce(provider = ?, TRUE) AND number > 0"""
GROUPS_OF = """
    SELECT id, tenant, provider, operation, model, course, number, seconds FROM groups
    WHERE tenant = ? AND coalesce(provider = ?, TRUE) AND number > 0"""
COUNT_STARTED = """
    SELECT coalesce(sum(number), 0) FROM (
        SELECT number FROM starts WHERE job_group = ? AND level = 0 AND bucket >= ? AND bucket < ?
        UNION ALL
        SELECT number FROM starts WHERE job_group = ? AND level = 1 AND bucket >= ? AND bucket < ?
        UNION ALL
        SELECT number FROM starts WHERE job_group = ? AND level = 2 AND bucket >= ? AND bucket < ?
        UNION ALL
        SELECT number FROM starts WHERE job_group = ? AND level = 3 AND bucket >= ? AND bucket < ?
        UNION ALL
        SELECT number FROM starts WHERE job_group = ? AND level = 4 AND bucket >= ? AND bucket < ?
        UNION ALL
        SELECT number FROM starts WHERE job_group = ? AND level = 5 AND bucket >= ? AND bucket < ?
    )"""
FIRST_STARTED = "SELECT min(bucket) FROM starts WHERE job_group = ? AND level = 0 AND bucket > ?"
FIND_PLANNED = """
    SELECT serial FROM jobs WHERE tenant = ? AND provider = ? AND created_at = ? AND model = ?
    AND operation = ? AND job_group IS NULL AND plan IN (SELECT id FROM plans WHERE course = ?)
    ORDER BY serial DESC LIMIT 1"""
FIND_STARTED = "SELECT serial FROM jobs WHERE job_group = ? AND start = ? ORDER BY serial DESC LIMIT 1"

NEWEST = """
    SELECT created_at, serial FROM jobs WHERE tenant = ? AND provider = ?
    AND (created_at, serial) < (?, ?) AND coalesce(model = ?, TRUE)"""
ORDERED = " ORDER BY 1 DESC, 2 DESC LIMIT ?"
ROWS = """
    SELECT serial, jobs.id, tenant, provider, operation, model, created_at, plans.plan, alias, facts, seconds
    FROM json_each(?) AS wanted CROSS JOIN jobs ON serial = wanted.value
    JOIN plans ON plans.id = jobs.plan ORDER BY created_at DESC, serial DESC"""
TENANTS_WITH_JOBS = """
    WITH RECURSIVE owners (tenant) AS (
        SELECT min(tenant) FROM jobs UNION ALL
        SELECT (SELECT min(tenant) FROM jobs WHERE tenant > owners.tenant) FROM owners
        WHERE owners.tenant IS NOT NULL
    )
    SELECT tenant FROM owners WHERE tenant IS NOT NULL"""
UNMEASURED = """
    SELECT serial, facts, coalesce(length(jobs.record), length(records.record))
    FROM jobs LEFT JOIN records USING (serial) WHERE provider = ? AND seconds IS NULL LIMIT ?"""
OWNER = "SELECT provider, id, tenant FROM jobs WHERE serial = ?"
SET_NO_SECONDS = "UPDATE jobs SET seconds = 0 WHERE serial = ?"
SET_SECONDS = """
    UPDATE jobs SET seconds = ? WHERE provider = ? AND id = ? AND seconds IS NULL
    RETURNING serial, tenant, provider, operation, model, seconds,
        (SELECT course FROM plans WHERE plans.id = jobs.plan), created_at, job_group, start"""
WITHOUT_PLAN = """
    SELECT jobs.serial, coalesce(jobs.record, records.record) FROM jobs LEFT JOIN records USING (serial)
    WHERE jobs.serial > ? AND plan = 0 ORDER BY jobs.serial LIMIT ?"""
SET_PLAN = "UPDATE jobs SET plan = ?, changed = facts != '[]' WHERE serial = ?"
