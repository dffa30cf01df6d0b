"""The tally of the store in SQLite.

Counting costs as much as adding a job, so jobs are counted some hundreds at a time, or when somebody asks.
Those up to the serial in the table `tallied` have been counted, by their plans; a job whose facts changed is
marked, and then counted anew. The starts of a group are counted in buckets of several widths: a count up to a
moment adds up at most 255 buckets of each width.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from functools import lru_cache
from typing import Any, Final, NamedTuple

import orjson

from mockserver.errors import StoreError
from mockserver.jobs.codec import LONG_PLAN, dump_plan, load_facts, load_job, load_plan
from mockserver.jobs.course import Course, course_of, dump_course, load_course, planned_course
from mockserver.jobs.job import Job, Plan, Step
from mockserver.stores import tally_statements as sql
from mockserver.stores.base import Group, Tally
from mockserver.stores.patience import LockWaiters, patient

_EVERY: Final = 256
"""Jobs and facts that are noted before they are counted: whoever asks waits a millisecond."""
_BATCH: Final = 5000
"""New jobs that one transaction counts."""
_BATCH_OF_CHANGED: Final = 500
"""Changed jobs that one transaction counts anew, each with statements of its own."""
_MOST_PLANS: Final = 4096
"""Plans whose numbers are remembered, 32 MiB of them at most."""
_LOST: Final = Plan((Step("damaged", "failed"),), "manual", reason="its record is damaged")
"""What is shown of a job in an older file whose record cannot be read."""

_load_course: Final = lru_cache(1024)(load_course)
Run = Callable[[str, tuple[Any, ...]], Sequence[Any]]
"""Executes a statement with values and gives its rows. Raises `errors.StoreError`."""


class _Counted(NamedTuple):
    """The columns by which a job is counted; `job_group` and `start` are None while its plan decides."""

    serial: int
    tenant: str
    provider: str
    operation: str
    model: str
    seconds: float | None
    course: int
    created_at: int
    job_group: int | None
    start: int | None


class SqliteTally(Tally):
    """Counts the jobs of a file. `transaction` makes the statements in it one."""

    def __init__(
        self,
        run: Run,
        transaction: Callable[[], AbstractContextManager[None]],
        waiting: LockWaiters,
        find: Callable[[int], Job | None],
    ) -> None:
        self.waiting = waiting
        self._run = run
        self._transaction = transaction
        self._find = find
        self._noted = 0
        self._plans: dict[Plan, int] = {}

    def plan_id(self, plan: Plan) -> int:
        """The number of a plan in the file, which gets it when it is new there."""
        number = self._plans.get(plan)
        if number is None:
            text = dump_plan(plan).decode()
            number = _plan_id(self._run, plan, text)
            if len(self._plans) >= _MOST_PLANS:
                self._plans.clear()
            if len(text) <= LONG_PLAN:
                self._plans[plan] = number
        return number

    def forget_plans(self) -> None:
        """Forget the numbers of plans, after a transaction that was undone."""
        self._plans.clear()

    def note(self) -> None:
        """Note that a job was added or changed."""
        self._noted += 1
        if self._noted >= _EVERY:
            self.catch_up()

    def catch_up(self) -> None:
        """Count what has not been counted yet. Where that cannot be written now, it is left for later."""
        self._noted = 0
        with suppress(StoreError):
            while self._run(sql.REST, ())[0][0]:
                with self._transaction():
                    _count_some(self._run)

    def uncount(self, rows: Sequence[Sequence[Any]]) -> None:
        """Count jobs no more that were deleted; a row is what DELETE returns."""
        counts, last = _Counts(self._run), self._run(sql.LAST, ())[0][0]
        for counted in map(_Counted._make, rows):
            if counted.serial <= last:
                counts.take(counted)
        counts.write()

    def add_seconds(self, row: Sequence[Any]) -> None:
        """Add the length of a job's clip that had not been noted; `row` is what SET_SECONDS returns."""
        counted = _Counted(*row)
        if counted.serial <= self._run(sql.LAST, ())[0][0]:
            counts = _Counts(self._run)
            counts.add_seconds(counted)
            counts.write()

    @patient
    def groups(self, tenant: str | None = None, provider: str | None = None) -> Sequence[Group]:
        self.catch_up()
        statement = sql.GROUPS if tenant is None else sql.GROUPS_OF
        rows = self._run(statement, (tenant, provider))
        return [Group._make(row)._replace(course=self._course(row[5])) for row in rows]

    @patient
    def count_started(self, group: Group, until: int) -> int:
        values: list[int] = []
        for level in range(sql.LEVELS):
            end = (until + 1) >> (sql.BITS * level)
            begin = (end >> sql.BITS) << sql.BITS  # 0 at the highest level, as a moment has at most 48 bits
            values += (group.id, begin, end)
        return int(self._run(sql.COUNT_STARTED, tuple(values))[0][0])

    @patient
    def first_started(self, group: Group, after: int) -> int | None:
        start: int | None = self._run(sql.FIRST_STARTED, (group.id, after))[0][0]
        return start

    @patient
    def find_started(self, group: Group, start: int) -> Job | None:
        course = self._run(sql.COURSE_ID, (dump_course(group.course),))[0][0]
        planned = (group.tenant, group.provider, start, group.model, group.operation, course)
        rows = self._run(sql.FIND_PLANNED, planned) or self._run(sql.FIND_STARTED, (group.id, start))
        return self._find(rows[0][0]) if rows else None

    def _course(self, number: int) -> Course:
        return _read_course(self._run(sql.COURSE, (number,))[0][0])


