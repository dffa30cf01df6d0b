"""A test that failed says what the mock server saw, in a section of pytest's report.

One server's part tells what reached it since the test began, whoever sent it, as a wrong key is a frequent
reason. What a tenant or server that has ended saw is told from what it left; see `explaining`.
"""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import pytest

from mockserver.errors import MockserverError
from mockserver.escapes import encodable
from mockserver.explaining import FollowedServer, ServerStory, Watch, safely, text
from mockserver.pytest_plugin.failure_pages import drop_page, write_page

TITLE: Final = "What the mock server saw"


class FailedTests:
    """Follows each test, and explains those that fail."""

    def __init__(self, folder: Path | None) -> None:
        """`folder` is where each gets a page, None where none is wanted."""
        self._folder = folder
        self._watch: Watch | None = None
        self._shown: dict[FollowedServer, int] = {}
        self._errors: dict[str, str] = {}

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None]:
        """Begin before any fixture does. The page of an earlier run goes, as it would outlive its failure."""
        self._end()
        if self._folder is not None:
            drop_page(self._folder, item.nodeid)
        self._watch, self._shown, self._errors = Watch(), {}, {}
        self._watch.start()
        return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Add the section to the report of a phase that failed."""
        report = yield
        wanted = report.failed and self._folder is not None
        if _is_failure(report) and (section := safely(lambda: self._section(item, call, paged=wanted))):
            report.sections.append((TITLE, section))
        return report

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Fit the section to this terminal, which with xdist is another process's than the test's."""
        encoding = getattr(sys.__stdout__, "encoding", None) or "utf-8"
        for index, (title, content) in enumerate(report.sections):
            if title == TITLE:
                report.sections[index] = title, encodable(content, encoding)

    def pytest_runtest_logfinish(self) -> None:
        """Forget the test."""
        self._end()

    def _end(self) -> None:
        if self._watch is not None:
            self._watch.stop()
        self._watch = None

    def _section(self, item: pytest.Item, call: pytest.CallInfo[None], *, paged: bool) -> str:
        """What is new since the last phase of this test that failed, and, if `paged`, where the page is that
        has all of it; empty where the test used no server.
        """
        if self._watch is None:
            return ""
        stories = self._watch.server_stories(_used(item))
        parts = [*map(text, self._news(stories))]
        if call.excinfo is not None:
            self._errors[call.when] = call.excinfo.exconly()
        if stories and paged:
            parts.append(safely(lambda: self._page(item.nodeid, stories)))
        elif parts:
            parts.append(
                "pytest --mockserver-report DIR writes all of it as a page, with headers and bodies."
            )
        return "\n\n".join(parts)

    def _page(self, test: str, stories: Sequence[ServerStory]) -> str:
        assert self._folder is not None
        try:
            page = write_page(self._folder, test, self._errors, stories)
        except MockserverError as error:
            return f"The page of this test is missing: {error}"
        return f"All of it: {page.as_uri()}"

    def _news(self, stories: Iterable[ServerStory]) -> Iterator[ServerStory]:
        """The stories without what has been shown before."""
        for about in stories:
            before = self._shown.get(about.server, -1)
            self._shown[about.server] = max([before, 0, *(entry.number for entry in about.exchanges)])
            new = about._replace(story=about.story.after(before))
            if before < 0:
                yield about
            elif new.exchanges:
                yield new


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
