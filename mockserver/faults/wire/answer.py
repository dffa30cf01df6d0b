"""Any answer at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

from pydantic import Field, model_validator

from mockserver.faults.base import WireFault, check_headers
from mockserver.faults.seams import Replacement, RequestFacts


class Answer(WireFault):
    """The server gives this answer instead of its own; a submit is not carried out.

    `when` names an answer of the contract (`invalid`, `policy`, `conflict`, `error`, `timeout` ...), which is
    sent in the provider's envelope with `message`; `text` is sent as the body. `status` replaces the
    answer's own, `headers` are added.
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
        check_headers(self.headers)
        return self

    def before(self, request: RequestFacts) -> Replacement:
        body = (self.text or "").encode()
        return Replacement(self.when, self.status, tuple(self.headers.items()), body, self.message)
