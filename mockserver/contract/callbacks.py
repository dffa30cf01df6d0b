"""What a callback URL is told: OpenAPI's `callbacks` of a submit, with a template under `x-job`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from mockserver.contract import pointer
from mockserver.contract.bundled import Bundled
from mockserver.contract.model import Callback
from mockserver.contract.template import STEADY, compile_template, names_in
from mockserver.errors import ContractError

NAMES: Final = STEADY | {"now", "request.id"}
"""What a callback can tell of: its job and the moment, as it answers no request."""


def read_callback(bundled: Bundled, node: Mapping[str, Any], at: str) -> Callback | None:
    """The callback of the operation that stands at `at`, None where its contract describes no body.

    Raises ContractError where it is called at another URL than `x-job.callback` says, or its template
    speaks of more than the job.
    """
    for expression, post, here in _posts(node, at):
        if "x-job" in post:
            bundled.conform(post["x-job"], "callback", f"{here}/x-job")
            wanted = f"{{$request.body#{node['x-job'].get('callback', '')}}}"
            if expression != wanted:
                said = f"is called at {expression}, while x-job.callback of the submit means {wanted}"
                raise bundled.fail(said, here)
            return _compiled(bundled, post, here)
    return None


def _posts(node: Mapping[str, Any], at: str) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Every callback that is a POST: the expression of its URL, itself, and where it stands."""
    callbacks = node.get("callbacks")
    for name, item in callbacks.items() if isinstance(callbacks, dict) else ():
        for expression, path in item.items() if isinstance(item, dict) else ():
            post = path.get("post") if isinstance(path, dict) else None
            if isinstance(post, dict):
                yield expression, post, f"{at}{pointer.write(('callbacks', name, expression, 'post'))}"


def _compiled(bundled: Bundled, post: Mapping[str, Any], at: str) -> Callback:
    body = post["x-job"]["body"]
    strange = sorted(names_in(body) - NAMES)
    if strange:
        raise bundled.fail(f"a callback tells of its job alone, not of {strange[0]}", f"{at}/x-job/body")
    try:
        project = compile_template(body, bundled.job["time"])
    except ContractError as error:
        raise bundled.fail(error.message, f"{at}/x-job/body{error.pointer}") from None
    schema = pointer.follow(post, ("requestBody", "content", "application/json", "schema"))
    if not isinstance(schema, dict):
        return Callback(project, None)
    alone = schema.keys() == {"$ref"}
    where = str(schema.get("$ref", "")).removeprefix("#")
    return Callback(project, bundled.validator(where) if alone else bundled.inline(schema, at))
