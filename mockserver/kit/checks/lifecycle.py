"""A job's life: documented words, legal steps, and facts that stay."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from mockserver.contract.model import Contract
from mockserver.contract.pointer import ABSENT, follow, parts
from mockserver.contract.violation import brief
from mockserver.kit.checks.base import Breach, check
from mockserver.kit.checks.observations import Observation, reachable, seen, told_at
from mockserver.kit.traffic.call import Call
from mockserver.kit.traffic.facts import AnswerFact
from mockserver.kit.traffic.history import History
from mockserver.kit.traffic.schema_nodes import of_answer, of_state
from mockserver.terms import ENDED

_ID: Final[Mapping[str, str]] = {
    "uuid": "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
    "digits": "[0-9]{%d}",
    "token": "[A-Za-z0-9_-]{%d}",
}
_IN_WORDS: Final[Mapping[str, str]] = {
    "uuid": "a UUID",
    "digits": "%d digits",
    "token": "%d characters of A-Z a-z 0-9 _ -",
}
_SO_SOON: Final = "ASSUMED no page says in which state a submit is answered"
_LIVE: Final = ("waiting", "running")


@check("lifecycle.word", "A job's state is one of the documented words.")
def word(call: Call, history: History) -> Iterator[Breach]:
    """A word of another spelling or case is another word."""
    for found in seen(call, history):
        state = found.fact("job.state")
        if state is not None and found.word is None:
            expected = f"one of {', '.join(call.contract.states)}"
            yield _about(found, state, expected, brief(state.value))


@check("lifecycle.beginning", "A submit answers with a state that a new job can have.")
def beginning(call: Call, history: History) -> Iterator[Breach]:
    """One that has ended belongs there only where the contract has a form for it."""
    for found in seen(call, history, frozenset({"submit"})):
        if found.word and found.word.phase in ENDED and found.word.phase not in _cases(call.template):
            words = [one.word for one in call.contract.states.values() if one.phase in _LIVE]
            state = found.one.facts["job.state"]
            expected = f"one of {', '.join(words)}"
            yield Breach(expected, found.word.word, source=_SO_SOON, at=state.at, job=found.story.job)


def _cases(template: Any) -> frozenset[str]:
    """The phases that a template has a form for."""
    if isinstance(template, list):
        return frozenset().union(*map(_cases, template))
    if not isinstance(template, dict):
        return frozenset()
    named = template.get("$when", [])
    phases = frozenset(named if isinstance(named, list) else [named])
    return phases.union(*map(_cases, template.values()))


@check("lifecycle.forward", "A job goes from state to state as documented, never back.")
def forward(call: Call, history: History) -> Iterator[Breach]:
    """States between two answers may be skipped."""
    yield from _steps(call, history, ended=False)


@check("lifecycle.final", "A job that has ended stays in the state it ended in.")
def final(call: Call, history: History) -> Iterator[Breach]:
    """An end is a state that nothing follows."""
    yield from _steps(call, history, ended=True)


def _steps(call: Call, history: History, *, ended: bool) -> Iterator[Breach]:
    for found in seen(call, history):
        for former, other in _left(found, ended=ended):
            legal = reachable(call.contract.states, former)
            actual = f"{found.one.state} after {former} (call {other.number})"
            expected = " or ".join((former, *legal)) + f" after {former}"
            yield _about(found, found.fact("job.state"), expected, actual, of_state(call.contract, former))


def _left(found: Observation, *, ended: bool) -> Iterator[tuple[str, Call]]:
    """A state seen before, an end or not, from which no way leads to the present one; at most one."""
    states, now = found.call.contract.states, found.word
    for word, (other, _) in found.story.first.items():
        if now is None or word not in states or other.answered_at > found.call.exchange.at:
            continue
        left = word != now.word and now.word not in reachable(states, word)
        if left and (states[word].phase in ENDED) == ended:
            yield word, other
            return


@check("lifecycle.lasting", "Facts about a job that has ended do not change.")
def lasting(call: Call, history: History) -> Iterator[Breach]:
    """The reason and the length stay the same; a link may be signed anew, but does not vanish."""
    for found in seen(call, history):
        former = next((one for _, one in found.earlier() if one.state == found.one.state), None)
        if former is None or found.one.phase not in ENDED:
            continue
        for name in ("job.reason", "media.seconds", "media.thumbnail", "media.watermarked"):
            said, now = former.text(name), found.one.text(name)
            gone = now is None if name.startswith("media.") and name != "media.seconds" else now != said
            if said and name in found.told and gone:
                yield _about(
                    found, found.one.facts.get(name), brief(said), "nothing" if now is None else brief(now)
                )


@check("lifecycle.echo", "An answer repeats the submitted values unchanged.")
def echo(call: Call, history: History) -> Iterator[Breach]:
    """Model, the client's own name for the job, and parts of the body; the same in every answer where the
    record does not have the submit."""
    for found in seen(call, history):
        for fact, submitted in _submitted(found) if found.submit else _repeated(found):
            if fact.value != submitted:
                yield _about(found, fact, f"{brief(submitted)}, as submitted", brief(fact.value))


def _submitted(found: Observation) -> Iterator[tuple[AnswerFact, Any]]:
    """Facts beside what the job's submit said of the same."""
    submit = found.submit
    if submit is None or submit.operation is None or not isinstance(submit.request_json, dict):
        return
    model, alias = found.fact("job.model"), found.fact("job.alias")
    if model is not None and submit.model is not None:
        yield model, submit.model
    named = follow(submit.request_json, submit.operation.alias_at) if submit.operation.alias_at else ABSENT
    if named is not ABSENT and named and "job.alias" in found.told:
        yield alias or AnswerFact(None, told_at(found.call.template, "job.alias") or found.one.at), named
    for at, fact in found.one.echoes.items():
        value = follow(submit.request_json, parts(at))
        if value is not ABSENT:
            yield fact, value


