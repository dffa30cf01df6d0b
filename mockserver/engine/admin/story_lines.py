"""A story as lines of text, for whoever looks for the reason of a failure: the last of what happened."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from inspect import cleandoc
from itertools import chain
from typing import TYPE_CHECKING, Final, NamedTuple

from mockserver.engine.admin.explanation import Explanation
from mockserver.engine.admin.explanation import lines as explanation_lines
from mockserver.engine.admin.story import Story
from mockserver.engine.journal.delivery import answer_heading, shown_status
from mockserver.engine.journal.exchange import JournalEntry, as_text
from mockserver.engine.journal.meaning import (
    LastStates,
    named_cause,
    outcome,
    request_line,
    short_tenant,
    split_source,
)
from mockserver.numerals import plural

if TYPE_CHECKING:
    from mockserver.faults.rule import Rule

MOST_ROWS: Final = 20
"""Exchanges that are shown, of which equal ones in a row count as one."""
MOST_JOBS: Final = 4
MOST_EVENTS: Final = 12
"""Events of a job's life that are shown, the last ones."""
MOST_RULES: Final = 5
LONGEST_BODY: Final = 400
"""Characters of a body that are shown."""
_MARKED: Final = re.compile(r"(?:\[mock:|--mock:)([a-z-]+)")
"""The fault in the name of what a marker made."""


class _Row(NamedTuple):
    """An exchange and what it meant, and the last of those like it that follow at once."""

    entry: JournalEntry
    sentence: str
    last: JournalEntry
    times: int = 1


def story_lines(story: Story, url: str, bases: Mapping[str, str], tenants: Collection[str] = ()) -> list[str]:
    """The story of the server at `url` as lines, each of one line; `bases` are its base URLs by provider.

    `tenants` are those that the story is about: a request of anybody else is marked. Without them it is
    everybody's.
    """
    rows = _rows(story)
    shown = rows[-MOST_ROWS:]
    about = [head(story, url, sum(row.times for row in shown))]
    about += (f"  {line}" for row in shown for line in _row(row, story, tenants, whole=row is rows[-1]))
    if not rows:
        about += _listed(bases)
    parts = (about, [*_jobs(story)], [*idle_rules(story, tenants)])
    return [line for part in filter(None, parts) for line in ("", *part)][1:]


def head(story: Story, url: str, shown: int) -> str:
    """How many requests reached the server, and how many of them are shown."""
    total = story.earlier + len(story.exchanges)
    if not total:
        question = "Does the client call another host, or does the test replace HTTP?"
        return f"Nothing reached the mock server at {url}. {question} Base URLs here:"
    last = f", the last {shown} of which are these" * (shown < total)
    return f"The mock server at {url} got {plural(total, 'request')}{last}:"


def sentences(story: Story) -> Iterator[tuple[JournalEntry, str]]:
    """Each exchange, and what came of it in a few words."""
    states = LastStates()
    for entry in story.exchanges:
        sentence = outcome(entry, states.before(entry))
        if entry.refusal is not None:
            sentence = "; ".join(filter(None, ("refused", entry.delivery)))
        yield entry, sentence


def since(entry: JournalEntry, story: Story) -> str:
    """The time from the first exchange of the story, by the clocks of their tenants."""
    return f"+{(entry.at - story.exchanges[0].at) / 1000:.3f} s"


def details(entry: JournalEntry, story: Story, tenants: Collection[str]) -> Iterator[str]:
    """What explains an exchange, line by line; where a rule is written is indented below it."""
    if tenants and entry.tenant is not None and entry.tenant not in tenants:
        yield "The request came with another API key than the test's."
    if entry.refusal is not None:
        yield from _refusal(entry)
    yield from (_fault(cause, story.fault_names) for cause in entry.faults)
    yield from (f"warning: {warning}" for warning in entry.warnings)


def _listed(bases: Mapping[str, str]) -> Iterator[str]:
    width = max(map(len, bases), default=0)
    return (f"  {provider:<{width}}  {base}" for provider, base in bases.items())


def _rows(story: Story) -> list[_Row]:
    rows: list[_Row] = []
    for entry, sentence in sentences(story):
        if rows and _is_like(rows[-1], entry, sentence):
            rows[-1] = rows[-1]._replace(last=entry, times=rows[-1].times + 1)
        else:
            rows.append(_Row(entry, sentence, entry))
    return rows


def _is_like(row: _Row, entry: JournalEntry, sentence: str) -> bool:
    """Whether an exchange is the same again, such as the next poll of a job that waits."""
    return row.sentence == sentence and _likeness(row.entry) == _likeness(entry)


