"""What a server saw since a moment: the exchanges, the jobs that they are about, and the rules in force."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from mockserver.engine.admin.explanation import Explanation, explain_job
from mockserver.engine.admin.jobs import JobControl
from mockserver.engine.admin.touches import touches
from mockserver.engine.callbacks.sender import CallbackSender
from mockserver.engine.journal.exchange import EntryFilter, JournalEntry
from mockserver.engine.journal.journal import Journal
from mockserver.engine.services import Services
from mockserver.errors import NotFoundError

if TYPE_CHECKING:
    from mockserver.faults.rule import Rule

MOST_EXCHANGES: Final = 200
"""Exchanges of a story, the last ones."""
MOST_JOBS: Final = 20
"""Jobs of a story, those that the last exchanges are about."""


class Story(NamedTuple):
    """What a server saw of a tenant or of everybody.

    `exchanges` are the last ones, oldest first, and `earlier` is how many came before them. `jobs` are those
    that the exchanges are about, in the order in which these first name them; `frozen` are the tenants of
    them whose clock stands still. `rules` are those in force.
    """

    exchanges: Sequence[JournalEntry] = ()
    earlier: int = 0
    jobs: Sequence[Explanation] = ()
    frozen: frozenset[str] = frozenset()
    rules: Sequence[Rule] = ()

    @property
    def fault_names(self) -> Mapping[str, str]:
        """The rules' faults by the rules' ids."""
        return {rule.id: rule.fault for rule in self.rules}

    def after(self, number: int) -> Story:
        """The part about later exchanges than that number."""
        exchanges = [entry for entry in self.exchanges if entry.number > number]
        named = {(entry.provider, entry.job_id) for entry in exchanges}
        return self._replace(
            exchanges=exchanges, earlier=0, jobs=[job for job in self.jobs if _name(job) in named]
        )


async def tell_story(services: Services, callbacks: CallbackSender, wanted: EntryFilter) -> Story:
    """The story of the exchanges that a filter selects."""
    exchanges, earlier = last_exchanges(services.journal, wanted)
    jobs: list[Explanation] = []
    names = {(entry.provider, entry.job_id): None for entry in reversed(exchanges) if entry.job_id}
    job_control = JobControl(services)
    for provider, job_id in list(names)[:MOST_JOBS]:
        try:
            snapshot = await job_control.find(str(provider), str(job_id))
        except NotFoundError:
            continue
        jobs.append(explain_job(snapshot, await touches(services, callbacks, snapshot.job)))
    live_settings = services.live_settings
    tenants = {explanation.snapshot.job.tenant for explanation in jobs}
    frozen = frozenset(tenant for tenant in tenants if live_settings.clock_setting(tenant).mode == "frozen")
    return Story(exchanges, earlier, jobs[::-1], frozen, live_settings.rules)


def last_exchanges(journal: Journal, wanted: EntryFilter) -> tuple[list[JournalEntry], int]:
    """The last exchanges that a filter selects, oldest first, and how many came before them, some of which
    the journal may have dropped.
    """
    dropped = max(0, journal.dropped_to - wanted.since)
    return journal.match(wanted, MOST_EXCHANGES), dropped + max(0, journal.count(wanted) - MOST_EXCHANGES)


def join_stories(stories: Sequence[Story]) -> Story:
    """One story of several of the same server; of what two of them have, the later one's counts."""
    exchanges = {entry.number: entry for story in stories for entry in story.exchanges}
    jobs = {_name(job): job for story in stories for job in story.jobs}
    rules = {rule.id: rule for story in stories for rule in story.rules}
    return Story(
        [exchanges[number] for number in sorted(exchanges)],
        max((story.earlier for story in stories), default=0),
        list(jobs.values()),
        frozenset().union(*(story.frozen for story in stories)),
        list(rules.values()),
    )


def _name(explanation: Explanation) -> tuple[str, str]:
    return explanation.snapshot.job.provider, explanation.snapshot.job.id
