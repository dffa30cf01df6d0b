"""`make mutate`: change our own source at random, and show what no test notices.

Every mutant is applied in a copy of the checkout. The tests that run its line, as recorded before, run from
near and quick to far and slow until one fails. tests/README.md says how to read what it prints.
"""

from __future__ import annotations

import argparse
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Final, NamedTuple

from tests.mutants_of_source import ROOT, Mutant, sample
from tests.mutation_map import Choice, Map, Record
from tests.mutation_processes import BROKE, fork, kill, kill_group, limit_cpu, reap
from tests.mutation_runs import BY_TIME, Only, Recorder

PRELOADED: Final = (
    "httptools",
    "pydantic",
    "jsonschema",
    "jsonschema_rs",
    "orjson",
    "PIL.Image",
    "pytest",
    "rich",
    "uvicorn",
)
"""What a forked run of the tests need not import again. Nothing of ours, no plugin of pytest."""
NOTICED, SURVIVED, UNREACHED = "noticed", "survived", "no test runs it"
TIMED_OUT: Final = "a test ran into its time limit"
SLOW, WAITING = "ran out of CPU time", "did not end"
NOT_RUN: Final = "the tests did not run"
OTHERS: Final = (SURVIVED, TIMED_OUT, SLOW, WAITING, UNREACHED, NOT_RUN)
QUIET: Final = ("-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--hypothesis-seed=0")
INTERNAL_ERROR, NO_TESTS_RAN = 3, 5
SLACK: Final = 20
"""CPU seconds that a run may take beyond five times what its tests took when they were recorded."""
PATIENCE: Final = 12
"""How many times its CPU seconds a run may last: a busy machine is slow, a change may let a test wait."""


class Result(NamedTuple):
    """What became of a mutant, and how many tests that run its line were beyond the budget."""

    mutant: Mutant
    verdict: str
    left_out: int = 0


