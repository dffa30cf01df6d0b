"""Any answer at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

from pydantic import Field, model_validator

from mockserver.faults.base import WireFault
from mockserver.faults.seams import Replacement, RequestFacts


class Answer(WireFault):
    """Gives an answer in place of carrying the request out.

    `when` names one of the contract's own (`invalid`, `policy`, `conflict`, `error`, `timeout` ...), sent in
    the provider's envelope about `message`; `text` is a body as it is. `status` is sent instead of
    the answer's own, `headers` are added to it.
    Use: any refusal that has no fault of its own, such as a 422 for a field or a 400 for the content.
    """

    name = "answer"
    main = "when"
    when: str | None = Field(None, pattern=r"^[a-z]+(-[a-z0-9]+)*$")
    status: int | None = Field(None, ge=200, le=599)
    message: str | None = None
    headers: Mapping[str, str] = Field(default_factory=dict)
    text: str | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.when is None and self.text is None and self.status is None:
            raise ValueError("give at least one of when, status and text")
        return self

    def before(self, subject: RequestFacts) -> Replacement:
        body = (self.text or "").encode()
        return Replacement(self.when, self.status, tuple(self.headers.items()), body, self.message)
