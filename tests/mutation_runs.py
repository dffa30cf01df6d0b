"""Runs of pytest for `make mutate`: one records what each test runs, one runs some tests in their order."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import coverage
import pytest

from tests.mutation_map import COLLECTION, Modules, Record, digest_of

BY_TIME = 71
"""How a run ends whose test failed because something took too long, which a busy machine does as well."""


def cpu_seconds() -> float:
    """What this process has used of the processor, and its children that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


class Recorder:
    """A plugin that keeps, after each file of tests, what its tests ran."""

    def __init__(self, copy: Path, folder: Path) -> None:
        self._copy = copy
        self._folder = folder.absolute()
        self._file = COLLECTION
        self._started = 0.0
        self._seconds: dict[str, float] = {}
        self._failed: set[str] = set()
        self._coverage = coverage.Coverage(
            data_file=str(copy.with_suffix(".coverage")),
            config_file=False,
            source=[str(copy / "mockserver")],
            messages=False,
        )

    def run(self, arguments: list[str]) -> int:
        """Run pytest, give its exit code."""
        self._coverage.start()
        code = int(pytest.main(arguments, plugins=[self]))
        if code in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):  # else the last file did not end
            self._keep()
        self._coverage.stop()
        return code

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """From here on lines are run by this test."""
        file = nodeid.partition("::")[0]
        if file != self._file:
            self._keep()
            self._file = file
        self._coverage.switch_context(nodeid)
        self._started = cpu_seconds()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A test that fails without a change notices nothing."""
        if not report.passed:
            self._failed.add(report.nodeid)

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        """What the test cost with all its parts."""
        self._seconds[nodeid] = cpu_seconds() - self._started

    def _keep(self) -> None:
        data = self._coverage.get_data()
        modules = {}
        for file in data.measured_files():
            path = Path(file).relative_to(self._copy).as_posix()
            lines = {str(line): sorted(tests) for line, tests in data.contexts_by_lineno(file).items()}
            modules[path] = (digest_of(path, self._copy), lines)
        data.erase()
        before = Record.read(self._folder, COLLECTION) if self._file == COLLECTION else None
        if before:
            modules = _joined(before.modules, modules)
        seconds = {test: spent for test, spent in self._seconds.items() if test not in self._failed}
        record = Record(digest_of(self._file, self._copy), seconds, len(self._failed), modules)
        record.write(self._folder, self._file, self._copy)
        self._seconds, self._failed = {}, set()


def _joined(before: Modules, now: Modules) -> Modules:
    """What either ran: other files of tests run more when they are collected."""
    joined = before | now
    for path in before.keys() & now.keys():
        (old, lines), (new, more) = before[path], now[path]
        joined[path] = new, (lines | more if old == new else more)
    return joined


class Judging:
    """What all runs that judge have in common."""

    def __init__(self) -> None:
        self.late = False

    def pytest_exception_interact(self, call: pytest.CallInfo[Any]) -> None:
        """Look whether it was time that ran out."""
        self.late = call.excinfo is not None and "Timeout" in call.excinfo.typename

    @pytest.hookimpl(tryfirst=True)
    def pytest_load_initial_conftests(self) -> None:
        """Look for no smaller example of a property that fails: that it fails is enough."""
        # Before pytest has begun, its plugin of that name must not have been imported.
        from hypothesis import Phase, settings

        settings.register_profile("unshrunk", phases=(Phase.explicit, Phase.generate))
        settings.load_profile("unshrunk")


class Only(Judging):
    """A plugin that runs some tests, in their order."""

    def __init__(self, tests: tuple[str, ...]) -> None:
        super().__init__()
        self._rank = {test: rank for rank, test in enumerate(tests)}

    def run(self, arguments: list[str]) -> int:
        """Run pytest, give its exit code, or `BY_TIME` if a test failed because it did not wait longer."""
        code = int(pytest.main(arguments, plugins=[self]))
        return BY_TIME if code and self.late else code

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        """Leave out the others."""
        items[:] = sorted(
            (item for item in items if item.nodeid in self._rank), key=lambda item: self._rank[item.nodeid]
        )
