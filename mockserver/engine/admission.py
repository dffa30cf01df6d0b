"""Authenticates a request and validates it against the contract."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Final, NoReturn

from mockserver.contract.carriage import places_in_words
from mockserver.contract.credential import Credential
from mockserver.contract.model import Contract, Operation
from mockserver.contract.pointer import follow
from mockserver.contract.submit_body import Body
from mockserver.contract.violation import Violation, shown
from mockserver.engine.body_threads import IN_THE_LOOP, BodyThreads
from mockserver.engine.credentials import Caller, Callers, sent_values
from mockserver.engine.late_call import LateCall
from mockserver.engine.message import Request
from mockserver.engine.query import TooManyFields, read_fields
from mockserver.engine.refusals.explanation_cache import RefusalCache, RefusalText
from mockserver.engine.refusals.refusal import ContractLookup, Refusal, field_of, join_texts, remedy
from mockserver.engine.request_body import inflate_body, read_body
from mockserver.engine.request_context import RequestContext
from mockserver.engine.uploads import Uploads
from mockserver.settings import Settings

if TYPE_CHECKING:
    from mockserver.faults.rule import Rule

_MAX_KEYS: Final = 2048
_MARKER: Final = "--mock:"
"""What is in a key that carries markers."""
_UPLOADS: Final = b"uploads"
"""What is in every body that names an uploaded file, however its slashes are written."""
_MAX_KEY: Final = 2048
"""Bytes of a key that is remembered, and read for markers."""


class Admission:
    """Fills a request's context in with tenant, markers of the key, parameters and body, or refuses it."""

    def __init__(
        self, settings: Settings, lookup: ContractLookup, callers: Callers, uploads: Uploads
    ) -> None:
        self._settings = settings
        self._uploads = uploads
        self._callers = callers
        self._lookup = lookup
        self._refusals = RefusalCache(lookup)
        self._threads = BodyThreads()
        self._known: dict[tuple[Credential, bytes], tuple[Caller, str]] = {}
        self._marked_keys: dict[str, str] = {}
        self._read_key_rules: Final = LateCall(_key_rules)

    def authenticate(self, context: RequestContext, clock: Callable[[str], int]) -> None:
        """Find the tenant of the request's key, for which its body is not needed. Raises Refusal.

        `clock` gives the moment of a tenant in Unix milliseconds.
        """
        if not context.operation.credentials:
            return
        identified = self._authenticate(context.request, context.operation)
        if identified is None:
            return
        caller, context.tenant = identified
        if caller.has_times:
            context.key_lapses = True
            _check_times(caller, clock(context.tenant))
        if self._marked_keys:
            context.marked_key = self._marked_keys.get(context.tenant, "")

    async def read_key_markers(self, context: RequestContext) -> None:
        """Add the rules of the markers in a key that has some."""
        context.marker_rules = await self._read_key_rules(context.marked_key)

    def admit(self, context: RequestContext, path: Mapping[str, str]) -> None:
        """Let an authenticated request in; `path` are the parameters in its path. Raises Refusal."""
        if context.operation.model_places:
            _refuse_model_beside_body(context, path)
        self._read_parameters(context, path)

    async def admit_body(self, context: RequestContext) -> None:
        """Read and judge the body, a large one in a thread. Raises Refusal and NoRoomForBody."""
        request = context.request
        if request.coding:
            forms = () if context.operation.body is None else context.operation.body.forms
            await inflate_body(request, self._settings.max_body, self._threads, forms)
        if len(request.body) <= IN_THE_LOOP:
            self._admit_body(context)
        else:
            await self._threads.run(self._admit_body, context)
        if len(request.body) > IN_THE_LOOP or _UPLOADS in request.body:
            await self._judge_uploads(context)

    async def _judge_uploads(self, context: RequestContext) -> None:
        """Judge the files to which links in the body lead. Raises Refusal."""
        body = context.operation.body
        assert body is not None
        shown_body = await self._uploads.shown_in(context.body)
        if shown_body is not context.body:
            await self._threads.run(partial(_judge_shown, body), shown_body)

    def _admit_body(self, context: RequestContext) -> None:
        body = context.operation.body
        assert body is not None
        context.body = read_body(context.request, self._settings.max_body, body)
        self._validate(context)

    def _authenticate(self, request: Request, operation: Operation) -> tuple[Caller, str] | None:
        """The caller, and the name of its tenant; None where no key is sent and none is needed."""
        head = request.head
        if head is not None and head.sender is not None:
            known: tuple[Caller, str] = head.sender
            return known
        sent = False
        for credential in operation.credentials:
            for value in sent_values(credential, request):
                identified = self._known.get((credential, value)) or self._identify(credential, value)
                if identified is not None and self._has_others(credential, request):
                    if head is not None and _MARKER not in identified[0].account:
                        head.sender = identified
                    return identified
                sent = True
        if operation.credential is None and not sent:
            return None
        raise Refusal("unauthenticated", self._needs(operation.credentials))

    def _has_others(self, credential: Credential, request: Request) -> bool:
        """Whether a key that is taken stands also where it has to be besides."""
        return all(
            any(self._identify(other, value) for value in sent_values(other, request))
            for other in credential.also
        )

    def _identify(self, credential: Credential, value: bytes) -> tuple[Caller, str] | None:
        """The caller; None where the value is no key of that kind."""
        caller = self._callers.read(credential, value)
        if caller is None:
            return None
        if caller.problem:
            raise Refusal("bad-credentials", caller.problem)
        identified = caller, caller.tenant
        if len(value) > _MAX_KEY:
            return identified
        if len(self._known) >= _MAX_KEYS:
            self._known.clear()
            self._marked_keys.clear()
        self._known[credential, value] = identified
        if _MARKER in caller.account:
            self._marked_keys[caller.tenant] = caller.account
        return identified

    def _needs(self, credentials: Sequence[Credential]) -> str:
        which = "one that the server was started with" if self._settings.keys else "any key will do here"
        return f"send {places_in_words(credentials)}; {which}"

    def _read_parameters(self, context: RequestContext, path: Mapping[str, str]) -> None:
        known, text = context.operation.parameters, context.request.query
        if known.accepts_any_path and not text:
            context.parameters = {"path": path}
            return
        query = read_query(text) if text else {}
        headers = context.request.named_headers() if known.reads_headers else {}
        context.parameters, violations = known.read({"path": path, "query": query, "header": headers})
        places = [place for each in context.operation.credentials for place in each.whole]
        keys = {each.name.decode() for each in places if each.place == "query"}
        for name in filter(lambda name: name not in keys, known.unknown(query)):
            if self._settings.strict:
                violations = [*violations, _unknown("query", f"/{name}")]
            context.warnings += (f"query parameter {name} is not in the contract",)
        if violations:
            raise _refusal(violations)

    def _validate(self, context: RequestContext) -> None:
        body = context.operation.body
        assert body is not None
        if not body.is_valid(context.body):
            self.refuse_body(context)
        if body.null_is_absent and b"null" in context.request.body:
            context.body = body.present(context.body)
        unknown = body.unknown(context.body)
        if unknown and self._settings.strict:
            raise _refusal([_unknown("body", pointer) for pointer in unknown])
        if unknown:
            context.warnings += tuple(f"{shown(pointer)} is not in the contract" for pointer in unknown)
        if body.has_advice:
            context.warnings += tuple(body.without_effect(context.body))

    def refuse_body(self, context: RequestContext) -> NoReturn:
        """Raise the Refusal of a body that breaks the contract."""
        body = context.operation.body
        assert body is not None
        context.breaks_contract = True
        _refuse_model(context)
        raise Refusal("invalid", *self._explain(context, body))

    def _explain(self, context: RequestContext, body: Body) -> RefusalText:
        text = self._refusals.find(context)
        if text is None:
            violations = body.explain(context.body)
            path = context.request.path
            hint = remedy(context.contract, context.operation, path, context.body, self._lookup)
            refusal = _refusal(violations, hint)
            text = RefusalText(refusal.message, refusal.violations, refusal.field)
            self._refusals.add(context, violations, text)
        return text


