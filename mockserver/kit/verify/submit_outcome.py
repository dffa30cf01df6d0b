"""What became of a submit, as its answer says."""

from __future__ import annotations

from typing import Final

from mockserver.contract.pointer import ABSENT
from mockserver.kit.traffic.call import Call
from mockserver.kit.verify.ledger import Outcome

_REFUSALS: Final = frozenset(
    {
        "invalid", "malformed", "media-type", "too-large", "unauthenticated", "bad-credentials",
        "early-credentials", "expired-credentials", "forbidden", "unknown-model", "limited", "unpaid",
        "policy",
    }
)  # fmt: skip
"""The cases in which no job was made, and so nothing is paid for."""


def job_in(call: Call) -> str | None:
    """The id of the first job that an answer names."""
    return next((sighting.job_id for sighting in call.sightings if sighting.job_id), None)


def answer_of(call: Call) -> str:
    """A submit's answer in a few words."""
    status = call.exchange.status
    return f"the answer was {status}" if status else f"no answer came: {call.exchange.error}"


def outcome_of(call: Call) -> tuple[Outcome, str | None]:
    """The outcome of a submit, and its job.

    Only a client error is sure not to be paid for. Whatever else names no job may have been accepted.
    """
    job = job_in(call)
    if job is not None:
        return "accepted", job
    status = call.exchange.status
    if status in range(400, 500) and status not in (408, 409):
        return "refused", None
    return ("refused" if _is_refusal(call) else "unknown"), None


def _is_refusal(call: Call) -> bool:
    """Whether a success status carries the documented body of a refusal, such as a business code."""
    if call.succeeded or call.operation is None or call.response_json is ABSENT:
        return False
    return any(
        answer.when in _REFUSALS and answer.schema is not None and answer.schema.is_valid(call.response_json)
        and not call.mismatches(answer.when) for answer in call.answers
    )  # fmt: skip
