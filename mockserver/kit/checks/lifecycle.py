"""A job's life: documented states, legal transitions, and facts that stay."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from mockserver.contract.lifecycle import first_of_phase
from mockserver.contract.pointer import ABSENT, follow, parts
from mockserver.contract.violation import brief
from mockserver.kit.checks import observations
from mockserver.kit.checks.base import Breach, check
from mockserver.kit.checks.job_ids import has_shape, shape_in_words
from mockserver.kit.checks.observations import (
    Observation,
    can_follow,
    observe,
    promised_links,
    shown_words,
)
from mockserver.kit.traffic.call import Call
from mockserver.kit.traffic.facts import AnswerFact, Sighting
from mockserver.kit.traffic.history import History
from mockserver.kit.traffic.schema_nodes import of_answer, of_state
from mockserver.kit.traffic.submitted_texts import alias_in
from mockserver.terms import ENDED

_FIRST_STATE: Final = "ASSUMED no page says in which state a submit is answered"
_LIVE: Final = ("waiting", "running")
_SUBMIT: Final = frozenset({"submit"})


@check("lifecycle.word", "A job's state is one of the documented words.")
def word(call: Call, history: History) -> Iterator[Breach]:
    """A word in another spelling or case is another word."""
    for observation in observe(call, history):
        state = observation.fact("job.state")
        if state is not None and not observation.sighting.states:
            expected = f"one of {', '.join(shown_words(call.contract.states.values()))}"
            yield _breach(observation, state, expected, brief(state.value))


@check("lifecycle.beginning", "A submit answers with a state that a new job can have.")
def beginning(call: Call, history: History) -> Iterator[Breach]:
    """An end state only if the contract's answer has a form for it."""
    for observation in observe(call, history, _SUBMIT):
        sighting = observation.sighting
        phases = {state.phase for state in sighting.states}
        if sighting.ended and not phases & (_cases(call.template) | {*call.well}):
            states = call.contract.states.values()
            live = shown_words(state for state in states if state.phase in _LIVE)
            expected, actual = f"one of {', '.join(live)}", str(sighting.state or sighting.name)
            at, job = sighting.state_pointer, observation.job.job_id
            yield Breach(expected, actual, source=_FIRST_STATE, at=at, job=job)


def _cases(template: Any) -> frozenset[str]:
    """The phases that a template has a form for."""
    if isinstance(template, list):
        return frozenset().union(*map(_cases, template))
    if not isinstance(template, dict):
        return frozenset()
    named = template.get("$when", [])
    phases = frozenset([named] if isinstance(named, str) else named)
    return phases.union(*map(_cases, template.values()))


@check("lifecycle.forward", "A job goes from state to state as documented, never back.")
def forward(call: Call, history: History) -> Iterator[Breach]:
    """A job may pass through several states between two answers."""
    yield from _illegal_transitions(call, history, ended=False)


@check("lifecycle.final", "A job that has ended stays in the state it ended in.")
def final(call: Call, history: History) -> Iterator[Breach]:
    """An end is a state that nothing follows."""
    yield from _illegal_transitions(call, history, ended=True)


def _illegal_transitions(call: Call, history: History, *, ended: bool) -> Iterator[Breach]:
    for observation in observe(call, history):
        earlier = _unreachable_from(observation, ended=ended)
        if earlier is not None:
            before, other = earlier
            former, now = (" or ".join(shown_words(each.states)) for each in (before, observation.sighting))
            legal = dict.fromkeys((former, *shown_words(observations.followers(call.contract, before))))
            expected = " or ".join(legal) + f" after {former}"
            actual = f"{now} after {former} (call {other.number})"
            clause = of_state(call.contract, before.states[0].word)
            yield _breach(observation, observation.fact("job.state"), expected, actual, clause)


def _unreachable_from(observation: Observation, *, ended: bool) -> tuple[Sighting, Call] | None:
    """An earlier state (an end state or not) that cannot lead to the present one, and the call with it."""
    contract, now = observation.call.contract, observation.sighting
    for other, former in observation.job.first_by_state.values():
        in_time = other.answered_at <= observation.call.exchange.at
        if in_time and former.ended == ended and not can_follow(contract, former, now):
            return former, other
    return None


