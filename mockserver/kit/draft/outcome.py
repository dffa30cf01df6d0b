"""Takes out of a draft's answers what the play found wrong, where the rest is better without."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, Protocol

from mockserver.contract import pointer
from mockserver.kit.draft.todo import Draft, Todo

MOST_ROUNDS: Final = 12
_MARKS: Final = ("$then", "$else", "$do")


class Played(Protocol):
    """What a play found: in the answer at `at`, a JSON pointer into the document, at `where` in its body."""

    @property
    def at(self) -> str: ...
    @property
    def where(self) -> str: ...


Play = Callable[[dict[str, Any]], Sequence[Played]]


def pruned(draft: Draft, play: Play) -> Draft:
    """The draft without the fields of answers that break their schemas, as far as fewer problems are left."""
    problems = play(draft.files)
    for _ in range(MOST_ROUNDS):
        better = next(_better(draft, problems, play), None)
        if better is None:
            break
        draft, problems = better
    return draft


def _better(draft: Draft, problems: Sequence[Played], play: Play) -> Iterator[tuple[Draft, Sequence[Played]]]:
    for problem in problems:
        path = [step for step in pointer.parts(problem.where) if not step.isdigit()]
        files = copy.deepcopy(draft.files)
        answer = pointer.follow(files["openapi.json"], (*pointer.parts(problem.at), "x-job", "body"))
        if path and _take_out(answer, path):
            left = play(files)
            if len(left) < len(problems):
                text = f"{'.'.join(path)} was taken out, as it would break the answer's schema"
                todo = Todo("openapi.json", f"{problem.at}/x-job/body", text)
                yield draft._replace(files=files, todos=[*draft.todos, todo]), left


def _take_out(template: Any, path: Sequence[str]) -> bool:
    """Remove a key at a path of a body from a template, in whatever phase it stands."""
    if isinstance(template, list):
        return sum(_take_out(item, path) for item in template) > 0
    if not isinstance(template, dict):
        return False
    inner = [template[mark] for mark in _MARKS if mark in template]
    if inner:
        return sum(_take_out(part, path) for part in inner) > 0
    if path[0] not in template:
        return False
    if len(path) == 1:
        del template[path[0]]
        return True
    return _take_out(template[path[0]], path[1:])
