"""A place of the path with dots or an escaped slash, and a query key twice: the provider's own refusal."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest

from mockserver.contract import registry
from mockserver.contract.carriage import carriage
from mockserver.contract.demanded import demanded
from mockserver.contract.model import Contract, Operation
from mockserver.kit import contracts
from mockserver.kit.checks.base import examine
from mockserver.kit.traffic.exchange import Exchange
from mockserver.kit.traffic.history import History
from mockserver.settings import Settings
from tests.serving import KEY, Running, running_app

STRANGE = ("..", ".", "%2e%2e", "a%2Fb", "%2e%2e%2f%2e%2e%2fetc%2fpasswd", "%00", "%ff", "%2F")
NOT_THERE = ("unknown", "unknown-model", "invalid")
CONTRACTS = [contracts.load(name) for name in registry.known()]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """All providers that we ship."""
    folder: Path = tmp_path_factory.mktemp("media")
    with running_app(Settings(cache_dir=folder, providers=("all",))) as running:
        yield running


def _asked(served: Running, contract: Contract, operation: Operation, path: str, query: str) -> list[str]:
    """The findings of our own checks in the answer; its status has to be one of a refusal."""
    carried = carriage(operation, KEY)
    target = contract.prefixes[0] + path + (f"?{query}" if query else "")
    headers = {**demanded(contract, operation, "header"), **carried.headers}
    connection = http.client.HTTPConnection(served.url.removeprefix("http://"))
    connection.request(operation.method, target, headers=headers)
    answer = connection.getresponse()
    body, received = answer.read(), tuple(answer.getheaders())
    connection.close()
    history = History(contract, served.url)
    exchange = Exchange(
        1,
        0,
        0,
        operation.method,
        served.url + target,
        tuple(headers.items()),
        b"",
        answer.status,
        received,
        body,
    )
    statuses = {operation.answers[when].status for when in NOT_THERE if when in operation.answers}
    assert answer.status in statuses, (operation.id, target, answer.status, body)
    return [finding.sentence for finding in examine(history.read(exchange), history)]


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.provider)
def test_a_strange_place_of_the_path_gets_the_provider_s_own_refusal(
    served: Running, contract: Contract
) -> None:
    for operation in contract.operations.values():
        if operation.key is None or operation.key[0] != "path":
            continue
        for strange in STRANGE:
            values = {name: quote(value) for name, value in demanded(contract, operation, "path").items()}
            values[operation.key[1]] = strange
            path = operation.path
            for name, value in values.items():
                path = path.replace(f"{{{name}}}", value)
            query = urlencode(demanded(contract, operation, "query"))
            assert _asked(served, contract, operation, path, query) == []


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.provider)
def test_a_query_key_that_stands_twice_gets_the_provider_s_own_refusal(
    served: Running, contract: Contract
) -> None:
    for operation in contract.operations.values():
        names = sorted(operation.parameters.names("query"))
        if operation.role == "submit":
            continue
        for name in names:
            needed = demanded(contract, operation, "query")
            path = operation.path
            for place in operation.parameters.names("path"):
                path = path.replace(f"{{{place}}}", "x")
            query = urlencode([*needed.items(), (name, "1"), (name, "1")])
            assert _asked(served, contract, operation, path, query) == [], (operation.id, name)
