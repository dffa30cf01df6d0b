"""How the faults that act on a request change its job, its answer, its callbacks or its file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from mockserver.contract.model import Contract
from mockserver.engine.action_context import ActionContext
from mockserver.engine.actions import ACTIONS
from mockserver.engine.answering import Answering
from mockserver.engine.faulting.select import ActiveFaults, FaultSelector, Fired
from mockserver.engine.message import Header, Response
from mockserver.engine.request_context import RequestContext
from mockserver.faults.seams import Asset, PlanDraft, Replacement, Reply, Vocabulary
from mockserver.jobs.job import Plan, Step
from mockserver.jobs.reading import LATEST
from mockserver.jobs.records import MOST_STEPS

if TYPE_CHECKING:
    from mockserver.faults.base import CallbackFault
    from mockserver.faults.rule import Rule


async def submit(
    answering: Answering, action_context: ActionContext, context: RequestContext, faults: ActiveFaults
) -> Callable[[], Response]:
    """Carry a submit out under its faults, or replace its answer. Returns what makes the answer."""
    replacement = first_replacement(faults)
    if replacement is not None:
        response = _replaced(answering, context, replacement)
        return lambda: response
    markers = context.marker_rules
    context.change_plan = lambda plan: _remember(_change_plan(context.contract, plan, faults.fired), markers)
    context.callback_faults = _callback_faults(faults.fired)
    when = await ACTIONS["submit"](action_context, context)
    if context.job is not None:
        faults = faults._replace(facts=faults.facts._replace(job_id=context.job.id))
    return lambda: _change_response(answering.answer(context, when), faults)


def _remember(plan: Plan, marker_rules: Sequence[Rule]) -> Plan:
    """The plan with the names of all its job's markers, so that later answers know of them."""
    names = (rule.id for rule in marker_rules if rule.id not in plan.faults)
    return plan._replace(faults=(*plan.faults, *names))


async def answer(
    selector: FaultSelector, answering: Answering, context: RequestContext, when: str, faults: ActiveFaults
) -> Response:
    """Answer about what was carried out, under the faults of the request."""
    replacement = first_replacement(faults)
    if replacement is not None:
        return _replaced(answering, context, replacement)
    if context.operation.role == "read" and context.state is not None and context.state.phase == "succeeded":
        context.link = await selector.next_link(context)
    return _change_response(answering.answer(context, when), faults)


def first_replacement(faults: ActiveFaults) -> Replacement | None:
    """The answer of the first wire fault that gives one in place of the real one."""
    from mockserver.faults.base import WireFault

    for fired in faults.fired:
        if isinstance(fired.fault, WireFault):
            replacement = fired.fault.before(faults.facts)
            if replacement is not None:
                return replacement
    return None


def _replaced(answering: Answering, context: RequestContext, replacement: Replacement) -> Response:
    """The answer of a fault, in the contract's words where it has any."""
    when = _outcome(context, replacement)
    if when is None:
        response = Response(replacement.status or 200, [], replacement.body)
    else:
        context.error = replacement.message
        response = answering.answer(context, when)
        response.status = replacement.status or response.status
    response.headers = _headers(response.headers, replacement)
    if replacement.disconnect:
        response.reply = Reply(
            response.status, response.headers, response.body, disconnect=replacement.disconnect
        )
    return response


def _outcome(context: RequestContext, replacement: Replacement) -> str | None:
    """The first of the outcomes which the fault names that the operation has an answer for."""
    for when in (replacement.when, *replacement.fallbacks):
        if when and when in context.operation.answers:
            return when
    return None


def _headers(own: Sequence[Header], replacement: Replacement) -> list[Header]:
    added = [(name.lower().encode(), value.encode("latin-1")) for name, value in replacement.headers]
    removed = {name for name, _ in added} | {name.lower().encode() for name in replacement.removed_headers}
    return [*(header for header in own if header[0].lower() not in removed), *added]


def _change_response(response: Response, faults: ActiveFaults) -> Response:
    """The response as the wire faults make it reach the client."""
    from mockserver.faults.base import WireFault

    # A list that is sent while it is read cannot be changed any more.
    if not faults.fired or response.stream is not None:
        return response
    reply = Reply(response.status, response.headers, response.body, job_id=faults.facts.job_id)
    for fired in faults.fired:
        if isinstance(fired.fault, WireFault):
            fired.fault.after(reply, faults.facts)
    return Response(reply.status, reply.headers, reply.body, reply)


def _change_plan(contract: Contract, plan: Plan, faults: Sequence[Fired]) -> Plan:
    """The plan as the plan faults change it."""
    from mockserver.faults.base import PlanFault

    bending = [(fired.cause, fired.fault) for fired in faults if isinstance(fired.fault, PlanFault)]
    if not bending:
        return plan
    before = tuple((step.state, step.phase, step.lasts) for step in plan.steps)
    draft = PlanDraft(before, plan.reason, frozenset(plan.quirks))
    for _, fault in bending:
        draft = _within_bounds(fault.change(draft, vocabulary(contract)))
    steps = tuple(Step(word, phase, lasts) for word, phase, lasts in draft.steps)  # type: ignore[arg-type]
    quirks = set(draft.quirks)
    if any(step.state not in contract.states for step in steps):
        quirks.add("off-contract")
    names = (*plan.faults, *(cause for cause, _ in bending))
    return Plan(steps, plan.pace, plan.polls, draft.reason, tuple(sorted(quirks)), names)


def _within_bounds(draft: PlanDraft) -> PlanDraft:
    """The draft as it can be read again: several faults together may make very long plans."""
    steps = ((word, phase, min(lasts, LATEST)) for word, phase, lasts in draft.steps)
    return draft._replace(steps=(*islice(steps, MOST_STEPS),))


def vocabulary(contract: Contract) -> Vocabulary:
    """The contract's vocabulary as plan faults need it."""
    endings: dict[str, str] = {}
    for state in contract.states.values():
        endings.setdefault(state.phase, state.word)
    path = tuple((state.word, state.phase, state.lasts) for state in contract.default_path)
    return Vocabulary(path, endings, contract.reasons)


def _callback_faults(faults: Sequence[Fired]) -> tuple[CallbackFault, ...]:
    from mockserver.faults.base import CallbackFault

    return tuple(fired.fault for fired in faults if isinstance(fired.fault, CallbackFault))


def change_asset(asset: Asset, faults: Sequence[Fired]) -> None:
    """Let the media faults change how a file is sent."""
    from mockserver.faults.base import MediaFault

    for fired in faults:
        if isinstance(fired.fault, MediaFault):
            fired.fault.change(asset)
