"""An exchange as the control plane shows it."""

from __future__ import annotations

import base64
from collections.abc import Mapping

from pydantic import BaseModel

from mockserver.engine.journal.exchange import JournalEntry, as_text
from mockserver.engine.journal.meaning import meaning
from mockserver.engine.journal.row import as_row
from mockserver.terms import Headers


class RecordedMessage(BaseModel):
    """Headers and body of a request or response: `text`, or `base64` where it is no text.

    `size` is the body's in bytes, -1 where it is not known; `cut` says that not all of it is here.
    """

    headers: list[tuple[str, str]]
    size: int
    cut: bool
    text: str | None
    base64: str | None


class RecordedExchange(BaseModel):
    """An exchange; `at` is Unix milliseconds and `took` milliseconds, both by its tenant's clock.

    `state` is the one in which it showed or left its job, `refusal` why it was refused, `meaning` what it
    meant in one sentence. `delivery` is what a fault did to the answer on its way, null where the
    client got it as it is. `shown_status` is the status as a text, or `lost` or `reset` where no answer
    arrived.
    """

    number: int
    at: int
    took: int
    provider: str | None
    operation: str | None
    role: str | None
    tenant: str | None
    job: str | None
    model: str | None
    method: str
    path: str
    query: str
    status: int
    shown_status: str
    request: RecordedMessage
    response: RecordedMessage
    violations: list[str]
    warnings: list[str]
    faults: list[str]
    state: str | None
    refusal: str | None
    delivery: str | None
    meaning: str


def record_exchange(
    exchange: JournalEntry, fault_names: Mapping[str, str], *, bodies: bool
) -> RecordedExchange:
    """The exchange, with its bodies or without; `fault_names` are as `meaning` wants them."""
    return RecordedExchange(
        **as_row(exchange, meaning(exchange, fault_names)),
        request=_message(
            exchange.request_headers,
            exchange.request_body if bodies else None,
            exchange.request_size,
            exchange.request_cut,
        ),
        response=_message(
            exchange.response_headers,
            exchange.response_body if bodies else None,
            exchange.response_size,
            exchange.response_cut,
        ),
    )


def _message(headers: Headers, content: bytes | None, size: int, cut: bool) -> RecordedMessage:
    if content is None:
        return RecordedMessage(headers=list(headers), size=size, cut=size != 0, text=None, base64=None)
    text = as_text(content, cut=cut)
    binary = base64.b64encode(content).decode() if text is None else None
    return RecordedMessage(headers=list(headers), size=size, cut=cut, text=text, base64=binary)
