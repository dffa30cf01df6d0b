"""Compares the words of a job's states and the steps between them."""

from __future__ import annotations

from collections.abc import Mapping

from mockserver.contract import pointer
from mockserver.contract.lifecycle import StateWord
from mockserver.kit.diff.change_log import ChangeLog
from mockserver.terms import ENDED

States = Mapping[str, StateWord]


def compare(log: ChangeLog) -> None:
    """Add the changes of words, of their meaning, and of steps between them."""
    old, new = log.before.contract.states, log.after.contract.states
    for word in new:
        if word not in old:
            log.add(_added(log, new[word]), f"state {word}", None, new[word].phase, _at(word))
    for word in old:
        if word not in new:
            code = "state.removed-end" if old[word].phase in ENDED else "state.removed"
            log.add(code, f"state {word}", old[word].phase, None, _at(word))
        else:
            _word(log, old[word], new[word])
            _steps(log, word, old, new)
    _default_path(log)


def _at(*path: str) -> str:
    return pointer.write(("x-job", "states", *path))


def _added(log: ChangeLog, state: StateWord) -> str:
    if state.phase in ENDED:
        return "state.added-end"
    if state in log.after.contract.default_path:
        return "state.added-on-way"
    return "state.added"


def _word(log: ChangeLog, old: StateWord, new: StateWord) -> None:
    where = f"state {new.word}"
    log.add_difference("state.phase-changed", where, old.phase, new.phase, _at(new.word, "phase"))
    log.add_difference("state.word-changed", where, old.shown, new.shown, _at(new.word, "word"))
    seconds = old.lasts / 1000, new.lasts / 1000
    log.add_difference("state.seconds-changed", where, *seconds, _at(new.word, "seconds"))
    code = "state.links-removed"
    if new.links:
        code = "state.links-added"
    log.add_difference(code, where, old.links, new.links, _at(new.word, "links"))


def _steps(log: ChangeLog, word: str, old: States, new: States) -> None:
    """Compare steps between words that both sides have; the others come or go with their word."""
    # A new step is worse if it leads back: a client that waits for progress can then wait for ever. It
    # leads back if the word it starts from is reachable from the word it leads to.
    at = _at(word, "next")
    for successor in new[word].next:
        if successor in old and successor not in old[word].next:
            back = word in reachable(new, successor)
            code = "step.added-back" if back else "step.added"
            log.add(code, f"step {word} -> {successor}", None, _through(new[word]), at)
    for successor in old[word].next:
        if successor in new and successor not in new[word].next:
            log.add("step.removed", f"step {word} -> {successor}", _through(old[word]), None, at)


def _through(state: StateWord) -> str:
    return f"{state.word} -> {' | '.join(state.next) or 'nothing'}"


def reachable(states: States, word: str) -> frozenset[str]:
    """Every word that a job can reach from `word`, and `word` itself."""
    reached, waiting = {word}, [word]
    while waiting:
        for successor in states[waiting.pop()].next:
            if successor not in reached:
                reached.add(successor)
                waiting.append(successor)
    return frozenset(reached)


def _default_path(log: ChangeLog) -> None:
    """Compare the path of a job that nothing goes wrong with, in the words that both sides have."""
    old = [state.word for state in log.before.contract.default_path]
    new = [state.word for state in log.after.contract.default_path]
    shared = log.before.contract.states.keys() & log.after.contract.states.keys()
    if [word for word in old if word in shared] != [word for word in new if word in shared]:
        log.add("way.changed", "the way to success", " -> ".join(old), " -> ".join(new), "/x-job/states")
