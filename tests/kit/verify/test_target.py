"""What leaves a run, and what it takes in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import orjson
import pytest

from mockserver.control_client import ControlClient
from mockserver.errors import KitError
from mockserver.kit.contracts import load
from mockserver.kit.findings.run import INCOMPLETE
from mockserver.kit.report import render
from mockserver.kit.traffic.exchange import Exchange
from mockserver.kit.traffic.history import JobHistory
from mockserver.kit.verify.budget import MAX_UNANSWERED, Budget, BudgetExceeded
from mockserver.kit.verify.context import Context
from mockserver.kit.verify.ledger import Ledger
from mockserver.kit.verify.polling import poll
from mockserver.kit.verify.rate_limit_waits import MAX_WAITED
from mockserver.kit.verify.stages.callbacks import CallbackStage
from mockserver.kit.verify.stages.listing import ListingStage
from mockserver.kit.verify.state_machine import SearchOptions
from mockserver.kit.verify.submit_outcome import job_in
from mockserver.kit.verify.target import ServerUnderTest
from mockserver.kit.verify.verify import Progress, VerifyOptions, verify
from tests.kit.miniatures.base import KEYS, GoodServer, Refused
from tests.kit.miniatures.dialects import Kkiai
from tests.kit.miniatures.wire import Door, Reply
from tests.kit.miniatures.wire import Request as Asked


@contextmanager
def target(
    server: GoodServer, *, jobs: int = 1, control: ControlClient | None = None
) -> Iterator[ServerUnderTest]:
    door = Door(server.respond)
    server.url = door.url
    budget = Budget(Ledger(None, ""), max_requests=100, max_jobs=jobs, sleep=lambda seconds: None)
    one = ServerUnderTest(server.contract, door.url, KEYS[0], budget, prefix=server.base, control=control)
    try:
        yield one
    finally:
        one.close()
        door.close()


def test_a_file_that_does_not_come_is_a_question_without_an_answer() -> None:
    with target(GoodServer()) as one:
        call = one.fetch("http://127.0.0.1:1/a.mp4")
    assert list(one.account.missed.values()) == [Counter([call.exchange.error])]


class Kind(GoodServer):
    """Takes a path or method for a submit that the documents do not have."""

    def respond(self, request: Asked) -> Reply:
        """Read it kindly."""
        return self.submit(KEYS[0], request._replace(headers={"content-type": "application/json"}))


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "{}/requests/"),
        ("POST", "/{}/requests"),
        ("POST", "{}//requests"),
        ("POST", "{}/%72equests"),
        ("POST", "{}/Requests"),
        ("POST", "/v9/requests"),
        ("PUT", "{}/requests"),
    ],
)
def test_what_a_kind_server_may_take_for_a_submit_counts_as_one(method: str, path: str) -> None:
    server = Kind()
    body = orjson.dumps(server.submits()[0])
    with target(server) as one:
        one.send(method, path.format(server.base), {}, body, caller=None)
        with pytest.raises(BudgetExceeded, match="--max-jobs 1"):
            one.send(method, path.format(server.base), {}, body, caller=None)
    assert len(server.jobs) == 1


def test_a_path_never_leads_to_another_host() -> None:
    with target(GoodServer()) as one:
        for path in ("//example.com/a", "@example.com/a", "http://example.com/a"):
            call = one.send("GET", path, {}, b"", caller=None)
            assert call.exchange.url.startswith(f"{one.url}/")
            assert call.exchange.status


class Echo(GoodServer):
    """Repeats the key that it is asked with."""

    def respond(self, request: Asked) -> Reply:
        """In body and header."""
        key = request.headers.get("authorization", "")
        return Reply(418, {"error": f"no such key: {key}"}, {"x-key": key})


def test_a_key_that_a_server_repeats_is_in_no_record_and_no_report() -> None:
    server = Echo()
    door = Door(server.respond)
    try:
        run, asked = verify(
            VerifyOptions(door.url, server.contract, key=KEYS[0], stages=["listing"]),
            Progress(sleep=lambda seconds: None),
        )
    finally:
        door.close()
    for call in asked.full_history().calls:
        assert KEYS[0].encode() not in call.exchange.response_body
        assert KEYS[0] not in str(call.exchange.response_headers)
    assert run.findings
    assert KEYS[0] not in render(run, server.contract, "json")


class Busy(GoodServer):
    """Has no time, for as long as it says."""

    wait = "100"

    def respond(self, request: Asked) -> Reply:
        """Later."""
        return Reply(429, {}, {"retry-after": self.wait})


def test_waits_that_a_server_bids_have_an_end_in_all() -> None:
    waited: list[float] = []
    with target(Busy()) as one:
        one.budget.sleep = waited.append
        for _ in range(20):
            one.send("GET", "/a", {}, b"", caller=None)
    assert sum(waited) == MAX_WAITED


@pytest.mark.parametrize("wait", ["\u00b2", "-1", "nan", "9" * 400, "Mon, 99 Foo 1"])
def test_a_wait_that_is_none_is_not_waited_for(wait: str) -> None:
    server = Busy()
    server.wait = wait
    waited: list[float] = []
    with target(server) as one:
        one.budget.sleep = waited.append
        assert one.send("GET", "/a", {}, b"", caller=None).exchange.status == 429
    assert not waited


def test_an_endpoint_that_hangs_is_given_up() -> None:
    budget = Budget(Ledger(None, ""), max_requests=100, max_jobs=1)
    budget.note_wait(MAX_UNANSWERED, answered=False)
    with pytest.raises(BudgetExceeded, match="no request of the last 180 s was answered"):
        budget.take_request()
    budget.note_wait(1.0, answered=True)
    budget.take_request()


def test_a_link_that_is_none_is_fetched_in_vain() -> None:
    with target(GoodServer()) as one:
        for link in ("http://[x", "file:///etc/passwd", "http://h:abc/"):
            assert one.fetch(link).exchange.status == 0


def test_a_control_plane_that_is_not_there_is_one_clear_line() -> None:
    said = "the control plane could not move the server's clock"
    with (
        ControlClient("http://127.0.0.1:1", "token") as control,
        target(GoodServer(), control=control) as one,
        pytest.raises(KitError, match=said),
    ):
        one.advance(1.0)


def test_a_redirect_to_nowhere_is_no_trouble() -> None:
    with target(GoodServer()) as one:
        exchange = Exchange(1, 0, 0, "GET", "http://h/a", (), b"", 302, (("location", "http://[x"),), b"")
        one.history._files["http://h/a"] = ("media.video", one.history.jobs.setdefault("a", JobHistory("a")))
        one.history.add(one.history.read(exchange))
    assert one.history.jobs["a"].fetches


class Closed(GoodServer):
    """Lets nobody in."""

    def authorise(self, request: Asked) -> str:
        """Nobody."""
        raise Refused(self.error("unauthenticated", "unauthorized"))


def test_a_key_that_is_always_refused_is_no_verdict_rather_than_a_pass() -> None:
    server = Closed()
    door = Door(server.respond)
    try:
        run, _ = verify(VerifyOptions(door.url, server.contract, key=KEYS[0], stages=["access", "listing"]))
    finally:
        door.close()
    assert run.exit_code == INCOMPLETE
    assert run.not_judged[0] == "every request with the key: was answered with 401 or 403: check the key"
    assert any("listing: " in line and "the answer was 401" in line for line in run.not_judged)


class ClosedToo(Kkiai):
    """A server with callbacks that lets nobody in."""

    authorise = Closed.authorise


def test_callbacks_without_a_job_are_not_judged() -> None:
    server = ClosedToo()
    with target(server) as one:
        context = Context(one, server.contract, tuple(server.contract.models), SearchOptions(examples=1))
        CallbackStage().run(context)
    assert any("no submit made a job" in gap.reason for gap in context.gaps)


@pytest.mark.parametrize(
    ("provider", "what"), [("kkiai", "what is left"), ("gmicloud", "a place for a file")]
)
def test_the_plan_has_a_call_for_each_thing_that_is_read_once(provider: str, what: str) -> None:
    contract = load(provider, profile="vendor")
    with target(GoodServer()) as one:
        context = Context(one, contract, tuple(contract.models), SearchOptions(examples=1))
        planned = ListingStage().plan(context)
    assert [call.calls for call in planned if call.what == what] == [1]


def test_a_job_whose_reads_take_long_is_left_when_patience_ends() -> None:
    server = GoodServer()
    with target(server) as one:
        one.budget.clock = count(0.0, 30.0).__next__
        effort = SearchOptions(examples=1)
        context = Context(
            one, server.contract, tuple(server.contract.models), effort, interval=0.0, patience=300.0
        )
        job = job_in(one.call(server.contract.operations["submitRequest"], body=server.submits()[0]))
        assert job is not None
        before = one.budget.requests
        poll(context, server.contract.operations[_read(server)], job)
    assert one.budget.requests - before <= 12
    assert "did not end within" in context.gaps[0].reason


def _read(server: GoodServer) -> str:
    return next(one.id for one in server.contract.operations.values() if one.role == "read")
