"""Compiles the answers of a bundled document: those of its operations, and those that they share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from mockserver.contract import pointer
from mockserver.contract.answer_template import AnswerTemplate, HeaderTemplate
from mockserver.contract.bundled import Bundled
from mockserver.contract.names import PHASES
from mockserver.contract.template import compile_template
from mockserver.contract.validate import Validator
from mockserver.errors import ContractError

REQUIRED: Final[Mapping[str, tuple[str, ...]]] = {
    "submit": ("default", "invalid", "media-type", "too-large", "unauthenticated"),
    "read": ("default", "unknown", "unauthenticated"),
    "cancel": ("default", "unknown", "unauthenticated"),
    "list": ("default", "unauthenticated"),
    "content": ("unknown", "unauthenticated"),
    "delete": ("default", "unknown", "unauthenticated"),
    "models": ("default", "unauthenticated"),
    "model": ("default", "unknown-model", "unauthenticated"),
    "account": ("default", "unauthenticated"),
    "upload": ("default", "invalid", "media-type", "too-large", "unauthenticated"),
    "session": ("default", "invalid", "media-type", "too-large", "unauthenticated"),
}
"""The cases that an operation must have an answer for, by its role."""
STAND_INS: Final[Mapping[str, str]] = {
    "bad-credentials": "unauthenticated",
    "early-credentials": "bad-credentials",
    "expired-credentials": "bad-credentials",
    "malformed": "invalid",
    "policy": "invalid",
    "busy": "limited",
    "upstream": "error",
    "unavailable": "error",
    "timeout": "error",
}
"""Which answer is used for a case that a contract has none for, those with stand-ins themselves first."""
SHOWING_A_JOB: Final = frozenset({"submit", "read", "cancel", "content", "delete"})
"""The roles whose answer may depend on the job's phase."""
_JSON: Final = "application/json"


class _Form(NamedTuple):
    """What the answers of one response share."""

    status: int
    media_type: str
    schema: Validator | None