@check("lifecycle.lasting", "Facts about a job that has ended do not change.")
def lasting(call: Call, history: History) -> Iterator[Breach]:
    """The reason and the length stay the same. A link may be signed anew, but does not vanish."""
    for observation in observe(call, history):
        if not observation.sighting.ended:
            continue
        state, earlier = observation.sighting.state, observation.earlier()
        former = next((other for _, other in earlier if other.ended and other.state == state), None)
        if former is None:
            continue
        for name in ("job.reason", "media.seconds", "media.thumbnail", "media.watermarked"):
            before, now = former.text(name), observation.sighting.text(name)
            if not before or now == before or name not in observation.possible_facts:
                continue
            if now is None or name in ("job.reason", "media.seconds"):
                actual = "nothing" if now is None else brief(now)
                yield _breach(observation, observation.sighting.facts.get(name), brief(before), actual)


@check("lifecycle.echo", "An answer repeats the submitted values unchanged.")
def echo(call: Call, history: History) -> Iterator[Breach]:
    """The model, the client's own name for the job, and parts of the body. If the record does not have the
    submit, every answer must repeat what the one before had."""
    for observation in observe(call, history):
        pairs = _repeated(observation) if observation.submit is None else _submitted(observation)
        for fact, submitted in pairs:
            if fact.value != submitted:
                yield _breach(observation, fact, f"{brief(submitted)}, as submitted", brief(fact.value))


def _submitted(observation: Observation) -> Iterator[tuple[AnswerFact, Any]]:
    """Facts of the answer, each with the submitted value that it repeats."""
    submit = observation.submit
    if submit is None or submit.operation is None or not isinstance(submit.request_json, dict):
        return
    model = observation.fact("job.model")
    if model is not None and submit.model is not None:
        yield model, submit.model
    alias = alias_in(submit.operation, submit.request_json, submit.parameters)
    if alias is not None and "job.alias" in observation.possible_facts:
        yield observation.fact("job.alias") or _absent_fact(observation, "job.alias"), alias
    # Of a body in which null counts as not sent, either form is a repetition.
    body = submit.operation.body
    present = body.present(submit.request_json) if body else submit.request_json
    for at, fact in observation.sighting.echoes.items():
        value = follow(submit.request_json, parts(at))
        if value is not ABSENT and fact.value != follow(present, parts(at)):
            yield fact, value


def _absent_fact(observation: Observation, name: str) -> AnswerFact:
    """A fact that the answer lacks, at the place where its template puts it."""
    at = observations.fact_pointer(observation.call.template, name)
    return AnswerFact(None, at or observation.sighting.pointer)


def _repeated(observation: Observation) -> Iterator[tuple[AnswerFact, Any]]:
    """Facts of the answer, each with the value that the latest answer before had."""
    facts = {name: observation.sighting.facts.get(name) for name in ("job.model", "job.alias")}
    for name, fact in {**facts, **observation.sighting.echoes}.items():
        earlier = (other.facts.get(name) or other.echoes.get(name) for _, other in observation.earlier())
        former = next((value for value in earlier if value is not None), None)
        if fact is not None and former is not None:
            yield fact, former.value


@check("lifecycle.link", "A job that has succeeded has a link to its clip.")
def link(call: Call, history: History) -> Iterator[Breach]:
    """In every answer that can state one; also a link to the watermarked clip, if the submit asked for it."""
    for observation in observe(call, history):
        if observation.sighting.phase != "succeeded":
            continue
        for name, clip in promised_links(observation):
            if name in observation.possible_facts and not observation.sighting.text(name):
                fact = observation.sighting.facts.get(name)
                if fact is None and name == "media.watermarked":
                    fact = _absent_fact(observation, name)
                yield _breach(observation, fact, f"a link to {clip}", "none")


@check("lifecycle.early-link", "A job that has not succeeded has no link, unless its state may.")
def early_link(call: Call, history: History) -> Iterator[Breach]:
    """Neither to a clip nor to a thumbnail."""
    for observation in observe(call, history):
        sighting = observation.sighting
        may = any(state.links for state in sighting.states)
        if sighting.phase not in (None, "succeeded") and sighting.links and not may:
            first = sighting.links[0]
            fact = next(fact for name, fact in sighting.facts.items() if sighting.text(name) == first)
            yield _breach(observation, fact, "no link before success", f"{first} while {sighting.state}")


