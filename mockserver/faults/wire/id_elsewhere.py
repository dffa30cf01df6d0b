"""The job's id under another key."""

from __future__ import annotations

from typing import Any, Final

from mockserver.faults.base import SUBMIT, WireFault
from mockserver.faults.bodies import change_body, find_id_keys
from mockserver.faults.seams import Reply, RequestFacts

_SISTER: Final = {"request_id": "id", "task_id": "id", "generation_id": "id", "id": "generation_id"}


class IdElsewhere(WireFault):
    """The job's id comes under the key `to`; without it, under a key that a related API documents.

    `keys` are the keys to rename; without them, those that hold the id.
    Use: does the client find the id under the other documented key, or say that there is none?
    """

    name = "id-elsewhere"
    main = "to"
    usual = SUBMIT
    to: str | None = None
    keys: tuple[str, ...] = ()

    def after(self, reply: Reply, request: RequestFacts) -> None:
        def rename(document: Any) -> Any:
            for node, key in find_id_keys(document, self.keys, reply.job_id):
                value = node.pop(key)
                node[self.to or _SISTER.get(key, "id")] = value
            return document

        change_body(reply, rename)
