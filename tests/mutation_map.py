"""Which tests run which lines, and so which of them could notice a change."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import coverage
import pytest

from tests.mutants_of_source import ROOT, Mutant


class Choice(NamedTuple):
    """Tests in the order to run them, the seconds they took when recorded, how many had no room."""

    tests: tuple[str, ...]
    seconds: float
    left_out: int


COLLECTION: Final = ""
"""Who runs what runs while tests are collected, before the first of them."""


class Map(NamedTuple):
    """Of each test that passed its seconds; of each module, by path, the tests of each line."""

    seconds: dict[str, float]
    lines: dict[str, dict[int, list[str]]]

    @staticmethod
    def read(file: Path) -> Map:
        """The map that a Recorder wrote."""
        seconds, lines = json.loads(file.read_text(encoding="utf-8"))
        by_number = {path: {int(line): tests for line, tests in of.items()} for path, of in lines.items()}
        return Map(seconds, by_number)

    def choose(self, mutant: Mutant, budget: float) -> Choice:
        """Tests that run the mutant's statement, else its function, else its module; the nearest files first.

        What runs when the module is imported is recorded of the test that came first, so all tests of the
        module may notice it, and first of all those in files that name it.
        They took at most `budget` seconds together when they were recorded, or are a single test.
        """
        covered = self.lines.get(mutant.path, {})
        tree = ast.parse((ROOT / mutant.path).read_text(encoding="utf-8"))
        name = _bound_at_import(tree, mutant.line)
        naming = {test for test in self.seconds if name and _names(test.partition("::")[0], name)}
        tests: set[str] = set()
        for lines in (covered,) if name is not None else (*_around(tree, mutant.line), covered):
            running = {test for line in lines for test in covered.get(line, ())}
            tests = running & self.seconds.keys()
            if COLLECTION in running and lines is not covered:
                module = mutant.path.removesuffix(".py").replace("/", ".")
                naming |= {test for test in self.seconds if _names(test.partition("::")[0], module)}
                tests = tests or set(self.seconds)
            if tests:
                break
        chosen: list[str] = []
        seconds = 0.0
        first, then = self._in_order(naming, mutant.path), self._in_order(tests - naming, mutant.path)
        for test in (*first, *then):
            if not chosen or seconds + self.seconds[test] <= budget:
                chosen.append(test)
                seconds += self.seconds[test]
        return Choice(tuple(chosen), seconds, len(tests | naming) - len(chosen))

    def _in_order(self, tests: Iterable[str], path: str) -> list[str]:
        """By file, so that fixtures of a module are made once: its own room's first, then the quickest."""
        files: dict[str, float] = {}
        for test in tests:
            file = test.partition("::")[0]
            files[file] = files.get(file, 0) + self.seconds[test]
        room = Path(path).parts[1]

        def order(test: str) -> tuple[bool, float, str, float]:
            file = test.partition("::")[0]
            return room not in Path(file).parts, files[file], file, self.seconds[test]

        return sorted(tests, key=order)


def _bound_at_import(tree: ast.Module, line: int) -> str | None:
    """The name that a statement at the top of a module or of a class gives to a value.

    Of the head of a class or of a function, whose decorators and defaults are evaluated then as well, the
    name of the class; "" where there is no such name. None of other lines.
    """
    for node in ast.walk(tree):
        for part in node.body if isinstance(node, ast.ClassDef | ast.Module) else ():
            if line in _head(part):
                owner = node if isinstance(node, ast.ClassDef) else part
                return owner.name if isinstance(owner, ast.ClassDef) else ""
            if isinstance(part, ast.AnnAssign | ast.Assign) and line in _lines(part):
                target = part.targets[0] if isinstance(part, ast.Assign) else part.target
                return target.id if isinstance(target, ast.Name) else ""
    return None


def _head(node: ast.stmt) -> range:
    """The lines of a class or a function before its body."""
    if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        return range(0)
    return range(min(part.lineno for part in (node, *node.decorator_list)), node.body[0].lineno)


def _lines(node: ast.stmt) -> range:
    return range(node.lineno, (node.end_lineno or node.lineno) + 1)


@cache
def _names(file: str, name: str) -> bool:
    """Whether a file of tests has that name in it as a word."""
    return re.search(rf"\b{name}\b", (ROOT / file).read_text(encoding="utf-8")) is not None


def _around(tree: ast.Module, line: int) -> Iterator[range]:
    """The lines of the innermost statement there, without its body, and of the functions around it."""
    inner: list[tuple[int, range]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt) and node.lineno <= line <= (node.end_lineno or node.lineno):
            function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            body = [part.lineno for part in getattr(node, "body", ())]
            end = (node.end_lineno or node.lineno) + 1
            if function and body:
                inner.append((end - node.lineno, range(body[0], end)))
            elif not isinstance(node, ast.ClassDef):
                inner.append(
                    (end - node.lineno, range(node.lineno, body[0] if body and body[0] > line else end))
                )
    return (lines for _, lines in sorted(inner, key=lambda pair: pair[0]))


class Recorder:
    """A plugin that writes the map of a run of tests to a file."""

    def __init__(self, copy: Path, file: Path) -> None:
        self._copy = copy
        self._file = file.absolute()
        self._seconds: dict[str, float] = {}
        self._failed: set[str] = set()
        self._coverage = coverage.Coverage(
            data_file=None, config_file=False, source=[str(copy / "mockserver")], messages=False
        )

    def run(self, arguments: list[str]) -> int:
        """Run pytest, write the map, give pytest's exit code."""
        self._coverage.start()
        code = int(pytest.main(arguments, plugins=[self]))
        self._coverage.stop()
        data = self._coverage.get_data()
        lines = {
            Path(file).relative_to(self._copy).as_posix(): {
                line: sorted(tests) for line, tests in data.contexts_by_lineno(file).items()
            }
            for file in data.measured_files()
        }
        seconds = {test: spent for test, spent in self._seconds.items() if test not in self._failed}
        self._file.write_text(json.dumps([seconds, lines]), encoding="utf-8")
        return code

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """From here on lines are run by this test."""
        self._coverage.switch_context(nodeid)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Add up what the test's parts took; one that fails without a change notices nothing."""
        self._seconds[report.nodeid] = self._seconds.get(report.nodeid, 0) + report.duration
        if not report.passed:
            self._failed.add(report.nodeid)


class Only:
    """A plugin that runs some tests, in their order."""

    def __init__(self, tests: tuple[str, ...]) -> None:
        self._rank = {test: rank for rank, test in enumerate(tests)}

    def run(self, arguments: list[str]) -> int:
        """Run pytest, give its exit code."""
        return int(pytest.main(arguments, plugins=[self]))

    @pytest.hookimpl(tryfirst=True)
    def pytest_load_initial_conftests(self) -> None:
        """Look for no smaller example of a property that fails: that it fails is enough."""
        # Before pytest has begun, its plugin of that name must not have been imported.
        from hypothesis import Phase, settings

        settings.register_profile("unshrunk", phases=(Phase.explicit, Phase.generate))
        settings.load_profile("unshrunk")

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        """Leave out the others."""
        items[:] = sorted(
            (item for item in items if item.nodeid in self._rank), key=lambda item: self._rank[item.nodeid]
        )
