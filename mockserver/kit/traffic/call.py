"""A call: an exchange as a contract understands it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from mockserver.contract.model import AnswerTemplate, Contract, Operation
from mockserver.contract.pointer import ABSENT, follow
from mockserver.contract.router import Match, Router
from mockserver.contract.template import names_in
from mockserver.contract.violation import Violation
from mockserver.kit.traffic import facts
from mockserver.kit.traffic.discriminating_constants import discriminating_constants
from mockserver.kit.traffic.exchange import Exchange, read_json, split_url
from mockserver.kit.traffic.facts import Sighting

_RIGHT = range(200, 300)


@dataclass(frozen=True)
class Call:
    """One exchange, read by one contract.

    `operation` is None where the contract has none for this method and path; `path_known` says whether
    it has the path. `sent` and `answered` are JSON values or ABSENT. `callback_of` is the submit whose
    callback this is; its `sent` is what the server told.
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
        """What the operation does to a job."""
        return self.operation.role if self.operation else None

    @property
    def answered_at(self) -> float:
        """When the answer was there, in Unix seconds."""
        return self.exchange.at + self.exchange.took

    @cached_property
    def answers(self) -> tuple[AnswerTemplate, ...]:
        """The contract's answers of this status, that of the plain case first."""
        if self.operation is None:
            return ()
        found = [one for one in self.operation.answers.values() if one.status == self.exchange.status]
        return tuple(sorted(found, key=lambda one: one.when != "default"))

    @cached_property
    def succeeded(self) -> bool:
        """Whether the answer is the one for the plain case: its status, its form and its fixed words."""
        if self.operation is None or self.exchange.status not in _RIGHT or self.response_json is ABSENT:
            return False
        default = self.operation.answers["default"]
        return default.status == self.exchange.status and not any(self.mismatches(default.when))

    def mismatches(self, when: str) -> list[tuple[str, Any, Any]]:
        """Words that tell that case from others, otherwise in the body: pointer, expected, actual."""
        assert self.operation is not None
        return discriminating_constants(self.contract, self.operation).mismatches(when, self.response_json)

    @cached_property
    def template(self) -> Any:
        """The template of the answer to the plain case, or of the callback; ABSENT where it is neither."""
        if self.callback_of is not None:
            return facts.callback_template(self.contract, self.callback_of)
        if self.operation is None or not self.succeeded:
            return ABSENT
        return facts.template(self.contract, self.operation)

    @cached_property
    def fact_names(self) -> frozenset[str]:
        """The names of facts that this answer can tell of."""
        return names_in(self.template)

    @cached_property
    def sightings(self) -> tuple[Sighting, ...]:
        """What the answer, or the callback, says of jobs."""
        said = self.request_json if self.callback_of is not None else self.response_json
        return () if self.template is ABSENT else tuple(facts.sightings(self.contract, self.template, said))

    @cached_property
    def object_id(self) -> str | None:
        """The value a read, cancel or model call names its object by."""
        if self.operation is None or self.operation.key is None:
            return None
        place, name = self.operation.key
        value = self.parameters.get(place, {}).get(name)
        return None if value is None else str(value)

    @cached_property
    def model(self) -> str | None:
        """The model a submit asks for."""
        if self.operation is None or self.request_json is ABSENT or not isinstance(self.request_json, dict):
            return None
        value = follow(self.request_json, self.operation.model_at) if self.operation.model_at else ABSENT
        return self.operation.default_model if value is ABSENT else str(value)

    def media_value(self, name: str) -> Any:
        """What the submit asked of the clip (`duration`, `ratio`, ... of x-job.media), or ABSENT."""
        path = self.contract.media.get(name)
        return (
            ABSENT
            if path is None or not isinstance(self.request_json, dict)
            else follow(self.request_json, path)
        )


class Reader:
    """Reads exchanges by one contract."""

    def __init__(self, contract: Contract, base: str = "") -> None:
        """`base` is a path before the contract's own, or in place of its servers', as behind a gateway."""
        self.contract = contract
        self.base = urlsplit(base).path.rstrip("/") if "//" in base else base.rstrip("/")
        self._router = Router([contract])

    def has_path(self, url: str) -> bool:
        """Whether a URL's path is one of the contract's."""
        return self._find("GET", url) is not None

    def _find(self, method: str, url: str) -> Match | None:
        path = split_url(url).path
        if self.base and path.startswith(f"{self.base}/"):
            for prefix in ("", *self.contract.prefixes):
                found = self._router.find(method, prefix + path.removeprefix(self.base))
                if found is not None:
                    return found
        return self._router.find(method, path)

    def read(self, exchange: Exchange) -> Call:
        """The call an exchange is."""
        match = None if exchange.callback else self._find(exchange.method, exchange.url)
        operation = match.operation if match else None
        sent = read_json(exchange.request_body)
        parameters: Mapping[str, Mapping[str, Any]] = {"path": {}, "query": {}, "header": {}}
        violations: list[Violation] = []
        if match and operation:
            values = {
                "path": match.parameters,
                "query": exchange.query,
                "header": {name.lower(): value for name, value in exchange.request_headers},
            }
            parameters, violations = operation.parameters.read(values)
            if operation.body is not None and sent is not ABSENT and not exchange.cut:
                violations = [*violations, *_broken(operation, sent)]
        return Call(
            exchange, self.contract, operation, match is not None, parameters, tuple(violations),
            sent, read_json(exchange.response_body), self._callback_of(exchange, sent),
        )  # fmt: skip

    def _callback_of(self, exchange: Exchange, sent: Any) -> Operation | None:
        """The submit whose callback a body is: the first whose schema it keeps to, else the first of all."""
        found = [one for one in self.contract.operations.values() if one.callback is not None]
        if not exchange.callback or not found:
            return None
        return next((one for one in found if _keeps(one, sent)), found[0])


def _keeps(operation: Operation, told: Any) -> bool:
    schema = operation.callback.schema if operation.callback else None
    return schema is not None and told is not ABSENT and schema.is_valid(told)


def _broken(operation: Operation, sent: Any) -> list[Violation]:
    body = operation.body
    return [] if body is None or body.is_valid(sent) else body.explain(sent)
