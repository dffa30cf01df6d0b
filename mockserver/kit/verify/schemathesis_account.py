"""What schemathesis judged: its events, entered into the account of a run phase by phase.

It reports an error of its own as an event and goes on, and a phase may end without a single case. Neither
may pass for a judgement.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, Final

from schemathesis.engine import Status, StopReason, events
from schemathesis.engine.run import PhaseSkipReason

from mockserver.kit.findings.account import NO_OPERATION, Account
from mockserver.kit.verify.accounting import is_about_account
from mockserver.kit.verify.wsgi_proxy import NOT_JUDGED

PHASES: Final = ("examples", "coverage", "fuzzing", "stateful")
FAMILY: Final = "schemathesis"
_LONGEST: Final = 200
"""Characters of an error of schemathesis."""
_JUDGED: Final = (Status.SUCCESS, Status.FAILURE)


class SchemathesisAccount:
    """Follows the events of one run of schemathesis.

    `operation_of` gives the id of an operation by its label (`GET /path`); `lacks` gets what could not be
    judged, and where. `labels` are the operations that it was given. `is_limited` says of an interaction
    whether its answer is about the account or the server by its words.
    """

    def __init__(
        self,
        account: Account,
        labels: frozenset[str],
        operation_of: Callable[[str], str],
        lacks: Callable[[str, str], None],
        is_limited: Callable[[Any], bool] = lambda interaction: False,
    ) -> None:
        self._is_limited = is_limited
        self._account, self._labels, self._name, self._lacks = account, labels, operation_of, lacks
        self._cases: Counter[tuple[str, str]] = Counter()
        self._skips: dict[tuple[str, str], str] = {}
        self._phases: dict[str, str] = {}
        self._errors: set[tuple[str, str]] = set()
        self._ended = False

    def note(self, event: events.EngineEvent) -> None:
        """Enter an event."""
        if isinstance(event, events.PhaseStarted):
            self._account.begin(self._account.stage, event.phase.name.value)
        elif isinstance(event, events.PhaseFinished):
            self._phases[event.phase.name.value] = _skipped(event)
            self._account.begin(self._account.stage)
        elif isinstance(event, events.NonFatalError):
            phase = event.phase.value if event.phase else ""
            self._errors.add((phase, event.label))
            self._lacks(_text(event.value), _place(phase, self._name(event.label)))
        elif isinstance(event, events.FatalError):
            self._lacks(_text(event.exception), "schemathesis")
        elif isinstance(event, events.ScenarioFinished):
            self._note_scenario(event)
        elif isinstance(event, events.EngineFinished):
            self._ended = event.stop_reason is StopReason.COMPLETED

    def conclude(self) -> None:
        """Enter what was left out: phases that made no case, operations of which none was judged."""
        if not self._ended:
            self._lacks("schemathesis did not come to its end", "")
        for phase in PHASES:
            if phase not in self._phases:
                self._lacks("the phase of schemathesis did not come to its end", phase)
            else:
                for label, reason in self._unjudged(phase):
                    self._lacks(reason, _place(phase, label))

    def _unjudged(self, phase: str) -> Iterator[tuple[str, str]]:
        """Operations (or none, for the phase as a whole) of which no case was judged, and why."""
        judged = {label for (name, label), cases in self._cases.items() if name == phase and cases}
        skipped = self._phases[phase]
        if not judged:
            if skipped != PhaseSkipReason.NOT_APPLICABLE.value and not self._is_explained(phase):
                yield "", f"schemathesis judged no case {f'({skipped})' if skipped else ''}".strip()
        elif phase != "stateful":
            for label in sorted(self._labels - judged):
                reason = self._skips.get((phase, label), "")
                if (phase, label) not in self._errors:
                    yield self._name(label), reason or "schemathesis judged no case"

    def _is_explained(self, phase: str) -> bool:
        """Whether an error of the phase as a whole says already why it judged nothing."""
        return any(name == phase and label not in self._labels for name, label in self._errors)

    def _note_scenario(self, event: events.ScenarioFinished) -> None:
        phase, recorder = event.phase.value, event.recorder
        if event.skip_reason and event.label:
            self._skips[phase, event.label] = event.skip_reason
        crashed: dict[str, str] = {}
        for case, nodes in recorder.checks.items():
            value = recorder.cases[case].value
            label = value.operation.label
            crashed |= {node.name: label for node in nodes if node.status is Status.ERROR}
            if any(node.status in _JUDGED for node in nodes) and self._credit(
                value, recorder.interactions.get(case)
            ):
                self._cases[phase, label] += 1
        for name, label in crashed.items():
            self._lacks(f"the check {name} of schemathesis broke off", _place(phase, self._name(label)))

    def _credit(self, case: Any, interaction: Any) -> bool:
        """Count a judged case of an operation; False where its answer says nothing about the request."""
        if not is_whole(interaction) or interaction is None or interaction.response is None:
            return False
        status = int(interaction.response.status_code)
        if is_about_account(status, denied=False) or self._is_limited(interaction):
            return False
        same = case.method.upper() == case.operation.method.upper()
        self._account.credit(self._name(case.operation.label) if same else NO_OPERATION, status, FAMILY)
        return True


def is_whole(interaction: Any) -> bool:
    """Whether schemathesis got the whole answer; the proxy passes on the head of one that is too large."""
    response = interaction and interaction.response
    return response is None or NOT_JUDGED not in {name.lower() for name in response.headers}


def _skipped(event: events.PhaseFinished) -> str:
    reason = event.phase.skip_reason
    return reason.value if reason else ""


def _place(phase: str, label: str) -> str:
    return f"{phase}, {label}" if label else phase


def _text(error: Exception) -> str:
    message = " ".join(str(error).split())[:_LONGEST]
    return f"schemathesis: {type(error).__name__}: {message}"
