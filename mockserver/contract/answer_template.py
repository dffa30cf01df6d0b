"""The answers of an operation, whose bodies and headers are made when they are sent."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, NamedTuple

from mockserver.contract.names import (
    PHASES,
    is_list_alone,
    is_of_error,
    is_steady,
    links_in,
    lists_steadily,
    shows_requests,
)
from mockserver.contract.template import Render, Writing, compile_template
from mockserver.contract.validate import Validator

LONGEST_HEADER: Final = 8000
"""Bytes of a header that is made."""


class HeaderTemplate(NamedTuple):
    """A header of an answer whose value is made: `node` is the template as the contract has it."""

    name: bytes
    render: Render
    node: Any


@dataclass(frozen=True, eq=False, repr=False)
class AnswerTemplate:
    """One answer of an operation, for the case `when`.

    `says` is the text where the case brings none; `headers` are all but the length and the `made_headers`;
    `node` is the template of the body as the contract has it, which `schema` then checks. One that `is_empty`
    documents no content.
    """

    when: str
    status: int
    says: str
    headers: tuple[tuple[bytes, bytes], ...]
    node: Any
    writing: Writing
    schema: Validator | None
    made_headers: tuple[HeaderTemplate, ...]
    is_empty: bool

    # What follows is made when it is first wanted: most servers give few of the hundred answers that their
    # contracts have, and to make all of them is a third of the time that a start spends with contracts.

    @cached_property
    def render(self) -> Render:
        """Makes the body of a view. Raises ContractError where the template is not in its language."""
        return compile_template(self.node, self.writing)

    @cached_property
    def steady(self) -> bool:
        """Whether the body depends only on the job and its state."""
        shows_a_job = self.when == "default" or self.when in PHASES
        return shows_a_job and is_steady(self.node) and not self.made_headers

    @cached_property
    def shows_requests(self) -> bool:
        """Whether it depends on what its jobs were submitted with."""
        links = links_in(self._shown)
        return shows_requests(self._shown) or any(map(self.writing.links.needs_submit, links))

    @cached_property
    def has_links(self) -> bool:
        """Whether it depends on the prefix of the request."""
        return bool(links_in(self._shown))

    @cached_property
    def is_of_error(self) -> bool:
        """Whether it depends on the text of an error alone."""
        return is_of_error(self.node) and not self.made_headers

    @cached_property
    def lists_steadily(self) -> bool:
        """Whether what it shows of a job depends on that job and its state alone."""
        return lists_steadily(self.node) and not self.made_headers

    @cached_property
    def is_list_alone(self) -> bool:
        """Whether it shows nothing but a list and facts of it."""
        return is_list_alone(self.node) and not self.made_headers

    @property
    def _shown(self) -> list[Any]:
        return [self.node, *(header.node for header in self.made_headers)]

    def headers_for(self, view: Any) -> list[tuple[bytes, bytes]]:
        """All headers but the length; one whose value is absent, or no text or number, is left out."""
        headers = list(self.headers)
        for header in self.made_headers:
            value = header.render(view)
            if isinstance(value, str | int | float):
                headers.append((header.name, _printable(str(value))))
        return headers


def _printable(text: str) -> bytes:
    """Text as a header may carry it: printable ASCII, all else escaped."""
    return text.encode("unicode_escape")[:LONGEST_HEADER]