@check("lifecycle.reason", "A job that has failed says why.")
def reason(call: Call, history: History) -> Iterator[Breach]:
    """In every answer that can state the reason."""
    for observation in observe(call, history):
        sighting = observation.sighting
        possible = "job.reason" in observation.possible_facts
        if sighting.phase == "failed" and possible and not sighting.text("job.reason"):
            yield _breach(observation, sighting.facts.get("job.reason"), "the reason of the failure", "none")


@check("lifecycle.id", "A submit answers with an id of the documented shape.")
def shape(call: Call, history: History) -> Iterator[Breach]:
    """Kind, length and prefix."""
    for observation in observe(call, history, _SUBMIT):
        job_id = observation.job.job_id
        if not has_shape(call.contract, job_id):
            expected = shape_in_words(call.contract)
            yield _breach(observation, observation.fact("job.id"), expected, brief(job_id), "/x-job/id")


@check("lifecycle.fresh", "Every submit creates a new job.")
def fresh(call: Call, history: History) -> Iterator[Breach]:
    """No id is given twice."""
    for observation in observe(call, history, _SUBMIT):
        known = history.jobs.get(observation.job.job_id)
        if known is not None and (known.submit is not None or any(known.sightings_before(call))):
            first = known.submit or known.sightings[0][0]
            fact = observation.fact("job.id")
            yield _breach(observation, fact, "an id that no other job has", f"that of call {first.number}")


@check("lifecycle.named", "An answer is about the job or model that the request names.")
def named(call: Call, history: History) -> Iterator[Breach]:
    """A request names a job by its id, or by the client's own name if the contract takes that."""
    for observation in observe(call, history, frozenset({"read", "cancel"})):
        job_id = observation.job.job_id
        if call.object_id is not None and not _is_named(call, history, observation):
            fact = observation.fact("job.id")
            yield _breach(observation, fact, f"job {call.object_id}", f"job {job_id}")
    if call.role != "model":
        return
    for sighting in call.sightings:
        model = sighting.facts.get("model.id")
        if model is not None and model.value != call.object_id:
            clause = of_answer(call, model.pointer)
            yield Breach(f"model {call.object_id}", brief(model.value), clause, at=model.pointer)


def _is_named(call: Call, history: History, observation: Observation) -> bool:
    """Whether a read or cancel names the job that its answer shows."""
    job = history.job_of(call)
    if job is not None:
        return job.job_id == observation.job.job_id
    names: set[str | None] = {observation.job.job_id}
    if call.operation is not None and "alias" in call.operation.by:
        names.add(observation.sighting.text("job.alias"))
    return call.object_id in names


@check(
    "lifecycle.cancelled", "A job whose cancel request was accepted is cancelled, unless it had ended before."
)
def cancelled(call: Call, history: History) -> Iterator[Breach]:
    """In the answer to the cancel request and in every later answer, or in a state that leads to no other
    end. Where the contract has no cancelled state, the job fails."""
    expected = "cancelled" if first_of_phase(call.contract.states, "cancelled") else "failed"
    for observation in observe(call, history):
        cancel = _accepted_cancel(call, observation)
        if cancel is None or observation.sighting.phase in (None, expected):
            continue
        if not observation.job.came_too_late(cancel, expected) and not _leads_to(observation, expected):
            shown = observation.sighting.state or observation.sighting.phase
            actual = f"{shown} after call {cancel.number}"
            yield _breach(observation, observation.fact("job.state"), expected, actual)


def _leads_to(observation: Observation, phase: str) -> bool:
    """Whether the present state, such as one of a job that is being cancelled, has an end of that phase
    before it and no other but failure."""
    following = observations.followers(observation.call.contract, observation.sighting)
    ends = {state.phase for state in following if state.phase in ENDED}
    return phase in ends and ends <= {phase, "failed"}


def _accepted_cancel(call: Call, observation: Observation) -> Call | None:
    """The call itself if it is a cancel, else the first cancel that was accepted before it was sent."""
    if call.role == "cancel":
        return call
    earlier = (cancel for cancel in observation.job.cancels if cancel.answered_at <= call.exchange.at)
    return next((cancel for cancel in earlier if cancel.succeeded), None)


def _breach(
    observation: Observation, fact: AnswerFact | None, expected: str, actual: str, clause: str = ""
) -> Breach:
    return Breach(
        expected,
        actual,
        clause or observation.clause(fact),
        at=fact.pointer if fact else observation.sighting.pointer,
        job=observation.job.job_id,
    )
