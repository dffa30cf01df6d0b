"""Guesses which operations of a document belong to a job, and says of each guess why."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from mockserver.contract.unchecked import object_in
from mockserver.errors import KitError
from mockserver.kit.draft import finder
from mockserver.kit.draft.description import DescribedOperation, Description
from mockserver.kit.draft.vocabulary import MEDIA, MODELS, plain

_PLACE: Final = re.compile(r"\{([^}]+)\}")
_JOB_WORDS: Final = ("generation", "prediction", "render", "task", "job", "request", "operation")
_RESULTS: Final = ("status", "result", "results", "response", "output", "fetch", "info")
_CONTENTS: Final = ("content", "download", "file", "video")
_OTHER_WORK: Final = ("upload", "search", "cancel", "estimate", "webhook", "token", "login", "avatar")
_LEAST: Final = 5
"""Points of the pair of a submit and a read below which nothing is guessed."""


class GuessedRole(NamedTuple):
    """What an operation does to a job, where the job's id arrives, and why we think so."""

    role: str
    operation: DescribedOperation
    key: str
    why: str

    def sentence(self) -> str:
        """`read: GET /v1/videos/{id}: its path is ...`."""
        return f"{self.role}: {self.operation.name}: {self.why}"


class _Scored(NamedTuple):
    points: int
    reasons: Sequence[str]
    operation: DescribedOperation


def guess_roles(description: Description, wanted: Sequence[str] = ()) -> list[GuessedRole]:
    """The operations of a job, submits first. `wanted` names submits by operationId or path.

    Raises KitError where none looks like a submit, or a wanted one is not there.
    """
    operations = description.operations
    reads = [read for operation in operations if (read := _read(description, operation)) is not None]
    pairs: list[tuple[_Scored, _Scored]] = []
    for read in reads:
        submits = [_submit(description, operation, read, reads) for operation in operations]
        pairs += [(read, submit) for submit in submits if submit is not None]
    if wanted:
        pairs = _wanted(pairs, wanted, operations)
    if not pairs or max(map(_points, pairs)) < _LEAST:
        raise KitError(_no_submit(description, reads))
    read, best = max(pairs, key=_points)
    chosen = [submit for other, submit in pairs if other is read and _stands_beside(submit, best, wanted)]
    key = _key(read.operation)
    guesses = [GuessedRole("submit", submit.operation, "", "; ".join(submit.reasons)) for submit in chosen]
    guesses.append(GuessedRole("read", read.operation, key, "; ".join(_read_reasons(read, chosen))))
    return [*guesses, *_others(description, read.operation, chosen)]


def _points(pair: tuple[_Scored, _Scored]) -> int:
    return pair[0].points + pair[1].points


def _stands_beside(submit: _Scored, best: _Scored, wanted: Sequence[str]) -> bool:
    return bool(wanted) or submit.points >= best.points - 1


def _wanted(
    pairs: list[tuple[_Scored, _Scored]], wanted: Sequence[str], operations: Sequence[DescribedOperation]
) -> list[tuple[_Scored, _Scored]]:
    for name in wanted:
        if not any(is_named(operation, name) for operation in operations):
            posts = ", ".join(operation.path for operation in operations if operation.method == "post")
            raise KitError(f"--submit {name}: no operation has this id or path; POST there is: {posts[:400]}")
    return [
        (read, submit) for read, submit in pairs if any(is_named(submit.operation, name) for name in wanted)
    ]


def is_named(operation: DescribedOperation, name: str) -> bool:
    """Whether a name is the operation's id, or its path."""
    return name in (operation.node.get("operationId"), operation.path) and operation.method != "get"


def _no_submit(description: Description, reads: Sequence[_Scored]) -> str:
    posts = [operation.path for operation in description.operations if operation.method == "post"]
    if not posts:
        return "no operation looks like a submit: the document has no POST"
    if not reads:
        return (
            "no operation looks like the read of a job: a GET with the job's id in its path or query, and a"
            " status in its answer; so nothing can be polled"
        )
    return (
        "no operation looks like a submit: a POST whose answer has the id that a GET reads; "
        f"name it with --submit; POST there is: {', '.join(posts[:12])}"
    )


