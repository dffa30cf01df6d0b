"""The words of a job's states and the steps between them."""

from __future__ import annotations

from collections.abc import Mapping

from mockserver.contract import pointer
from mockserver.contract.lifecycle import StateWord
from mockserver.kit.diff.book import ChangeLog
from mockserver.terms import ENDED

States = Mapping[str, StateWord]


def compare(book: ChangeLog) -> None:
    """Note words that come and go, words that mean something else, and steps."""
    old, new = book.before.contract.states, book.after.contract.states
    for word in new:
        if word not in old:
            book.note(_added(book, new[word]), f"state {word}", None, _told(new[word]), _at(word))
    for word in old:
        if word not in new:
            code = "state.removed-end" if old[word].phase in ENDED else "state.removed"
            book.note(code, f"state {word}", _told(old[word]), None, _at(word))
        else:
            _word(book, old[word], new[word])
            _steps(book, word, old, new)
    _way(book)


def _at(*path: str) -> str:
    return pointer.write(("x-job", "states", *path))


def _told(state: StateWord) -> str:
    return state.phase


def _added(book: ChangeLog, state: StateWord) -> str:
    if state.phase in ENDED:
        return "state.added-end"
    return "state.added-on-way" if state in book.after.contract.way else "state.added"


def _word(book: ChangeLog, old: StateWord, new: StateWord) -> None:
    where = f"state {new.word}"
    book.unlike("state.phase-changed", where, old.phase, new.phase, _at(new.word, "phase"))
    seconds = old.lasts / 1000, new.lasts / 1000
    book.unlike("state.seconds-changed", where, *seconds, _at(new.word, "seconds"))


def _steps(book: ChangeLog, word: str, old: States, new: States) -> None:
    """Steps between words that both sides know; a step to or from another is told with the word."""
    at = _at(word, "next")
    for successor in new[word].next:
        if successor in old and successor not in old[word].next:
            back = word in reachable(new, successor)
            code = "step.added-back" if back else "step.added"
            book.note(code, f"step {word} -> {successor}", None, _through(new[word]), at)
    for successor in old[word].next:
        if successor in new and successor not in new[word].next:
            book.note("step.removed", f"step {word} -> {successor}", _through(old[word]), None, at)


def _through(state: StateWord) -> str:
    return f"{state.word} -> {' | '.join(state.next) or 'nothing'}"


def reachable(states: States, word: str) -> frozenset[str]:
    """Every word that a job can come to from `word`, itself among them."""
    found, waiting = {word}, [word]
    while waiting:
        for successor in states[waiting.pop()].next:
            if successor not in found:
                found.add(successor)
                waiting.append(successor)
    return frozenset(found)


def _way(book: ChangeLog) -> None:
    """The way when nothing goes wrong, in the words that both sides know."""
    ways = book.before.contract.way, book.after.contract.way
    old, new = ([state.word for state in way] for way in ways)
    shared = book.before.contract.states.keys() & book.after.contract.states.keys()
    if [word for word in old if word in shared] != [word for word in new if word in shared]:
        book.note("way.changed", "the way to success", " -> ".join(old), " -> ".join(new), "/x-job/states")
