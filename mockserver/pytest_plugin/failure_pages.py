"""A page for each test that failed, in a folder that `--mockserver-report` names."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

import pytest

from mockserver import real_time
from mockserver.explaining import ServerStory, further_lines, hider
from mockserver.pytest_plugin.settings import given

if TYPE_CHECKING:
    from mockserver.control_client.answers import ExplanationAnswer, JournalEntryAnswer
    from mockserver.kit.failed_test import ServerPart

_LONGEST_NAME: Final = 100
_OTHERS: Final = re.compile(r"[^A-Za-z0-9_.-]+")
"""Characters that some file system takes for something else."""


def page_folder(config: pytest.Config) -> Path | None:
    """The folder that the command line names, else the ini file; None where neither does.

    Raises pytest.UsageError where the kit is missing.
    """
    name, folder = given(config, "report")
    if not name:
        return None
    if find_spec("jinja2") is None:
        needed = "pip install 'videogen-mockserver[kit]'"
        raise pytest.UsageError(f"mockserver: --mockserver-report needs the kit: {needed}")
    return Path(folder / name)


def page_name(test: str) -> str:
    """The name of a test's file: its own name as far as every file system takes it, and a hash of it."""
    name = _OTHERS.sub("-", test.replace("::", "--").replace("/", "-"))[-_LONGEST_NAME:].strip("-.")
    return f"{name}-{hashlib.sha256(test.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}.html"


def drop_page(folder: Path, test: str) -> None:
    """Delete the page that an earlier run wrote of a test, if it can be."""
    with suppress(OSError):
        (folder / page_name(test)).unlink(missing_ok=True)


def write_page(folder: Path, test: str, errors: Mapping[str, str], stories: Iterable[ServerStory]) -> Path:
    """Write the page of a test that failed in these phases. Raises SettingsError where it cannot."""
    from mockserver.kit.failed_test import FailedTest, render
    from mockserver.kit.redaction import redact
    from mockserver.kit.report.files import write_report

    record = FailedTest(test, errors, real_time.seconds(), tuple(map(_part, stories)))
    for about in stories:
        record = redact(record, hider(about))
    path = folder / page_name(test)
    write_report(render(record), path)
    return path


def _part(about: ServerStory) -> ServerPart:
    from mockserver.control.jobs import explanation_shown
    from mockserver.control.recorded import record_exchange
    from mockserver.engine.admin import story_lines
    from mockserver.engine.journal.delivery import answer_heading, shown_status
    from mockserver.kit.failed_test import ExchangeStory, ServerPart

    story, tenants = about.story, {tenant.id for tenant in about.tenants}
    names = story.fault_names
    exchanges = [
        ExchangeStory(
            cast("JournalEntryAnswer", record_exchange(entry, names, bodies=True).model_dump()),
            story_lines.since(entry, story),
            shown_status(entry),
            answer_heading(entry),
            sentence,
            [*story_lines.details(entry, story, tenants)],
        )
        for entry, sentence in story_lines.sentences(story)
    ]
    jobs = [explanation_shown(job).model_dump(by_alias=True) for job in story.jobs]
    return ServerPart(
        story_lines.head(story, about.server.url, len(exchanges)).removesuffix(":"),
        about.server.bases,
        exchanges,
        cast("list[ExplanationAnswer]", jobs),
        [job.snapshot.job.id for job in story.jobs if story_lines.stands_still(job, story)],
        [*story_lines.idle_rules(story, tenants), *further_lines(about)],
    )
