"""Progress that goes down."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from mockserver.faults.base import READ, WireFault
from mockserver.faults.bodies import change_body, objects
from mockserver.faults.seams import Reply, RequestFacts


class FallingProgress(WireFault):
    """A job's n-th read shows the n-th of `values` as its progress; later reads show the last.

    It is written where the body has `key` already (a text such as `30%` stays a text), else at the top.
    Use: does the client's display, or its patience, break when progress goes down?
    """

    name = "falling-progress"
    usual = READ
    values: Annotated[tuple[int, ...], Field(min_length=1)] = (10, 60, 30, 90)
    key: str = Field("progress", min_length=1)

    def after(self, reply: Reply, request: RequestFacts) -> None:
        value = self.values[min(max(request.reads, 1), len(self.values)) - 1]

        def write_progress(document: Any) -> Any:
            places = [node for node in objects(document) if self.key in node]
            for node in places or list(objects(document))[:1]:
                node[self.key] = f"{value}%" if isinstance(node.get(self.key), str) else value
            return document

        if reply.status == 200:
            change_body(reply, write_progress)
