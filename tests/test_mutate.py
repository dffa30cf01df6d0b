"""The tool that changes our own source at random says truly what the tests notice."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import tests.mutation_map
from tests.mutants_of_source import Mutant, apply, places, same, sample_of_each
from tests.mutation_map import Map, Record, digest_of
from tests.mutation_processes import BROKE, fork, limit_cpu, reap
from tests.mutation_runs import BY_TIME, Only
from tests.mutation_worker import (
    INTERNAL_ERROR,
    NO_TESTS_RAN,
    NOT_RUN,
    NOTICED,
    SLOW,
    SURVIVED,
    TIMED_OUT,
    verdict,
)
from tests.serving import ROOT

LOUD = "def double(number: int) -> int:\n    return number * 2\n"
SILENT = "HALVES: list[float] = []\n\n\ndef half(number: int) -> None:\n    HALVES.append(number / 2)\n"
TESTS = """
from mockserver.toy.loud import double
from mockserver.toy.silent import half

def test_double():
    assert double(3) == 6

def test_half():
    half(4)
"""


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout with a package of two modules, of which the tests judge only one."""
    root = tmp_path_factory.mktemp("toy")
    files = {
        "mockserver/__init__.py": "",
        "mockserver/pytest_plugin.py": "",
        "mockserver/toy/__init__.py": "",
        "mockserver/toy/loud.py": LOUD,
        "mockserver/toy/silent.py": SILENT,
        "tests/toy/test_toy.py": TESTS,
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    for module in (ROOT / "tests").glob("muta*.py"):
        shutil.copy(module, root / "tests")
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    return root


def _mutate(toy: Path, path: str, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-m",
        "tests.mutate",
        path,
        "--sample",
        "1",
        "--seed",
        "1",
        "--map",
        str(toy / "map"),
    ]
    environment = {"TMPDIR": str(tmp_path), "PATH": "/usr/bin:/bin"}
    return subprocess.run(command, cwd=toy, env=environment, capture_output=True, text=True)


def test_a_change_that_a_test_notices_is_no_finding(toy: Path, tmp_path: Path) -> None:
    ended = _mutate(toy, "mockserver/toy/loud.py", tmp_path)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "1 of 1 noticed" in ended.stdout
    assert (toy / "mockserver/toy/loud.py").read_text() == LOUD
    assert list(tmp_path.iterdir()) == []


def test_a_change_that_no_test_notices_is_printed_with_its_place(toy: Path, tmp_path: Path) -> None:
    ended = _mutate(toy, "mockserver/toy/silent.py", tmp_path)
    assert (ended.returncode, ended.stderr) == (1, "")
    assert "mockserver/toy/silent.py:5: survived" in ended.stdout
    assert "\n-    HALVES.append(number / 2)\n+" in ended.stdout
    assert "0 of 1 noticed, 1 survived" in ended.stdout


def test_as_many_are_drawn_of_each_path_whatever_its_size() -> None:
    drawn = sample_of_each(["mockserver/numerals.py", "mockserver/faults", "mockserver/numerals.py"], 5, "7")

    assert [Path(mutant.path).parts[1] for mutant in drawn] == ["numerals.py"] * 5 + ["faults"] * 5
    assert len({(mutant.path, mutant.source) for mutant in drawn}) == 10


def test_an_interruption_leaves_nothing_but_what_was_recorded_of_whole_files(
    toy: Path, tmp_path: Path
) -> None:
    pipe = toy / "pipe"
    os.mkfifo(pipe)
    waiting = toy / "tests/toy/test_waiting.py"
    waiting.write_text(f"def test_it_waits():\n    open({str(pipe)!r}).read()\n")
    (tmp_path / "temporary").mkdir()
    kept = tmp_path / "map"
    command = [sys.executable, "-m", "tests.mutate", "mockserver/toy", "--map", str(kept)]
    environment = {"TMPDIR": str(tmp_path / "temporary"), "PATH": "/usr/bin:/bin"}
    process = subprocess.Popen(command, cwd=toy, env=environment, stdout=subprocess.DEVNULL)
    with pipe.open("w"):  # opens as soon as the test in the copy reads
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130
    waiting.unlink()
    assert {file.name for file in kept.glob("*.json")} == {"collection.json", "tests.toy.test_toy.py.json"}
    assert list((tmp_path / "temporary").iterdir()) == []
    with pytest.raises(OSError, match="No such device or address"):
        os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
    pipe.unlink()


def test_tests_that_cannot_be_recorded_are_no_map(toy: Path, tmp_path: Path) -> None:
    (toy / "tests/conftest.py").write_text("def pytest_collection():\n    raise ZeroDivisionError\n")
    command = [sys.executable, "-m", "tests.mutate", "mockserver/toy", "--map", str(tmp_path / "map")]
    environment = {"TMPDIR": str(tmp_path), "PATH": "/usr/bin:/bin"}
    ended = subprocess.run(command, cwd=toy, env=environment, capture_output=True, text=True)
    (toy / "tests/conftest.py").unlink()

    assert ended.returncode == 1
    assert "ZeroDivisionError" in ended.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("broken", [BROKE, INTERNAL_ERROR, NO_TESTS_RAN])
def test_tests_that_did_not_run_notice_nothing(broken: int) -> None:
    assert [verdict(code) for code in (0, 1, broken)] == [SURVIVED, NOTICED, NOT_RUN]


def test_a_limit_of_cpu_time_holds_for_what_is_started_too_and_is_named(tmp_path: Path) -> None:
    def run() -> int:
        limit_cpu(40)
        shown = subprocess.run(["sh", "-c", "ulimit -t; ulimit -c"], capture_output=True, check=True).stdout
        if shown == b"40\n0\n":
            os.kill(os.getpid(), signal.SIGXCPU)
        return 0

    assert verdict(reap(fork(tmp_path, tmp_path / "output.txt", run))) == SLOW


@pytest.mark.parametrize(
    ("failure", "judged"), [(subprocess.TimeoutExpired("serve", 5), TIMED_OUT), (AssertionError(), NOTICED)]
)
def test_a_test_that_fails_by_its_own_time_limit_is_told_from_others(
    failure: Exception, judged: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise failure

    only = Only(())
    only.pytest_exception_interact(pytest.CallInfo.from_call(fail, "call"))
    monkeypatch.setattr(pytest, "main", lambda *_, **__: 1)

    assert verdict(only.run([])) == judged
    assert verdict(BY_TIME) == TIMED_OUT


def test_a_record_stays_of_use_when_lines_move_and_not_when_its_tests_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tests.mutation_map, "ROOT", tmp_path)
    module, file = tmp_path / "module.py", tmp_path / "test_module.py"
    module.write_text("a = 1\nb = 2\n")
    file.write_text("")
    lines = {"1": ["test_module.py::test_a"], "2": ["test_module.py::test_b"]}
    modules = {"module.py": (digest_of("module.py", tmp_path), lines)}
    record = Record(digest_of("test_module.py", tmp_path), {"test_module.py::test_a": 0.5}, 0, modules)
    record.write(tmp_path / "map", "test_module.py", tmp_path)
    module.write_text("before = 0\na = 1\nb = 3\n")

    recorded = Map.read(tmp_path / "map", ["test_module.py", "test_other.py"])
    assert recorded == ({"test_module.py::test_a": 0.5}, {"module.py": {2: ["test_module.py::test_a"]}})
    file.write_text("changed")
    assert Map.read(tmp_path / "map", ["test_module.py"]) == ({}, {})


def test_what_has_no_behaviour_is_left_alone() -> None:
    source = (
        "from functools import lru_cache\nJson = dict[str, int] | None\nWIDTH: int | None = None\n"
        '@lru_cache(3)\ndef area(side: int | None) -> int | None:\n    """Docs."""\n    pass\n'
    )
    assert places(source) == ()


def test_what_protects_a_record_is_left_alone_but_not_how_it_compares() -> None:
    source = "@dataclass(frozen=True, slots=True, repr=False)\nclass Point:\n    pass\n"

    assert {name for place in places(source) for name, _ in place.choices} == {"core/RemoveDecorator"}
    assert len(places(source.replace("slots", "eq"))) == 2


def test_an_exception_with_a_dotted_name_is_left_as_it_is() -> None:
    source = "try:\n    f()\nexcept (OSError, zlib.error):\n    g()\n"
    changes = [apply(source, *choice) for place in places(source) for choice in place.choices]

    assert None in changes
    assert any("(CosmicRayTestingException, zlib.error)" in change for change in changes if change)


def test_what_python_itself_warns_of_is_no_mutant() -> None:
    source = "def known(word: str) -> bool:\n    return word == 'known'\n"
    assert not same(source, source.replace("==", "!="))
    assert same(source, source.replace("==", "is"))
    assert same(source, source + "\n# a comment\n")
    assert same(source, source.replace("return", "return return"))


def test_statements_are_removed_and_answers_forgotten() -> None:
    source = "def add(names: list[str]) -> int:\n    names.append('ä')\n    return len(names)\n"
    assert apply(source, "our/RemoveStatement", 0) == source.replace("names.append('ä')", "pass")
    assert apply(source, "our/ReturnNone", 0) == source.replace("len(names)", "None")


def test_tests_that_name_a_constant_judge_it_whichever_test_was_the_first_to_import_it() -> None:
    path = "mockserver/jobs/job.py"
    line = 1 + (ROOT / path).read_text().splitlines().index("MOST_NOTED: Final = 10_000")
    naming, first = "tests/jobs/test_reading.py::test_limits", "tests/jobs/test_clock.py::test_it_runs"
    recorded = Map({naming: 2.0, first: 1.0}, {path: {line: [first]}})

    assert recorded.choose(Mutant(path, line, "core/NumberReplacer", ""), 30).tests == (naming, first)


def test_tests_that_name_a_class_judge_the_decorators_of_its_parts() -> None:
    path = "mockserver/stores/base.py"
    line = 1 + (ROOT / path).read_text().splitlines().index("    @abstractmethod")
    naming, first = "tests/stores/test_stores.py::test_it_is_whole", "tests/jobs/test_clock.py::test_it_runs"
    recorded = Map({naming: 2.0, first: 1.0}, {path: {line: [first]}})

    assert recorded.choose(Mutant(path, line, "core/RemoveDecorator", ""), 30).tests == (naming, first)


def test_what_runs_only_while_tests_are_collected_is_judged_by_those_that_name_it() -> None:
    path = "mockserver/faults/catalogue.py"
    line = 1 + (ROOT / path).read_text().splitlines().index("    return dict(sorted(named.items()))")
    naming, other = "tests/faults/test_catalogue.py::test_names", "tests/faults/inputs.py::test_quick"
    recorded = Map({naming: 2.0, other: 1.0}, {path: {line: [""]}})

    assert recorded.choose(Mutant(path, line, "core/NumberReplacer", ""), 30).tests == (naming, other)
    assert recorded.choose(Mutant("mockserver/faults/rule.py", 1, "core/NumberReplacer", ""), 30).tests == ()


def test_where_not_all_tests_have_room_some_of_each_file_are_tried() -> None:
    path = "mockserver/faults/catalogue.py"
    line = 1 + (ROOT / path).read_text().splitlines().index("    return dict(sorted(named.items()))")
    seconds = {
        "tests/faults/test_a.py::test_1": 1.0,
        "tests/faults/test_a.py::test_2": 2.0,
        "tests/faults/test_a.py::test_3": 3.0,
        "tests/faults/test_b.py::test_1": 4.0,
        "tests/faults/test_b.py::test_2": 5.0,
        "tests/web/test_c.py::test_1": 0.5,
    }
    recorded = Map(seconds, {path: {line: [*seconds]}})
    a1, a2, a3, b1, _, c1 = seconds

    def chosen(budget: float) -> tuple[str, ...]:
        return recorded.choose(Mutant(path, line, "core/NumberReplacer", ""), budget).tests

    assert chosen(1) == (a1,)
    assert chosen(5) == (a1, b1)
    assert chosen(7.5) == (a1, a2, b1, c1)
    assert chosen(10.5) == (a1, a2, a3, b1, c1)
    assert chosen(99) == tuple(seconds)


def test_tests_that_run_what_few_run_are_tried_first() -> None:
    path, nearby = "mockserver/faults/catalogue.py", "mockserver/faults/rule.py"
    line = 1 + (ROOT / path).read_text().splitlines().index("    return dict(sorted(named.items()))")
    usual, near, same = (f"tests/faults/test_{name}.py::test_it" for name in ("usual", "near", "same"))
    others = [f"tests/faults/test_other.py::test_{number}" for number in range(4)]
    every = [usual, *others, near, same]
    seconds = {**dict.fromkeys(every, 1.0), near: 2.0, same: 3.0}
    recorded = Map(seconds, {path: {1: [same], line: every}, nearby: {1: [near, same], 2: [*every]}})

    def chosen(budget: float) -> set[str]:
        return {*recorded.choose(Mutant(path, line, "core/NumberReplacer", ""), budget).tests}

    assert chosen(3) == {same}
    assert chosen(5) == {same, near}
    assert chosen(7) == {same, near, usual, others[0]}
