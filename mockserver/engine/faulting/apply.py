"""Requests that rules or markers are about: the faults that act on them, in the order of the seams."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mockserver.contract.pointer import follow
from mockserver.engine.actions import ACTIONS, ActionContext
from mockserver.engine.answering import Answering
from mockserver.engine.faulting.select import FaultSelector, Fired, bend, callback_faults, change, instead
from mockserver.engine.message import Header, Response
from mockserver.engine.request_context import RequestContext
from mockserver.faults.seams import Replacement, Reply, RequestFacts
from mockserver.jobs.job import Plan

if TYPE_CHECKING:
    from mockserver.faults.rule import Rule

Rules = Sequence["Rule"]


def prompt_rules(call: RequestContext) -> Rules:
    """The rules that markers in the submitted prompt stand for; a marker that makes none is a warning."""
    path = call.contract.media.get("prompt")
    prompt = follow(call.job.request if call.job else call.body, path) if path else ""
    if not isinstance(prompt, str) or "[mock:" not in prompt:
        return ()
    # Imported here, as a server whose prompts carry no marker needs none of it.
    from mockserver.faults import marked

    found = marked.prompt_rules(prompt)
    if call.job is None:
        call.warnings += found.complaints
    return found.rules


async def submit(
    faulting: FaultSelector, answering: Answering, room: ActionContext, call: RequestContext, rules: Rules
) -> Response:
    """Carry a submit out, or not, as the faults that are due will have it."""
    subject = await faulting.subject(call, None)
    fired = await faulting.due(subject, rules)
    call.faults = tuple(one.cause for one in fired)
    given = instead(fired, subject)
    if given is not None:
        return _given(answering, call, given)
    call.bend = lambda plan: _remember(bend(call.contract, plan, fired), rules)
    call.callback_faults = callback_faults(fired)
    response = answering.answer(call, await ACTIONS["submit"](room, call))
    job_id = call.job.id if call.job else ""
    return change(response, fired, subject._replace(job_id=job_id))


def _remember(plan: Plan, rules: Rules) -> Plan:
    """The plan with the names of all its job's markers, so that later answers know of them."""
    names = (rule.id for rule in rules if rule.id not in plan.faults)
    return plan._replace(faults=(*plan.faults, *names))


async def answer(
    faulting: FaultSelector, answering: Answering, call: RequestContext, when: str, marks: Rules
) -> Response:
    """Answer about what was carried out, as the faults that are due will have it."""
    rules = (*marks, *prompt_rules(call)) if call.job else marks
    subject = await faulting.subject(call, call.job)
    fired = await faulting.due(subject, rules)
    call.faults = tuple(one.cause for one in fired)
    given = instead(fired, subject)
    if given is not None:
        return _given(answering, call, given)
    if call.operation.role == "read" and call.state is not None and call.state.phase == "succeeded":
        call.link = await faulting.link(call)
    return _changed(answering.answer(call, when), fired, subject)


def _changed(response: Response, fired: Sequence[Fired], subject: RequestFacts) -> Response:
    return change(response, fired, subject) if fired else response


def _given(answering: Answering, call: RequestContext, given: Replacement) -> Response:
    """The answer that a fault gives in place of the real one, in the contract's words where it has any."""
    names = (given.when, *given.otherwise)
    when = next((name for name in names if name and name in call.operation.answers), None)
    if when is None:
        response = Response(given.status or 200, [], given.body)
    else:
        call.error = given.message
        response = answering.answer(call, when)
        response.status = given.status or response.status
    response.headers = _headers(response.headers, given)
    if given.gone:
        response.reply = Reply(response.status, response.headers, response.body, gone=given.gone)
    return response


def _headers(own: Sequence[Header], given: Replacement) -> list[Header]:
    added = [(name.lower().encode(), value.encode("latin-1")) for name, value in given.headers]
    gone = {name for name, _ in added} | {name.lower().encode() for name in given.without}
    return [*(header for header in own if header[0].lower() not in gone), *added]
