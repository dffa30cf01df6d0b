"""What wire faults put in place of an answer, or make of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mockserver.faults.base import WireFault
from mockserver.faults.rule import make_fault
from mockserver.faults.seams import Replacement, Reply
from tests.faults.inputs import reply, subject


def wire(name: str, **settings: object) -> WireFault:
    fault = make_fault(name, settings)
    assert isinstance(fault, WireFault)
    return fault


def instead(name: str, seen: dict[str, Any] | None = None, /, **settings: object) -> Replacement:
    answer = wire(name, **settings).before(subject(**(seen or {})))
    assert answer is not None
    return answer


def after(name: str, answer: Reply, seen: dict[str, Any] | None = None, /, **settings: object) -> Reply:
    assert wire(name, **settings).before(subject(**(seen or {}))) is None
    wire(name, **settings).after(answer, subject(**(seen or {})))
    return answer


def changed(name: str, document: Any, seen: dict[str, Any] | None = None, /, **settings: object) -> Any:
    return json.loads(after(name, reply(document), seen, **settings).body)


@pytest.mark.parametrize(
    ("name", "settings", "when", "otherwise", "status"),
    [
        ("unauthorized", {}, "bad-credentials", ("unauthenticated",), None),
        ("unauthorized", {"key": "missing"}, "unauthenticated", ("unauthenticated",), None),
        ("unpaid", {}, "unpaid", ("forbidden",), None),
        ("forbidden", {}, "forbidden", ("unauthenticated",), None),
        ("not-found", {}, "unknown-model", ("unknown", "invalid"), 404),
        ("too-many", {}, "limited", ("limited",), 429),
        ("too-many", {"of": "jobs"}, "busy", ("limited",), 429),
        ("upstream-error", {}, "code-400", ("upstream", "error"), None),
        ("upstream-error", {"code": 403}, "code-403", ("upstream", "error"), None),
        ("business-code", {}, "code-1302", (), 200),
        ("answer", {"when": "policy"}, "policy", (), None),
        ("answer", {"when": "invalid", "status": 422}, "invalid", (), 422),
    ],
)
def test_answers_in_the_providers_envelope(
    name: str, settings: dict[str, Any], when: str, otherwise: tuple[str, ...], status: int | None
) -> None:
    answer = instead(name, **settings)

    assert (answer.when, answer.fallbacks, answer.status) == (when, otherwise, status)


def test_not_found_of_a_read_is_about_the_job() -> None:
    answer = instead("not-found", {"role": "read"})
    assert (answer.when, answer.status) == ("unknown", 404)


@pytest.mark.parametrize(
    ("settings", "headers"),
    [
        ({"seconds": 7}, (("retry-after", "7"),)),
        ({"retry_after": "none"}, ()),
        ({"retry_after": "date", "seconds": 10}, (("retry-after", "Mon, 21 Sep 2026 14:13:30 GMT"),)),
    ],
)
def test_too_many_says_how_long_to_wait(
    settings: dict[str, Any], headers: tuple[tuple[str, str], ...]
) -> None:
    answer = instead("too-many", {"now": 1_790_000_000_000}, **settings)

    assert answer.headers == headers
    assert answer.removed_headers == ("retry-after",)


def test_a_business_code_that_no_contract_has_gets_a_body() -> None:
    answer = instead("business-code", code=5000)

    assert json.loads(answer.body) == {"code": 5000, "message": "the mock was told to answer with code 5000"}


def test_an_answer_can_be_any_text() -> None:
    answer = instead("answer", status=418, text="teapot", headers={"x-tea": "yes"})

    assert answer == Replacement(None, 418, (("x-tea", "yes"),), b"teapot")


def test_an_answer_must_say_something() -> None:
    with pytest.raises(ValueError, match="give at least one of when, status and text"):
        wire("answer")


@pytest.mark.parametrize("status", [502, 503, 504, 524])
def test_a_gateway_answers_with_a_page(status: int) -> None:
    answer = instead("gateway-page", status=status)

    assert answer.when is None
    assert answer.status == status
    assert str(status).encode() in answer.body
    assert answer.headers == (("content-type", "text/html; charset=utf-8"),)


def test_a_job_is_missing_for_some_reads() -> None:
    fault = wire("missing-for-a-while", reads=2)
    seen = [fault.before(subject(role="read", job_id="j1", reads=number)) for number in (1, 2, 3)]

    assert [answer and answer.when for answer in seen] == ["unknown", "unknown", None]
    assert fault.before(subject(role="read", reads=0)) is None


def test_a_job_is_missing_for_some_seconds() -> None:
    fault = wire("missing-for-a-while", seconds=5)

    assert fault.before(subject(role="read", job_id="j1", reads=9, age=4.9)) is not None
    assert fault.before(subject(role="read", job_id="j1", reads=9, age=5.0)) is None


def test_a_reset_comes_before_or_after_the_work() -> None:
    assert instead("reset") == Replacement(disconnect="reset")
    assert after("reset", reply(), accepted=True).disconnect == "reset"


def test_a_lost_answer_is_carried_out() -> None:
    assert after("lost-answer", reply()).disconnect == "lost"


@pytest.mark.parametrize(
    ("body", "kind"), [("html", b"text/html"), ("json", b"application/json"), ("empty", b"text")]
)
def test_a_server_error_after_the_work(body: str, kind: bytes) -> None:
    answer = after("server-error-after", reply(), status=503, body=body)

    assert answer.status == 503
    assert b"j1" not in answer.body
    assert [value[: len(kind)] for name, value in answer.headers if name == b"content-type"] == [kind]


def test_a_delay_is_fixed_or_drawn() -> None:
    assert after("delay", reply(), seconds=2).delay == 2
    drawn = [after("delay", reply(), {"number": n}, seconds=1, most=3, seed=7).delay for n in range(1, 50)]

    assert all(1 <= seconds <= 3 for seconds in drawn)
    assert len(set(drawn)) > 40
    assert drawn[0] == after("delay", reply(), {"number": 1, "chance": 0.9}, seconds=1, most=3, seed=7).delay


def test_a_delay_without_a_seed_follows_the_servers() -> None:
    once, again, other = (
        after("delay", reply(), {"chance": chance}, seconds=1, most=3).delay for chance in (0.1, 0.1, 0.2)
    )
    assert once == again != other


def test_a_delay_goes_up() -> None:
    with pytest.raises(ValueError, match=r"most \(1\) is below seconds \(2\)"):
        wire("delay", seconds=2, most=1)


def test_delays_add_up() -> None:
    assert after("delay", after("delay", reply(), seconds=1), seconds=2).delay == 3


def test_a_body_in_drops() -> None:
    assert after("drip", reply(), rate=10).drip == 10


@pytest.mark.parametrize("document", [{"request_id": "j1"}, [1, 2], {}])
def test_malformed_is_no_json(document: Any) -> None:
    answer = after("malformed", reply(json.dumps(document).encode()))

    with pytest.raises(json.JSONDecodeError):
        json.loads(answer.body)
    assert answer.cut is None


def test_an_empty_body() -> None:
    assert (after("empty", reply()).status, after("empty", reply()).body) == (200, b"")
    assert after("empty", reply(), status=204).status == 204


def test_a_body_is_cut_while_its_length_promises_all() -> None:
    answer = after("truncated", reply())

    assert answer.cut == len(answer.body) // 2
    assert after("truncated", reply(), size=3).cut == 3


NESTED = {"request_id": "r9", "data": {"task_id": "j1", "task_status": "submitted"}}


def test_the_id_is_left_out_wherever_it_is() -> None:
    answer = after("no-id", reply(NESTED, job_id="j1"))

    assert json.loads(answer.body) == {"request_id": "r9", "data": {"task_status": "submitted"}}


def test_without_a_known_job_the_usual_key_is_left_out() -> None:
    assert changed("no-id", NESTED) == {"request_id": "r9", "data": {"task_status": "submitted"}}
    assert changed("no-id", {"id": "j1"}) == {}
    assert changed("no-id", NESTED, keys=["request_id"]) == {"data": NESTED["data"]}


def test_the_id_moves_to_another_key() -> None:
    assert changed("id-elsewhere", {"request_id": "j1"}) == {"id": "j1"}
    assert changed("id-elsewhere", {"id": "j1"}) == {"generation_id": "j1"}
    assert changed("id-elsewhere", {"id": "j1"}, to="job") == {"job": "j1"}
    answer = after("id-elsewhere", reply(NESTED, job_id="j1"))
    assert json.loads(answer.body)["data"] == {"task_status": "submitted", "id": "j1"}


def test_wrapped_is_one_level_deeper() -> None:
    assert changed("wrapped", {"status": "queued"}) == {"data": {"status": "queued"}}
    assert changed("wrapped", [1], key="result") == {"result": [1]}


def test_what_is_no_json_stays() -> None:
    assert after("wrapped", reply(b"<html>")).body == b"<html>"


def test_clock_skew_moves_moments_of_every_form() -> None:
    document = {
        "created_at": 1_790_000_000,
        "data": [{"updated_at": 1_790_000_000_000, "timestamp": "2026-09-21T14:13:20.000Z"}],
        "finish_time": 0,
        "submit_time": "soon",
    }

    assert changed("clock-skew", document, seconds=-60) == {
        "created_at": 1_789_999_940,
        "data": [{"updated_at": 1_789_999_940_000, "timestamp": "2026-09-21T14:12:20.000Z"}],
        "finish_time": 0,
        "submit_time": "soon",
    }


def test_progress_falls_with_each_read() -> None:
    read = {"role": "read"}
    seen = [
        changed("falling-progress", {"status": "x"}, {**read, "reads": number}, values=[10, 60, 30])[
            "progress"
        ]
        for number in (1, 2, 3, 4)
    ]

    assert seen == [10, 60, 30, 30]
    assert changed("falling-progress", {"data": {"progress": "30%"}}, {**read, "reads": 1}) == {
        "data": {"progress": "10%"}
    }


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"video": {"url": "u"}}, {"video": {"url": "u"}, "videos": [{"url": "u"}, {"url": "u?copy=2"}]}),
        ({"videos": [{"url": "u?a=1"}]}, {"videos": [{"url": "u?a=1"}, {"url": "u?a=1&copy=2"}]}),
        ({"outcome": {"video_url": "u"}}, {"outcome": {"video_url": "u", "video_urls": ["u", "u?copy=2"]}}),
        ({"status": "queued", "outcome": None}, {"status": "queued", "outcome": None}),
    ],
)
def test_several_links(document: Any, expected: Any) -> None:
    assert changed("several-links", document) == expected