def _likeness(entry: JournalEntry) -> tuple[object, ...]:
    return (
        entry.tenant, entry.method, entry.path, entry.query, entry.request_body,
        entry.status, entry.refusal, entry.faults, entry.delivery,
    )  # fmt: skip


def _row(row: _Row, story: Story, tenants: Collection[str], *, whole: bool) -> Iterator[str]:
    """Request line and outcome, and what explains it; bodies of one that was refused or is to be `whole`."""
    entry, last = row.entry, row.last
    number, again, tenant = f"#{entry.number}", "", ""
    if row.times > 1:
        number, again = f"#{entry.number}-{last.number}", f"({row.times} times)"
    if _has_several_tenants(story):
        tenant = short_tenant(entry.tenant)
    answer = shown_status(entry), row.sentence, again
    cells = (number, since(entry, story), tenant, request_line(entry), *answer)
    yield "  ".join(filter(None, cells))
    yield from (f"    {line}" for line in details(last, story, tenants))
    sent = _body(last.request_body, cut=last.request_cut)
    if sent and (whole or last.refusal is not None):
        yield f"    request: {sent}"
    sent_back = _body(last.response_body, cut=last.response_cut)
    if sent_back and whole and last.refusal is None:
        yield f"    {answer_heading(last).lower()}: {sent_back}"


def _has_several_tenants(story: Story) -> bool:
    return len({entry.tenant for entry in story.exchanges} - {None}) > 1


def _refusal(entry: JournalEntry) -> Iterator[str]:
    """What was wrong, each with where it is written; and what else the refusal says."""
    assert entry.refusal is not None
    if not entry.violations:
        yield entry.refusal
        return
    for violation in entry.violations:
        sentence, source = split_source(violation)
        yield sentence
        if source:
            yield f"  {source}"
    _, _, remedy = entry.refusal.rpartition("]. ")
    if remedy.startswith("Profile "):
        yield remedy


def _fault(cause: str, names: Mapping[str, str]) -> str:
    from mockserver.faults.catalogue import faults

    marked = _MARKED.match(cause)
    kind = faults().get(marked[1]) if marked else faults().get(names.get(cause, ""))
    if kind is None:
        return f"fault {named_cause(cause, names)}"
    return f"fault {named_cause(cause, names)}: {cleandoc(kind.__doc__ or '').splitlines()[0]}"


def _body(content: bytes, *, cut: bool) -> str:
    text = as_text(content, cut=cut)
    if text is None:
        return plural(len(content), "byte that is no text", "bytes that are no text")
    text = " ".join(text.split())
    if len(text) <= LONGEST_BODY:
        return f"{text} ..." if cut else text
    return f"{text[:LONGEST_BODY]} ... (of {len(text)} characters)"


def _jobs(story: Story) -> Iterator[str]:
    shown = story.jobs[-MOST_JOBS:]
    if len(shown) < len(story.jobs):
        yield f"{plural(len(story.jobs) - len(shown), 'other job')} and these:"
    for job in shown:
        yield from _job(job, of_several=_has_several_tenants(story))
        if stands_still(job, story):
            yield f"  {'':>12}  its clock stands still until it is moved"


def stands_still(explanation: Explanation, story: Story) -> bool:
    """Whether the job would go on, but its clock does not."""
    snapshot = explanation.snapshot
    return snapshot.job.tenant in story.frozen and not snapshot.state.ended


def _job(explanation: Explanation, *, of_several: bool) -> Iterable[str]:
    head, *events, following = explanation_lines(explanation)
    if of_several:
        head += f", of tenant {short_tenant(explanation.snapshot.job.tenant)}"
    left_out = len(events) - MOST_EVENTS
    if left_out <= 0:
        return [head, *events, following]
    return [head, f"  {'':>12}  {plural(left_out, 'earlier event')}", *events[-MOST_EVENTS:], following]


def idle_rules(story: Story, tenants: Collection[str]) -> Iterator[str]:
    """The rules that did nothing, as a test often fails because a fault was not met."""
    acted = set(chain.from_iterable(entry.faults for entry in story.exchanges))
    idle = [rule for rule in story.rules if rule.id not in acted and _concerns(rule, tenants)]
    for rule in idle[:MOST_RULES]:
        yield f"The rule {rule.id} ({_rule(rule)}) acted on nothing."
    if len(idle) > MOST_RULES:
        yield f"So did {len(idle) - MOST_RULES} more."


def _concerns(rule: Rule, tenants: Collection[str]) -> bool:
    whose = rule.when.get("tenant")
    return whose is None or not tenants or whose in tenants


def _rule(rule: Rule) -> str:
    when = [f"{name} {value}" for name, value in rule.when.items() if name != "tenant"]
    return ", ".join([rule.fault, *when])
