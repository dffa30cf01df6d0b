"""One stage of a run: its calls, and what becomes of the run where it cannot go on."""

from __future__ import annotations

from typing import Final

from mockserver.errors import KitError, MockserverError
from mockserver.kit.findings.account import by_operation
from mockserver.kit.findings.run import StageResult
from mockserver.kit.verify.budget import BudgetExceeded
from mockserver.kit.verify.context import Context, NotApplicable, Stage, StageSkipped

_LONGEST: Final = 500
"""Characters of the reason why a stage could not go on."""


def run_stage(stage: Stage, context: Context, advice: str = "") -> StageResult:
    """Run a stage; `advice` says what to do about one that is left out.

    What keeps it from judging is a gap of the run. Raises MockserverError for what no later stage could mend.
    """
    target = context.target
    calls, jobs = target.budget.requests, target.budget.ledger.paid
    target.findings.begin_stage()
    target.account.begin(stage.name)
    left_out = _try(stage, context, advice)
    sums = by_operation(target.account.rows())
    return StageResult(
        name=stage.name,
        title=stage.title,
        calls=target.budget.requests - calls,
        judged=sum(judged for (name, _), (_, judged) in sums.items() if name == stage.name),
        jobs=target.budget.ledger.paid - jobs,
        findings=target.findings.of_stage,
        left_out=left_out,
    )


def _try(stage: Stage, context: Context, advice: str) -> str:
    """Why the stage was left out or ended early; empty where it did all it can."""
    calls = context.target.budget.requests
    try:
        planned = stage.plan(context)
        stage.run(context)
    except NotApplicable as reason:
        return str(reason)
    except StageSkipped as reason:
        context.lacks(f"left out: {reason}{advice}")
        return str(reason)
    except BudgetExceeded as reason:
        left_out = f"stopped: {reason}"
    except Exception as error:  # what an answer can make of a stage must not end the run
        if isinstance(error, MockserverError) and not isinstance(error, KitError):
            raise
        left_out = f"could not go on: {type(error).__name__}: {' '.join(str(error).split())}"[:_LONGEST]
    else:
        if planned and context.target.budget.requests == calls:
            context.lacks("made no call")
        return ""
    context.lacks(left_out)
    return left_out
