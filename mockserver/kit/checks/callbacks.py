"""What a callback URL is told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from mockserver.contract.pointer import ABSENT, follow
from mockserver.contract.violation import brief
from mockserver.kit.checks.base import Breach, check, closing_check
from mockserver.kit.checks.observations import reachable
from mockserver.kit.traffic import facts
from mockserver.kit.traffic.call import Call
from mockserver.kit.traffic.curl import SECRET
from mockserver.kit.traffic.facts import Sighting
from mockserver.kit.traffic.history import History, JobHistory
from mockserver.kit.traffic.schema_nodes import of_answer, of_callback
from mockserver.terms import ENDED

_RIGHT: Final = range(200, 300)
_REFUSED: Final = range(400, 500)
_LONG: Final = 1.0
"""Seconds after which whoever tells may have given up."""
_PATIENCE: Final = 60.0
"""Seconds of record after an end in which its callback should have come, if nobody says that they waited."""


@check("callbacks.body", "A callback's body has the documented form.")
def body(call: Call, history: History) -> Iterator[Breach]:
    """Judged by the schema of the submit's `callbacks`."""
    if call.callback_of is None or call.callback_of.callback is None or call.exchange.cut:
        return
    schema = call.callback_of.callback.schema
    if call.request_json is ABSENT:
        yield _breach(call, "JSON", "no JSON" if call.exchange.request_body else "an empty body")
    elif schema is not None and not schema.is_valid(call.request_json):
        for one in schema.explain(call.request_json):
            actual = "is absent" if one.keyword == "required" else f"{brief(one.sent)} {one.fault}".strip()
            yield Breach(one.expected, actual, clause=one.clause, at=one.pointer, job=_job(call))


@check("callbacks.type", "A callback is sent by POST in the documented content type.")
def kind(call: Call, history: History) -> Iterator[Breach]:
    """Parameters of the type, as its character set, do not matter."""
    if call.callback_of is None:
        return
    at = facts.callback_at(call.contract, call.callback_of)
    content = follow(call.contract.document, (*at, "requestBody", "content"))
    legal = list(content) if isinstance(content, dict) else []
    told = (call.exchange.request_header("content-type") or "none").partition(";")[0].strip().lower()
    if legal and told not in legal:
        yield _breach(call, " or ".join(legal), told)
    if call.exchange.method != "POST":
        yield _breach(call, "POST", call.exchange.method)


@check("callbacks.key", "A callback carries no key.")
def key(call: Call, history: History) -> Iterator[Breach]:
    """The receiver is not the provider, and its URL may be anybody's."""
    if call.callback_of is None:
        return
    for name in sorted(SECRET):
        if call.exchange.request_header(name):
            yield Breach(
                "no credential", f"a header {name}", source="ASSUMED the receiver is not the provider"
            )


@check("callbacks.asked", "A callback goes only to the URL that its job was submitted with.")
def asked(call: Call, history: History) -> Iterator[Breach]:
    """Judged where the record has the job's submit."""
    for story, one in _told(call, history):
        if story.submit is None:
            continue
        url = _url(story.submit)
        if url != call.exchange.url:
            expected = "no callback, as none was asked for" if url is None else f"a callback to {url}"
            yield _breach(call, expected, f"one to {call.exchange.url}", one)


@check("callbacks.forward", "Callbacks report a job's states in the documented order.")
def forward(call: Call, history: History) -> Iterator[Breach]:
    """A state whose teller was answered with an error may be told again later."""
    states = call.contract.states
    for story, one in _told(call, history):
        if one.state not in states or any(before.state == one.state for _, before in story.callbacks):
            continue
        for other, before in story.callbacks:
            if before.state in states and one.state not in reachable(states, before.state):
                actual = f"{one.state} after {before.state} (callback {other.number})"
                yield _breach(call, "a state that can follow", actual, one, "job.state")
                break


@check("callbacks.once", "A state is reported once, unless the receiver answered with an error.")
def once(call: Call, history: History) -> Iterator[Breach]:
    """Taken is what was answered with 2xx, and at once: who waits long for an answer may try again."""
    for story, one in _told(call, history):
        for other, before in story.callbacks:
            taken = other.exchange.status in _RIGHT and other.exchange.took < _LONG
            if taken and before.state == one.state is not None:
                at = f"{of_callback(call)}/responses/200"
                actual = f"told again after callback {other.number}, answered {other.exchange.status}"
                yield Breach(f"{one.state} once", actual, at, at=one.at, job=one.job)
                break


@check("callbacks.agree", "A callback does not contradict the answers before it.")
def agree(call: Call, history: History) -> Iterator[Breach]:
    """A callback may come late, so that it is behind; but not with a later change than the answer's."""
    states = call.contract.states
    for story, one in _told(call, history):
        yield from _otherwise(call, one, story.before(call))
        for other, before in story.before(call):
            if one.state not in states or before.state not in states or one.state == before.state:
                continue
            behind = before.state in reachable(states, one.state) and not _later(one, before)
            if not behind and one.state not in reachable(states, before.state):
                actual = f"{one.state}, though call {other.number} was answered {before.state}"
                yield _breach(call, f"{before.state}, or what can follow", actual, one, "job.state")
                break


