"""An answer without the job's id."""

from __future__ import annotations

from typing import Any

from mockserver.faults.base import SUBMIT, WireFault
from mockserver.faults.bodies import change, id_keys
from mockserver.faults.seams import Reply, RequestFacts


class NoId(WireFault):
    """The answer says nothing of the job's id: `keys`, or those that hold it where none are given, are gone.

    Use: does the client say so at once, and not poll for `None`?
    """

    name = "no-id"
    usual = SUBMIT
    keys: tuple[str, ...] = ()

    def after(self, reply: Reply, subject: RequestFacts) -> None:
        def drop(document: Any) -> Any:
            for node, key in id_keys(document, self.keys, reply.job_id):
                del node[key]
            return document

        change(reply, drop)
