"""How much of a recording was judged: its answers that have a body, and what keeps some of them from it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from mockserver.kit.checks.applicability import families_of, label
from mockserver.kit.findings.account import FILES, Account, Gap, gap_lines
from mockserver.kit.findings.finding_log import unjudged_lines
from mockserver.kit.trace.body import is_bodiless
from mockserver.kit.traffic.call import Call
from mockserver.kit.traffic.exchange import Exchange
from mockserver.kit.traffic.history import History
from mockserver.numerals import MOST, plural, whole_number

ALL: Final = 100.0
"""Percent of the entries with a body that have to be judged, where nobody says less."""
_MOST_TOLD: Final = 10
"""Entries that cannot be read, a line each."""
_RECORDING: Final = "recording"
_ANSWERS: Final = "answers of "
"""Begins a reason that is about single answers, which `--at-least` may leave out."""


class RecordingAccount:
    """Counts the entries of a recording as they are judged."""

    def __init__(self, unread: Sequence[str] = ()) -> None:
        self.account = Account()
        self.account.begin(_RECORDING)
        self._unread = unread
        self._with_body = len(unread)
        self._judged = 0
        self._bare_files = 0
        self._headerless = 0

    def enter(self, call: Call, history: History) -> None:
        """Enter a call that is not yet in the history."""
        reason = _unjudged_reason(call.exchange)
        self._headerless += call.exchange.headerless
        self.account.add(label(call), call.exchange.status, families_of(call, history), reason)
        if _is_file(call) and call.exchange.cut and call.exchange.left_out is None:
            # Recorders drop clips, and our journal keeps none. The rest of such an entry is judged.
            self._bare_files += 1
            return
        if _has_body(call.exchange):
            self._with_body += 1
            self._judged += not reason
        if reason:
            self.account.miss(label(call), reason)

    def lines(self, history: History, at_least: float) -> tuple[list[str], list[str]]:
        """What was not judged, a line each; and what `at_least` percent allow to be left out, so that it is
        no more than a note."""
        reasons = unjudged_lines(history.not_judged, history.unlisted)
        answers = [line for line in reasons if line.startswith(_ANSWERS)]
        others = [line for line in reasons if not line.startswith(_ANSWERS)]
        gaps = [*gap_lines(self._gaps(answers)), *answers, *self._left_out()]
        notes = [*self._bare()]
        if gaps and self._judged and self._share >= at_least:
            return others, [*notes, *(f"not judged, as --at-least allows: {line}" for line in gaps)]
        return [*self._summary(gaps), *gaps, *others], notes

    def _bare(self) -> Iterator[str]:
        """What recorders drop. The rest of such entries is judged."""
        if self._bare_files:
            yield f"the bytes of {plural(self._bare_files, 'file')} are not recorded"
        if self._headerless:
            yield f"the headers of {plural(self._headerless, 'answer')} are not recorded"

    def _left_out(self) -> Iterator[str]:
        """The entries that could not be read."""
        yield from self._unread[:_MOST_TOLD]
        if len(self._unread) > _MOST_TOLD:
            others = plural(len(self._unread) - _MOST_TOLD, "more entry", "more entries")
            yield f"{others}, which cannot be read either"

    @property
    def _share(self) -> float:
        """Percent of the entries with a body that were judged."""
        return 100 * self._judged / self._with_body if self._with_body else ALL

    def _summary(self, gaps: list[str]) -> Iterator[str]:
        if self.account.rows() and not self._judged:
            yield "no body of the recording could be judged"
        elif gaps:
            counted = f"{self._judged} of {self._with_body} entries with a body were judged"
            yield f"{counted}; --at-least {int(self._share)} accepts that"

    def _gaps(self, counted: list[str]) -> Iterator[Gap]:
        for (_, _, operation), reasons in self.account.missed.items():
            for reason, count in reasons.items():
                if not any(reason in line for line in counted):
                    yield Gap(f"{operation} ({count} {'entry' if count == 1 else 'entries'})", reason)


def _is_file(call: Call) -> bool:
    """Whether an answer is a file: behind a link, or what an operation sends that sends files."""
    sends = call.operation is not None and call.operation.role == "content"
    return label(call) == FILES or (sends and 200 <= call.exchange.status < 300)


def _unjudged_reason(exchange: Exchange) -> str:
    """Why an entry cannot be judged; empty if it can."""
    if exchange.left_out is not None:
        return exchange.left_out.reason
    if exchange.cut:
        return "the recording lacks a body, or a part of it"
    if exchange.status == 0 and not exchange.callback:
        return "the recording has no answer"
    return ""


def _has_body(exchange: Exchange) -> bool:
    """Whether an answer had a body, also where the recording lacks it."""
    length = whole_number(exchange.response_header("content-length") or "")
    stated = length not in (None, 0, MOST) and not is_bodiless(exchange.method, exchange.status)
    return bool(exchange.response_body) or exchange.left_out is not None or exchange.cut or stated