@check("callbacks.read-agrees", "An answer is not behind the callbacks that arrived before its request.")
def read_agrees(call: Call, history: History) -> Iterator[Breach]:
    """Of any answer that shows a state."""
    states = call.contract.states
    for one in () if call.exchange.callback else call.sightings:
        story = history.jobs.get(one.job or "")
        if story is not None:
            before = [(other, told) for other, told in story.callbacks if other.answered_at <= call.exchange.at]
            yield from _otherwise(call, one, before)
        for other, told in story.callbacks if story is not None and one.state in states else ():
            if other.answered_at > call.exchange.at or told.state not in states or told.state == one.state:
                continue
            if one.state not in reachable(states, told.state):
                actual = f"{one.state}, though callback {other.number} told {told.state}"
                fact = one.facts["job.state"]
                yield Breach(
                    f"{told.state}, or what can follow",
                    actual,
                    of_answer(call, fact.at),
                    at=fact.at,
                    job=one.job,
                )
                break


def _otherwise(call: Call, one: Sighting, before: Sequence[tuple[Call, Sighting]]) -> Iterator[Breach]:
    """Why the job failed, told otherwise than by the latest before."""
    mine, name = one.facts.get("job.reason"), "job.reason"
    told = (
        (other, was.facts[name])
        for other, was in reversed(before)
        if was.state == one.state and name in was.facts
    )
    other, theirs = next(told, (None, None))
    if mine is None or other is None or theirs is None or mine.value == theirs.value:
        return
    expected, at = f"{brief(theirs.value)}, as in call {other.number}", of_answer(call, mine.at)
    yield Breach(expected, brief(mine.value), at, at=mine.at, job=one.job)


@check("callbacks.link", "A callback that reports success has a link to the clip.")
def link(call: Call, history: History) -> Iterator[Breach]:
    """Where callbacks can tell of one."""
    for one in call.sightings if call.callback_of is not None else ():
        if one.phase == "succeeded" and "media.video" in call.fact_names and not one.text("media.video"):
            yield _breach(call, "a link to the clip", "none", one)


@closing_check("callbacks.known", "A callback is about a job that a submit returned.")
def known(history: History) -> Iterator[Breach]:
    """Judged where every submit with that URL has a job in the record."""
    for story in history.jobs.values():
        if story.sightings or not story.callbacks:
            continue
        call, one = story.callbacks[0]
        submits = [one for one in history.calls if one.role == "submit" and _url(one) == call.exchange.url]
        if submits and all(one.sightings or one.exchange.status in _REFUSED for one in submits):
            breach = _breach(
                call, "a job that was submitted", f"job {story.job}, which nobody has", one, "job.id"
            )
            yield breach


@closing_check("callbacks.ended", "A callback reports the end of a job that asked for callbacks.")
def ended(history: History) -> Iterator[Breach]:
    """Judged where callbacks are recorded, and the recorder waited or the record goes on for a minute."""
    if not history.heard_out and not any(call.exchange.callback for call in history.calls):
        return
    latest = max(call.exchange.at for call in history.calls)
    for story in history.jobs.values():
        end = next(((call, one) for call, one in story.sightings if one.phase in ENDED), None)
        if end is None or story.submit is None or _url(story.submit) is None:
            continue
        waited = history.heard_out or latest - end[0].answered_at >= _PATIENCE
        if waited and not any(one.phase in ENDED for _, one in story.callbacks):
            yield Breach(
                f"a callback that tells {end[1].state}",
                "none",
                of_callback(story.submit),
                job=story.job,
                call=end[0],
            )


def _told(call: Call, history: History) -> Iterator[tuple[JobHistory, Sighting]]:
    """What a callback tells, with what is known of the job."""
    for one in call.sightings if call.callback_of is not None else ():
        story = history.jobs.get(one.job or "")
        if story is not None:
            yield story, one


def _url(submit: Call) -> str | None:
    """The URL that a submit asks to be told at."""
    if submit.operation is None or submit.operation.callback_at is None or not isinstance(submit.request_json, dict):
        return None
    url = follow(submit.request_json, submit.operation.callback_at)
    return url if isinstance(url, str) and url else None


def _later(one: Sighting, other: Sighting) -> bool:
    """Whether the first says of itself that it is from a later change."""
    mine, theirs = one.moment("job.updated_at"), other.moment("job.updated_at")
    return mine is not None and theirs is not None and mine > theirs


def _job(call: Call) -> str | None:
    return next((one.job for one in call.sightings), None)


def _breach(call: Call, expected: str, actual: str, one: Sighting | None = None, name: str = "") -> Breach:
    fact = one.facts.get(name) if one else None
    at = fact.at if fact else ""
    clause = of_answer(call, at) if fact else of_callback(call)
    return Breach(expected, actual, clause, at=at, job=one.job if one else _job(call), call=call)
