"""Single operations, by schemathesis: examples, coverage, fuzzing, and sequences by links."""

from __future__ import annotations

from typing import Any, Final

import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema

from mockserver.contract.model import Contract, Operation
from mockserver.contract.violation import cite
from mockserver.kit.findings.finding import Finding, severity_of
from mockserver.kit.traffic import clauses
from mockserver.kit.verify.context import Context, PlannedCall, StageSkipped
from mockserver.kit.verify.wsgi_proxy import WsgiProxy

PHASES: Final = ("examples", "coverage", "fuzzing", "stateful")
_FEW: Final = 50
"""With fewer jobs to spend than this, what submits is left to the other stages."""


class SingleStage:
    """Our contract as schemathesis reads it, with the checks that hold for any HTTP interface."""

    name = "single"
    title = "single operations, by schemathesis"
    free = False

    def plan(self, context: Context) -> list[PlannedCall]:
        """At most so many calls for each operation; submits only where jobs are not counted one by one."""
        submits = _may_submit(context)
        most = context.effort.examples * len(PHASES)
        planned = [
            PlannedCall(
                one.id,
                context.target.path(one),
                "generated requests",
                most,
                "yes" if one.role == "submit" else "no",
            )
            for one in context.contract.operations.values()
            if submits or one.role not in ("submit", "cancel")
        ]
        if not planned:
            raise StageSkipped("no operation is free")
        return planned

    def run(self, context: Context) -> None:
        """Run it through the gate."""
        gate = WsgiProxy(context.target)
        schema = _schema(context, gate)
        stream = from_schema(schema).execute()
        failures: dict[tuple[str, str, str], Finding] = {}
        for event in stream:
            if gate.shut:
                context.notes.append(f"schemathesis was stopped: {gate.shut}")
                stream.stop()
                break
            if isinstance(event, events.Interrupted):
                # It keeps Ctrl-C to itself and would let the run go on.
                stream.stop()
                raise KeyboardInterrupt
            if isinstance(event, events.NonFatalError | events.FatalError):
                context.notes.append(_unable(event))
            if isinstance(event, events.ScenarioFinished):
                context.progress(f"{event.phase.value} {event.label or ''}")
                for one in _failures(context, event):
                    failures.setdefault((one.check, one.operation or "", one.actual), one)
        context.target.findings += failures.values()


def _unable(event: events.NonFatalError | events.FatalError) -> str:
    if isinstance(event, events.FatalError):
        error, label = event.exception, ""
    else:
        error, label = event.value, f" {event.label}"
    said = " ".join(str(error).split())[:200]
    return f"schemathesis could not judge{label}: {type(error).__name__}: {said}"


def _may_submit(context: Context) -> bool:
    return context.mint is not None and context.target.budget.jobs_left >= _FEW


def _schema(context: Context, gate: WsgiProxy) -> Any:
    target = context.target
    config = SchemathesisConfig.from_dict(
        {
            "seed": context.effort.seed,
            "headers": _credentials(context),
            "generation": {"max-examples": context.effort.examples, "database": "none"},
            "workers": 1,
            "phases": {"coverage": _coverage(context)},
            # The gate is no application whose source would tell anything.
            "analysis": {"constants": {"enabled": False}},
            # Neither is anything left in the user's folder, nor does an earlier run change this one.
            "cache": {"enabled": False},
        }
    )
    document = {name: value for name, value in target.contract.document.items() if name != "x-job"}
    schema: Any = schemathesis.openapi.from_dict(document, config=config)
    schema.app = gate
    if not _may_submit(context):
        barred = [one.id for one in context.operations("submit", "cancel")]
        schema = schema.exclude(operation_id=barred)
    return schema


def _coverage(context: Context) -> dict[str, Any]:
    """A method that the documents lack may reach a submit all the same: none but harmless ones where jobs
    are counted one by one."""
    return {} if _may_submit(context) else {"unexpected-methods": ["options", "trace"]}


def _credentials(context: Context) -> dict[str, str]:
    operation = next((one for one in context.contract.operations.values() if one.credential), None)
    found = {} if operation is None else context.target.credential(operation, context.target.key)
    # It takes a header away by the name that HTTP's own documents spell.
    return {name.title(): value for name, value in found.items()}


def _failures(context: Context, event: events.ScenarioFinished) -> list[Finding]:
    return [
        _finding(context, node.name, node.failure_info.failure, node.failure_info.code_sample)
        for nodes in event.recorder.checks.values()
        for node in nodes
        if node.failure_info is not None
    ]


def _finding(context: Context, name: str, failure: Any, sample: str) -> Finding:
    operation = _operation(context.contract, failure.operation)
    source = "" if operation is None else clauses.promised(context.contract, operation)
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
        clause=clauses.operation(operation) if operation else "",
        curl=sample.replace("[Filtered]", "$API_KEY").replace(context.target.key, "$API_KEY"),
    )


def _operation(contract: Contract, label: str) -> Operation | None:
    """The operation of `POST /path`."""
    method, _, path = label.partition(" ")
    found = contract.operations.values()
    return next((one for one in found if one.method == method and path.endswith(one.path)), None)
