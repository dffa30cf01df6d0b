"""Which answers of a live endpoint judge what was asked, and how each is entered into the account."""

from __future__ import annotations

from typing import Final

from mockserver.kit.checks.applicability import families_of, label
from mockserver.kit.findings.account import Account
from mockserver.kit.traffic.call import Call
from mockserver.kit.traffic.credentials import is_account_case, key_state
from mockserver.kit.traffic.history import History
from mockserver.kit.verify.submit_outcome import job_in

_LIMITED: Final = 429
_SERVER_ERROR: Final = 500
_DENIED: Final = frozenset({401, 402, 403})


def enter(account: Account, call: Call, history: History) -> None:
    """Enter a call that is not yet in the history."""
    account.add(label(call), call.exchange.status, families_of(call, history), unjudged_reason(call))
    if call.role == "submit" and job_in(call) is not None:
        account.jobs[account.stage] += 1


def enter_outcome(account: Account, call: Call) -> None:
    """Enter what became of a question, once its last answer is there."""
    reason = unjudged_reason(call)
    if reason:
        account.miss(label(call), reason)


def unjudged_reason(call: Call) -> str:
    """Why an answer does not judge what was asked; empty where it does.

    A limit, an account without rights or money, and a server that is in trouble answer any request alike.
    """
    exchange = call.exchange
    if exchange.callback:
        return ""
    if exchange.status == 0:
        return exchange.error or "no answer came"
    if exchange.left_out is not None:
        return exchange.left_out.reason
    denied = _has_key(call)
    if is_about_account(exchange.status, denied=denied):
        return f"the answer was {exchange.status}, which says nothing about the request"
    if denied and is_account_case(call):
        words = "with words about the account or the server"
        return f"the answer was {exchange.status} {words}, which says nothing about the request"
    return ""


def is_about_account(status: int, *, denied: bool) -> bool:
    """Whether a status depends on the account or on the server's state; `denied` counts a refused key too."""
    return status == _LIMITED or status >= _SERVER_ERROR or (denied and status in _DENIED)


def _has_key(call: Call) -> bool:
    """Whether a call needs a key and has one, so that its refusal is not what it asks for."""
    if call.operation is None or call.operation.credential is None:
        return False
    return key_state(call) == "given"
