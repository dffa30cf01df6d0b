"""Takes out of a draft what the check would refuse, and notes it as a to-do."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from mockserver.contract import pointer
from mockserver.contract.check import ContractProblem, check_source
from mockserver.contract.source import Source
from mockserver.contract.unchecked import list_in
from mockserver.kit.draft.todo import Draft, Todo
from mockserver.media.picture import measure

_ROUNDS: Final = 6
_TAKEN_OUT: Final = (
    "is not valid: ",
    "is not a keyword",
    "limits values of type",
    "does nothing without",
    "must be removed",
    "is not a type of JSON Schema",
)
"""What a message says of a node that can go without harm."""


def mended(draft: Draft) -> tuple[Draft, list[ContractProblem]]:
    """The draft without what does harm and no good, and the problems that are left."""
    files, todos = draft.files, list(draft.todos)
    problems: list[ContractProblem] = []
    for _ in range(_ROUNDS):
        problems = check_source(Source(draft.name, Path("/nowhere") / draft.name, files), measure)
        taken = _taken(files, problems)
        todos += [
            Todo(problem.file, problem.pointer, _sentence(problem)) for problem in taken if _matters(problem)
        ]
        if not taken:
            break
    return draft._replace(todos=todos), problems


def _taken(files: dict[str, Any], problems: Sequence[ContractProblem]) -> list[ContractProblem]:
    """The problems that could be mended, one for each node."""
    taken: dict[tuple[str, ...], ContractProblem] = {}
    # Later items of a list go first, so that the places of the earlier ones stay true. Of several problems of
    # one item the first takes it out; in its place stands another one then.
    for problem in sorted(problems, key=_place, reverse=True):
        node = (problem.file, *_node(problem))
        if node not in taken and _mend(files, problem):
            taken[node] = problem
    return [*taken.values()]


def _node(problem: ContractProblem) -> list[str]:
    """The path of what goes: of an example the whole entry."""
    path = list(pointer.parts(problem.pointer))
    if "examples" in path:
        return path[: path.index("examples") + 2]
    return path


def _matters(problem: ContractProblem) -> bool:
    """Whether somebody has to look at it: examples that the document's own schemas refuse are many."""
    return "example is not valid" not in problem.message


def _place(problem: ContractProblem) -> tuple[str, list[tuple[int, str]]]:
    steps = pointer.parts(problem.pointer)
    return problem.file, [(int(step), "") if step.isdigit() else (-1, step) for step in steps]


def _sentence(problem: ContractProblem) -> str:
    if problem.message.startswith("no message can name it"):
        return "the document does not list it; it was added to the words of the status"
    return f"taken out: {problem.message}"


def _mend(files: dict[str, Any], problem: ContractProblem) -> bool:
    path = _node(problem)
    if problem.file not in files or not path:
        return False
    if problem.message.startswith("no message can name it") and path[:2] == ["x-job", "states"]:
        return _list_word(files, path[2])
    if not any(text in problem.message for text in _TAKEN_OUT):
        return False
    return _take_out(files[problem.file], path)


def _take_out(content: Any, path: list[str]) -> bool:
    """Remove the node, and a list that is empty then."""
    holder = pointer.follow(content, tuple(path[:-1]))
    if isinstance(holder, dict) and path[-1] in holder:
        del holder[path[-1]]
        return True
    if isinstance(holder, list) and path[-1].isdigit() and int(path[-1]) < len(holder):
        del holder[int(path[-1])]
        outer = pointer.follow(content, tuple(path[:-2]))
        if not holder and isinstance(outer, dict):
            del outer[path[-2]]
        return True
    return False


def _list_word(files: dict[str, Any], word: str) -> bool:
    """Add a state's word to the lists of words that have the others."""
    states = files["openapi.json"]["x-job"]["states"]
    added = False
    for file, content in files.items():
        if file.startswith("schemas/"):
            for words in _lists(content):
                if len(set(map(str, words)) & states.keys()) > 1 and word not in words:
                    words.append(word)
                    added = True
    return added


def _lists(node: Any) -> list[list[Any]]:
    lists: list[list[Any]] = []
    pending = [node]
    while pending:
        node = pending.pop()
        if isinstance(node, dict):
            lists += [list_in(node["enum"])] if "enum" in node else []
            pending += node.values()
        elif isinstance(node, list):
            pending += node
    return lists
