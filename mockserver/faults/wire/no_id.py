"""An answer without the job's id."""

from __future__ import annotations

from typing import Any

from mockserver.faults.base import SUBMIT, WireFault
from mockserver.faults.bodies import change_body, find_id_keys
from mockserver.faults.seams import Reply, RequestFacts


class NoId(WireFault):
    """The answer lacks the job's id: `keys` are removed; without them, those that hold the id.

    Use: does the client report it at once, instead of polling for `None`?
    """

    name = "no-id"
    usual = SUBMIT
    keys: tuple[str, ...] = ()

    def after(self, reply: Reply, request: RequestFacts) -> None:
        def drop(document: Any) -> Any:
            for node, key in find_id_keys(document, self.keys, reply.job_id):
                del node[key]
            return document

        change_body(reply, drop)
