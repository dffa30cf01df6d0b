"""Clients that are wrong in one way fail the cases that are about it, and no others; the good ones none."""

from __future__ import annotations

import os
import sys
from typing import Final

import pytest

from mockserver.kit import contracts
from mockserver.kit.conform.case import Case, load_cases
from mockserver.kit.conform.results.result import Result
from mockserver.kit.conform.running.client import ClientUnderTest, CommandClient, FunctionClient
from mockserver.kit.conform.running.run_options import RunOptions
from mockserver.kit.conform.running.situations import case_for
from tests.kit.clients import every
from tests.kit.clients.base import GoodClient
from tests.kit.clients.listener import Listening
from tests.kit.conform.shared_servers import conform
from tests.serving import LEAN

LEAST: Final = 60
OPTIONS: Final = RunOptions(
    jobs=8, interval=0.03, supports=("resume", "callback", "thumbnail", "text", "picture", "workers")
)
PATIENCE: Final = 3.0
"""Seconds after its deadline for which a client that has none is watched."""
CASES: Final = sorted(
    (
        one.model_copy(update={"budget": min(one.budget, one.client.deadline + PATIENCE)})
        for one in load_cases()
    ),
    key=lambda case: (not case.setup.rules, case.client.deadline),
)
"""Those first in which a client waits: the others fill the time."""
SIXTH: Final = 1 if os.environ.get("MOCKSERVER_ALL_CASES") else 6
PROVIDERS: Final = ("gmicloud", "aimlapi", "kkiai")
GOOD: Final = [*((name, GoodClient) for name in PROVIDERS), ("kkiai", Listening)]
WITHOUT: Final[dict[str, str]] = {}
"""MUST cases that no miniature fails, with why."""


def some(client: type[GoodClient]) -> list[Case]:
    """The cases that it is run by: its own and a sixth of the rest, another for each client, so that a case
    sees many that it has to let pass. With MOCKSERVER_ALL_CASES=1 they are all.
    """
    shift = sum(client.__name__.encode())
    return [
        case
        for number, case in enumerate(CASES)
        if case.id in client.fails or not (client.helpless or (number + shift) % SIXTH)
    ]


def for_processes(case: Case) -> bool:
    """Whether a function of this process cannot be put to the case."""
    return case.client.kill_after is not None or case.client.workers > 1


def found(client: ClientUnderTest, provider: str, cases: list[Case]) -> dict[str, Result]:
    """What is no pass, by its case. What came to an end before there was anything to judge is neither."""
    matrix = conform(client, provider=provider, cases=cases, options=OPTIONS)
    return {result.case.id: result for result in matrix.results if is_bad(result)}


def is_bad(result: Result) -> bool:
    """Whether the case has found something, or went wrong itself."""
    if result.verdict == "remark" and result.case.level == "MAY":
        return not all(breach.in_baseline for breach in result.breaches)
    return result.verdict in ("fail", "weak") or (result.verdict == "could not run" and not result.steps)


def told(results: dict[str, Result]) -> str:
    """Results in words."""
    return "\n".join(
        f"{name}: {one.verdict} {one.reason}"
        + "; ".join(f"{breach.judge}: {breach.actual}" for breach in one.breaches)
        for name, one in results.items()
    )


@pytest.mark.parametrize(("provider", "client"), GOOD, ids=lambda one: getattr(one, "__name__", one))
def test_a_good_client_fails_nothing(provider: str, client: type[GoodClient]) -> None:
    results = found(FunctionClient(client.run), provider, CASES)
    assert not results, told(results)


@pytest.mark.parametrize("client", every(), ids=lambda one: f"{one.served}-{one.__name__}")
def test_a_wrong_client_fails_its_cases_and_no_others(
    client: type[GoodClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", LEAN)
    results = found(FunctionClient(client.run), client.served, some(client))
    if client.command:
        command = CommandClient((sys.executable, "-m", "tests.kit.clients", client.__name__))
        results |= found(command, client.served, [one for one in CASES if for_processes(one)])
    assert results.keys() == client.fails, told(results)


@pytest.mark.parametrize("one", [case.id for case in CASES if case.level == "MUST"])
def test_every_demand_has_a_client_that_breaks_it(one: str) -> None:
    assert any(one in client.fails for client in every()) != (one in WITHOUT)


def test_there_are_enough_miniatures_and_each_says_how_it_is_wrong() -> None:
    assert len(every()) >= LEAST
    assert not [one.__name__ for one in every() if not one.__doc__ or not one.fails]
    assert {one.served for one in every()} == set(PROVIDERS)


def test_miniatures_name_cases_that_there_are_for_their_provider() -> None:
    for client in every():
        contract = contracts.load(client.served)
        there = {case.id for case in CASES if client.served not in case_for(case, contract).not_for}
        assert client.fails <= there, client.__name__


def test_no_two_miniatures_are_wrong_in_the_same_words() -> None:
    words = [one.__doc__ for one in every()]
    assert len(words) == len(set(words))
