"""Runs unmodified clients of others against `mockserver serve`: `make clients`.

    python -m tests.third_party [NAME ...]

Exit codes: 0 every client that could be had passed, 1 one did not, or none could be had (with
MOCKSERVER_CI set: one could not), 2 a name is unknown.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.third_party.registry import Registered, clients
from tests.third_party.run import Outcome, judge
from tests.third_party.servers import started


def main(names: Sequence[str]) -> int:
    """Run the clients of these names, or all, and print a table."""
    known = clients()
    if strangers := [name for name in names if name not in known]:
        print(f"there is no client {', '.join(strangers)}; there are {', '.join(known)}", file=sys.stderr)
        return 2
    chosen = [known[name] for name in names or known]
    start = time.monotonic()
    outcomes = run(chosen)
    print(table(outcomes))
    strict = bool(os.environ.get("MOCKSERVER_CI"))
    failed = [outcome for outcome in outcomes if outcome.problems or (strict and outcome.missing)]
    passed = sum(outcome.passed for outcome in outcomes)
    print(f"\n{passed} of {len(outcomes)} clients passed, in {time.monotonic() - start:.0f} s")
    return int(bool(failed) or not passed)


def run(chosen: Sequence[Registered]) -> list[Outcome]:
    """How each client fared. They run side by side, each with a key of its own."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        home = Path(name)
        with started(chosen, home / "servers") as servers, ThreadPoolExecutor(len(chosen)) as pool:
            return list(pool.map(lambda client: judge(client, servers, home / client.name), chosen))


def table(outcomes: Sequence[Outcome]) -> str:
    """A line for each client, below it what failed."""
    rows = [("client", "version", "steps passed", "what failed")]
    rows += [(item.name, item.version, " ".join(item.steps) or "none", _verdict(item)) for item in outcomes]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = []
    for row in rows:
        first, *more = row[3].splitlines()
        lines.append(
            "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), first])
        )
        lines += [f"    {line}" for line in more]
    return "\n".join(lines)


def _verdict(outcome: Outcome) -> str:
    if outcome.missing:
        return f"not run: {outcome.missing}"
    return "\n".join(outcome.problems) or "nothing"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
