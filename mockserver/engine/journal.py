"""What was asked and answered, the last of it, in memory."""

from __future__ import annotations

from collections import deque
from typing import Any, NamedTuple

from mockserver.engine.call import Call
from mockserver.engine.message import Request, Response


class Exchange(NamedTuple):
    """One request and what became of it.

    `at` is Unix milliseconds; `violations` are why it was refused, `warnings` what was let pass.
    """

    at: int
    provider: str | None
    operation: str | None
    tenant: str | None
    job_id: str | None
    method: str
    path: str
    status: int
    violations: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


class Journal:
    """The last exchanges, bounded; `dropped` counts those that fell out."""

    def __init__(self, most: int = 1000) -> None:
        self._kept: deque[tuple[Any, ...]] = deque(maxlen=most)
        self._seen = 0

    def add(self, request: Request, response: Response, call: Call | None, at: int) -> None:
        """Note an exchange at `at` (Unix milliseconds). Its record is made when somebody asks."""
        self._seen += 1
        if call is None:
            self._kept.append((at, None, None, None, None, request.method, request.path, response.status))
            return
        self._kept.append((
            at,
            call.contract.provider,
            call.operation.id,
            call.tenant,
            call.job.id if call.job else None,
            request.method,
            request.path,
            response.status,
            call.violations,
            tuple(call.warnings),
        ))  # fmt: skip

    @property
    def dropped(self) -> int:
        """How many exchanges are no longer kept."""
        return self._seen - len(self._kept)

    def __len__(self) -> int:
        """How many are kept."""
        return len(self._kept)

    def exchanges(self) -> list[Exchange]:
        """Those that are kept, oldest first."""
        return [Exchange(*entry) for entry in self._kept]
