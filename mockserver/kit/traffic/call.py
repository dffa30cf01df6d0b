"""A call: an exchange as a contract understands it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from urllib.parse import parse_qs, urlsplit

from mockserver.contract.answer_template import AnswerTemplate
from mockserver.contract.model import Contract, Operation
from mockserver.contract.names import names_in
from mockserver.contract.pointer import ABSENT, follow
from mockserver.contract.router import Match, Router
from mockserver.contract.violation import Violation
from mockserver.kit.traffic import facts, readings
from mockserver.kit.traffic.answer_templates import GOING_WELL, callback_template
from mockserver.kit.traffic.body_limits import (
    MAX_DEPTH,
    MAX_REQUEST,
    is_deep,
    is_readable,
    limited,
    with_head,
)
from mockserver.kit.traffic.discriminating_constants import discriminating_constants
from mockserver.kit.traffic.exchange import Exchange, read_json, split_url
from mockserver.kit.traffic.facts import Sighting

_SUCCESS = range(200, 300)
_NO_CONTENT = 204


@dataclass(frozen=True, eq=False)
class Call:
    """One exchange, read by one contract.

    `operation` is None where the contract has none for this method and path; `path_known` says whether it
    has the path. `request_json` and `response_json` are JSON values or ABSENT. `callback_of` is the submit
    operation whose callback this is, its body the `request_json`. Calls are compared and hashed by identity.
    """

    exchange: Exchange
    contract: Contract
    operation: Operation | None
    path_known: bool
    parameters: Mapping[str, Mapping[str, Any]]
    violations: tuple[Violation, ...]
    request_json: Any
    response_json: Any
    callback_of: Operation | None = None

    @property
    def number(self) -> int:
        """The exchange's number."""
        return self.exchange.number

    @property
    def role(self) -> str | None:
        """What the operation does to a job; None without an operation."""
        return None if self.operation is None else self.operation.role

    @property
    def answered_at(self) -> float:
        """When the answer was complete, in Unix seconds."""
        return self.exchange.at + self.exchange.took

    @cached_property
    def answers(self) -> tuple[AnswerTemplate, ...]:
        """The contract's answers with this status, the default case's first; none to an unknown method."""
        if self.operation is None:
            return ()
        status, others = self.exchange.status, self.operation.answers.items()
        answers = [answer for when, answer in others if answer.status == status and when != "method"]
        return tuple(sorted(answers, key=lambda answer: answer.when != "default"))

    @cached_property
    def succeeded(self) -> bool:
        """Whether this is a success by which the request went well."""
        return self.exchange.status in _SUCCESS and bool(self.well)

    @cached_property
    def well(self) -> tuple[str, ...]:
        """The cases of what went well that this answer can be: the default one, or those of phases.

        Its status is theirs, it has a JSON body (204 has none), and their fixed values, and not also those of
        a refusal while it tells of no job.
        """
        if self.operation is None:
            return ()
        own = [answer for when, answer in self.operation.answers.items() if when == answer.when]
        cases = tuple(each.when for each in own if each.when in GOING_WELL and self._is_case(each))
        refusals = (answer.when for answer in self.answers if answer.when not in GOING_WELL)
        constants = discriminating_constants(self.contract, self.operation)
        if cases and constants.name(refusals, self.response_json) and not self._reading(cases)[1]:
            return ()
        return cases

    @property
    def _is_of_a_job(self) -> bool:
        """Whether the request went well, also by an error status that no refusal shares."""
        cases = (answer.when for answer in self.answers if self._is_case(answer))
        return self.succeeded or (bool(self.well) and GOING_WELL.issuperset(cases))

    def _is_case(self, answer: AnswerTemplate) -> bool:
        if self.response_json is ABSENT:
            return self.exchange.status == answer.status == _NO_CONTENT
        return answer.status == self.exchange.status and not any(self.mismatches(answer.when))

    def mismatches(self, when: str) -> list[tuple[str, Any, Any]]:
        """Discriminating constants of the case `when` that the body lacks: pointer, expected, actual."""
        assert self.operation is not None
        return discriminating_constants(self.contract, self.operation).mismatches(when, self.response_json)

    @cached_property
    def template(self) -> Any:
        """The template of the answer to a request that went well, or of the callback; ABSENT if the call is
        neither.
        """
        if self.callback_of is not None:
            return callback_template(self.contract, self.callback_of)
        return self._read[0]

    @cached_property
    def _read(self) -> readings.Reading:
        if self.operation is None or not self._is_of_a_job:
            return ABSENT, ()
        return self._reading(self.well)

    def _reading(self, cases: tuple[str, ...]) -> readings.Reading:
        assert self.operation is not None
        return readings.best(self.contract, self.operation, cases, self.response_json)

    @cached_property
    def fact_names(self) -> frozenset[str]:
        """The names of the facts that this answer can state."""
        return names_in(self.template)

    @cached_property
    def sightings(self) -> tuple[Sighting, ...]:
        """What the answer, or the callback, says about jobs."""
        if self.callback_of is None:
            by_id = self.operation is not None and tuple(self.operation.by) == ("id",)
            named = self.object_id if by_id and self.role in ("read", "cancel") else None
            return tuple(sighting.of(named) for sighting in self._read[1])
        if self.template is ABSENT:
            return ()
        return tuple(facts.sightings(self.contract, self.template, self.request_json))

    @cached_property
    def object_id(self) -> str | None:
        """The id of the job or model that a read, cancel or model call names."""
        if self.operation is None or self.operation.key is None:
            return None
        place, name = self.operation.key
        value = self.parameters.get(place, {}).get(name)
        return None if value is None else str(value)

    @cached_property
    def model(self) -> str | None:
        """The model that a submit asks for."""
        operation = self.operation
        if operation is not None and operation.model_places:
            named = [self.parameters.get(place, {}).get(name, "") for place, name in operation.model_places]
            return "/".join(map(str, named))
        if operation is None or not isinstance(self.request_json, dict):
            return None
        if operation.model_at:
            model = follow(self.request_json, operation.model_at)
            if model is not ABSENT:
                return str(model)
        return operation.default_model

    def without_bodies(self, reason: str) -> Call:
        """The call with the head of its answer alone, for a history that can keep no more.

        It still says whether it succeeded, and no longer anything about jobs.
        """
        exchange = with_head(self.exchange, reason)
        exchange = exchange._replace(request_headers=(), response_headers=(), request_cut=True)
        bare = replace(self, exchange=exchange, violations=(), request_json=ABSENT, response_json=ABSENT)
        bare.__dict__.update(succeeded=self.succeeded, template=ABSENT, sightings=())
        return bare

    @property
    def source_id(self) -> str | None:
        """The id of the job from whose clip the submit goes on, if it does."""
        if self.operation is None or self.operation.source is None:
            return None
        named = follow(self.request_json, self.operation.source.video)
        return named if isinstance(named, str) and named else None

    def media_path(self, name: str) -> tuple[str, ...] | None:
        """Where the body of the submit says it, or None."""
        media = self.contract.media if self.operation is None else self.operation.media
        return media.path(self.request_json, name)

    def media_value(self, name: str) -> Any:
        """What the submit asks of the clip (`seconds`, `ratio`, ... of x-job.media), or ABSENT."""
        path = self.media_path(name)
        if path is None or not isinstance(self.request_json, dict):
            return ABSENT
        return follow(self.request_json, path)


