"""Callbacks: what a job's callback URL receives."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from mockserver.contract.pointer import ABSENT, follow
from mockserver.contract.violation import brief
from mockserver.kit.checks.base import Breach, check, closing_check, describe
from mockserver.kit.checks.observations import can_follow
from mockserver.kit.traffic import answer_templates
from mockserver.kit.traffic.call import Call
from mockserver.kit.traffic.credentials import media_type
from mockserver.kit.traffic.curl import SECRET_HEADERS
from mockserver.kit.traffic.facts import Sighting
from mockserver.kit.traffic.history import History, JobHistory
from mockserver.kit.traffic.schema_nodes import of_answer, of_callback
from mockserver.kit.traffic.submitted_texts import callback_url_in

_SUCCESS: Final = range(200, 300)
_REFUSED: Final = range(400, 500)
_SLOW: Final = 1.0
"""Seconds after which a sender may have given up waiting for the receiver's answer."""
_PATIENCE: Final = 60.0
"""Seconds of record after a job's end in which its callback must come, unless the recorder waited."""


@check("callbacks.body", "A callback's body has the documented form.")
def body(call: Call, history: History) -> Iterator[Breach]:
    """By the schema of the submit's `callbacks`."""
    if call.callback_of is None or call.callback_of.callback is None or call.exchange.cut:
        return
    schema = call.callback_of.callback.schema
    if call.request_json is ABSENT:
        actual = "no JSON" if call.exchange.request_body else "an empty body"
        yield _breach(call, "JSON", actual)
    elif schema is not None and not schema.is_valid(call.request_json):
        for violation in schema.explain(call.request_json):
            yield Breach(
                violation.expected,
                describe(violation),
                violation.clause,
                at=violation.pointer,
                job=_job_id(call),
            )


@check("callbacks.type", "A callback is sent by POST in the documented content type.")
def kind(call: Call, history: History) -> Iterator[Breach]:
    """Parameters of the type, such as its character set, do not matter."""
    if call.callback_of is None:
        return
    at = answer_templates.callback_at(call.contract, call.callback_of)
    documented = follow(call.contract.document, (*at, "requestBody", "content"))
    stated = media_type(call.exchange.request_header("content-type") or "none")
    if isinstance(documented, dict) and documented and stated not in documented:
        yield _breach(call, " or ".join(documented), stated)
    if call.exchange.method != "POST":
        yield _breach(call, "POST", call.exchange.method)


@check("callbacks.key", "A callback carries no key.")
def key(call: Call, history: History) -> Iterator[Breach]:
    """The receiver is not the provider, and its URL may be anybody's."""
    if call.callback_of is None:
        return
    for name in sorted(SECRET_HEADERS):
        if call.exchange.request_header(name):
            source = "ASSUMED the receiver is not the provider"
            yield Breach("no credential", f"a header {name}", source=source)


@check("callbacks.asked", "A callback goes only to the URL that its job was submitted with.")
def destination(call: Call, history: History) -> Iterator[Breach]:
    """Only if the record has the job's submit."""
    for job, sighting in _reports(call, history):
        if job.submit is None:
            continue
        url = _url(job.submit)
        if url is None:
            yield _breach(call, "no callback, as none was asked for", f"one to {call.exchange.url}", sighting)
        elif url != call.exchange.url:
            yield _breach(call, f"a callback to {url}", f"one to {call.exchange.url}", sighting)


@check("callbacks.forward", "Callbacks report a job's states in the documented order.")
def forward(call: Call, history: History) -> Iterator[Breach]:
    """A state may be reported again later if the receiver answered with an error."""
    for job, sighting in _reports(call, history):
        if any(before.states == sighting.states for _, before in job.callbacks):
            continue
        for other, before in job.callbacks:
            if not can_follow(call.contract, before, sighting):
                actual = f"{sighting.state} after {before.state} (callback {other.number})"
                yield _breach(call, "a state that can follow", actual, sighting, "job.state")
                break


@check("callbacks.once", "A state is reported once, unless the receiver answered with an error.")
def once(call: Call, history: History) -> Iterator[Breach]:
    """A callback counts as delivered if the answer was 2xx and came at once: a sender that waits long for
    an answer may try again."""
    for job, sighting in _reports(call, history):
        for other, before in job.callbacks:
            delivered = other.exchange.status in _SUCCESS and other.exchange.took < _SLOW
            if delivered and before.state == sighting.state is not None and len(sighting.states) < 2:
                clause = f"{of_callback(call)}/responses/200"
                actual = f"reported again after callback {other.number}, answered {other.exchange.status}"
                yield Breach(
                    f"{sighting.state} once", actual, clause, at=sighting.pointer, job=sighting.job_id
                )
                break


@check("callbacks.agree", "A callback does not contradict the answers before it.")
def agree(call: Call, history: History) -> Iterator[Breach]:
    """A late callback may report an older state, but not with a later time of change than the answer's."""
    for job, sighting in _reports(call, history):
        earlier = list(job.sightings_before(call))[::-1]
        yield from _different_reason(call, sighting, earlier)
        for other, before in earlier:
            late = can_follow(call.contract, sighting, before) and not _is_later(sighting, before)
            if not late and not can_follow(call.contract, before, sighting):
                actual = f"{sighting.state}, though call {other.number} was answered {before.state}"
                yield _breach(call, f"{before.state}, or what can follow", actual, sighting, "job.state")
                break


