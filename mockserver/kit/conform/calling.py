"""From Python: run a client through the cases, or assert that it passes them.

from mockserver.kit.conform import Task, assert_conforms

def generate(task: Task) -> None:
    my_client.make(task.base_url, task.key, task.prompt, output=task.output)

def test_my_client():
    assert_conforms(generate, provider="gmicloud")
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from mockserver.contract.registry import ContractSources, current, using
from mockserver.kit.conform.case import Case, load_cases, select_cases
from mockserver.kit.conform.reports.text import render
from mockserver.kit.conform.results.result import Matrix
from mockserver.kit.conform.running.client import ClientUnderTest, CommandClient, as_client
from mockserver.kit.conform.running.run_options import RunOptions
from mockserver.kit.conform.running.runner import ProgressCallback, run
from mockserver.kit.conform.task import Task

ClientLike = ClientUnderTest | Callable[[Task], Any] | Sequence[str] | str


def conform(
    client: ClientLike,
    *,
    provider: str,
    cases: Sequence[Case] | None = None,
    only: Sequence[str] = (),
    families: Sequence[str] = (),
    levels: Sequence[str] = (),
    options: RunOptions | None = None,
    watch: ProgressCallback | None = None,
    contracts: Sequence[Path | str] = (),
) -> Matrix:
    """Run a client through the cases and return the matrix.

    `client` is a function of a Task, or a command as a list of words or one line. A function may be async; it
    runs in a thread, and an exception is a failure. `contracts` are folders of further providers. Raises
    SettingsError for an unknown provider or case, KitError if no server starts.
    """
    if cases is None:
        cases = load_cases()
    chosen = select_cases(cases, ids=only, families=families, levels=levels)
    under_test = as_client(client)
    command = under_test.argv if isinstance(under_test, CommandClient) else ()
    sources = current(ContractSources(tuple(map(Path, contracts))))
    with using(sources):
        return run(under_test, provider, options, chosen, watch, command)


def assert_conforms(client: ClientLike, *, provider: str, strict: bool = False, **chosen: Any) -> Matrix:
    """Run `conform`, and raise AssertionError with the report if a MUST is broken or could not be judged.

    With `strict` a SHOULD raises it too.
    """
    __tracebackhide__ = True
    matrix = conform(client, provider=provider, **chosen)
    bad = ("fail", "weak", "could not run") if strict else ("fail",)
    if matrix.incomplete or any(result.verdict in bad for result in matrix.results):
        raise AssertionError(f"the client does not conform\n\n{render(matrix)}")
    return matrix