class Reader:
    """Reads exchanges by one contract."""

    def __init__(self, contract: Contract, base: str = "") -> None:
        """`base` is a path before the contract's own, or in place of its servers', as behind a gateway."""
        self.contract = contract
        if "//" in base:
            base = urlsplit(base).path
        self.base = base.rstrip("/")
        self._router = Router([contract])

    def has_path(self, url: str) -> bool:
        """Whether the contract has the path of a URL."""
        return self.find("GET", url) is not None

    def operation(self, method: str, url: str) -> Operation | None:
        """The operation that a request to a URL would be, or None."""
        match = self.find(method, url)
        return match and match.operation

    def find(self, method: str, url: str) -> Match | None:
        """The route of a URL's path, or None."""
        path = split_url(url).path
        if self.base and path.startswith(f"{self.base}/"):
            for prefix in ("", *self.contract.prefixes):
                match = self._router.find(method, prefix + path.removeprefix(self.base))
                if match is not None:
                    return match
        return self._router.find(method, path)

    def read(self, exchange: Exchange, *, is_file: bool = False) -> Call:
        """An exchange as a call. `is_file`: an answer had its URL as a link to a file, which is no path."""
        match = None if exchange.callback else self.find(exchange.method, exchange.url)
        operation = match and match.operation
        if is_file and operation is None:
            match = None
        exchange = limited(exchange, json=operation is not None and operation.role != "content")
        exchange, response_json = _with_response_json(exchange)
        request_json = _json(exchange.request_body, MAX_REQUEST)
        parameters: Mapping[str, Mapping[str, Any]] = {"path": {}, "query": {}, "header": {}}
        violations: list[Violation] = []
        if match and operation:
            parameters, violations = operation.parameters.read(_parameter_values(exchange, match))
            if request_json is not ABSENT and not exchange.cut:
                violations = [*violations, *_body_violations(operation, request_json)]
        return Call(
            exchange, self.contract, operation, match is not None, parameters, tuple(violations),
            request_json, response_json, self._callback_of(exchange, request_json),
        )  # fmt: skip

    def _callback_of(self, exchange: Exchange, body: Any) -> Operation | None:
        """The submit operation whose callback a body is: the first whose schema it fits, else the first."""
        if not exchange.callback:
            return None
        submits = [submit for submit in self.contract.operations.values() if submit.callback is not None]
        matching = (submit for submit in submits if _is_callback(submit, body))
        return next(matching, next(iter(submits), None))


def _with_response_json(exchange: Exchange) -> tuple[Exchange, Any]:
    """The exchange and the JSON value of its answer, or ABSENT; the head of a longer body is no value."""
    if exchange.left_out or not is_readable(exchange.response_body):
        return exchange, ABSENT
    value = read_json(exchange.response_body)
    if is_deep(exchange.response_body, value):
        return with_head(exchange, f"the body has more than {MAX_DEPTH} levels"), ABSENT
    return exchange, value


def _json(body: bytes, most: int) -> Any:
    """The JSON value of a body; ABSENT if it is not JSON, or too large or too deep to be judged."""
    value = read_json(body) if is_readable(body, most) else ABSENT
    return ABSENT if is_deep(body, value) else value


def _parameter_values(exchange: Exchange, match: Match) -> dict[str, Mapping[str, Any]]:
    """The values by place and name; a name that stands more than once in the query has a list."""
    headers = {name.lower(): value for name, value in exchange.request_headers}
    fields = parse_qs(split_url(exchange.url).query, keep_blank_values=True)
    query = {name: values[0] if len(values) == 1 else values for name, values in fields.items()}
    return {"path": match.parameters, "query": query, "header": headers}


def _is_callback(operation: Operation, body: Any) -> bool:
    if operation.callback is None or operation.callback.schema is None or body is ABSENT:
        return False
    return operation.callback.schema.is_valid(body)


def _body_violations(operation: Operation, body: Any) -> list[Violation]:
    if operation.body is None or operation.body.is_valid(body):
        return []
    return operation.body.explain(body)