@check("callbacks.read-agrees", "An answer is not behind the callbacks that arrived before its request.")
def read_agrees(call: Call, history: History) -> Iterator[Breach]:
    """In every answer that states a job's state."""
    if call.exchange.callback:
        return
    for sighting in call.sightings:
        job = history.jobs.get(sighting.job_id or "")
        if job is not None:
            sent_at = call.exchange.at
            before = [(other, report) for other, report in job.callbacks if other.answered_at <= sent_at]
            yield from _different_reason(call, sighting, before)
            yield from _behind(call, sighting, before)


def _behind(call: Call, sighting: Sighting, before: Sequence[tuple[Call, Sighting]]) -> Iterator[Breach]:
    """A breach if a state that was reported before cannot lead to the present one; at most one."""
    for other, report in before:
        if not can_follow(call.contract, report, sighting):
            actual = f"{sighting.state}, though callback {other.number} reported {report.state}"
            expected, at = f"{report.state}, or what can follow", sighting.state_pointer
            yield Breach(expected, actual, of_answer(call, at), at=at, job=sighting.job_id)
            return


def _different_reason(
    call: Call, sighting: Sighting, before: Sequence[tuple[Call, Sighting]]
) -> Iterator[Breach]:
    """A breach if the reason of a failure is not the one that was given last."""
    reason = sighting.facts.get("job.reason")
    if reason is None:
        return
    for other, earlier in reversed(before):
        former = earlier.facts.get("job.reason")
        if earlier.state == sighting.state and former is not None:
            if former.value != reason.value:
                expected, at = f"{brief(former.value)}, as in call {other.number}", reason.pointer
                yield Breach(expected, brief(reason.value), of_answer(call, at), at=at, job=sighting.job_id)
            return


@check("callbacks.link", "A callback that reports success has a link to the clip.")
def link(call: Call, history: History) -> Iterator[Breach]:
    """If the documented callback can have one."""
    links = [name for name in ("media.video", "media.image") if name in call.fact_names]
    if call.callback_of is None or not links:
        return
    for sighting in call.sightings:
        if sighting.phase == "succeeded" and not any(map(sighting.text, links)):
            yield _breach(call, "a link to the clip", "none", sighting)


@closing_check("callbacks.known", "A callback is about a job that a submit returned.")
def known(history: History) -> Iterator[Breach]:
    """Only if every submit with that URL has a job in the record."""
    for job in history.jobs.values():
        if job.sightings or not job.callbacks:
            continue
        call, sighting = job.callbacks[0]
        submits = [other for other in history.calls if other.role == "submit"]
        submits = [submit for submit in submits if _url(submit) == call.exchange.url]
        if submits and all(submit.sightings or submit.exchange.status in _REFUSED for submit in submits):
            actual = f"job {job.job_id}, which no submit returned"
            yield _breach(call, "a job that was submitted", actual, sighting, "job.id")


@closing_check("callbacks.ended", "A callback reports the end of a job that asked for callbacks.")
def ended(history: History) -> Iterator[Breach]:
    """Only if callbacks are recorded, and the recorder waited or the record goes on for a minute."""
    if not history.callbacks_complete and not any(call.exchange.callback for call in history.calls):
        return
    latest = max(call.exchange.at for call in history.calls)
    for job in history.jobs.values():
        end = next(((call, sighting) for call, sighting in job.sightings if sighting.ended), None)
        if end is None or job.submit is None or _url(job.submit) is None:
            continue
        if not history.takes_callbacks_at(_url(job.submit) or ""):
            continue
        call, sighting = end
        waited = history.callbacks_complete or latest - call.answered_at >= _PATIENCE
        if waited and not job.end_reported:
            expected = f"a callback that reports {sighting.state}"
            yield Breach(expected, "none", of_callback(job.submit), job=job.job_id, call=call)


def _reports(call: Call, history: History) -> Iterator[tuple[JobHistory, Sighting]]:
    """What a callback reports about each known job; nothing if the call is not a callback."""
    if call.callback_of is None:
        return
    for sighting in call.sightings:
        job = history.jobs.get(sighting.job_id or "")
        if job is not None:
            yield job, sighting


def _url(submit: Call) -> str | None:
    return callback_url_in(submit.operation, submit.request_json, submit.parameters)


def _is_later(sighting: Sighting, other: Sighting) -> bool:
    """Whether the first has a later time of change; False if either has none."""
    changed, other_changed = sighting.moment("job.updated_at"), other.moment("job.updated_at")
    return changed is not None and other_changed is not None and changed > other_changed


def _job_id(call: Call) -> str | None:
    return next((sighting.job_id for sighting in call.sightings), None)


def _breach(
    call: Call, expected: str, actual: str, sighting: Sighting | None = None, fact: str = ""
) -> Breach:
    """A breach at a fact of the callback; without one, at the whole of it."""
    job_id = _job_id(call)
    if sighting is not None:
        job_id = sighting.job_id
        if fact in sighting.facts:
            at = sighting.facts[fact].pointer
            return Breach(expected, actual, of_answer(call, at), at=at, job=job_id, call=call)
    return Breach(expected, actual, of_callback(call), job=job_id, call=call)
