"""Which tests run which lines, and so which of them could notice a change.

A folder keeps it: a file for each file of tests, and each module as it was when they ran.
"""

from __future__ import annotations

import ast
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple, Self

from tests.mutants_of_source import ROOT, Mutant


class Choice(NamedTuple):
    """Tests in the order to run them, the CPU seconds they took when recorded, how many had no room.

    And whether the changed line runs when its module is imported or tests are collected.
    """

    tests: tuple[str, ...]
    seconds: float
    left_out: int
    at_import: bool


_FEW: Final = 3
"""Tests by which a line is one that few run."""
COLLECTION: Final = ""
"""Who runs what runs while tests are collected, before the first of them."""


Modules = dict[str, tuple[str, dict[str, list[str]]]]
"""Of each module, by path, the digest of its source and the tests of each line."""


class Record(NamedTuple):
    """What the tests of a file ran.

    The digest of the file; of each test that passed its CPU seconds; how many did not pass; what ran.
    """

    digest: str
    seconds: dict[str, float]
    failed: int
    modules: Modules

    @classmethod
    def read(cls, folder: Path, file: str) -> Self | None:
        """The record of a file of tests, None if there is none or the file has changed since."""
        place = _place(folder, file)
        record = cls(*json.loads(place.read_text(encoding="utf-8"))) if place.exists() else None
        return record if record and record.digest == digest_of(file, ROOT) else None

    def write(self, folder: Path, file: str, checkout: Path) -> None:
        """Keep it, and each module as it was, so that lines that move later are known again."""
        folder.mkdir(parents=True, exist_ok=True)
        for path, (digest, _) in self.modules.items():
            if not (folder / f"{digest}.py").exists():
                _write(folder / f"{digest}.py", (checkout / path).read_text(encoding="utf-8"))
        _write(_place(folder, file), json.dumps(self))


def digest_of(path: str, checkout: Path) -> str:
    """What tells whether a file of a checkout has changed; "" if there is none of that name."""
    file = checkout / path
    return sha256(file.read_bytes()).hexdigest()[:24] if file.is_file() else ""


def _place(folder: Path, file: str) -> Path:
    return folder / f"{file.replace('/', '.') or 'collection'}.json"


def _write(place: Path, text: str) -> None:
    # Whole or not at all: a recording may be interrupted.
    place.with_suffix(".part").write_text(text, encoding="utf-8")
    place.with_suffix(".part").rename(place)


@cache
def _moved(before: str, after: str) -> dict[int, int]:
    """Where lines of a text stand in another."""
    blocks = SequenceMatcher(None, before.splitlines(), after.splitlines(), autojunk=False)
    return {
        match.a + offset + 1: match.b + offset + 1
        for match in blocks.get_matching_blocks()
        for offset in range(match.size)
    }


class Map(NamedTuple):
    """Of each test that passed its CPU seconds; of each module, by path, the tests of each line."""

    seconds: dict[str, float]
    lines: dict[str, dict[int, list[str]]]

    @staticmethod
    def read(folder: Path, files: list[str]) -> Map:
        """What is recorded of these files of tests, by the lines of the modules as they are now."""
        recorded = Map({}, {})
        for file in (COLLECTION, *files):
            record = Record.read(folder, file)
            if record is None:
                continue
            recorded.seconds.update(record.seconds)
            for path, (digest, lines) in record.modules.items():
                if (ROOT / path).is_file():
                    recorded._add(path, (folder / f"{digest}.py").read_text(encoding="utf-8"), lines)
        return recorded

    def files(self) -> list[str]:
        """The files that the tests are in."""
        return list(dict.fromkeys(test.partition("::")[0] for test in self.seconds))

    def _add(self, path: str, before: str, lines: dict[str, list[str]]) -> None:
        moved = _moved(before, (ROOT / path).read_text(encoding="utf-8"))
        of_module = self.lines.setdefault(path, {})
        for line, tests in lines.items():
            if int(line) in moved:
                of_module.setdefault(moved[int(line)], []).extend(tests)

    def choose(self, mutant: Mutant, budget: float) -> Choice:
        """Tests that run the mutant's statement, else its function, else its module; the nearest files first.

        What runs when the module is imported is recorded of the test that came first, so all tests of the
        module may notice it, and first of all those in files that name it.
        They took at most `budget` seconds together when they were recorded, or are a single test. Where there
        are more, some of each file are chosen.
        """
        covered = self.lines.get(mutant.path, {})
        tree = ast.parse((ROOT / mutant.path).read_text(encoding="utf-8"))
        name = _bound_at_import(tree, mutant.line)
        statement = next(_around(tree, mutant.line), ())
        at_import = name is not None or any(COLLECTION in covered.get(line, ()) for line in statement)
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
        chosen: set[str] = set()
        seconds = 0.0
        for test in (*self._in_rounds(naming, mutant.path), *self._in_rounds(tests - naming, mutant.path)):
            if not chosen or seconds + self.seconds[test] <= budget:
                chosen.add(test)
                seconds += self.seconds[test]
        in_order = (*self._in_order(naming, mutant.path), *self._in_order(tests - naming, mutant.path))
        left_out = len(in_order) - len(chosen)
        return Choice(tuple(filter(chosen.__contains__, in_order)), seconds, left_out, at_import)

    def _in_rounds(self, tests: Iterable[str], path: str) -> list[str]:
        """The quickest test of each file, then the next one of each: tests of a file are much alike.

        First of all those that run what few run, in the module and then in its room: a test of a refusal runs
        the lines on the way to it as a thousand others do, and is the one that notices when they change.
        """
        room = Path(path).parts[1]
        nearby = [module for module in self.lines if Path(module).parts[1:2] == (room,)]
        unusual, unusual_nearby = self._unusual([path]), self._unusual(nearby)
        rounds: Counter[str] = Counter()

        def turn(test: str) -> tuple[bool, bool, bool, int]:
            file = test.partition("::")[0]
            rounds[file] += 1
            is_far = room not in Path(file).parts
            return test not in unusual, test not in unusual_nearby, is_far, rounds[file]

        return sorted(self._in_order(tests, path), key=turn)

    def _unusual(self, modules: Iterable[str]) -> set[str]:
        """The tests that run a line of the modules that few run."""
        lines = (tests for path in modules for tests in self.lines.get(path, {}).values())
        return {test for tests in lines if len(tests) <= _FEW for test in tests}

    def _in_order(self, tests: Iterable[str], path: str) -> list[str]:
        """By file, so that fixtures of a module are made once: its own room's first, then the quickest."""
        files: dict[str, float] = {}
        for test in tests:
            file = test.partition("::")[0]
            files[file] = files.get(file, 0) + self.seconds[test]
        room = Path(path).parts[1]

        def order(test: str) -> tuple[bool, float, str, float, str]:
            file = test.partition("::")[0]
            return room not in Path(file).parts, files[file], file, self.seconds[test], test

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