def _repeated(found: Observation) -> Iterator[tuple[AnswerFact, Any]]:
    """Facts beside what the latest answer before had."""
    names = ("job.model", "job.alias")
    mine = {**{name: found.one.facts.get(name) for name in names}, **found.one.echoes}
    for name, fact in mine.items():
        told = (one.facts.get(name) or one.echoes.get(name) for _, one in found.earlier())
        former = next((one for one in told if one is not None), None)
        if fact is not None and former is not None:
            yield fact, former.value


@check("lifecycle.link", "A job that has succeeded has a link to its clip.")
def link(call: Call, history: History) -> Iterator[Breach]:
    """In every answer that can tell of one; to the watermarked one as well, where that was asked for."""
    for found in seen(call, history):
        if found.one.phase == "succeeded":
            for name, what in _wanted(found):
                if name in found.told and not found.one.text(name):
                    fact = found.one.facts.get(name)
                    at = told_at(call.template, name) if name == "media.watermarked" else None
                    yield _about(
                        found, fact or (AnswerFact(None, at) if at else None), f"a link to {what}", "none"
                    )


def _wanted(found: Observation) -> Iterator[tuple[str, str]]:
    yield "media.video", "the clip"
    if found.submit is not None and found.submit.media_value("watermark") is True:
        yield "media.watermarked", "the watermarked clip"


@check("lifecycle.early-link", "A job that has not succeeded has no link.")
def early_link(call: Call, history: History) -> Iterator[Breach]:
    """Neither to a clip nor to a thumbnail."""
    for found in seen(call, history):
        if found.one.phase not in (None, "succeeded") and found.one.links:
            name = next(name for name in found.one.facts if found.one.text(name) == found.one.links[0])
            actual = f"{found.one.links[0]} while {found.one.state}"
            yield _about(found, found.one.facts[name], "no link before success", actual)


@check("lifecycle.reason", "A job that has failed says why.")
def reason(call: Call, history: History) -> Iterator[Breach]:
    """In every answer that can tell of it."""
    for found in seen(call, history):
        if found.one.phase == "failed" and "job.reason" in found.told and not found.one.text("job.reason"):
            yield _about(found, found.one.facts.get("job.reason"), "the reason of the failure", "none")


@check("lifecycle.id", "A submit answers with an id of the documented shape.")
def shape(call: Call, history: History) -> Iterator[Breach]:
    """Kind, length and prefix."""
    contract = call.contract
    for found in seen(call, history, frozenset({"submit"})):
        if not _fits(contract, found.story.job):
            after = f", after {contract.id_prefix!r}" if contract.id_prefix else ""
            text = _IN_WORDS[contract.id_kind]
            text = text % contract.id_length if "%d" in text else text
            yield _about(found, found.fact("job.id"), text + after, brief(found.story.job), "/x-job/id")


def _fits(contract: Contract, name: str) -> bool:
    form = _ID[contract.id_kind]
    form = form % contract.id_length if "%d" in form else form
    return re.fullmatch(re.escape(contract.id_prefix) + form, name) is not None


@check("lifecycle.fresh", "Every submit creates a new job.")
def fresh(call: Call, history: History) -> Iterator[Breach]:
    """No id is given twice."""
    for found in seen(call, history, frozenset({"submit"})):
        known = history.jobs.get(found.story.job)
        if known is not None and (known.submit is not None or known.before(call)):
            first = known.submit or known.sightings[0][0]
            yield _about(
                found, found.fact("job.id"), "an id that no other job has", f"that of call {first.number}"
            )


@check("lifecycle.named", "An answer is about the job or model that the request names.")
def named(call: Call, history: History) -> Iterator[Breach]:
    """By its id, or by the client's own name where the contract takes that."""
    for found in seen(call, history, frozenset({"read", "cancel"})):
        story, asked = history.job(call), call.object_id
        by_alias = call.operation is not None and "alias" in call.operation.by
        names = {found.story.job, found.one.text("job.alias") if by_alias else None}
        right = asked in names if story is None else story.job == found.story.job
        if asked is not None and not right:
            yield _about(found, found.fact("job.id"), f"job {asked}", f"job {found.story.job}")
    for one in call.sightings if call.role == "model" else ():
        fact = one.facts.get("model.id")
        if fact is not None and fact.value != call.object_id:
            yield Breach(f"model {call.object_id}", brief(fact.value), of_answer(call, fact.at), at=fact.at)


@check("lifecycle.cancelled", "A job whose cancel request was accepted is cancelled, unless it had ended before.")
def cancelled(call: Call, history: History) -> Iterator[Breach]:
    """Seen in the answer itself and in every later one."""
    for found in seen(call, history):
        asked = call.exchange.at
        stops = [one for one in found.story.cancels if one.succeeded and one.answered_at <= asked]
        stop = call if call.role == "cancel" else next(iter(stops), None)
        if stop is None or found.one.phase in (None, "cancelled"):
            continue
        if not any(one.phase in ENDED for _, one in found.story.before(stop)):
            yield _about(
                found, found.fact("job.state"), "cancelled", f"{found.one.state} after call {stop.number}"
            )


def _about(
    found: Observation, fact: AnswerFact | None, expected: str, actual: str, clause: str = ""
) -> Breach:
    return Breach(
        expected,
        actual,
        clause or found.clause(fact),
        at=fact.at if fact else found.one.at,
        job=found.story.job,
    )
