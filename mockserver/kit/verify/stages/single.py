"""Single operations, tested by schemathesis: examples, coverage, fuzzing, and sequences by links."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, Final

import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.core.result import Ok
from schemathesis.engine import events, from_schema

from mockserver.contract.carriage import Carriage, usual_carriage
from mockserver.contract.model import Contract, Operation
from mockserver.contract.nodes import METHODS
from mockserver.contract.violation import cite
from mockserver.kit.findings.finding import Finding, severity_of
from mockserver.kit.traffic.exchange import Exchange
from mockserver.kit.verify.budget import BudgetExceeded
from mockserver.kit.verify.context import Billable, Context, PlannedCall, StageSkipped
from mockserver.kit.verify.fuzzable_bodies import make_fuzzable
from mockserver.kit.verify.schemathesis_account import PHASES, SchemathesisAccount, is_whole
from mockserver.kit.verify.schemathesis_reading import document_of, is_cleared, is_limited, rule_of
from mockserver.kit.verify.wsgi_proxy import WsgiProxy, through_proxy
from mockserver.terms import MAKERS

_MIN_JOBS: Final = 50
"""With fewer jobs in the budget than this, schemathesis does not submit."""
_NOT_FREE: Final = (*sorted(MAKERS), "cancel")
_NO_SUBMITS: Final = (
    "submits and cancels were left out: they need a near endpoint that takes any key, with none given,"
    f" and --max-jobs of {_MIN_JOBS} or more"
)


class SingleStage:
    """The contract as schemathesis reads it, with the checks that hold for any HTTP interface."""

    name = "single"
    title = "single operations, by schemathesis"
    free = False

    def plan(self, context: Context) -> list[PlannedCall]:
        """At most so many calls for each operation; submits only where the budget has jobs enough."""
        calls = context.search.examples * len(PHASES)
        submits = _may_submit(context)
        planned = []
        for operation in context.contract.operations.values():
            if submits or operation.role not in _NOT_FREE:
                billable: Billable = "yes" if operation.role in MAKERS else "no"
                path = context.target.path(operation)
                planned.append(PlannedCall(operation.id, path, "generated requests", calls, billable))
        if not planned:
            raise StageSkipped("no operation is free")
        return planned

    def run(self, context: Context) -> None:
        """Run schemathesis through the proxy."""
        proxy = WsgiProxy(context.target, None if _is_plain(context) else _carriage(context))
        schema = _schema(context, proxy)
        judged = _account(context, schema)
        failures: dict[tuple[str, str, str], Finding] = {}
        try:
            for event in _events(schema, proxy):
                judged.note(event)
                if isinstance(event, events.ScenarioFinished):
                    context.progress(f"{event.phase.value} {event.label or ''}")
                    for finding in _failures(context, event, proxy):
                        failures.setdefault((finding.check, finding.operation or "", finding.actual), finding)
                    proxy.exchanges.clear()
        finally:
            context.target.findings.add(failures.values())
        judged.conclude()
        if not _may_submit(context) and context.operations(*_NOT_FREE):
            context.lacks(_NO_SUBMITS)


def _events(schema: Any, proxy: WsgiProxy) -> Iterator[events.EngineEvent]:
    """What schemathesis does, step by step. Raises BudgetExceeded once the proxy passes nothing on."""
    stream = from_schema(schema).execute()
    for event in stream:
        if proxy.closed:
            stream.stop()
            raise BudgetExceeded(proxy.closed)
        if isinstance(event, events.Interrupted):
            # Schemathesis catches Ctrl-C, and the run would go on.
            stream.stop()
            raise KeyboardInterrupt
        yield event


def _account(context: Context, schema: Any) -> SchemathesisAccount:
    labels = frozenset(result.ok().label for result in schema.get_all_operations() if isinstance(result, Ok))
    return SchemathesisAccount(
        context.target.account,
        labels,
        partial(_operation_name, context.contract),
        context.lacks,
        partial(is_limited, context.target.history),
    )


def _operation_name(contract: Contract, label: str) -> str:
    operation = _operation(contract, label)
    return operation.id if operation else label


def _may_submit(context: Context) -> bool:
    return context.new_key is not None and context.target.budget.jobs_left >= _MIN_JOBS


def _schema(context: Context, proxy: WsgiProxy) -> Any:
    target = context.target
    config = SchemathesisConfig.from_dict(
        {
            "seed": context.search.seed,
            "headers": _carriage(context).headers if _is_plain(context) else {},
            "generation": {"max-examples": context.search.examples, "database": "none"},
            "workers": 1,
            # An operation without examples would not be judged in their phase.
            "phases": {"examples": {"fill-missing": True}, "coverage": _coverage(context)},
            # It sends a key of its own making, which a server that takes any key rightly accepts.
            "checks": {
                "ignored_auth": {"enabled": context.new_key is None and _is_plain(context)},
                # It asks for 404 after a DELETE. The only DELETE that a contract can have cancels a job, and
                # that stays there to be read: `status.found` asks for just this.
                "use_after_free": {"enabled": False},
            },
            # The source of the proxy holds no constants of the server.
            "analysis": {"constants": {"enabled": False}},
            # A cache would leave files in the user's folder, and let an earlier run change this one.
            "cache": {"enabled": False},
        }
    )
    document = document_of(target.contract)
    make_fuzzable(document)
    if not _is_plain(context):
        _forget_keys(document)
    schema: Any = through_proxy(schemathesis.openapi.from_dict(document, config=config), proxy)
    if not _may_submit(context):
        excluded = [operation.id for operation in context.operations(*_NOT_FREE)]
        schema = schema.exclude(operation_id=excluded)
    return schema


def _forget_keys(document: dict[str, Any]) -> None:
    """Leave out of a bundled document that a key is needed, in place: none is made up then."""
    operations = [path[method] for path in document["paths"].values() for method in METHODS & path.keys()]
    for node in (document, *operations):
        node.pop("security", None)


def _coverage(context: Context) -> dict[str, Any]:
    """Settings of the coverage phase.

    A server may take a method that the contract lacks for a submit, so where jobs are scarce only harmless
    methods are tried.
    """
    if _may_submit(context):
        return {}
    return {"unexpected-methods": ["options", "trace"]}


def _carriage(context: Context) -> Carriage:
    """How the key goes along. Schemathesis removes its header by the name in title case."""
    return usual_carriage(context.contract.operations.values(), context.target.key)


def _is_plain(context: Context) -> bool:
    """Whether one header carries the key: where it is elsewhere, schemathesis neither sends nor removes it
    reliably, and the proxy puts it into every request."""
    carried = _carriage(context)
    return not carried.query and len(carried.headers) <= 1 and "Cookie" not in carried.headers


def _failures(context: Context, event: events.ScenarioFinished, proxy: WsgiProxy) -> list[Finding]:
    recorder = event.recorder
    findings = []
    for case, nodes in recorder.checks.items():
        interaction = recorder.interactions.get(case)
        for node in nodes if is_whole(interaction) else ():
            info = node.failure_info
            if info is not None and not is_cleared(context.target.history, node.name, interaction):
                findings.append(_finding(context, node.name, info.failure, proxy.exchanges.get(case)))
    return findings


def _finding(context: Context, name: str, failure: Any, exchange: Exchange | None) -> Finding:
    operation = _operation(context.contract, failure.operation)
    source, clause = rule_of(context.contract, name, failure, operation)
    return Finding(
        check=f"schemathesis.{name}",
        severity=severity_of(source),
        requirement=str(failure.title),
        source=cite(source, context.contract.sources),
        expected=f"what the check {name} of schemathesis asks for",
        actual=" ".join(str(failure.message).split()) or str(failure.title),
        exchange=context.target.budget.requests,
        provider=context.contract.provider,
        operation=operation.id if operation else None,
        clause=clause,
        curl=context.target.history.keys.line(exchange) if exchange else "",
    )


def _operation(contract: Contract, label: str) -> Operation | None:
    """The operation of a label such as `POST /path`."""
    method, _, path = label.partition(" ")
    for operation in contract.operations.values():
        if operation.method == method and path.endswith(operation.path):
            return operation
    return None
