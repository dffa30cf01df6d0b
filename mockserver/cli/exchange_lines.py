"""An exchange as `serve` prints it: one line for people, or one JSON object for programs."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache, partial
from typing import Final, NamedTuple

import click

from mockserver.engine.journal.delivery import shown_status
from mockserver.engine.journal.exchange import JournalEntry
from mockserver.engine.journal.meaning import LastStates, meaning, request_line, short_tenant
from mockserver.engine.journal.row import as_row
from mockserver.escapes import plain_line
from mockserver.numerals import plural

_COLOURS: Final = {2: "green", 3: "cyan", 4: "yellow", 5: "red"}


class Form(NamedTuple):
    """How lines are written: of an entry and its meaning, and of a number of exchanges that are missing."""

    line: Callable[[JournalEntry, str], str]
    missing: Callable[[int], str]


class ExchangeLines:
    """Makes the line of each exchange, and remembers the states of the jobs that the lines are about."""

    def __init__(self, form: Form) -> None:
        self._form = form
        self._states = LastStates()

    def lines(self, entries: Iterable[JournalEntry], fault_names: Mapping[str, str]) -> list[str]:
        """A line for each entry, oldest first; `fault_names` are the rules' faults by the rules' ids."""
        before = self._states.before
        return [self._form.line(entry, meaning(entry, fault_names, before(entry))) for entry in entries]

    def missing(self, number: int) -> str:
        """A line that says how many exchanges have none."""
        return self._form.missing(number)


def _text_line(entry: JournalEntry, sentence: str, *, coloured: bool = False) -> str:
    """Time, tenant, method, path, status and meaning; what a client sent cannot steer the terminal."""
    moment = f"{_time_of_day(entry.at // 1000)}.{entry.at % 1000:03}"
    tenant = f"{short_tenant(entry.tenant):8}"
    target = plain_line(request_line(entry))
    sentence = plain_line(sentence)
    status = shown_status(entry)
    if not coloured:
        return f"{moment}  {tenant}  {target}  {status}  {sentence}".rstrip()
    status = click.style(status, fg="red" if entry.delivery else _COLOURS.get(entry.status // 100), bold=True)
    shown = click.style(sentence, fg="yellow" if entry.refusal or entry.faults else None)
    return f"{click.style(f'{moment}  {tenant}', dim=True)}  {target}  {status}  {shown}".rstrip()


def _json_line(entry: JournalEntry, sentence: str) -> str:
    """One JSON object: the entry as the journal has it, without headers and bodies, and `meaning`."""
    return plain_line(json.dumps(as_row(entry, sentence, sizes=True)))


@lru_cache(maxsize=8)
def _time_of_day(second: int) -> str:
    return time.strftime("%H:%M:%S", time.localtime(second))


def _missing(number: int) -> str:
    return f"{plural(number, 'exchange')} came too fast to be shown"


PLAIN: Final = Form(_text_line, _missing)
COLOURED: Final = Form(partial(_text_line, coloured=True), _missing)
JSON: Final = Form(_json_line, lambda number: json.dumps({"missing": number}))
