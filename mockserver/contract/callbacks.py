"""The body of a callback: OpenAPI's `callbacks` of a submit, with a template under `x-job`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, get_args

from mockserver.contract import pointer
from mockserver.contract.bundled import Bundled
from mockserver.contract.model import Callback
from mockserver.contract.names import MOVING, OF_IDS, STEADY, names_in
from mockserver.contract.template import compile_template
from mockserver.contract.unchecked import object_in
from mockserver.contract.validate import Validator
from mockserver.errors import ContractError
from mockserver.terms import Phase

NAMES: Final = STEADY | MOVING | {"now", "request.id"}
"""The names that a callback's template may use. It answers no request, so it knows the job and the moment."""


def read_callback(bundled: Bundled, node: Mapping[str, Any], at: str) -> Callback | None:
    """The callback of the operation at `at`, or None where the contract describes no body for it.

    Raises ContractError where its URL is not the one of `x-job.callback`, or where its template uses
    more than the job.
    """
    for expression, post, here in _posts(node, at):
        if "x-job" in post:
            bundled.check_part(post["x-job"], "callback", f"{here}/x-job")
            expected = _expression(node["x-job"].get("callback", ""))
            if expression != expected:
                message = f"is called at {expression}, but x-job.callback of the submit means {expected}"
                raise bundled.error(message, here)
            return _compiled(bundled, post, here)
    return None


def _expression(callback: str) -> str:
    """OpenAPI's runtime expression for where a submit has the URL."""
    beside_body = callback and not callback.startswith("/")
    return f"{{$request.{callback}}}" if beside_body else f"{{$request.body#{callback}}}"


def _posts(node: Mapping[str, Any], at: str) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Every callback that is a POST: the expression of its URL, the operation, and its JSON pointer."""
    for name, urls in object_in(node.get("callbacks")).items():
        for expression, path in object_in(urls).items():
            post = object_in(path).get("post")
            if isinstance(post, dict):
                yield expression, post, f"{at}{pointer.write(('callbacks', name, expression, 'post'))}"


def _compiled(bundled: Bundled, post: Mapping[str, Any], at: str) -> Callback:
    body = post["x-job"]["body"]
    unknown_names = sorted(
        name for name in names_in(body) if name not in NAMES and not name.startswith(OF_IDS)
    )
    if unknown_names:
        message = f"a callback can only use values of its job, not {unknown_names[0]}"
        raise bundled.error(message, f"{at}/x-job/body")
    try:
        render = compile_template(body, bundled.writing)
    except ContractError as error:
        raise bundled.error(error.message, f"{at}/x-job/body{error.pointer}") from None
    job = post["x-job"]
    choice = job.get("filter", {})
    return Callback(
        render,
        _schema(bundled, post, at),
        str(job.get("signature", "")),
        frozenset(job.get("on", get_args(Phase))),
        pointer.parts(choice["at"]) if choice else None,
        choice.get("words", {}),
    )


def _schema(bundled: Bundled, post: Mapping[str, Any], at: str) -> Validator | None:
    schema = pointer.follow(post, ("requestBody", "content", "application/json", "schema"))
    if not isinstance(schema, dict):
        return None
    if schema.keys() == {"$ref"}:
        return bundled.validator(str(schema["$ref"]).removeprefix("#"))
    return bundled.inline(schema, at)
