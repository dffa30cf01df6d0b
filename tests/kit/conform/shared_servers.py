"""Runs of cases by servers that go on for the next test: to start them takes longer than most cases."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from mockserver.kit import contracts
from mockserver.kit.conform.calling import ClientLike
from mockserver.kit.conform.case import Case, load_cases, select_cases
from mockserver.kit.conform.results.result import Matrix
from mockserver.kit.conform.running.client import CommandClient, as_client
from mockserver.kit.conform.running.run_options import RunOptions
from mockserver.kit.conform.running.runner import ProgressCallback, run
from mockserver.kit.conform.running.server_pool import ServerPool
from tests.kit.at_end import AT_END


@cache
def servers_of(provider: str, profile: str = "documented") -> ServerPool:
    """The servers of a provider that we ship, which end with the tests of this process."""
    return AT_END.enter_context(ServerPool(contracts.load(provider, profile=profile)))


def conform(
    client: ClientLike,
    *,
    provider: str,
    cases: Sequence[Case] | None = None,
    only: Sequence[str] = (),
    options: RunOptions | None = None,
    watch: ProgressCallback | None = None,
) -> Matrix:
    """As `conform` of the kit, by the shared servers."""
    options = options or RunOptions()
    chosen = select_cases(load_cases() if cases is None else cases, ids=only)
    under_test = as_client(client)
    command = under_test.argv if isinstance(under_test, CommandClient) else ()
    pool = servers_of(provider, options.profile)
    return run(under_test, provider, options, chosen, watch, command, pool)
