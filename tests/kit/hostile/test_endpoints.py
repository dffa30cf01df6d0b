"""`verify` against endpoints that send bombs: it ends, says what it could not judge, and stays small."""

from __future__ import annotations

import gzip
from collections.abc import Iterator

import pytest

from mockserver.kit import contracts
from mockserver.kit.checks import base
from mockserver.kit.traffic.body_limits import MAX_JSON, BodyBudget
from mockserver.kit.traffic.exchange import Exchange
from mockserver.kit.verify.budget import Budget, BudgetExceeded
from mockserver.kit.verify.ledger import Ledger
from mockserver.kit.verify.target import ServerUnderTest
from mockserver.kit.verify.transport import MAX_HEAD, Transport, TransportResponse
from mockserver.kit.verify.verify import VerifyOptions, verify
from tests.kit.hostile import endpoints
from tests.kit.hostile.endpoints import Answer, endpoint, head
from tests.kit.hostile.measured import ENOUGH, run


@pytest.mark.parametrize("answer", [endpoints.bombs, endpoints.endless])
def test_gigabytes_sent_to_verify_cost_it_little_and_are_not_judged(answer: Answer) -> None:
    with endpoint(answer) as url:
        ended = run("verify", url, "--provider", "gmicloud", "--max-requests", "30", "--time-limit", "120")
    assert ended.code == 1, ended.stderr
    assert "Traceback" not in ended.stderr
    assert "the body was too large (more than 8388608 bytes)" in " ".join(ended.stdout.split())
    assert ended.used < ENOUGH / 2


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (endpoints.nested_bombs, "more than 8388608 bytes"),
        (endpoints.many_values, "more than 100000 JSON values"),
        (endpoints.deep, "the body has more than 100 levels"),
    ],
)
def test_what_cannot_be_judged_is_no_finding_about_the_body(answer: Answer, reason: str) -> None:
    with endpoint(answer) as url:
        made, _ = verify(VerifyOptions(url, contracts.load("gmicloud"), stages=["listing"]))
    assert made.not_judged
    assert all(reason in line for line in made.not_judged)
    families = {finding.check.partition(".")[0] for finding in made.findings}
    assert families <= {"status", "auth"}


def test_a_run_in_which_nothing_failed_and_something_was_not_judged_is_incomplete() -> None:
    with endpoint(endpoints.endless) as url:
        made, _ = verify(VerifyOptions(url, contracts.load("gmicloud"), stages=["listing"]))
    assert not made.failed
    assert (made.incomplete, made.exit_code) == (True, 3)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "identity", ""])
def test_a_body_is_inflated_up_to_the_limit_and_no_further(coding: str) -> None:
    content = b"[" + b"0," * 10_000 + b"0]"
    packed = gzip.compress(content) if coding in ("gzip", "deflate") else content
    headers = [b"content-encoding: " + coding.encode()] if coding else []
    with endpoint(lambda send: send(head(packed, *headers) + packed)) as url:
        whole, part = (_sent(url, most) for most in (len(content), 100))
    assert (whole.body, whole.left_out) == (content, None)
    assert part.left_out is not None
    assert (part.body, part.left_out.size) == (content[:100], 100)


def test_interim_responses_without_end_are_given_up_for_their_length() -> None:
    with endpoint(endpoints.interim) as url:
        response = _sent(url, 100)
    assert response.error == f"RemoteProtocolError: the answer's head has more than {MAX_HEAD} bytes"


def _sent(url: str, most: int) -> TransportResponse:
    transport = Transport(30.0, max_bytes=most)
    try:
        return transport.send("GET", url, {}, b"")
    finally:
        transport.close()


def _target(url: str) -> ServerUnderTest:
    budget, contract = Budget(Ledger(None, "test"), 1000, 10), contracts.load("gmicloud")
    return ServerUnderTest(contract, url, "key-of-a-test", budget, prefix=contract.prefixes[0])


def test_all_bodies_of_a_run_have_one_budget() -> None:
    models = b'{"models": ["' + b"m" * 100_000 + b'"]}'
    with endpoint(lambda send: send(head(models) + models)) as url:
        target = _target(url)
        target._bodies = BodyBudget(250_000)
        operation = target.contract.operations["listModels"]
        for _ in range(4):
            assert len(target.call(operation).exchange.response_body) == len(models)
        target.close()
    kept = [len(call.exchange.response_body) for call in target.history.calls]
    assert kept == [len(models), len(models), 1024, 1024]
    assert sum(target.not_judged.values()) == 2


def test_a_long_body_that_was_refused_takes_nothing_of_the_budget() -> None:
    refused = b'{"error": "too large"}'
    with endpoint(lambda send: send(head(refused, status=b"413 Content Too Large") + refused)) as url:
        target = _target(url)
        target._bodies = BodyBudget(100_000)
        call = target.call(target.contract.operations["submitRequest"], body=b"1" * 2_000_000)
        target.close()
    assert (call.exchange.status, len(call.exchange.request_body)) == (413, 2_000_000)
    assert [len(kept.exchange.request_body) for kept in target.history.calls] == [1024]
    assert not target.not_judged


def test_when_the_time_is_over_nothing_more_is_sent() -> None:
    moments = iter([0.0, 10.0, 20.0, 61.0])
    budget = Budget(Ledger(None, "test"), 1000, 10, time_limit=60.0, clock=lambda: next(moments))
    budget.take_request()
    budget.take_request()
    with pytest.raises(BudgetExceeded, match="--time-limit 60 s is over"):
        budget.take_request()
    assert (budget.out_of_time, budget.requests) == (True, 2)


def test_a_run_that_is_out_of_time_says_what_it_did_not_ask() -> None:
    with endpoint(lambda send: send(head(b"{}") + b"{}")) as url:
        options = VerifyOptions(url, contracts.load("gmicloud"), stages=["access"], time_limit=1e-9)
        made, _ = verify(options)
    assert made.not_judged == ("stage access: stopped: --time-limit 1e-09 s is over",)
    assert made.exit_code == 3


def test_a_check_that_stumbles_over_an_answer_is_not_judged() -> None:
    def stumble(*_: object) -> Iterator[base.Breach]:
        yield base.Breach("a number", str(1 // 0))

    check = base.Check("status.stumbles", "Nothing.", examine=stumble)
    target = _target("http://127.0.0.1:1")
    exchange = Exchange(1, 0.0, 0.0, "GET", "http://127.0.0.1:1/", (), b"", 200, (), b"")
    assert base.examine(target.history.read(exchange), target.history, [check]) == []
    (reason,) = target.not_judged
    assert reason.startswith("status.stumbles of GET /: ZeroDivisionError: ")
    target.close()


def test_the_limit_of_an_answer_leaves_room_for_a_full_list() -> None:
    assert MAX_JSON >= 8 * 1024 * 1024
