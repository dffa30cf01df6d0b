"""A process that has imported everything and collected all tests, in which a mutant costs only its tests."""

from __future__ import annotations

from contextlib import suppress
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.mutation_patch import code_changes, patch
from tests.mutation_processes import branch, limit_cpu, reap
from tests.mutation_runs import BY_TIME, Judging

if TYPE_CHECKING:
    Requests = Connection["int | None", "Request"]


class Request(NamedTuple):
    """A module's file, its source as it is and changed, tests in their order, their CPU seconds."""

    file: str
    before: str
    after: str
    tests: tuple[str, ...]
    seconds: int


class Session(Judging):
    """A plugin that collects tests once and then runs some of them for each request, in a process of its own.

    Through the connection goes first None, when all are collected; then for each request the number of the
    process that runs its tests, and its exit code when it has ended.
    """

    def __init__(self, requests: Requests) -> None:
        super().__init__()
        self._requests = requests

    def run(self, arguments: list[str]) -> int:
        """Run pytest until the other end of the connection is closed, give its exit code."""
        return int(pytest.main(arguments, plugins=[self]))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Answer requests in place of running what was collected."""
        items = {item.nodeid: item for item in session.items}
        self._requests.send(None)
        with suppress(EOFError):
            while True:
                self._answer(self._requests.recv(), items)
        return True

    def _answer(self, request: Request, items: dict[str, pytest.Item]) -> None:
        tests = [items[test] for test in request.tests if test in items]

        def run() -> int:
            patch(request.file, code_changes(request.before, request.after) or {})
            limit_cpu(request.seconds)
            return self._run(tests)

        child = branch(run)
        self._requests.send(child)
        self._requests.send(reap(child))

    def _run(self, tests: list[pytest.Item]) -> int:
        if not tests:
            return pytest.ExitCode.NO_TESTS_COLLECTED
        for test, following in zip(tests, [*tests[1:], None], strict=True):
            test.ihook.pytest_runtest_protocol(item=test, nextitem=following)
            if test.session.testsfailed:
                return BY_TIME if self.late else pytest.ExitCode.TESTS_FAILED
        return pytest.ExitCode.OK