def _key(operation: DescribedOperation) -> str:
    """Where a read gets the job's id: the last place of its path, or a parameter of its query; else empty."""
    places = _PLACE.findall(operation.path)
    if places:
        return f"path.{places[-1]}"
    for parameter in operation.parameters:
        name = str(parameter.get("name"))
        if parameter.get("in") == "query" and plain(name).endswith(("id", "ids", "uuid")):
            return f"query.{name}"
    return ""


def _collection(path: str) -> str:
    """The path before its last place: `/videos/{id}/status` as `/videos`."""
    return path.rpartition("{")[0].rstrip("/:") if "{" in path else path


def _tail(path: str) -> str:
    return path.rpartition("}")[2] if "{" in path else ""


def _read(description: Description, operation: DescribedOperation) -> _Scored | None:
    if operation.method != "get" or operation.answer is None or not _key(operation):
        return None
    if plain(_tail(operation.path)) not in ("", *_RESULTS):
        return None
    if finder.list_field(description, operation.answer) and "{" not in operation.path:
        return None
    status = finder.status_field(description, operation.answer)
    done = finder.done_field(description, operation.answer)
    points = sum(2 * (word == "video") + 1 for word in (*_JOB_WORDS, "video") if word in operation.text)
    reasons = []
    if status is not None:
        points += 3 + min(finder.known_words(description, status.schema), 4)
        reasons.append(f"its answer has `{'.'.join(status.path)}`")
    elif done is not None:
        points += 4
        reasons.append(f"its answer has `{'.'.join(done.path)}`")
    else:
        points -= 4
        reasons.append("its answer has no field that is called a status")
    points -= max(0, operation.path.count("{") - 1)
    return _Scored(points, reasons, operation)


def _read_reasons(read: _Scored, submits: Sequence[_Scored]) -> Iterator[str]:
    collection = _collection(read.operation.path)
    if "{" not in read.operation.path:
        yield f"a parameter of its query, `{_key(read.operation)[6:]}`, is called an id"
    elif any(submit.operation.path == collection for submit in submits):
        yield "its path is the submit's and one place"
    else:
        yield f"its path ends with the place {{{_PLACE.findall(read.operation.path)[-1]}}}"
    yield from read.reasons


def _submit(
    description: Description, operation: DescribedOperation, read: _Scored, reads: Sequence[_Scored]
) -> _Scored | None:
    """How much an operation looks like the submit of the jobs that `read` reads; None for not at all."""
    path, read_path = operation.path, read.operation.path
    if operation.method not in ("post", "put") or operation.answer is None:
        return None
    key = _key(read.operation).partition(".")[2]
    field = finder.id_field(description, operation.answer, key)
    if field is None or _acts_on_a_job(path, read_path) or _belongs_elsewhere(path, read, reads):
        return None
    points, reasons = _of_path(path, read_path)
    reasons.append(f"its answer has an id, `{'.'.join(field.path)}`")
    points += _of_answer(description, operation, read.operation, reasons)
    names = finder.body_names(description, operation.body) if operation.body is not None else set()
    if names & {*MEDIA["prompt"], *MEDIA["first"]}:
        points += 2
        reasons.append("its body has what a clip is made of")
    points += bool(names & set(MODELS)) + 2 * ("video" in operation.text)
    if "video" in operation.text:
        reasons.append("it speaks of videos")
    points -= 3 * any(word in path.lower() for word in _OTHER_WORK)
    return _Scored(points, reasons, operation)


def _of_path(path: str, read_path: str) -> tuple[int, list[str]]:
    collection = _collection(read_path)
    if path == collection:
        return 4, [f"`GET {read_path}` reads below it"]
    if collection and path.startswith(f"{collection}/"):
        return 2, [f"its path lies below {collection}, as that of `GET {read_path}` does"]
    return 0, []


