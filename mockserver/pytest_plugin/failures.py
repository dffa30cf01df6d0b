"""A test that failed says what the mock server saw, in a section of pytest's report.

One server's part tells what reached it since the test began, whoever sent it, as a wrong key is a frequent
reason. What a tenant or server that has ended saw is told from what it left; see `explaining`.
"""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterator
from typing import Any, Final

import pytest

from mockserver.escapes import encodable
from mockserver.explaining import Evidence, FollowedServer, Watch, safely, text

TITLE: Final = "What the mock server saw"


class FailedTests:
    """Follows each test, and explains those that fail."""

    def __init__(self) -> None:
        self._watch: Watch | None = None
        self._shown: dict[FollowedServer, int] = {}

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self) -> Generator[None]:
        """Begin before any fixture does."""
        self._end()
        self._watch, self._shown = Watch(), {}
        self._watch.start()
        return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Add the section to the report of a phase that failed."""
        report = yield
        if _is_failure(report) and (section := safely(lambda: self._section(item))):
            report.sections.append((TITLE, section))
        return report

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Fit the section to this terminal, which with xdist is another process's than the test's."""
        encoding = getattr(sys.__stdout__, "encoding", None) or "utf-8"
        report.sections = [
            (title, encodable(content, encoding) if title == TITLE else content)
            for title, content in report.sections
        ]

    def pytest_runtest_logfinish(self) -> None:
        """Forget the test."""
        self._end()

    def _end(self) -> None:
        if self._watch is not None:
            self._watch.stop()
        self._watch = None

    def _section(self, item: pytest.Item) -> str:
        """What is new since the last phase of this test that failed; empty where the test used no server."""
        if self._watch is None:
            return ""
        evidence = self._watch.evidence(_used(item))
        parts = [text(new) for new in map(self._news, evidence) if new is not None]
        return "\n\n".join(parts)

    def _news(self, evidence: Evidence) -> Evidence | None:
        before = self._shown.get(evidence.server)
        exchanges = evidence.story.exchanges
        self._shown[evidence.server] = exchanges[-1].number if exchanges else before or 0
        if before is None:
            return evidence
        story = evidence.story.after(before)
        return evidence._replace(story=story) if story.exchanges else None


def _is_failure(report: pytest.TestReport) -> bool:
    return report.failed or (report.skipped and hasattr(report, "wasxfail"))


def _used(item: pytest.Item) -> Iterator[FollowedServer]:
    """The servers among the values of the test's fixtures."""
    if "mockserver.in_process" not in sys.modules:
        return
    from mockserver.in_process import Running, Tenant

    values: dict[str, Any] = getattr(item, "funcargs", {})
    for value in values.values():
        if isinstance(value, Running):
            yield value
        elif isinstance(value, Tenant):
            yield value.server
