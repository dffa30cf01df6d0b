"""What a story says of exchanges, jobs and rules, line by line, and what it leaves out."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.engine.admin.explanation import Explanation, TimelineEntry, explain_job
from mockserver.engine.admin.jobs import JobSnapshot
from mockserver.engine.admin.story import Story, join_stories
from mockserver.engine.admin.story_lines import (
    LONGEST_BODY,
    MOST_EVENTS,
    MOST_JOBS,
    MOST_ROWS,
    MOST_RULES,
    stands_still,
    story_lines,
)
from mockserver.engine.journal.exchange import JournalEntry
from mockserver.faults.rule import Rule
from mockserver.jobs.job import Fact, Job, Plan, Step
from mockserver.jobs.timeline import state_at

URL = "http://here"
ANN, BOB = "ann-has-a-long-name", "bob-has-a-long-name"
STEPS = (Step("queued", "waiting", 2000), Step("running", "running", 3000), Step("done", "succeeded"))


def entry(number: int, **fields: Any) -> JournalEntry:
    usual = JournalEntry(
        number, 1000 * number, 0, "orbit", "get", "read", ANN, None, None, "GET", URL, "/jobs", "", 200
    )
    return usual._replace(**fields)


def explained(name: str, now: int = 0, tenant: str = ANN, facts: tuple[Fact, ...] = ()) -> Explanation:
    job = Job(name, tenant, "orbit", "submit", "film", {}, 0, Plan(STEPS), facts=facts)
    return explain_job(JobSnapshot(job, now, state_at(job, now)))


def told(story: Story, *tenants: str) -> list[str]:
    return story_lines(story, URL, {"orbit": f"{URL}/orbit", "comet-two": f"{URL}/comet"}, tenants)


def test_nothing_that_came_has_the_base_urls_below_each_other() -> None:
    assert told(Story()) == [
        f"Nothing reached the mock server at {URL}. Does the client call another host, or does the test"
        " replace HTTP? Base URLs here:",
        f"  orbit      {URL}/orbit",
        f"  comet-two  {URL}/comet",
    ]
    assert len(story_lines(Story(), URL, {})) == 1


def test_an_exchange_is_a_line_and_the_last_has_its_bodies() -> None:
    first = entry(3, method="POST", role="submit", job_id="j1", request_body=b'{"a": 1}', response_body=b"{}")
    last = entry(4, query="page=2", request_body=b" a\n b ", response_body=b'{"ok": true}', state="queued")

    assert told(Story([first, last])) == [
        f"The mock server at {URL} got 2 requests:",
        "  #3  +0.000 s  POST /jobs  200  accepted, job j1",
        "  #4  +1.000 s  GET /jobs?page=2  200  queued",
        "      request: a b",
        '      answer: {"ok": true}',
    ]


def test_a_single_request_is_told_in_the_singular() -> None:
    assert told(Story([entry(1)]))[0] == f"The mock server at {URL} got 1 request:"


@pytest.mark.parametrize(
    ("refusal", "violations", "lines"),
    [
        ("No such job.", (), ["    No such job."]),
        (
            "a: too long [DOCUMENTED G1]. Profile vendor would take it.",
            ("a: too long [DOCUMENTED G1, see there]", "b: missing"),
            [
                "    a: too long",
                "      DOCUMENTED G1, see there",
                "    b: missing",
                "    Profile vendor would take it.",
            ],
        ),
        ("a: too long [DOCUMENTED G1]. Send less.", ("a: too long",), ["    a: too long"]),
    ],
)
def test_a_refusal_has_its_reasons_and_what_was_sent_wherever_it_stands(
    refusal: str, violations: tuple[str, ...], lines: list[str]
) -> None:
    refused = entry(
        1, status=400, refusal=refusal, violations=violations, request_body=b"sent", response_body=b"told"
    )

    assert told(Story([refused, entry(2)]))[1:-1] == [
        "  #1  +0.000 s  GET /jobs  400  refused", *(f"  {line}" for line in lines), "      request: sent",
    ]  # fmt: skip
    assert told(Story([refused]))[-1] == "      request: sent"


@pytest.mark.parametrize(
    "change",
    [
        {"tenant": None}, {"method": "PUT"}, {"path": "/other"}, {"query": "a=1"}, {"request_body": b"x"},
        {"status": 201}, {"refusal": "no"}, {"faults": ("slow",)}, {"state": "queued"},
    ],
)  # fmt: skip
def test_only_what_is_the_same_again_shares_a_line(change: dict[str, Any]) -> None:
    same = [entry(number, response_body=bytes(number)) for number in (1, 2, 3)]
    lines = told(Story([*same, entry(4, **change), entry(5, **change), entry(6)]))

    rows = [line.strip() for line in lines if line.strip().startswith("#")]
    assert [row.split()[0] for row in rows] == ["#1-3", "#4-5", "#6"]
    assert [row.rpartition("  ")[2] for row in rows][:2] == ["(3 times)", "(2 times)"]


def test_of_very_many_lines_the_last_are_shown_and_all_are_counted() -> None:
    exchanges = [entry(number, path=f"/{number // 2}") for number in range(2, 2 * MOST_ROWS + 4)]
    lines = told(Story(exchanges, earlier=5))
    assert len([line for line in lines if line.startswith("  #")]) == MOST_ROWS
    assert lines[0] == (
        f"The mock server at {URL} got {len(exchanges) + 5} requests,"
        f" the last {2 * MOST_ROWS} of which are these:"
    )
    assert "of which" not in told(Story(exchanges[2:]))[0]
    assert "of which" in told(Story(exchanges[2:], earlier=1))[0]


def test_who_asked_is_told_where_several_did_and_where_it_was_somebody_else() -> None:
    both = Story([entry(1), entry(2, tenant=BOB), entry(3, tenant=None)])
    assert told(both)[1:] == [
        "  #1  +0.000 s  ann-has-  GET /jobs  200",
        "  #2  +1.000 s  bob-has-  GET /jobs  200",
        "  #3  +2.000 s  -  GET /jobs  200",
    ]
    assert told(both, ANN)[3] == "      The request came with another API key than the test's."
    assert len(told(both, ANN)) == len(told(both)) + 1
    assert told(Story([entry(1), entry(2, tenant=None)]))[1] == "  #1  +0.000 s  GET /jobs  200"


def test_faults_and_warnings_are_explained_below_their_request() -> None:
    rules = [Rule(id="r-1", fault="delay", times=None)]
    acted = entry(1, faults=("r-1", "[mock:too-many times=2]", "gone"), warnings=("late",))

    lines = told(Story([acted], rules=rules))

    assert lines[2].startswith("      fault delay (r-1): ")
    assert lines[3].startswith("      fault [mock:too-many times=2]: ")
    assert lines[4:] == ["      fault gone", "      warning: late"]
    assert all(len(line.partition(": ")[2]) > 10 for line in lines[2:4])


@pytest.mark.parametrize(
    ("body", "cut", "line"),
    [
        (b"x" * LONGEST_BODY, False, "x" * LONGEST_BODY),
        (b"x" * LONGEST_BODY, True, f"{'x' * LONGEST_BODY} ..."),
        (b"x" * LONGEST_BODY + b"y", False, f"{'x' * LONGEST_BODY} ... (of {LONGEST_BODY + 1} characters)"),
        (b"\xff\x00", False, "2 bytes that are no text"),
    ],
)
def test_a_body_is_one_line_of_a_bounded_length(body: bytes, cut: bool, line: str) -> None:
    exchange = entry(
        1, request_body=body, request_cut=cut, response_body=body, response_cut=cut, refusal=None
    )
    assert told(Story([exchange]))[2:] == [f"      request: {line}", f"      answer: {line}"]


def test_jobs_stand_below_the_exchanges() -> None:
    story = Story([entry(1)], jobs=[explained("j1", 2500)])
    assert told(story)[2:] == [
        "",
        "orbit j1  film  is running (running)",
        "      +0.000 s  queued       submitted",
        "      +2.000 s  running      planned: queued lasted 2 s",
        "          next  done in 2.5 s",
    ]


def test_of_many_jobs_and_events_the_last_are_shown() -> None:
    facts = tuple(Fact("forced", at, f"word-{at}", "waiting") for at in range(1, MOST_EVENTS + 3))
    jobs = [explained(f"j{number}") for number in range(MOST_JOBS + 1)]
    lines = told(Story([entry(1)], jobs=jobs))
    assert lines[3] == "1 other job and these:"
    assert [line.split()[1] for line in lines[4:] if line.startswith("orbit")] == [
        f"j{number}" for number in range(1, MOST_JOBS + 1)
    ]
    assert not any("other job" in line for line in told(Story([entry(1)], jobs=jobs[1:])))
    assert told(Story([entry(1)], jobs=[*jobs, *jobs[:1]]))[3] == "2 other jobs and these:"

    busy = told(Story([entry(1)], jobs=[explained("j", 100, facts=facts)]))[4:]
    assert busy[0] == f"  {'':>12}  3 earlier events"
    assert len(busy) == 1 + MOST_EVENTS + 1
    assert f"word-{MOST_EVENTS + 2} " in busy[-2]
    few = told(Story([entry(1)], jobs=[explained("j", 100, facts=facts[: MOST_EVENTS - 1])]))[4:]
    assert len(few) == MOST_EVENTS + 1
    assert few[0].split()[2:] == ["queued", "submitted"]


def test_a_clock_that_stands_is_named_while_the_job_would_go_on() -> None:
    story = Story([entry(1)], jobs=[explained("j", 0), explained("k", 9000)], frozen=frozenset({ANN}))
    assert [stands_still(job, story) for job in story.jobs] == [True, False]
    assert [line for line in told(story) if "clock" in line] == [
        f"  {'':>12}  its clock stands still until it is moved"
    ]
    assert not stands_still(story.jobs[0], story._replace(frozen=frozenset({BOB})))


def test_a_job_has_its_owner_where_several_asked() -> None:
    story = Story([entry(1), entry(2, tenant=BOB)], jobs=[explained("j", tenant=BOB)])
    assert told(story)[4] == "orbit j  film  is queued (waiting), of tenant bob-has-"


def test_rules_that_did_nothing_are_named() -> None:
    rules = [
        Rule(id="acted", fault="delay", times=None),
        Rule(id="of-bob", fault="delay", when={"tenant": BOB}, times=None),
        Rule(id="of-ann", fault="delay", when={"tenant": ANN, "role": "read", "nth": 2}, times=None),
        *(Rule(id=f"r{number}", fault="slow", times=None) for number in range(MOST_RULES)),
    ]
    story = Story([entry(1, faults=("acted",))], rules=rules)

    idle = told(story, ANN)[-MOST_RULES - 1 :]
    assert idle[0] == "The rule of-ann (delay, role read, nth 2) acted on nothing."
    assert idle[1] == "The rule r0 (slow) acted on nothing."
    assert idle[-1] == "So did 1 more."
    assert told(story)[-1] == "So did 2 more."
    assert (
        told(story._replace(rules=rules[-MOST_RULES:]))[-1]
        == f"The rule r{MOST_RULES - 1} (slow) acted on nothing."
    )


def test_the_part_after_a_number_has_its_exchanges_and_their_jobs() -> None:
    exchanges = [entry(1, job_id="j"), entry(2, job_id="k"), entry(3, job_id="k", provider="other")]
    story = Story(
        exchanges,
        7,
        [explained("j"), explained("k")],
        frozenset({ANN}),
        [Rule(id="r", fault="slow", times=None)],
    )

    part = story.after(1)

    assert part == story._replace(exchanges=exchanges[1:], earlier=0, jobs=story.jobs[1:])
    assert story.after(2).jobs == []
    assert story.fault_names == {"r": "slow"}


def test_stories_of_a_server_become_one_in_which_the_later_counts() -> None:
    early = Story(
        [entry(2), entry(3)], 1, [explained("j")], frozenset({ANN}), [Rule(id="r", fault="slow", times=None)]
    )
    late = Story(
        [entry(3, status=500), entry(1)], 0, [explained("j", 9000), explained("k")], frozenset({BOB}),
        [Rule(id="r", fault="delay", times=None), Rule(id="s", fault="slow", times=None)],
    )  # fmt: skip

    assert join_stories([early, late]) == Story(
        [entry(1), entry(2), entry(3, status=500)], 1, late.jobs, frozenset({ANN, BOB}), late.rules
    )
    assert join_stories([]) == Story([], 0, [], frozenset(), [])


def test_what_touched_a_job_stands_among_its_states() -> None:
    job = explained("j").snapshot.job
    others = [
        TimelineEntry(2000, "fault", "slow touched GET /jobs: 200"),
        TimelineEntry(1, "callback", "try 1"),
    ]
    explanation = explain_job(JobSnapshot(job, 2500, state_at(job, 2500)), others)
    assert [entry.cause for entry in explanation.entries] == [
        "submitted", "try 1", "planned: queued lasted 2 s", "slow touched GET /jobs: 200",
    ]  # fmt: skip