def adopt_jobs(run: Run) -> None:
    """Give the jobs of an older file their plans, which only their records have, and count them all.

    The caller has begun a transaction.
    """
    last, numbers = 0, {_LOST: _plan_id(run, _LOST, dump_plan(_LOST).decode())}
    # Few at a time, as records can be large.
    while rows := run(sql.WITHOUT_PLAN, (last, 10)):
        for serial, record in rows:
            plan = _plan_in(record)
            if plan not in numbers:
                numbers[plan] = _plan_id(run, plan, dump_plan(plan).decode())
            run(sql.SET_PLAN, (numbers[plan], serial))
            last = serial
    while run(sql.REST, ())[0][0]:
        _count_some(run)


def _plan_in(record: bytes | None) -> Plan:
    try:
        return load_job(record or b"").plan
    except ValueError:
        return _LOST


def _plan_id(run: Run, plan: Plan, text: str) -> int:
    rows = run(sql.PLAN_ID, (text,))
    if not rows:
        run(sql.ADD_PLAN, (text, _course_id(run, planned_course(plan))))
        rows = run(sql.PLAN_ID, (text,))
    return int(rows[0][0])


def _course_id(run: Run, course: Course) -> int:
    text = dump_course(course)
    rows = run(sql.COURSE_ID, (text,))
    if not rows:
        run(sql.ADD_COURSE, (text, len(course) > 1))
        rows = run(sql.COURSE_ID, (text,))
    return int(rows[0][0])


def _read_course(text: str) -> Course:
    try:
        return (_load_course if len(text) <= LONG_PLAN else load_course)(text)
    except ValueError:
        return planned_course(_LOST)


def _count_some(run: Run) -> None:
    """Count some of the new jobs and of the changed ones, in the caller's transaction."""
    last = run(sql.LAST, ())[0][0]
    until = run(sql.UNTIL, (last, _BATCH))[0][0]
    if until is not None:
        run(sql.COUNT_NEW, (last, until))
        run(sql.START_NEW, (last, until))
        run(sql.SET_LAST, (until,))
    if until is None or not run(sql.UNTIL, (until, 1))[0][0]:
        _count_changed(run)


def _count_changed(run: Run) -> None:
    counts = _Counts(run)
    rows = []
    for *columns, facts, plan in run(sql.CHANGED, (_BATCH_OF_CHANGED,)):
        counted = _Counted(*columns)
        counts.take(counted)
        group, start = counts.add(counted, _job_with(counted.created_at, plan, facts))
        rows.append((counted.serial, group, start))
    run(sql.SET_COUNTED, (orjson.dumps(rows).decode(),))
    counts.write()


def _job_with(created_at: int, plan: str, facts: str) -> Job:
    job = Job("", "", "", "", "", {}, created_at, _LOST)
    # Whoever reads the job is told what is wrong. For the count, nothing has happened to it.
    with suppress(ValueError):
        job = job._replace(plan=load_plan(plan))
        job = job._replace(facts=load_facts(facts))
    return job


class _Counts:
    """What some jobs change in the counts. It is written at once, as most jobs are of few groups."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._courses: dict[Course, int] = {}
        self._groups: dict[tuple[Any, ...], tuple[int, int]] = {}
        self._numbers: Counter[int] = Counter()
        self._seconds: defaultdict[int, float] = defaultdict(float)
        self._starts: Counter[tuple[int, int]] = Counter()

    def take(self, counted: _Counted) -> None:
        """Count a job no more."""
        group, start = self.group_of(counted)
        self._change(-1, group, start, counted.seconds)

    def add(self, counted: _Counted, job: Job) -> tuple[int, int | None]:
        """Count a job by its facts. Returns its group and start, as its row is to have them."""
        course, start = course_of(job)
        number = self._courses.get(course)
        if number is None:
            number = self._courses[course] = _course_id(self._run, course)
        group, changes = self._group(*counted[1:5], number)
        self._change(1, group, start if changes else None, counted.seconds)
        return group, start if changes else None

    def add_seconds(self, counted: _Counted) -> None:
        """Count the length of a clip whose job is counted already."""
        self._seconds[self.group_of(counted)[0]] += counted.seconds or 0.0

    def group_of(self, counted: _Counted) -> tuple[int, int | None]:
        """The group in which a job is counted, and the start by which it is in the buckets."""
        if counted.job_group is not None:
            return counted.job_group, counted.start
        group, changes = self._group(*counted[1:5], counted.course)
        return group, counted.created_at if changes else None

    def write(self) -> None:
        """Write the changes, in the caller's transaction."""
        for group in self._numbers.keys() | self._seconds.keys():
            number = self._numbers[group]
            self._run(sql.CHANGE_GROUP, (number, number, self._seconds[group], group))
        buckets: Counter[tuple[int, int, int]] = Counter()
        for (group, start), number in self._starts.items():
            for level in range(sql.LEVELS):
                buckets[group, level, start >> (sql.BITS * level)] += number
        changes = [(*bucket, number) for bucket, number in buckets.items() if number]
        self._run(sql.CHANGE_STARTS, (orjson.dumps(changes).decode(),))
        fewer = [change for change in changes if change[-1] < 0]
        self._run(sql.DROP_STARTS, (orjson.dumps(fewer).decode(),))

    def _change(self, number: int, group: int, start: int | None, seconds: float | None) -> None:
        self._numbers[group] += number
        self._seconds[group] += number * (seconds or 0.0)
        if start is not None:
            self._starts[group, start] += number

    def _group(self, *key: Any) -> tuple[int, int]:
        """The number of a group, which is made where it is missing, and whether its course has changes."""
        if key not in self._groups:
            if not self._run(sql.GROUP_ID, key):
                self._run(sql.ADD_GROUP, key)
            self._groups[key] = self._run(sql.GROUP_ID, key)[0]
        return self._groups[key]
