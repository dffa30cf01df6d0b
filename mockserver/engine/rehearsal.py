"""Plays a contract in memory: every answer, in every state, over legal bodies, against its own schema.

What it reports would be a 500 of the server, or a job that lists leave out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from random import SystemRandom
from typing import Any, Final, NamedTuple

from mockserver.contract import pointer
from mockserver.contract.answer_template import AnswerTemplate
from mockserver.contract.legal_bodies import LegalBody, legal_bodies
from mockserver.contract.model import Contract, Operation
from mockserver.contract.names import PHASES
from mockserver.contract.samples import Sampler, finder
from mockserver.contract.source import resolve
from mockserver.engine.clip import seconds
from mockserver.engine.documents.uploads import Upload
from mockserver.engine.message import Request
from mockserver.engine.planning import make_plan
from mockserver.engine.request_context import Balance, ListPage, RequestContext
from mockserver.engine.view import JobView
from mockserver.jobs.ids import make_id
from mockserver.jobs.job import Fact, Job, State
from mockserver.jobs.timeline import state_at
from mockserver.settings import Pace
from mockserver.terms import MAKERS

_BASE: Final = "http://127.0.0.1:8787"
_TENANT: Final = "0" * 32
_START: Final = 1_767_323_045_678
"""When the jobs are submitted; which moment it is does not matter."""
_LATER: Final = 7_000
_SHOWING: Final = ("submit", "session", "read", "cancel", "delete", "content")
_LONGEST: Final = 300
_NUMBER: Final = re.compile(r"/[0-9]+(?=/|$)")


class PlayedProblem(NamedTuple):
    """What went wrong in the answer at `at`, a JSON pointer into the bundled document: `where` in its body,
    empty for the whole; `what` it is, and the case that shows it.
    """

    at: str
    where: str
    what: str
    case: str

    def text(self) -> str:
        """As a sentence."""
        return f"{self.what} ({self.case})"


def rehearse(contract: Contract) -> list[PlayedProblem]:
    """What goes wrong when every operation is played; each thing once, with the first case that shows it."""
    problems: dict[tuple[str, str, str], PlayedProblem] = {}
    for problem in _Rehearsal(contract).problems():
        # Items of a list go wrong alike, and what they are differs by chance.
        kind = problem.what.partition(" is ")[0] if not problem.where else ""
        problems.setdefault((problem.at, _NUMBER.sub("/*", problem.where), kind), problem)
    return list(problems.values())


class _Rehearsal:
    """Plays one contract."""

    def __init__(self, contract: Contract) -> None:
        self.contract = contract
        self.sampler = Sampler(finder(contract.document))
        self.random = SystemRandom()

    def problems(self) -> Iterator[PlayedProblem]:
        """Pointer, what went wrong, and in which case."""
        for operation in self.contract.operations.values():
            if operation.role in MAKERS:
                yield from self._of_submit(operation)
        for operation in self.contract.operations.values():
            yield from self._of_refusals(operation)
            if operation.role == "list":
                context = self._context(operation)
                context.jobs_count, context.page = 0, ListPage(more=False)
                yield from self._played(operation, context, "a list of no job")
            elif operation.role not in _SHOWING:
                yield from self._without_job(operation)

    def _of_submit(self, submit: Operation) -> Iterator[PlayedProblem]:
        bodies = legal_bodies(self.contract, submit)
        if not bodies:
            at = _place(submit) + "/requestBody"
            text = "no legal body could be made, so its jobs were not played; give an example"
            yield PlayedProblem(at, "", text, "requestBody")
        for body in bodies:
            jobs = [*self._jobs(submit, body)]
            for job, state in jobs:
                case = f"state {state.word!r}, {body.what} of {submit.method} {submit.path}"
                yield from self._showing(submit, job, state, case)
            yield from self._listed(submit, jobs, body.what)

    def _jobs(self, submit: Operation, body: LegalBody) -> Iterator[tuple[Job, State]]:
        """A job of that body in each state, and a failed one for each reason."""
        for word in self.contract.states.values():
            reasons: Sequence[str | None] = (None,)
            if word.phase == "failed":
                reasons = [*self.contract.reasons.values()] or [None]
            for reason in reasons:
                fact = Fact("forced", _START + _LATER, word.word, word.phase, reason)
                job = self._job(submit, body)._replace(facts=(fact,))
                yield job, state_at(job, _START + _LATER)

    def _job(self, submit: Operation, body: LegalBody) -> Job:
        context = self._context(submit)
        context.body = body.body
        contract = self.contract
        job = Job(
            id=make_id(contract.id_kind, contract.id_length, contract.id_prefix, self.random),
            tenant=_TENANT,
            provider=contract.provider,
            operation=submit.id,
            model=context.submitted_model,
            request=body.body,
            created_at=_START,
            plan=make_plan(contract, Pace("time")),
            places=context.submitted_places,
        )
        return job._replace(seconds=seconds(contract, job))

    def _showing(self, submit: Operation, job: Job, state: State, case: str) -> Iterator[PlayedProblem]:
        """Every operation that shows the job by itself, and the callback."""
        for operation in self.contract.operations.values():
            own = operation is submit or (operation.role not in MAKERS and _finds(operation, submit))
            if operation.role in _SHOWING and own:
                context = self._context(operation)
                context.job, context.state, context.body = job, state, job.request
                yield from self._played(operation, context, case)
        if submit.callback is not None:
            context = self._context(submit)
            context.job, context.state = job, state
            view = JobView(context, job, state)
            at = _place(submit) + "/callbacks"
            yield from _rendered(at, submit.callback, view, case)

    def _listed(
        self, submit: Operation, jobs: Sequence[tuple[Job, State]], what: str
    ) -> Iterator[PlayedProblem]:
        for operation in self.contract.operations.values():
            if operation.role != "list" or not _finds(operation, submit):
                continue
            for shown in ([jobs[0]], jobs):
                context = self._context(operation)
                context.jobs, context.jobs_count = shown, len(jobs)
                more = len(shown) < len(jobs)
                last = shown[-1][0].id
                context.page = ListPage(shown[0][0].id, last, more, last if more else None)
                words = ", ".join(dict.fromkeys(state.word for _, state in shown))
                yield from self._played(operation, context, f"a list of jobs in {words}, {what}")

    def _without_job(self, operation: Operation) -> Iterator[PlayedProblem]:
        """The operations that show no job: models, one model, the account, a place for a file."""
        for model in [*self.contract.models.values()] if operation.role == "model" else [None]:
            context = self._context(operation)
            context.model = model
            context.account = Balance(100.0, 99.5)
            if operation.role == "upload":
                context.upload = Upload(
                    "0" * 32, "", self.contract.provider, "secret", "image/png", _START + _LATER
                )
            yield from self._played(operation, context, f"role {operation.role}")

    def _of_refusals(self, operation: Operation) -> Iterator[PlayedProblem]:
        """The answers to what goes wrong."""
        for when, answer in operation.answers.items():
            if when != "default" and when not in PHASES:
                context = self._context(operation)
                context.status = answer.status
                context.error = f"{answer.says}: something is wrong"
                view = JobView(context, None, None)
                yield from _rendered(_answer_place(self.contract, operation, answer), answer, view, when)

    def _played(self, operation: Operation, context: RequestContext, case: str) -> Iterator[PlayedProblem]:
        phase = context.state.phase if context.state is not None else ""
        answer = operation.answers.get(phase) or operation.answers.get("default")
        if answer is None:
            yield PlayedProblem(_place(operation), "", f"there is no answer for a job that is {phase}", case)
            return
        context.status = answer.status
        context.error = answer.says or None
        view = JobView(context, context.job, context.state)
        yield from _rendered(_answer_place(self.contract, operation, answer), answer, view, case)

    def _parameters(self, operation: Operation) -> Iterator[Mapping[str, Any]]:
        methods = self.contract.document["paths"][operation.path]
        listed = (*methods.get("parameters", ()), *methods[operation.method.lower()].get("parameters", ()))
        for node in listed:
            yield resolve(self.contract.document, node)

    def _context(self, operation: Operation) -> RequestContext:
        """A request to the operation, with a sample at each place of its path and each required parameter."""
        parameters: dict[str, dict[str, Any]] = {"path": {}, "query": {}, "header": {}}
        for node in self._parameters(operation):
            value = self.sampler.value(node.get("schema", {}))
            name = node["name"].lower() if node["in"] == "header" else node["name"]
            parameters.setdefault(node["in"], {})[name] = "sample" if value is None else value
        path = self.contract.prefixes[0] + operation.path
        for name, value in parameters["path"].items():
            path = path.replace(f"{{{name}}}", str(value))
        request = Request(operation.method, path, "", (), b"", _BASE)
        context = RequestContext(self.contract, operation, request, _START + _LATER, self.random, _TENANT)
        context.parameters = parameters
        return context


def _finds(operation: Operation, submit: Operation) -> bool:
    return operation.of is None or submit.id in operation.of


def _rendered(at: str, answer: Any, view: JobView, case: str) -> Iterator[PlayedProblem]:
    """What is wrong with an answer's or a callback's body, and with an answer's headers."""
    try:
        body = answer.render(view)
        if isinstance(answer, AnswerTemplate):
            answer.headers_for(view)
    except Exception as error:
        text = f"the template cannot be played: {type(error).__name__} {error}"
        yield PlayedProblem(at, "", text[:_LONGEST], case)
        return
    if answer.schema is not None and not answer.schema.is_valid(body):
        for violation in answer.schema.explain(body)[:3]:
            text = violation.text().replace("the body is", "it is", 1)
            what = f"the answer breaks its own schema: {text}"
            yield PlayedProblem(at, violation.pointer, what[:_LONGEST], case)


def _place(operation: Operation) -> str:
    return pointer.write(("paths", operation.path, operation.method.lower()))


def _answer_place(contract: Contract, operation: Operation, answer: AnswerTemplate) -> str:
    """Where the answer stands: among the operation's own, else among the document's."""
    node: Mapping[str, Any] = contract.document["paths"][operation.path][operation.method.lower()]
    if str(answer.status) in node.get("responses", {}):
        return f"{_place(operation)}/responses/{answer.status}"
    return f"/x-job/answers/{answer.when}"
