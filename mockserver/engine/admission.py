"""Who asks, and whether what is asked is what the contract allows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs

import orjson

from mockserver.contract.model import Credential
from mockserver.contract.pointer import follow
from mockserver.contract.validate import Body
from mockserver.contract.violation import Violation
from mockserver.engine.message import Request
from mockserver.engine.refusals.explanation_cache import RefusalCache, RefusalText
from mockserver.engine.refusals.refusal import Sibling, join, remedy
from mockserver.engine.request_context import RequestContext
from mockserver.jobs.ids import tenant_of
from mockserver.settings import Settings

if TYPE_CHECKING:
    from mockserver.faults.rule import Rule

_DEEPEST: Final = 128
"""Levels of nesting that can be stored and echoed; the documents need six."""
_KEYS_KEPT: Final = 4096
_JSON: Final = "application/json"


class Refusal(Exception):
    """The request goes no further: how to answer (`when`), what to say, which rules it breaks."""

    def __init__(self, when: str, message: str, violations: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.when = when
        self.message = message
        self.violations = violations


class Admission:
    """Fills a call in with tenant, parameters and body, or refuses it."""

    def __init__(self, settings: Settings, sibling: Sibling) -> None:
        self._settings = settings
        self._sibling = sibling
        self.marks: dict[str, Sequence[Rule]] = {}
        self._told = RefusalCache(sibling)
        self._tenants: dict[tuple[Credential, bytes], str] = {}

    def admit(self, call: RequestContext, path: Mapping[str, str]) -> None:
        """Let the call in. Raises Refusal."""
        credential = call.operation.credential
        if credential is not None:
            call.tenant = self._authorise(call.request, credential)
        self._read_parameters(call, path)
        if call.operation.body is not None:
            call.body = self._read_body(call.request)
            self._validate(call)

    def _authorise(self, request: Request, credential: Credential) -> str:
        for name, value in request.headers:
            if name == credential.header:
                return self._tenants.get((credential, value)) or self._tenant(credential, value)
        raise Refusal("unauthenticated", self._needs(credential))

    def _tenant(self, credential: Credential, value: bytes) -> str:
        text = value.decode("latin-1").strip()
        scheme, _, key = text.partition(" ") if credential.scheme else ("", "", text)
        key = key.strip()
        if not key or scheme.lower() != credential.scheme:
            raise Refusal("unauthenticated", self._needs(credential))
        if self._settings.keys and key not in self._settings.keys:
            raise Refusal("bad-credentials", "this server was started with --key and does not take this one")
        if len(self._tenants) >= _KEYS_KEPT:
            self._tenants.clear()
            self.marks.clear()
        tenant = self._tenants[credential, value] = tenant_of(key)
        if "--mock:" in key:
            self.marks[tenant] = _marks(key)
        return tenant

    def _needs(self, credential: Credential) -> str:
        sent = f"{credential.scheme.capitalize()} KEY".strip()
        header = credential.header.decode().title()
        which = "one that --key names" if self._settings.keys else "any key will do here"
        return f"send the header {header}: {sent}; {which}"

    def _read_parameters(self, call: RequestContext, path: Mapping[str, str]) -> None:
        known, text = call.operation.parameters, call.request.query
        if known.trivial and not text:
            call.parameters = {"path": path}
            return
        query = read_query(text) if text else {}
        headers = call.request.named_headers() if known.headers else {}
        call.parameters, violations = known.read({"path": path, "query": query, "header": headers})
        for name in known.unknown(query) if query else ():
            if self._settings.strict:
                violations = [*violations, _unknown("query", f"/{name}")]
            call.warnings += (f"query parameter {name} is not in the contract",)
        if violations:
            raise _refusal(violations)

    def _explained(self, call: RequestContext, body: Body) -> RefusalText:
        found = self._told.find(call)
        if found is None:
            violations = body.explain(call.body)
            hint = remedy(call.contract, call.operation, call.body, self._sibling)
            refusal = _refusal(violations, hint)
            found = RefusalText(refusal.message, refusal.violations)
            self._told.keep(call, violations, found)
        return found

    def _read_body(self, request: Request) -> Any:
        if request.cut:
            most = self._settings.max_body
            raise Refusal("too-large", f"the body is larger than the {most} bytes this server takes")
        kind = request.header(b"content-type")
        if kind != _JSON and (kind := kind.partition(";")[0].strip().lower()) != _JSON:
            sent = f"is {kind!r}" if kind else "is missing"
            raise Refusal("media-type", f"Content-Type {sent}, expected application/json")
        return read_json(request.body)

    def _validate(self, call: RequestContext) -> None:
        body = call.operation.body
        assert body is not None
        if not body.is_valid(call.body):
            _refuse_model(call)
            raise Refusal("invalid", *self._explained(call, body))
        unknown = body.unknown(call.body)
        if unknown and self._settings.strict:
            raise _refusal([_unknown("body", pointer) for pointer in unknown])
        call.warnings += tuple(f"{pointer} is not in the contract" for pointer in unknown)


def _marks(key: str) -> Sequence[Rule]:
    """The rules that markers in a key stand for. Imported here, as most keys carry none."""
    from mockserver.faults.marked import key_rules

    return key_rules(key).rules


def read_json(content: bytes) -> Any:
    """The JSON value. Raises Refusal with line and column, or where it is nested too deep to keep."""
    try:
        body = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        said = error.msg.split(":")[0]
        where = f"line {error.lineno}, column {error.colno}"
        raise Refusal("malformed", f"the body is not JSON: {said} at {where}") from None
    if content.count(b"[") + content.count(b"{") > _DEEPEST and _depth(body) > _DEEPEST:
        raise Refusal("malformed", f"the body is nested deeper than {_DEEPEST} levels")
    return body


def _depth(value: Any) -> int:
    """How deep arrays and objects are nested in each other."""
    depth, layer = 0, [value]
    while layer:
        layer = [item for node in layer if isinstance(node, dict | list) for item in _items(node)]
        depth += 1
    return depth - 1


def _items(node: dict[str, Any] | list[Any]) -> Iterable[Any]:
    return node.values() if isinstance(node, dict) else node


def read_query(text: str) -> dict[str, Any]:
    """Names and values; a name that stands more than once has a list."""
    pairs = parse_qs(text, keep_blank_values=True, max_num_fields=1000)
    return {name: values[0] if len(values) == 1 else values for name, values in pairs.items()}


def _refuse_model(call: RequestContext) -> None:
    """Raise where the model is the mistake and the provider answers differently for it."""
    model = follow(call.body, call.operation.model_at)
    if not isinstance(model, str) or model in call.contract.models:
        return
    if "unknown-model" in call.operation.answers:
        message = f"model {model!r} is not served; models: {', '.join(call.contract.models)}"
        raise Refusal("unknown-model", message, (message,))


def _refusal(violations: Sequence[Violation], hint: str = "") -> Refusal:
    texts = tuple(violation.text() for violation in violations)
    said = join(texts)
    return Refusal("invalid", f"{said}. {hint}" if hint else said, texts)


def _unknown(place: str, pointer: str) -> Violation:
    return Violation(place, pointer, "unknown", None, "is not in the contract", "")
