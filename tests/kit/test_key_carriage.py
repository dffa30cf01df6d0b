"""A key in the query alone, in a cookie alone or at two places at once: every tool sends it there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import httpx
import pytest

from mockserver import in_process
from mockserver.cli.banner import curl
from mockserver.cli.demo_jobs import jobs_of
from mockserver.contract.carriage import places_in_words
from mockserver.contract.model import Contract
from mockserver.contract.registry import ContractSources, using
from mockserver.kit import contracts
from mockserver.kit.learned_api import learn
from mockserver.kit.learned_client import LearnedClient, meet
from mockserver.kit.traffic.call import Reader
from mockserver.kit.traffic.credentials import key_state, sent_secrets
from mockserver.kit.traffic.curl import ShellKeys
from mockserver.kit.traffic.exchange import Exchange
from tests.kit.generated.design import Design
from tests.kit.generated.judging import verified
from tests.kit.generated.provider import NAME, write

KEY: Final = "a key: it's & mine"
WORDS: Final = {
    "query": "X-Made-Key=KEY in the query",
    "cookie": "the cookie X-Made-Key=KEY",
    "both": "the header Authorization: Bearer KEY and account_key=KEY in the query",
}


class Served(NamedTuple):
    """A provider that takes its key in an unusual way, and a tenant of a server of it."""

    key: str
    contract: Contract
    tenant: in_process.Tenant
    folder: Path


@pytest.fixture(scope="module", params=WORDS)
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Each of them, by a server that takes one key only."""
    root = tmp_path_factory.mktemp("contracts")
    write(Design(key=request.param), root)
    contract = contracts.load(NAME, folders=(root,))
    key = KEY if request.param != "cookie" else "a-key-for-a-cookie"
    with (
        in_process.serve(contracts=(root,), keys=(key,), pace="polls:1") as running,
        running.tenant(key) as tenant,
    ):
        yield Served(request.param, contract, tenant, root)


def _list(tenant: in_process.Tenant, *, headers: bool = True, query: bool = True) -> httpx.Response:
    return httpx.get(
        f"{tenant.base(NAME)}/jobs",
        headers=tenant.headers(NAME) if headers else {},
        params=tenant.query(NAME) if query else {},
        trust_env=False,
    )


def test_a_test_sends_it_and_a_part_of_it_will_not_do(served: Served) -> None:
    assert _list(served.tenant).status_code == 200
    parts = (served.tenant.headers(NAME), served.tenant.query(NAME))
    for headers, query in ((True, False), (False, True), (False, False)):
        is_whole = (headers or not parts[0]) and (query or not parts[1])
        answer = _list(served.tenant, headers=headers, query=query)
        assert answer.status_code == (200 if is_whole else 401), (headers, query)
        assert is_whole or WORDS[served.key] in answer.text


def test_the_words_say_where_it_belongs(served: Served) -> None:
    (credentials, *_) = [operation.credentials for operation in served.contract.operations.values()]
    assert places_in_words(credentials) == WORDS[served.key]


def test_the_journal_shows_it_nowhere_and_the_record_tells_that_it_was_there(served: Served) -> None:
    _list(served.tenant)
    httpx.get(
        f"{served.tenant.base(NAME)}/nowhere",
        headers=served.tenant.headers(NAME),
        params=served.tenant.query(NAME),
        trust_env=False,
    )
    entries = served.tenant.control.journal()["exchanges"]
    assert served.tenant.key not in json.dumps(entries)
    assert {entry["path"] for entry in entries} >= {"/jobs", "/nowhere"}


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl here to run the lines")
def test_the_lines_for_a_shell_send_it(served: Served) -> None:
    environment = {**os.environ, "MOCKSERVER_KEY": served.tenant.key}
    if served.key == "cookie":
        # In a URL the banner's line cannot encode the variable; a key of plain signs goes anywhere.
        assert _ran(curl(served.contract, served.tenant.url, any_key=False), environment)["id"]
    exchange = _exchange(served)
    line = ShellKeys(served.contract, {served.tenant.key: "MOCKSERVER_KEY"}).line(exchange)
    assert served.tenant.key not in line
    assert "jobs" in _ran(line, environment)


def _exchange(served: Served) -> Exchange:
    url = httpx.URL(f"{served.tenant.base(NAME)}/jobs", params=served.tenant.query(NAME))
    headers = tuple(served.tenant.headers(NAME).items())
    return Exchange(1, 0, 0, "GET", str(url), headers, b"", 200, (), b"{}")


def _ran(line: str, environment: dict[str, str]) -> Any:
    done = subprocess.run(["bash", "-c", f"{line} -f"], env=environment, capture_output=True, check=False)
    assert done.returncode == 0, (line, done.stderr)
    return json.loads(done.stdout)


def test_a_record_is_read_by_all_of_it(served: Served) -> None:
    exchange = _exchange(served)
    whole, bare = Reader(served.contract).read(exchange), exchange.url.partition("?")[0]
    assert (key_state(whole), {*sent_secrets(whole)} <= {*KEY.split(" "), served.tenant.key}) == (
        "given",
        True,
    )
    part = exchange._replace(url=bare, request_headers=exchange.request_headers[: served.key == "both"])
    state = key_state(Reader(served.contract).read(part._replace(caller="")))
    assert state == ("wrong" if served.key == "both" else "none")


def test_the_client_that_learns_a_provider_sends_it(served: Served, tmp_path: Path) -> None:
    meet(dict(served.contract.document), NAME)
    client = LearnedClient(NAME, served.tenant.base(NAME), served.tenant.key)
    clip = client.generate("A kite at dusk", output=tmp_path / "kite.mp4")
    assert clip.read_bytes()[4:8] == b"ftyp"


def test_the_demo_sends_it(served: Served) -> None:
    with using(ContractSources((served.folder,), (), ())):
        (job,) = jobs_of(NAME)
    sent = learn(dict(served.contract.document))
    assert bool(sent.key_query) == ("demo-key" in job.path) == ("demo-key" in job.read_path("1"))
    assert bool(sent.key_headers) == any("demo-key" in value for value in job.headers.values())


@pytest.mark.parametrize(
    ("key", "stages"),
    [("query", ("access", "job")), ("cookie", ("access", "job")), ("both", ("access", "job", "single"))],
)
def test_verify_sends_it_and_accuses_nobody(key: str, stages: tuple[str, ...], tmp_path: Path) -> None:
    folder = write(Design(key=key, listing="none", models="none"), tmp_path)
    run = verified(folder, folder, tmp_path / "clips", stages)
    assert [finding.sentence for finding in run.findings] == []
    assert run.not_judged == ()
