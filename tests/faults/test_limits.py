"""What a rule, a setting and a marker may hold, to the last number, and what faults do at their edges."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from mockserver.faults import base, marker
from mockserver.faults.base import (
    CallbackFault,
    Fault,
    MediaFault,
    PlanFault,
    check_headers,
    check_size,
)
from mockserver.faults.bodies import dump, find_id_keys, set_header
from mockserver.faults.catalogue import faults
from mockserver.faults.chance import draw
from mockserver.faults.drafts import end_in, fail_at_end, reason_text
from mockserver.faults.marker import read_key_markers, read_markers
from mockserver.faults.marker_rules import key_rules, prompt_rules
from mockserver.faults.matching import in_ranges, matches_name, read_names, read_numbers
from mockserver.faults.pages import html_page
from mockserver.faults.rule import describe_unknown
from mockserver.faults.seams import Asset, Delivery, Replacement, Reply
from mockserver.faults.wire.clock_skew import _moved
from tests.faults.inputs import COURSE, WAY, WORDS, reply, subject
from tests.faults.test_wire import after, changed, instead, wire


@pytest.mark.parametrize(
    "value",
    [
        10**9,
        -(10**9),
        1e9,
        "a" * 10_000,
        [1] * 10_000,
        {"a": [{"b": "c"}]},
        None,
        True,
        dict.fromkeys(range(10_000)),
    ],
)
def test_a_setting_may_be_as_large_as_this(value: Any) -> None:
    check_size(value)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (10**9 + 1, "the number is beyond 1000000000"),
        (-(10**9) - 1, "the number is beyond 1000000000"),
        ("a" * 10_001, "its length is 10001; 10000 is allowed"),
        ((1,) * 10_001, "its length is 10001; 10000 is allowed"),
        (dict.fromkeys(range(10_001)), "its length is 10001; 10000 is allowed"),
        ([0, (0, 2e9)], "the number is beyond"),
        ({"a": {"b": 2e9}}, "the number is beyond"),
        ({"a" * 10_001: 0}, "its length is 10001"),
        ("\ud800", "surrogates not allowed"),
        ([{"\ud800": 1}], "surrogates not allowed"),
    ],
)
def test_and_no_larger(value: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check_size(value)


def test_every_setting_of_a_fault_is_bounded() -> None:
    with pytest.raises(ValidationError, match=r"its length is 10001; 10000 is allowed"):
        faults()["unknown-state"].model_validate({"word": "x" * 10_001})


@pytest.mark.parametrize("value", [float("inf"), float("nan")])
def test_a_number_of_a_fault_is_finite(value: float) -> None:
    with pytest.raises(ValidationError, match="should be a finite number"):
        faults()["slow"].model_validate({"seconds": value})


@pytest.mark.parametrize("kind", [PlanFault, MediaFault, CallbackFault])
def test_a_fault_that_changes_nothing_is_none(kind: type[Fault]) -> None:
    assert kind.__abstractmethods__ == {"change"}


def test_a_changed_body_is_compact_and_keeps_its_letters() -> None:
    assert dump({"a": ["ä", 1]}) == '{"a":["ä",1]}'.encode()


def test_headers_that_cannot_be_sent_are_refused() -> None:
    check_headers({"x-a.b": "\t ~\xa0\xff", "A1": ""})
    with pytest.raises(ValueError, match=r"^'x y' is not the name of a header$"):
        check_headers({"a": "b", "x y": "z"})
    with pytest.raises(ValueError, match=r"^header x: 'a\\nb' cannot be sent"):
        check_headers({"x": "a\nb"})


def test_the_bounds_are_those_that_are_documented() -> None:
    assert (base.LARGEST, base.LONGEST) == (1_000_000_000, 10_000)
    assert (marker.MOST_MARKERS, marker.LONGEST_PROMPT) == (32, 16_384)


def test_nothing_is_changed_by_default() -> None:
    assert Replacement() == (None, None, (), b"", None, (), (), "")
    asset, plain = Asset("video"), Reply(200, [], b"")
    assert (asset.status, asset.headers, asset.body, asset.cut, asset.length) == (200, [], None, None, None)
    assert (asset.stall, asset.ranges, asset.other, asset.size, asset.link) == (0, "served", False, 0, None)
    assert (plain.delay, plain.drip, plain.cut, plain.disconnect, plain.job_id) == (0, 0, None, "", "")
    assert Delivery("j", 1, "s", 2, 3, "u", b"")[7:] == (0, False, False)


def test_32_markers_count() -> None:
    assert len(read_markers("[mock:fail]" * 40)) == 32
    assert len(read_key_markers("sk" + "--mock:fail" * 40)) == 32
    assert read_markers("no marker") == []
    assert read_key_markers("no-marker") == []


def test_markers_count_in_16_kib_of_a_prompt() -> None:
    assert len(read_markers("." * (16_384 - 11) + "[mock:fail]")) == 1
    assert read_markers("." * (16_384 - 10) + "[mock:fail]") == []
    beyond = prompt_rules("[mock:fail]" + "." * 16_384 + "x")
    assert beyond is prompt_rules("[mock:fail]" + "." * 16_384 + "y")
    assert len(beyond.rules) == 1


def test_a_marker_takes_no_expression() -> None:
    marked = prompt_rules("[mock:fail prompt=/kite/]")

    assert marked.rules == ()
    assert marked.complaints == (
        "marker 'fail': when.prompt: a marker takes no /REGEX/; give a part of the prompt",
    )


@pytest.mark.parametrize(
    ("prompt", "when", "times"),
    [
        ("[mock:too-many]", {"role": ["submit"]}, 1),
        ("[mock:too-many times=3]", {"role": ["submit"]}, 3),
        ("[mock:too-many nth=2]", {"nth": "2", "role": ["submit"]}, None),
        ("[mock:too-many probability=0.5]", {"probability": "0.5", "role": ["submit"]}, None),
        ("[mock:too-many poll=2]", {"poll": "2"}, None),
        ("[mock:too-many role=read]", {"role": "read"}, None),
        ("[mock:too-many operation=list*]", {"operation": "list*"}, None),
        ("[mock:missing-for-a-while]", {}, None),
        ("[mock:fail]", {}, None),
    ],
)
def test_a_refusal_of_a_submit_is_made_once(prompt: str, when: dict[str, Any], times: int | None) -> None:
    (rule,) = prompt_rules(prompt).rules

    assert (rule.when, rule.times) == (when, times)


def test_rules_of_a_key_are_numbered_and_limited_by_nothing() -> None:
    rules = key_rules("sk--mock:too-many--mock:delay=2,times=3").rules

    assert [(rule.id, rule.times) for rule in rules] == [("--mock:too-many.1", None), ("--mock:delay.2", 3)]


@pytest.mark.parametrize("value", ["", [], [""], ["a", ""], ["a", 1], 5, None, {"a": 1}])
def test_what_is_no_name_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="give a name or a list of names"):
        read_names(value)


def test_names_match_whole_or_by_an_asterisk() -> None:
    assert read_names("a") == ("a",)
    assert read_names(["a", "b*"]) == ("a", "b*")
    assert matches_name(("a", "b*"), "bc")
    assert matches_name(("[a]",), "[a]")
    assert not matches_name(("[a]",), "a")
    assert not matches_name(("a", "b*"), "ab")


@pytest.mark.parametrize(
    ("value", "ranges"),
    [
        (3, ((3, 3),)),
        ("2-4", ((2, 4),)),
        ("4-4", ((4, 4),)),
        (">=7", ((7, float("inf")),)),
        ([1, "3-4"], ((1, 1), (3, 4))),
        (999_999_999, ((999_999_999, 999_999_999),)),
    ],
)
def test_numbers_are_ranges_with_both_ends(value: Any, ranges: Any) -> None:
    assert read_numbers(value) == ranges
    for first, last in ranges:
        assert in_ranges(ranges, first)
        assert not in_ranges(((first, last),), first - 1)
        if last != float("inf"):
            assert in_ranges(ranges, last)
            assert not in_ranges(((first, last),), last + 1)


@pytest.mark.parametrize("value", [0, -1, "0-1", "1-", ">3", [], [0], True, 1_000_000_000, 1.5, None])
def test_what_is_no_number_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="give a number from 1"):
        read_numbers(value)


def test_a_range_that_goes_down_is_turned_round() -> None:
    with pytest.raises(ValueError, match=r"^'4-2' goes down; write 2-4$"):
        read_numbers("4-2")


def test_chance_follows_its_seed_and_nothing_else() -> None:
    first = draw(subject(), 1, "delay")
    assert 0 <= first < 1
    assert draw(subject(chance=0.9), 1, "delay") == first
    others = [
        draw(subject(), 2, "delay"),
        draw(subject(), 1, "probability"),
        draw(subject(number=2), 1, "delay"),
        draw(subject(tenant="t2"), 1, "delay"),
        draw(subject(), None, "delay"),
        draw(subject(chance=0.9), None, "delay"),
    ]
    assert len({first, *others}) == 7
    assert draw(subject(number=2), None, "delay") == draw(subject(), None, "delay")


def test_a_draft_ends_in_the_phase_or_in_a_failure() -> None:
    before = tuple(WAY[:2])
    assert end_in(COURSE, WORDS, "failed").steps == (*before, ("failed", "failed", 0))
    assert end_in(COURSE, WORDS, "cancelled").steps == (*before, ("failed", "failed", 0))
    nowhere = WORDS._replace(endings={})
    assert end_in(COURSE, nowhere, "cancelled") == COURSE
    assert fail_at_end(COURSE, WORDS, "moderation").reason == "The picture was refused"


@pytest.mark.parametrize(
    ("reason", "name", "text"),
    [
        (None, "default", "Video generation failed"),
        (None, "no-such", "over"),
        ("moderation", "default", "The picture was refused"),
        ("Too dark", "default", "Too dark"),
    ],
)
def test_a_reason_is_a_name_or_itself(reason: str | None, name: str, text: str) -> None:
    assert reason_text(WORDS, reason, name, "over") == text


def test_an_unknown_name_is_shown_up_to_200_characters() -> None:
    assert describe_unknown("a" * 200, ["b"]) == f"'{'a' * 200}' is not known; known: b"
    assert describe_unknown("a" * 201, ["b"]) == f"'{'a' * 200}...' is not known; known: b"


def test_a_header_is_replaced_and_others_stay() -> None:
    answer = reply()
    answer.headers.append((b"x", b"y"))
    set_header(answer, "content-type", "text/é")

    assert answer.headers == [(b"x", b"y"), (b"content-type", b"text/\xe9")]


def test_the_id_is_where_it_is_named_else_where_it_stands_else_where_it_usually_is() -> None:
    inner = {"id": "j1", "other": "j2"}
    document = {"request_id": "r", "data": [inner], "again": "j1"}

    assert find_id_keys(document, ("other",), "j1") == [(inner, "other")]
    assert find_id_keys(document, (), "j1") == [(document, "again"), (inner, "id")]
    assert find_id_keys(document, (), "j9") == []
    assert find_id_keys(document, (), "") == [(document, "request_id")]


@pytest.mark.parametrize(
    ("value", "moved"),
    [
        (0, 0),
        (-5, -5),
        (True, True),
        (None, None),
        (1, 61),
        (1.5, 61.5),
        (100_000_000_000, 100_000_000_060),
        (100_000_000_001, 100_000_060_001),
        ("2026-01-01T00:00:00Z", "2026-01-01T00:01:00.000Z"),
        ("2026-01-01T00:00:00.5+02:00", "2026-01-01T00:01:00.500+02:00"),
        ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
        ("soon", "soon"),
    ],
)
def test_a_moment_is_moved_in_its_own_form(value: Any, moved: Any) -> None:
    assert _moved(value, 60) == moved
    assert type(_moved(value, 60)) is type(moved)


@pytest.mark.parametrize(
    ("body", "left"), [(b"", b"{"), (b"12", b"{"), (b"123", b"12"), (b"123456789", b"123456")]
)
def test_malformed_is_cut_in_its_last_third(body: bytes, left: bytes) -> None:
    assert after("malformed", reply(body), None).body == left


def test_a_missing_job_is_there_at_its_age() -> None:
    fault = wire("missing-for-a-while", seconds=2)
    read = subject(role="read", job_id="j1", reads=9)

    assert fault.before(read._replace(age=1.99)) is not None
    assert fault.before(read._replace(age=2.0)) is None
    assert fault.before(read._replace(age=1.0, job_id="")) is None


@pytest.mark.parametrize(("reads", "shown"), [(0, 10), (1, 10), (2, 60), (4, 90), (5, 90)])
def test_progress_is_the_reads_own(reads: int, shown: int) -> None:
    assert changed("falling-progress", {"progress": 3}, {"reads": reads}) == {"progress": shown}
    assert changed("falling-progress", {"progress": "3%"}, {"reads": reads}) == {"progress": f"{shown}%"}
    assert changed("falling-progress", {"a": [{}]}, {"reads": reads}) == {"a": [{}], "progress": shown}


def test_links_are_numbered_from_the_second() -> None:
    several = changed("several-links", {"video_url": "http://a/v", "o": {"url": "http://a/v?x=1"}}, count=3)

    assert several["video_urls"] == ["http://a/v", "http://a/v?copy=2", "http://a/v?copy=3"]
    assert [link["url"] for link in several["os"]] == [
        "http://a/v?x=1",
        "http://a/v?x=1&copy=2",
        "http://a/v?x=1&copy=3",
    ]


def test_a_business_code_has_its_status_and_message() -> None:
    answer = instead("business-code", code=100, status=599)

    assert (answer.when, answer.status) == ("code-100", 599)
    assert answer.headers == (("content-type", "application/json"),)
    assert answer.body == b'{"code":100,"message":"the mock was told to answer with code 100"}'


@pytest.mark.parametrize(
    ("settings", "kind", "body"),
    [
        ({"body": "json"}, b"application/json", b'{"error":"Internal server error"}'),
        ({"body": "html"}, b"text/html; charset=utf-8", html_page(500)),
        ({"body": "empty", "status": 503}, b"text/html; charset=utf-8", b""),
    ],
)
def test_a_server_error_has_its_body(settings: dict[str, Any], kind: bytes, body: bytes) -> None:
    answer = after("server-error-after", reply(), None, **settings)

    assert (answer.status, answer.body) == (settings.get("status", 500), body)
    assert answer.headers == [(b"content-type", kind)]
