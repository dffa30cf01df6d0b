"""`make mutate`: change our own source at random, and show what no test notices.

Every mutant is applied in a copy of the checkout. The tests that run its line, as recorded before, run from
near and quick to far and slow until one fails. tests/README.md says how to read what it prints.
"""

from __future__ import annotations

import argparse
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from importlib import import_module
from pathlib import Path
from typing import Final

from tests.mutants_of_source import ROOT, Mutant, sample, sample_of_each
from tests.mutation_map import Map, Record
from tests.mutation_processes import fork, reap
from tests.mutation_runs import Recorder
from tests.mutation_worker import (
    NO_TESTS_RAN,
    NOT_RUN,
    NOTICED,
    QUIET,
    SLOW,
    SURVIVED,
    TIMED_OUT,
    UNREACHED,
    WAITING,
    Result,
    Worker,
)

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


OTHERS: Final = (SURVIVED, TIMED_OUT, SLOW, WAITING, UNREACHED, NOT_RUN)


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0 if every mutant was noticed, 1 if not, 2 if there was nothing to change."""
    options = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    draw = sample_of_each if options.each else sample
    mutants = draw(options.paths, options.sample, options.seed)
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
    parser.add_argument("--each", action="store_true", help="as many of each path, not of all together")
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
    waiting = mutants[::-1]
    with ExitStack() as stack:
        copies = [_copy(folder, f"copy-{number}") for number in range(options.workers)]
        workers = [stack.enter_context(Worker(copy, recorded.files())) for copy in copies]
        for worker in workers:
            worker.wait()
        while waiting or any(worker.busy for worker in workers):
            for worker in workers:
                ended = worker.ended()
                if ended:
                    yield _show(ended)
                if ended and ended.verdict == NOT_RUN:
                    print(worker.output.read_text(errors="replace")[-2000:], flush=True)
                yield from _begin(worker, waiting, recorded, options.budget)
            time.sleep(0.02)


def _begin(worker: Worker, waiting: list[Mutant], recorded: Map, budget: float) -> Iterator[Result]:
    while waiting and not worker.busy:
        mutant = waiting.pop()
        choice = recorded.choose(mutant, budget)
        if choice.tests:
            worker.start(mutant, choice)
        else:
            yield _show(Result(mutant, UNREACHED))


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
