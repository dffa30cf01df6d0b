"""The curl command that makes the example call of an operation."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote, urlencode

import orjson

from mockserver.control.document import JSON

_LONG: Final = 76
"""Characters of a value beyond which it is shown with a line for each of its members."""


def command(call: str, operation: Mapping[str, Any], base: str) -> str:
    """The command for `METHOD /path` at the server `base`; a place without an example keeps its name."""
    method, path = call.split()
    url = f"{base}{_filled(path, operation)}"
    options = []
    if method != "GET":
        options.append(f"-X {method}")
    if operation["security"]:
        options.append('-H "Authorization: Bearer $MOCKSERVER_TOKEN"')
    content = operation.get("requestBody", {}).get("content", {}).get(JSON, {})
    if "example" in content:
        options += [f"-H 'Content-Type: {JSON}'", f"-d {shlex.quote(json_text(content['example']))}"]
    if _is_file(operation):
        options.append(f"-o {shlex.quote(url.rpartition('/')[2])}")
    return " \\\n  ".join([f"curl {shlex.quote(url)}", *options])


def json_text(value: Any) -> str:
    """A value as JSON, on one line where it is short; a text as it is."""
    if isinstance(value, str):
        return value
    line = orjson.dumps(value).decode()
    if len(line) <= _LONG:
        return line
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()


def _filled(path: str, operation: Mapping[str, Any]) -> str:
    """The path and query of the example."""
    query = {}
    for parameter in operation.get("parameters", ()):
        name, value = parameter["name"], json_text(parameter.get("example", parameter["name"].upper()))
        if parameter["in"] == "path":
            path = path.replace(f"{{{name}}}", quote(value, safe=""))
        elif "example" in parameter:
            query[name] = value
    return f"{path}?{urlencode(query)}".removesuffix("?")


def _is_file(operation: Mapping[str, Any]) -> bool:
    """Whether what comes is no text."""
    kinds = operation["responses"].get("200", {}).get("content", {})
    return any(kind.startswith(("image/", "video/")) for kind in kinds)