class Answers:
    """Compiles the answers that `paths` and `x-job.answers` describe. Raises ContractError."""

    def __init__(self, bundled: Bundled) -> None:
        self.bundled = bundled
        self._compiled: dict[str, list[tuple[str, AnswerTemplate]]] = {}
        self._shared = dict(self._shared_answers())

    def of_operation(self, responses: Mapping[str, Any], at: str) -> dict[str, AnswerTemplate]:
        """The answers of an operation's own responses, by the case (`when`)."""
        answers: dict[str, AnswerTemplate] = {}
        for status, response in responses.items():
            here = at + pointer.write((status,))
            for when, answer in self._of_response(int(status), response, here):
                if when in answers:
                    message = f"{when!r} already has an answer, with status {answers[when].status}"
                    raise self.bundled.error(message, here)
                answers[when] = answer
        return answers

    def completed(self, answers: Mapping[str, AnswerTemplate]) -> Mapping[str, AnswerTemplate]:
        """The operation's answers, then those of the document, then the stand-ins."""
        complete = {**self._shared, **answers}
        if "default" not in complete and "succeeded" in answers:
            complete["default"] = answers["succeeded"]
        stand_ins: dict[str, AnswerTemplate] = {}
        for when, other in STAND_INS.items():
            if answer := complete.get(other) or stand_ins.get(other):
                stand_ins[when] = answer
        return {**stand_ins, **complete}

    def check(
        self, role: str, answers: Mapping[str, AnswerTemplate], at: str, *, secured: bool, refuses: bool
    ) -> None:
        """Raise ContractError for a case that the operation at `at` can meet and has no answer for.

        `secured` says that it needs a key, `refuses` that its parameters may be invalid.
        """
        missing = set(REQUIRED[role]) - answers.keys() - self._shared.keys()
        self._check_phases(role, answers, at)
        if "default" in missing and answers.keys() & PHASES:
            missing |= self._phases - answers.keys()
            missing.discard("default")
        if refuses and "invalid" not in {*answers, *self._shared}:
            missing.add("invalid")
        if not secured:
            missing.discard("unauthenticated")
        for when in sorted(missing):
            message = f"no response says how to answer {when!r} (x-job.when)"
            raise self.bundled.error(message, f"{at}/responses")

    @property
    def _phases(self) -> set[str]:
        """The phases that a job of the provider can be in."""
        return {state["phase"] for state in self.bundled.job["states"].values()}

    def _check_phases(self, role: str, answers: Mapping[str, AnswerTemplate], at: str) -> None:
        for when in sorted(answers.keys() & PHASES):
            if role not in SHOWING_A_JOB:
                roles = ", ".join(sorted(SHOWING_A_JOB))
                message = f"{when!r} is the phase of one job, and the role {role} shows none; roles: {roles}"
                raise self.bundled.error(message, f"{at}/responses")
            if when not in self._phases:
                message = f"no job is ever {when}: x-job has no state of that phase"
                raise self.bundled.error(message, f"{at}/responses")

    def _shared_answers(self) -> Iterator[tuple[str, AnswerTemplate]]:
        """The answers of `x-job.answers`, which all operations share."""
        for when, entry in self.bundled.job.get("answers", {}).items():
            if when in PHASES:
                message = f"the answer of the phase {when!r} belongs to an operation"
                raise self.bundled.error(message, f"/x-job/answers/{when}")
            yield when, self._stated(when, entry, f"/x-job/answers/{when}/response")

    def unknown_path(self) -> AnswerTemplate | None:
        """The answer of `x-job.unknown-path`, which belongs to no operation."""
        entry = self.bundled.job.get("unknown-path")
        return entry and self._stated("unknown-path", entry, "/x-job/unknown-path/response")

    def _stated(self, when: str, entry: Mapping[str, Any], at: str) -> AnswerTemplate:
        answers = dict(self._of_response(entry["status"], entry["response"], at))
        if when not in answers:
            raise self.bundled.error(f"the response does not say how to answer {when!r}", at)
        return answers[when]

    def _of_response(self, status: int, response: Any, at: str) -> list[tuple[str, AnswerTemplate]]:
        """The answers of a response, each with its case; a response that is used twice is compiled once."""
        while isinstance(response, dict) and "$ref" in response:
            at = response["$ref"].removeprefix("#")
            response = pointer.follow(self.bundled.document, pointer.parts(at))
        key = f"{status} {at}"
        if key not in self._compiled:
            self._compiled[key] = list(self._compile(status, response, at))
        return self._compiled[key]

    def _compile(self, status: int, response: Any, at: str) -> Iterator[tuple[str, AnswerTemplate]]:
        self._check_types(response, at)
        media_type = _media_type(response)
        form = _Form(status, media_type, self._schema(response, media_type, at))
        for here, entry in _entries(response.get("x-job", []), f"{at}/x-job"):
            self.bundled.check_part(entry, "answer", here)
            for when in entry["when"]:
                yield when, self._answer(when, form, entry, here)

    def _check_types(self, response: Mapping[str, Any], at: str) -> None:
        """Raise where a body could be of several types: an answer is sent with one. A file has its own."""
        types = list(response.get("content", {}))
        entries = _entries(response.get("x-job", []), "")
        if len(types) > 1 and any(entry.get("body") is not None for _, entry in entries):
            message = f"an answer is sent with one media type, and this one has {', '.join(types)}: leave one"
            raise self.bundled.error(message, f"{at}/content")

    def _answer(self, when: str, form: _Form, entry: dict[str, Any], at: str) -> AnswerTemplate:
        answer = AnswerTemplate(
            when,
            form.status,
            entry.get("says", ""),
            _headers(form.media_type, entry.get("headers", {})),
            entry["body"],
            self.bundled.writing,
            form.schema,
            tuple(self._made_headers(entry.get("headers", {}), f"{at}/headers")),
            is_empty=not form.media_type,
        )
        if not self.bundled.sound:
            self._check_template(answer, f"{at}/body")
        return answer

    def _check_template(self, answer: AnswerTemplate, at: str) -> None:
        try:
            _ = answer.render
        except ContractError as error:
            raise self.bundled.error(error.message, at + error.pointer) from None

    def _made_headers(self, headers: Mapping[str, Any], at: str) -> Iterator[HeaderTemplate]:
        """The headers whose values are templates."""
        for name, node in headers.items():
            if not isinstance(node, str):
                here = at + pointer.write((name,))
                try:
                    render = compile_template(node, self.bundled.writing)
                except ContractError as error:
                    raise self.bundled.error(error.message, here + error.pointer) from None
                yield HeaderTemplate(name.encode(), render, node)

    def _schema(self, response: Mapping[str, Any], media_type: str, at: str) -> Validator | None:
        if "schema" not in response.get("content", {}).get(media_type, {}):
            return None
        return self.bundled.validator(at + pointer.write(("content", media_type, "schema")))


def _media_type(response: Mapping[str, Any]) -> str:
    """The type of a response's body: the first of JSON that it documents, plain JSON before others.

    Empty where it documents no content, and no answer of it has a body.
    """
    documented = response.get("content", {})
    if not documented and all(
        entry.get("body") is None for _, entry in _entries(response.get("x-job", []), "")
    ):
        return ""
    others = (name for name in documented if name.endswith("+json"))
    return _JSON if _JSON in documented else next(others, _JSON)


def _headers(media_type: str, stated: Mapping[str, Any]) -> tuple[tuple[bytes, bytes], ...]:
    """All fixed headers of an answer but its length; a content type that the contract states goes first."""
    own = tuple((name.encode(), text.encode()) for name, text in stated.items() if isinstance(text, str))
    if not media_type or any(name.lower() == b"content-type" for name, _ in own):
        return own
    return ((b"content-type", media_type.encode()), *own)


def _entries(node: Any, at: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The entries of a response's x-job, which is one or a list of them, each with its JSON pointer."""
    if not isinstance(node, list):
        yield at, node
        return
    for index, entry in enumerate(node):
        yield f"{at}/{index}", entry