@dataclass(slots=True)
class _Run:
    mutant: Mutant
    choice: Choice
    copy: Path
    deadline: float


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0 if every mutant was noticed, 1 if not, 2 if there was nothing to change."""
    options = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    mutants = sample(options.paths, options.sample, options.seed)
    if not mutants:
        print(f"mutate: nothing to change below {' '.join(options.paths)}", file=sys.stderr)
        return 2
    for name in PRELOADED:
        import_module(name)
    with _folder() as folder:
        recorded = _record(options, folder)
        results = list(_judge(mutants, recorded, options, folder))
    return _summary(results, options.seed)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("make mutate", description=__doc__.splitlines()[0])
    parser.add_argument("paths", nargs="+", help="modules or folders, as mockserver/jobs")
    parser.add_argument("--sample", type=int, default=20, metavar="N", help="how many mutants to draw")
    parser.add_argument("--seed", default=secrets.token_hex(3), help="the same seed draws the same mutants")
    parser.add_argument("-j", type=int, default=1, dest="workers", metavar="N", help="runs at the same time")
    parser.add_argument(
        "--tests", nargs="+", metavar="PATH", help="tests to choose from; else those of the rooms"
    )
    parser.add_argument(
        "--map",
        type=Path,
        metavar="FOLDER",
        default=ROOT / ".mutation",
        help="where is kept what the tests run",
    )
    parser.add_argument(
        "--budget", type=float, default=90, metavar="SECONDS", help="of tests for each mutant"
    )
    return parser


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="mutate-")).resolve()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _copy(folder: Path, name: str) -> Path:
    """The files that git knows or would add, as they are now."""
    listing = subprocess.run(
        ["git", "ls-files", "-coz", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    for path in filter(None, listing.split("\0")):
        if (ROOT / path).is_file():
            (folder / name / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / path, folder / name / path)
    return folder / name


def _record(options: argparse.Namespace, folder: Path) -> Map:
    kept: Path = options.map
    files = _files(options.tests or _nearest(options.paths))
    missing = [file for file in files if Record.read(kept, file) is None]
    if missing:
        print(f"recording what {len(missing)} of {len(files)} files of tests run", flush=True)
        copy, output = _copy(folder, "recording"), folder / "recording.txt"
        code = reap(fork(copy, output, lambda: Recorder(copy, kept).run([*QUIET[1:], *missing])))
        if code not in (0, 1, NO_TESTS_RAN):
            sys.exit(output.read_text(errors="replace")[-3000:])
    failed = sum(record.failed for file in files if (record := Record.read(kept, file)))
    if failed:
        print(f"{failed} tests did not pass when they were recorded and judge nothing", flush=True)
    return Map.read(kept, files)


def _files(tests: Sequence[str]) -> list[str]:
    paths = [ROOT / test.partition("::")[0] for test in tests]
    files = [
        file for path in paths for file in ([path] if path.is_file() else sorted(path.rglob("test_*.py")))
    ]
    return list(dict.fromkeys(file.relative_to(ROOT).as_posix() for file in files))


def _nearest(paths: list[str]) -> list[str]:
    rooms = dict.fromkeys("tests/" + "/".join(Path(path).with_suffix("").parts[1:2]) for path in paths)
    return [room for room in rooms if (ROOT / room).is_dir()] or ["tests"]


def _judge(
    mutants: list[Mutant], recorded: Map, options: argparse.Namespace, folder: Path
) -> Iterator[Result]:
    copies = [_copy(folder, f"copy-{number}") for number in range(options.workers)]
    running: dict[int, _Run] = {}
    waiting = mutants[::-1]
    try:
        while waiting or running:
            while waiting and copies:
                mutant = waiting.pop()
                choice = recorded.choose(mutant, options.budget)
                if choice.tests:
                    running.update([_start(mutant, choice, copies.pop(), folder)])
                else:
                    yield _show(Result(mutant, UNREACHED))
            for child, run, verdict in list(_ended(running)):
                del running[child]
                shutil.copy2(ROOT / run.mutant.path, run.copy / run.mutant.path)
                copies.append(run.copy)
                yield _show(Result(run.mutant, verdict, run.choice.left_out))
                if verdict == NOT_RUN:
                    print((folder / f"{run.copy.name}.txt").read_text(errors="replace")[-2000:], flush=True)
            time.sleep(0.05)
    finally:
        for child in running:
            kill(child)


def _start(mutant: Mutant, choice: Choice, copy: Path, folder: Path) -> tuple[int, _Run]:
    target = copy / mutant.path
    target.write_text(mutant.source, encoding="utf-8")
    later = (
        ROOT / mutant.path
    ).stat().st_mtime + 10  # so that no compiled module of the source as it was is taken
    os.utime(target, (later, later))
    files = list(dict.fromkeys(test.partition("::")[0] for test in choice.tests))
    # A place of its own for files: pytest clears the common one while others may be at it.
    place = f"--basetemp={folder}/temporary-{copy.name}"
    most = round(5 * choice.seconds) + SLACK

    def run() -> int:
        limit_cpu(most)
        return Only(choice.tests).run([*QUIET, place, *files])

    child = fork(copy, folder / f"{copy.name}.txt", run)
    return child, _Run(mutant, choice, copy, time.monotonic() + PATIENCE * most)


def _ended(running: dict[int, _Run]) -> Iterator[tuple[int, _Run, str]]:
    for child, run in running.items():
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            kill_group(child)
            yield child, run, verdict(os.waitstatus_to_exitcode(status))
        elif time.monotonic() > run.deadline:
            kill(child)
            yield child, run, WAITING


def verdict(code: int) -> str:
    """What the exit code of a run says of the tests."""
    verdicts = {0: SURVIVED, BY_TIME: TIMED_OUT, -signal.SIGXCPU: SLOW, -signal.SIGKILL: SLOW}
    broken = (INTERNAL_ERROR, NO_TESTS_RAN, BROKE)
    return verdicts.get(code, NOT_RUN if code in broken else NOTICED)


def _show(result: Result) -> Result:
    mutant, verdict, left_out = result
    if verdict == NOTICED:
        print(".", end="", flush=True)
        return result
    more = f", {left_out} more tests run this line but were beyond the budget" if left_out else ""
    print(f"\n{mutant.path}:{mutant.line}: {verdict} ({mutant.operator}{more})\n{mutant.diff()}", flush=True)
    return result


def _summary(results: list[Result], seed: str) -> int:
    print()
    rooms: dict[str, Counter[str]] = {}
    for result in results:
        room = "/".join(Path(result.mutant.path).parts[:2])
        rooms.setdefault(room, Counter())[result.verdict] += 1
    for room, verdicts in sorted(rooms.items()):
        others = "".join(f", {verdicts[verdict]} {verdict}" for verdict in OTHERS if verdicts[verdict])
        print(f"{room}: {verdicts[NOTICED]} of {verdicts.total()} noticed{others}")
    noticed = sum(verdicts[NOTICED] for verdicts in rooms.values())
    print(f"{noticed} of {len(results)} noticed; seed {seed}")
    return 0 if noticed == len(results) else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