def _of_answer(
    description: Description, operation: DescribedOperation, read: DescribedOperation, reasons: list[str]
) -> int:
    if operation.answer == read.answer:
        reasons.append("it answers what the read answers")
        return 3
    own, others = (set(description.properties(entry.answer)) for entry in (operation, read))
    if own and len(own & others) >= 0.6 * len(own) and len(own) > 1:
        reasons.append("most fields of its answer stand in the read's, too")
        return 2
    return 0


def _acts_on_a_job(path: str, read_path: str) -> bool:
    """Whether it works on a job that is there: its path goes through the place of the read's."""
    before = read_path.rpartition("}")[0]
    return bool(before) and _PLACE.sub("{}", path).startswith(_PLACE.sub("{}", before + "}"))


def _belongs_elsewhere(path: str, read: _Scored, reads: Sequence[_Scored]) -> bool:
    """Whether another read stands directly below it, and not this one."""
    if _collection(read.operation.path) == path:
        return False
    return any(_collection(other.operation.path) == path for other in reads if "{" in other.operation.path)


def _others(
    description: Description, read: DescribedOperation, submits: Sequence[_Scored]
) -> Iterator[GuessedRole]:
    """The operations that list, cancel, delete or send what the read reads, and further reads."""
    paths = {submit.operation.path for submit in submits}
    taken: set[str] = set()
    for operation in description.operations:
        if operation is read or any(operation is submit.operation for submit in submits):
            continue
        guess = _listing(description, operation, read, paths) or _of_a_job(description, operation, read)
        if guess is not None and (guess.role == "read" or guess.role not in taken):
            taken.add(guess.role)
            yield guess


def _listing(
    description: Description, operation: DescribedOperation, read: DescribedOperation, submits: set[str]
) -> GuessedRole | None:
    if operation.method != "get" or operation.path not in {*submits, _collection(read.path)}:
        return None
    if operation.answer is None or "{" not in read.path:
        return None
    field = finder.list_field(description, operation.answer)
    if field is None:
        return None
    place = f"`{'.'.join(field.path)}`" if field.path else "its answer"
    return GuessedRole(
        "list", operation, "", f"its path is the read's without the place, and {place} is a list"
    )


def _of_a_job(
    description: Description, operation: DescribedOperation, read: DescribedOperation
) -> GuessedRole | None:
    """What an operation whose path begins with the read's does to that job."""
    if "{" not in read.path or not _acts_on_a_job(operation.path, read.path):
        return None
    key, tail = _key(operation), plain(operation.path[operation.path.rfind("}") + 1 :])
    if operation.path.count("{") > read.path.count("{"):
        return None
    if operation.method == "get":
        return _sent(description, operation, key, tail)
    if tail in ("cancel", "abort", "stop", "terminate"):
        return GuessedRole("cancel", operation, key, f"its path is the read's and `{tail}`")
    if operation.method == "delete" and tail == "":
        if "cancel" in operation.text:
            reason = "DELETE on the read's path, and its words say cancel"
            if "delete" in operation.text:
                reason += " and delete; make it `delete` if what was deleted is unknown afterwards"
            return GuessedRole("cancel", operation, key, reason)
        return GuessedRole("delete", operation, key, "DELETE on the read's path")
    return None


def _sent(description: Description, operation: DescribedOperation, key: str, tail: str) -> GuessedRole | None:
    files = [name for name in operation.media if name.startswith(("video/", "application/octet", "image/"))]
    if files and tail in _CONTENTS:
        return GuessedRole(
            "content", operation, key, f"its path is the read's and `{tail}`; it sends {files[0]}"
        )
    if tail in ("", *_RESULTS) and object_in(operation.answer):
        return GuessedRole("read", operation, key, f"its path is the read's{tail and f' and `{tail}`'}")
    return None
