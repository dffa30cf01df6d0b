"""What we use of the inside of others' packages: it fails by name when one of them moves."""

from __future__ import annotations

import ast
import importlib
import inspect
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import httptools
import httpx
import jsonschema_rs
import pytest
from packaging.requirements import Requirement
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

import mockserver
from mockserver.web import connection, eager, request_parser

pytestmark = pytest.mark.quick

SOURCE: Final = Path(mockserver.__file__).parent
WATCHED: Final = ("schemathesis", "hypothesis", "httpcore", "uvicorn", "jsonschema_rs")
"""Packages of which we use more than their front door; `pyproject.toml` bounds them from above."""
IMPORTED: Final = frozenset(
    {
        "hypothesis.configuration:set_hypothesis_home_dir",
        "hypothesis.database:InMemoryExampleDatabase",
        "hypothesis.errors:Flaky",
        "hypothesis.errors:FlakyFailure",
        "hypothesis.errors:HypothesisDeprecationWarning",
        "hypothesis.errors:InvalidArgument",
        "hypothesis.errors:NoSuchExample",
        "hypothesis.stateful:Bundle",
        "hypothesis.stateful:RuleBasedStateMachine",
        "hypothesis.stateful:get_state_machine_test",
        "hypothesis.stateful:multiple",
        "hypothesis.stateful:precondition",
        "hypothesis.stateful:rule",
        "hypothesis.strategies:characters",
        "hypothesis.strategies:from_regex",
        "schemathesis.config:SchemathesisConfig",
        "schemathesis.core.errors:InvalidSchema",
        "schemathesis.core.result:Ok",
        "schemathesis.engine:Status",
        "schemathesis.engine:StopReason",
        "schemathesis.engine:events",
        "schemathesis.engine:from_schema",
        "schemathesis.engine.run:PhaseSkipReason",
        "schemathesis.generation.jsonschema.builder:build",
        "schemathesis.transport.wsgi:WSGITransport",
        "schemathesis.transport.wsgi:WSGI_TRANSPORT",
        "uvicorn.protocols.http.httptools_impl:HEADER_RE",
        "uvicorn.protocols.http.httptools_impl:HEADER_VALUE_RE",
        "uvicorn.protocols.http.httptools_impl:HttpToolsProtocol",
        "uvicorn.protocols.http.httptools_impl:STATUS_LINE",
        "uvicorn.protocols.http.httptools_impl:RequestResponseCycle",
    }
)
"""`module:name` of every import from inside a watched package."""
NAMED: Final = (
    "schemathesis.engine.events:EngineEvent",
    "schemathesis.engine.events:EngineFinished",
    "schemathesis.engine.events:FatalError",
    "schemathesis.engine.events:Interrupted",
    "schemathesis.engine.events:NonFatalError",
    "schemathesis.engine.events:PhaseFinished",
    "schemathesis.engine.events:PhaseStarted",
    "schemathesis.engine.events:ScenarioFinished",
    "schemathesis.engine:Status.ERROR",
    "schemathesis.engine:Status.FAILURE",
    "schemathesis.engine:Status.SUCCESS",
    "schemathesis.engine:StopReason.COMPLETED",
    "schemathesis.engine.run:PhaseSkipReason.NOT_APPLICABLE",
    "schemathesis.transport.wsgi:WSGITransport.send",
    "schemathesis.transport.wsgi:WSGITransport._copy_serializers_from",
    "schemathesis.schemas:BaseSchema.transport",
    "schemathesis.openapi:from_dict",
    "httpcore:ConnectionPool",
    "httpcore:NetworkBackend.connect_tcp",
    "httpcore:NetworkStream.start_tls",
    "httpcore:SyncBackend.connect_tcp",
    "httpcore:RemoteProtocolError",
    "httpcore:ReadTimeout",
    "httpcore:ConnectError",
    "httpcore:ConnectTimeout",
    "uvicorn:Server.startup",
    "uvicorn:Server.shutdown",
    "jsonschema_rs:Draft202012Validator",
    "jsonschema_rs:ReferencingError",
    "jsonschema_rs:Registry",
    "jsonschema_rs:ValidationErrorKind.AdditionalProperties",
    "jsonschema_rs:ValidationErrorKind.AnyOf",
    "jsonschema_rs:ValidationErrorKind.Enum",
    "jsonschema_rs:ValidationErrorKind.UnevaluatedProperties",
)
"""`module:name` of what is reached through those imports, or through the package itself."""
OF_A_CONNECTION: Final = frozenset(
    {
        "access_log",
        "app",
        "connections",
        "cycle",
        "expect_100_continue",
        "flow",
        "headers",
        "loop",
        "parser",
        "pipeline",
        "scheme",
        "scope",
        "server",
        "server_state",
        "tasks",
        "timeout_keep_alive",
        "transport",
        "url",
    }
)
"""Attributes of uvicorn's protocol that our own, and the parser for it, read or set."""
OF_A_PARSER: Final = (
    "feed_data",
    "get_http_version",
    "get_method",
    "should_keep_alive",
    "set_dangerous_leniencies",
    "should_upgrade",
)
"""Methods of httptools' parser that ours calls."""