def _judge_shown(body: Body, value: Any) -> None:
    if not body.is_valid(value):
        raise _refusal(body.explain(value))


def _check_times(caller: Caller, now: int) -> None:
    """Raise where a token is not valid at that moment."""
    if now < caller.valid_from:
        raise Refusal("early-credentials", f"the token's nbf is {_seconds(caller.valid_from - now)} ahead")
    if now >= caller.valid_until:
        raise Refusal("expired-credentials", f"the token expired {_seconds(now - caller.valid_until)} ago")


def _seconds(milliseconds: float) -> str:
    return f"{milliseconds / 1000:.10g} s"


@lru_cache(256)
def _key_rules(key: str) -> Sequence[Rule]:
    """The rules that markers in a key stand for. Imported here, as most keys carry none."""
    from mockserver.faults.marker_rules import key_rules

    return key_rules(key).rules


def read_query(text: str) -> dict[str, Any]:
    """Names and values; a name that stands more than once has a list. Raises Refusal."""
    try:
        fields = read_fields(text)
    except TooManyFields as error:
        raise Refusal("invalid", str(error), (str(error),)) from None
    return {name: values[0] if len(values) == 1 else values for name, values in fields.items()}


def _refuse_model(context: RequestContext) -> None:
    """Raise where the model is the mistake and the provider answers differently for it.

    A model that makes clips alone is unknown where images are made, and the other way round.
    """
    path = context.operation.model_at
    model = follow(context.body, path) if path else None
    served = _served(context.contract, images=context.operation.makes_images)
    if not isinstance(model, str) or model in served:
        return
    if "unknown-model" in context.operation.answers:
        message = f"{path[-1]} {shown(model)!r} is not served; models: {', '.join(served)}"
        raise Refusal("unknown-model", message, (message,), ("body", *path))


def _refuse_model_beside_body(context: RequestContext, path: Mapping[str, str]) -> None:
    """Raise where the path names a model that is not served. Queries and headers are judged as such."""
    places = context.operation.model_places
    if any(where != "path" for where, _ in places):
        return
    model = "/".join(path[name] for _, name in places)
    served = _served(context.contract, images=context.operation.makes_images)
    if model in served:
        return
    answers = context.operation.answers
    when = next((when for when in ("unknown-model", "unknown") if when in answers), "unknown-path")
    message = f"{shown(model)} is not served; models: {', '.join(served)}"
    raise Refusal(when, message, (message,))


@lru_cache(256)
def _served(contract: Contract, *, images: bool) -> Sequence[str]:
    """The models that make images, or clips."""
    return [model.id for model in contract.models.values() if (model.images if images else model.clips)]


def _refusal(violations: Sequence[Violation], hint: str = "") -> Refusal:
    texts = tuple(violation.text() for violation in violations)
    message = join_texts(texts)
    if hint:
        message = f"{message}. {hint}"
    return Refusal("invalid", message, texts, field_of(violations[0]))


def _unknown(place: str, pointer: str) -> Violation:
    return Violation(place, pointer, "unknown", None, "is not in the contract", "")
