"""What touched a job besides its states: faults that changed answers about it, and tries of its callbacks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mockserver.engine.admin.explanation import TimelineEntry
from mockserver.engine.callbacks.sender import CallbackSender
from mockserver.engine.journal.delivery import shown_status
from mockserver.engine.journal.exchange import EntryFilter, JournalEntry
from mockserver.engine.journal.meaning import named_cause
from mockserver.engine.services import Services
from mockserver.jobs.job import Job


async def touches(services: Services, callbacks: CallbackSender, job: Job) -> list[TimelineEntry]:
    """Those of the job, as far as the journal and the delivery log still have them."""
    wanted = EntryFilter(provider=job.provider, tenant=job.tenant, job=job.id)
    faulty = _of_faults(services.journal.faulty(wanted), services.live_settings.fault_names)
    return [*faulty, *await _of_callbacks(callbacks, job)]


def _of_faults(exchanges: Iterable[JournalEntry], names: Mapping[str, str]) -> Iterator[TimelineEntry]:
    for exchange in exchanges:
        faults = ", ".join(named_cause(cause, names) for cause in exchange.faults)
        request = f"{exchange.method} {exchange.path}"
        yield TimelineEntry(exchange.at, "fault", f"{faults} touched {request}: {shown_status(exchange)}")


async def _of_callbacks(callbacks: CallbackSender, job: Job) -> list[TimelineEntry]:
    documents = await callbacks.delivery_log.documents()
    attempts = [stored.document for stored in documents if stored.tenant == job.tenant]
    return [
        TimelineEntry(
            record["at"],
            "callback",
            f"try {record['attempt']} of telling {record['state']!r}: {delivery_outcome(record)}",
        )
        for record in attempts
        if (record["provider"], record["job"]) == (job.provider, job.id)
    ]


def delivery_outcome(record: Mapping[str, Any]) -> str:
    """What came of a try: the status and who answered it, or why none came."""
    if record["status"] is None:
        return str(record["error"])
    return f"{record['status']} from {record['url']}"