@pytest.mark.parametrize("place", sorted({*IMPORTED, *NAMED}))
def test_what_we_use_of_the_inside_of_a_package_is_where_it_was(place: str) -> None:
    module, _, names = place.partition(":")
    value: Any = importlib.import_module(module)
    for name in names.split("."):
        value = getattr(value, name)


@pytest.mark.parametrize("name", sorted(OF_A_CONNECTION - {"url"}))
def test_a_connection_of_uvicorn_has_the_attribute(name: str) -> None:
    assert name in HttpToolsProtocol.__init__.__code__.co_names


def test_a_connection_of_uvicorn_keeps_the_target_of_a_request_as_it_came() -> None:
    assert "url" in HttpToolsProtocol.on_message_begin.__code__.co_names


def test_every_attribute_of_uvicorns_protocol_that_ours_uses_is_listed() -> None:
    read = _attributes(connection, "self") | _attributes(eager, "self")
    own = {*vars(connection.Connection), *vars(eager.EagerProtocol)}
    ours = {name for name in own if name in read}
    own_state = {"idle_since", "is_between", "is_pending", *(name for name in read if name.startswith("_"))}
    methods = {name for name in read if callable(getattr(HttpToolsProtocol, name, None))}
    assert read - ours - own_state - methods == OF_A_CONNECTION
    assert methods - ours == {"send_400_response", "_unset_keepalive_if_required"}


@pytest.mark.parametrize("name", ["response_complete", "more_body", "disconnected", "message_event"])
def test_an_answer_of_uvicorn_has_the_attribute(name: str) -> None:
    assert name in RequestResponseCycle.__init__.__code__.co_names


@pytest.mark.parametrize("name", ["read_paused", "write_paused"])
def test_the_flow_of_uvicorn_has_the_attribute(name: str) -> None:
    assert name in FlowControl.__init__.__code__.co_names


@pytest.mark.parametrize("name", OF_A_PARSER)
def test_the_parser_of_httptools_has_the_method(name: str) -> None:
    assert callable(getattr(httptools.HttpRequestParser, name))


def test_every_method_of_httptools_parser_that_ours_calls_is_listed() -> None:
    read = _attributes(request_parser, "self", "super()") | _attributes(eager, "self.parser")
    assert {name for name in read if not name.startswith("_")} == set(OF_A_PARSER)


def test_the_transport_of_httpx_has_a_pool_of_httpcore() -> None:
    with httpx.HTTPTransport() as transport:
        assert type(transport._pool).__module__.split(".")[0] == "httpcore"


def test_an_error_of_jsonschema_rs_has_its_kind() -> None:
    [error] = jsonschema_rs.Draft202012Validator({"enum": [1]}).iter_errors(2)
    assert isinstance(error.kind, jsonschema_rs.ValidationErrorKind.Enum)


def test_every_import_from_inside_a_watched_package_is_listed() -> None:
    assert set(_imports()) == IMPORTED


@pytest.mark.parametrize("package", [*WATCHED, "httptools", "httpx"])
def test_a_package_of_whose_inside_we_use_something_is_bound_from_above(package: str) -> None:
    project = tomllib.loads((SOURCE.parent / "pyproject.toml").read_text("utf-8"))["project"]
    needed = map(Requirement, [*project["dependencies"], *project["optional-dependencies"]["kit"]])
    [ranges] = [each.specifier for each in needed if each.name.replace("-", "_") == package]
    assert any(clause.operator == "<" for clause in ranges)


def _attributes(module: ModuleType, *owners: str) -> set[str]:
    """What a module reads of, or sets in, what it calls by these expressions."""
    nodes = ast.walk(ast.parse(inspect.getsource(module)))
    attributes = [node for node in nodes if isinstance(node, ast.Attribute)]
    return {node.attr for node in attributes if ast.unparse(node.value) in owners}


def _imports() -> Iterator[str]:
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and not node.level and node.module and _inside(node.module):
                yield from (f"{node.module}:{alias.name}" for alias in node.names)
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names if _inside(alias.name))


def _inside(module: str) -> bool:
    """Whether a module lies in a watched package, below its front door, or is private to any other's."""
    package, *below = module.split(".")
    if package in ("mockserver", "__future__"):
        return False
    return (bool(below) and package in WATCHED) or any(part.startswith("_") for part in (package, *below))
