"""What a submitted body has at the places that its contract names."""

from __future__ import annotations

import binascii
from typing import Any

from mockserver.contract.formats import decode_base64
from mockserver.contract.model import Contract
from mockserver.contract.pointer import ABSENT
from mockserver.jobs.job import Job


def requested(contract: Contract, job: Job, name: str) -> Any:
    """The value in the request's body at `media[name]` of the job's submit, or None."""
    value = contract.media_of(job.operation).value(job.request, name)
    return None if value is ABSENT else value


def picture(text: Any) -> bytes | None:
    """The bytes of a picture that came as Base64 or as a data URI; None for a link, and for anything else."""
    if not isinstance(text, str) or not text or text[:4].lower() == "http":
        return None
    start = text.find(",") + 1 if text[:5].lower() == "data:" else 0
    try:
        return decode_base64(text, start)
    except binascii.Error:
        return None
