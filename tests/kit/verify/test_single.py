"""What schemathesis finds becomes a finding of ours, and what it sends stays within the budget."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import schemathesis

from mockserver import in_process
from mockserver.kit.contracts import load
from mockserver.kit.findings.account import Account
from mockserver.kit.traffic.exchange import Exchange
from mockserver.kit.verify.budget import BudgetExceeded
from mockserver.kit.verify.schemathesis_account import SchemathesisAccount
from mockserver.kit.verify.stages import single
from mockserver.kit.verify.stages.single import _forget_keys
from mockserver.kit.verify.state_machine import SearchOptions
from mockserver.kit.verify.target import ServerUnderTest
from mockserver.kit.verify.verify import Progress, VerifyOptions, verify
from tests.kit.miniatures.base import KEYS, GoodServer
from tests.kit.miniatures.wire import Door, Reply
from tests.kit.miniatures.wire import Request as Asked

pytestmark = pytest.mark.quick


class Blind(GoodServer):
    """Lets everybody in, as the same caller."""

    def authorise(self, request: Asked) -> str:
        """Whoever it is."""
        return KEYS[0]


@contextmanager
def opened(server: GoodServer) -> Iterator[str]:
    door = Door(server.respond)
    server.url = door.url
    try:
        yield door.url
    finally:
        door.close()


def test_a_finding_names_the_check_the_operation_and_a_line_that_asks_again() -> None:
    server = Blind()
    with opened(server) as url:
        run, _ = verify(
            VerifyOptions(
                url, server.contract, key=KEYS[0], stages=["single"], search=SearchOptions(examples=3)
            )
        )
    found = {one.check: one for one in run.findings if one.check.startswith("schemathesis.")}
    ignored = found["schemathesis.ignored_auth"]
    assert ignored.operation in server.contract.operations
    assert ignored.severity == "failure"
    assert ignored.curl.startswith("curl -sS -g --path-as-is ")
    assert url in ignored.curl
    assert KEYS[0] not in ignored.curl
    assert "[" not in ignored.clause
    assert ignored.clause.startswith("/paths/")


def test_an_operation_without_examples_is_judged_in_their_phase_too() -> None:
    server = GoodServer()
    with opened(server) as url:
        request = VerifyOptions(
            url, server.contract, key=KEYS[0], stages=["single"], search=SearchOptions(examples=1)
        )
        run, _ = verify(request)
    paths = server.contract.document["paths"]
    bare = {"listModels", "readRequest"}
    for operation in bare:
        node = next(
            m for methods in paths.values() for m in methods.values() if m["operationId"] == operation
        )
        assert "example" not in str(node.get("parameters"))
    for phase in ("examples", "coverage", "fuzzing"):
        rows = [row for row in run.account if row.phase == phase]
        assert bare <= {row.operation for row in rows if row.judged and row.families.get("schemathesis")}


def test_an_operation_that_schemathesis_skips_is_not_judged() -> None:
    gaps: list[tuple[str, str]] = []
    account = SchemathesisAccount(
        Account(), frozenset({"GET /a", "GET /b"}), str, lambda reason, place: gaps.append((place, reason))
    )
    account._cases["examples", "GET /a"] = 1
    account._skips["examples", "GET /b"] = "No examples in schema"
    account._phases["examples"] = ""
    account.conclude()
    assert ("examples, GET /b", "No examples in schema") in gaps
    assert not any(place == "examples, GET /a" for place, _ in gaps)


def test_schemathesis_own_memory_in_the_users_folder_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = {
        "format_version": 1, "schemathesis_version": schemathesis.__version__, "schema_location": "",
        "base_url": "", "created_at": "2026-01-01T00:00:00+00:00", "next_run_id": 1, "auth_identities": {},
    }  # fmt: skip
    kept = tmp_path / ".schemathesis" / "default" / "cache" / "manifest.json"
    kept.parent.mkdir(parents=True)
    kept.write_text(json.dumps(memory), encoding="utf-8")
    kept.with_name("entries.jsonl").touch()
    monkeypatch.chdir(tmp_path)
    server = GoodServer()
    with opened(server) as url:
        verify(
            VerifyOptions(
                url, server.contract, key=KEYS[0], stages=["single"], search=SearchOptions(examples=1)
            )
        )
    assert json.loads(kept.read_text(encoding="utf-8")) == memory


def test_nothing_goes_on_once_the_proxy_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    stopped: list[bool] = []

    class Stream(list[str]):
        def stop(self) -> None:
            stopped.append(True)

    proxy: Any = SimpleNamespace(closed="")
    monkeypatch.setattr(single, "from_schema", lambda _: SimpleNamespace(execute=lambda: Stream("abc")))
    shown: Any = single._events(None, proxy)
    assert next(shown) == "a"
    proxy.closed = "the requests are spent"
    with pytest.raises(BudgetExceeded, match="the requests are spent"):
        next(shown)
    assert stopped == [True]


def test_a_document_can_forget_that_keys_are_needed() -> None:
    document: Any = {
        "security": [{"token": []}],
        "paths": {"/videos": {"parameters": [], "post": {"security": [], "responses": {}}, "get": {}}},
    }
    _forget_keys(document)
    assert document == {"paths": {"/videos": {"parameters": [], "post": {"responses": {}}, "get": {}}}}


def test_with_jobs_that_count_it_submits_nothing() -> None:
    server = GoodServer()
    with opened(server) as url:
        request = VerifyOptions(
            url, server.contract, key=KEYS[0], stages=["single"], max_jobs=1, search=SearchOptions(examples=3)
        )
        run, _ = verify(request)
    assert not server.jobs
    assert run.jobs == 0


def test_it_is_stopped_where_the_requests_end() -> None:
    class Counting(GoodServer):
        """Counts what arrives."""

        arrived = 0

        def respond(self, request: Asked) -> Reply:
            """Answer and count."""
            self.arrived += 1
            return super().respond(request)

    server = Counting()
    with opened(server) as url:
        request = VerifyOptions(url, server.contract, key=KEYS[0], stages=["single"], max_requests=25)
        run, _ = verify(request, Progress(sleep=lambda seconds: None))
    assert server.arrived <= run.calls == 25
    assert "stage single: stopped: --max-requests 25 is used up" in run.not_judged


def test_ctrl_c_ends_the_run_and_not_only_the_stage(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(self: ServerUnderTest, *given: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(ServerUnderTest, "_exchange", interrupted)
    server = GoodServer()
    request = VerifyOptions(
        "http://127.0.0.1:1",
        server.contract,
        key=KEYS[0],
        stages=["single"],
        search=SearchOptions(examples=1),
    )
    with pytest.raises(KeyboardInterrupt):
        verify(request)


def test_what_schemathesis_could_not_do_is_not_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: ServerUnderTest, *given: Any) -> None:
        raise RuntimeError("a bug of ours")

    monkeypatch.setattr(ServerUnderTest, "_exchange", broken)
    server = GoodServer()
    run, _ = verify(
        VerifyOptions(
            "http://127.0.0.1:1",
            server.contract,
            key=KEYS[0],
            stages=["single"],
            search=SearchOptions(examples=1),
        )
    )
    assert any("schemathesis: RuntimeError: a bug of ours" in line for line in run.not_judged)


def test_where_jobs_count_nothing_leaves_that_could_be_one(monkeypatch: pytest.MonkeyPatch) -> None:
    genuine, methods = ServerUnderTest._exchange, set()

    def noting(self: ServerUnderTest, courier: Any, method: str, *given: Any) -> Exchange:
        methods.add(method)
        return genuine(self, courier, method, *given)

    monkeypatch.setattr(ServerUnderTest, "_exchange", noting)
    with in_process.serve(store="memory:") as running:
        request = VerifyOptions(
            running.base("aimlapi"),
            load("aimlapi"),
            key=KEYS[0],
            stages=["single"],
            max_jobs=1,
            search=SearchOptions(examples=1),
        )
        verify(request)
    assert methods == {"GET", "OPTIONS", "TRACE"}
