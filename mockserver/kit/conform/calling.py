"""From Python: run a client through the cases, or assert that it passes them.

from mockserver.kit.conform import Task, assert_conforms

def generate(task: Task) -> None:
    my_client.make(task.base_url, task.key, task.prompt, output=task.output)

def test_my_client():
    assert_conforms(generate, provider="gmicloud")
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from mockserver.kit.conform.case import Case, choose, load_cases
from mockserver.kit.conform.reports.text import tell
from mockserver.kit.conform.results.result import Matrix
from mockserver.kit.conform.running.client import ClientUnderTest, CommandClient, client_of
from mockserver.kit.conform.running.runner import RunOptions, Watch, run
from mockserver.kit.conform.task import Task

Given = ClientUnderTest | Callable[[Task], Any] | Sequence[str] | str


def conform(
    client: Given,
    *,
    provider: str,
    cases: Sequence[Case] | None = None,
    only: Sequence[str] = (),
    families: Sequence[str] = (),
    levels: Sequence[str] = (),
    options: RunOptions | None = None,
    watch: Watch | None = None,
) -> Matrix:
    """Run a client through the cases and give the matrix.

    `client` is a function of a Task (async too; it runs in a thread, and an exception is a failure), or a
    command as a list of words or one line. Raises SettingsError for an unknown provider or case, KitError
    where no server starts.
    """
    chosen = choose(load_cases() if cases is None else cases, ids=only, families=families, levels=levels)
    made = client_of(client)
    command = made.argv if isinstance(made, CommandClient) else ()
    return run(made, provider, options, chosen, watch, command)


def assert_conforms(client: Given, *, provider: str, strict: bool = False, **chosen: Any) -> Matrix:
    """As `conform`; raise AssertionError with the whole story if a MUST is broken or a case could not run.

    With `strict` also if a SHOULD is.
    """
    __tracebackhide__ = True
    matrix = conform(client, provider=provider, **chosen)
    bad = ("fail", "could not run", "weak") if strict else ("fail", "could not run")
    if any(one.shade in bad for one in matrix.results):
        raise AssertionError(f"the client does not conform\n\n{tell(matrix)}")
    return matrix
