"""What the rows of the control plane say of jobs, callbacks and exchanges, value by value."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver import __version__
from mockserver.control.access import is_own_host, own_hosts
from mockserver.control.callbacks import DeliveryFilter, DeliveryRow, _matches
from mockserver.control.clock import ClockUpdate
from mockserver.control.dependencies import iso
from mockserver.control.recorded import _message
from mockserver.control.stream import _event
from mockserver.engine.admin.touches import delivery_outcome
from mockserver.jobs.ids import tenant_of
from mockserver.settings import Settings
from tests.control.conftest import Bench
from tests.serving import KEY


def delivery(**given: Any) -> DeliveryRow:
    """A row about an attempt; what a filter does not read is left out."""
    values: dict[str, Any] = {"provider": "p", "job": "j", "state": "done", "status": 200}
    return DeliveryRow.model_construct(**{**values, **given})


@pytest.mark.parametrize(
    ("status", "delivered"),
    [(None, False), (199, False), (200, True), (299, True), (300, False), (500, False)],
)
def test_delivered_is_what_was_answered_with_2xx(status: int | None, *, delivered: bool) -> None:
    row = delivery(status=status)

    assert _matches(row, DeliveryFilter(delivered=delivered))
    assert not _matches(row, DeliveryFilter(delivered=not delivered))


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ({"status": 204, "url": "http://a/b", "error": None}, "204 from http://a/b"),
        ({"status": None, "url": "http://a/b", "error": "ConnectError: refused"}, "ConnectError: refused"),
    ],
)
def test_an_attempt_is_told_by_its_answer_or_by_what_went_wrong(record: dict[str, Any], said: str) -> None:
    assert delivery_outcome(record) == said


@pytest.mark.parametrize(
    ("name", "value", "other"),
    [("provider", "p", "q"), ("job", "j", "i"), ("state", "done", "x"), ("status", 200, 201)],
)
def test_a_filter_of_callbacks_goes_by_each_of_its_parts(name: str, value: Any, other: Any) -> None:
    assert _matches(delivery(), DeliveryFilter())
    assert _matches(delivery(), DeliveryFilter(**{name: value}))
    assert not _matches(delivery(), DeliveryFilter(**{name: other}))


@pytest.mark.parametrize(
    ("content", "size", "cut", "shown"),
    [
        (b"text", 4, False, (4, False, "text", None)),
        (b"te", 4, True, (4, True, "te", None)),
        (b"\xff", 1, False, (1, False, None, "/w==")),
        (b"", 0, False, (0, False, "", None)),
        (None, 4, False, (4, True, None, None)),
        (None, 0, False, (0, False, None, None)),
        (None, -1, True, (-1, True, None, None)),
    ],
)
def test_a_body_is_text_or_base64_or_left_out(
    content: bytes | None, size: int, shown: tuple[Any, ...], *, cut: bool
) -> None:
    message = _message((("a", "b"),), content, size, cut)

    assert message.headers == [("a", "b")]
    assert (message.size, message.cut, message.text, message.base64) == shown


def test_an_event_has_a_number_if_it_has_one() -> None:
    assert _event("dropped", "{}") == "event: dropped\ndata: {}\n\n"
    assert _event("exchange", "{}", 0) == "id: 0\nevent: exchange\ndata: {}\n\n"


def test_a_moment_is_written_in_utc_with_milliseconds() -> None:
    assert iso(1_790_000_000_001) == "2026-09-21T14:13:20.001Z"


def test_own_hosts_are_those_of_the_settings() -> None:
    settings = Settings(host="0.0.0.0", public_url="http://Pub.test:1/x", allow_hosts=("[2001:DB8::1]",))

    assert own_hosts(settings) == {"pub.test", "2001:db8::1"}
    assert own_hosts(Settings(host="::")) == frozenset()
    assert is_own_host(["[2001:db8::1]:5"], own_hosts(settings))
    assert not is_own_host([], ())
    assert not is_own_host(["localhost", "localhost"], ())


def test_health_counts(bench: Bench) -> None:
    bench.submit()
    health = bench.mock.call("GET", "/health")

    assert (health["status"], health["version"]) == ("ok", __version__)
    assert (health["exchanges"], health["dropped"], health["unreadable"]) == (1, 0, 0)
    assert set(health["providers"]) >= {"gmicloud", "aimlapi", "kkiai"}


def test_tenants_and_usage_are_counted_by_provider(bench: Bench) -> None:
    bench.submit()
    bench.submit()
    bench.submit("kkiai", key="other")
    rows = {row["tenant"]: row for row in bench.mock.tenants()}

    assert rows[tenant_of(KEY)]["jobs"]["gmicloud"] == 2
    assert rows[tenant_of(KEY)]["jobs"]["kkiai"] == 0
    assert rows[tenant_of("other")]["jobs"]["kkiai"] == 1
    usage = bench.mock.call("GET", "/usage")
    single = next(row for row in bench.mock.call("GET", "/usage?provider=kkiai"))
    assert [row["jobs"] for row in usage if row["provider"] == "gmicloud"] == [{"queued": 2}]
    assert single in usage
    assert single["tenant"] == tenant_of("other")
    assert bench.mock.call("GET", f"/usage?provider=gmicloud&tenant={tenant_of('other')}") == []


def test_usage_adds_up_what_the_jobs_cost(bench: Bench) -> None:
    def costs() -> list[float]:
        return [row["cost"] for row in bench.mock.call("GET", f"/usage?provider=gmicloud&key={KEY}")]

    bench.submit()
    (single,) = costs()
    bench.submit()
    bench.submit(key="other")
    assert single == 30
    assert costs() == [2 * single]


def test_jobs_are_paged(bench: Bench) -> None:
    jobs = [bench.submit() for _ in range(3)]
    page = bench.mock.call("GET", "/jobs?limit=1&offset=1")

    assert page["count"] == 3
    assert [row["id"] for row in page["jobs"]] == [jobs[1]]


@pytest.mark.parametrize("change", [{}, {"mode": None}])
def test_a_clock_is_told_something(bench: Bench, change: dict[str, Any]) -> None:
    assert ClockUpdate(**change).mode is None
    with bench.running.client("the-token") as client:
        answer = client.put("/__mock/clock", json=change)

    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/nothing", 404),
        ("/jobs/gmicloud/nothing", 404),
        (f"/jobs?key=k&tenant={'0' * 32}", 422),
        (f"/journal?key=k&tenant={'0' * 32}", 422),
        ("/journal?operation=nothing", 422),
        ("/journal?provider=nothing", 422),
        ("/journal/assert", 422),
        ("/journal/assert?none=true&count=1", 422),
        ("/tenants/snapshot", 422),
    ],
)
def test_a_question_that_has_no_answer_is_a_problem(bench: Bench, path: str, status: int) -> None:
    with bench.running.client("the-token") as client:
        answer = client.get(f"/__mock{path}")

    assert (answer.status_code, answer.json()["status"]) == (status, status)
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("query", "ok", "text"),
    [
        ("count=2&role=submit", True, "2 exchanges, expected 2: #"),
        ("count=1&role=submit", False, "2 exchanges, expected 1: #"),
        ("none=true&role=read", True, "0 exchanges, expected 0"),
        ("none=true", False, "2 exchanges, expected 0: #"),
        ("submitted_once=true", False, "2 submits that made a job, expected 1: #"),
        ("submitted_once=true&since=1", True, "1 submit that made a job, expected 1: #"),
    ],
)
def test_a_claim_is_judged_and_said(bench: Bench, query: str, text: str, *, ok: bool) -> None:
    bench.submit()
    bench.submit()
    verdict = bench.mock.call("GET", f"/journal/assert?{query}")

    assert (verdict["ok"], verdict["said"].startswith(text)) == (ok, True)
    assert all(exchange["request"]["text"] is None for exchange in verdict["exchanges"])
    assert len(verdict["exchanges"]) == verdict["count"]
