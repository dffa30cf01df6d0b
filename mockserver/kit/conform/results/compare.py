"""Two runs compared, before and after: what got better, what got worse, what is new, what is gone."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

from pydantic import TypeAdapter

from mockserver.escapes import plain
from mockserver.kit.conform.results.comparison_table import client_label, new_breaches
from mockserver.kit.conform.results.result import VERDICTS, Matrix, Result, Verdict
from mockserver.kit.conform.results.score import COSTS, Score, score

ChangeKind = Literal["worse", "better", "new", "gone", "same"]
CHANGE_KINDS: Final[tuple[ChangeKind, ...]] = ("worse", "better", "new", "gone", "same")
_BAD: Final = ("could not run", "fail", "weak")
_WIDTH: Final = 110
_SCORE: Final = TypeAdapter(Score)
Pair = tuple[Matrix | None, Matrix | None]


@dataclass(frozen=True, slots=True)
class ResultChange:
    """A case before and after; None if that run did not include it.

    `broken` are rules that are broken only now, `mended` rules that are no longer broken.
    """

    kind: ChangeKind
    case: str
    title: str
    provider: str
    client: str
    before: Verdict | None
    after: Verdict | None
    broken: tuple[str, ...] = ()
    mended: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """Every case of either run, and both scores."""

    changes: tuple[ResultChange, ...]
    before: Score
    after: Score

    @property
    def worse(self) -> bool:
        """Whether something got worse."""
        return any(change.kind == "worse" for change in self.changes)

    def of(self, kind: ChangeKind) -> list[ResultChange]:
        """The changes of a kind."""
        return [change for change in self.changes if change.kind == kind]

    def document(self) -> dict[str, Any]:
        """For JSON; cases without a change are only counted."""
        return {
            "worse": self.worse,
            "counts": {kind: len(self.of(kind)) for kind in CHANGE_KINDS},
            "before": _SCORE.dump_python(self.before, by_alias=True),
            "after": _SCORE.dump_python(self.after, by_alias=True),
            "changes": [asdict(change) for change in self.changes if change.kind != "same"],
        }


def compare(before: Sequence[Matrix], after: Sequence[Matrix]) -> Comparison:
    """What became of each case.

    A run is compared with the run of the same provider and profile, whatever the client is called. If there
    are several such runs, those of the same client are compared.
    """
    changes = [change for pair in _pairs(before, after) for change in _changes(*pair)]
    return Comparison(tuple(changes), _score(before), _score(after))


def _score(matrices: Sequence[Matrix]) -> Score:
    return score(result for matrix in matrices for result in matrix.results)


def _pairs(before: Sequence[Matrix], after: Sequence[Matrix]) -> Iterator[Pair]:
    for target in dict.fromkeys(map(_target, (*before, *after))):
        old = [matrix for matrix in before if _target(matrix) == target]
        new = [matrix for matrix in after if _target(matrix) == target]
        if len(old) == len(new) == 1:
            yield old[0], new[0]
            continue
        olds, news = _by_name(old), _by_name(new)
        for name in dict.fromkeys((*olds, *news)):
            yield olds.get(name), news.get(name)


def _target(matrix: Matrix) -> tuple[str, str]:
    return matrix.provider, matrix.profile


def _by_name(matrices: Sequence[Matrix]) -> dict[tuple[str, int], Matrix]:
    """The runs by the client's name, and by their number among those of that name."""
    named: dict[tuple[str, int], Matrix] = {}
    counts: Counter[str] = Counter()
    for matrix in matrices:
        name = client_label(matrix)
        named[name, counts[name]] = matrix
        counts[name] += 1
    return named


def _changes(before: Matrix | None, after: Matrix | None) -> Iterator[ResultChange]:
    either = after or before
    assert either is not None
    olds, news = _results(before), _results(after)
    for case in dict.fromkeys((*news, *olds)):
        yield _change(either, case, olds.get(case), news.get(case))


def _change(matrix: Matrix, case: str, old: Result | None, new: Result | None) -> ResultChange:
    either = new or old
    assert either is not None
    broken_before, broken_after = _broken(old), _broken(new)
    return ResultChange(
        kind=_kind(old, new),
        case=case,
        title=either.case.title,
        provider=matrix.provider,
        client=client_label(matrix),
        before=old.verdict if old else None,
        after=new.verdict if new else None,
        broken=tuple(sorted(broken_after - broken_before)),
        mended=tuple(sorted(broken_before - broken_after)),
    )


def _results(matrix: Matrix | None) -> Mapping[str, Result]:
    if matrix:
        return {result.case.id: result for result in matrix.results}
    return {}


def _broken(result: Result | None) -> set[str]:
    """The rules that are broken in it and count."""
    if result is None:
        return set()
    breaches = new_breaches(result)
    return {f"{breach.judge} ({breach.level})" for breach in breaches if breach.level != "MAY"}


def _kind(before: Result | None, after: Result | None) -> ChangeKind:
    """A verdict that is lost because the set-up fails is worse: a gate must not fall silent."""
    old, new = before and before.verdict, after and after.verdict
    if old not in COSTS:
        if new in COSTS or before is None:
            return "new"
        return "same"
    if new is None or new == "not applicable":
        return "gone"
    if old != new:
        if VERDICTS.index(new) < VERDICTS.index(old):
            return "worse"
        return "better"
    broken_before, broken_after = _broken(before), _broken(after)
    if broken_after - broken_before:
        return "worse"
    if broken_before - broken_after:
        return "better"
    return "same"


def render(comparison: Comparison) -> str:
    """The comparison as text, the worst first."""
    return "\n".join(_lines(comparison))


def _lines(comparison: Comparison) -> Iterator[str]:
    yield f"score  {comparison.before.line}  ->  {comparison.after.line}"
    for change in (*comparison.of("worse"), *comparison.of("better")):
        verdicts = f"{change.before} -> {change.after}"
        yield f"{change.kind.upper():<6} {verdicts}  {_named(change)}  {plain(change.title)}"
        yield from _rules(change)
    yield from _listed("new", comparison.of("new"))
    yield from _listed("gone", comparison.of("gone"))
    yield ", ".join(f"{len(comparison.of(kind))} {kind}" for kind in CHANGE_KINDS)
    yield f"score: {comparison.after.formula}"


def _named(change: ResultChange) -> str:
    return f"{plain(change.case)} [{plain(change.provider)}]"


def _rules(change: ResultChange) -> Iterator[str]:
    for label, rules in (("now broken", change.broken), ("no longer broken", change.mended)):
        if rules:
            yield f"       {label}: {', '.join(map(plain, rules))}"


def _listed(kind: ChangeKind, changes: Iterable[ResultChange]) -> Iterator[str]:
    """A line for each bad case, and one line with the names of the rest."""
    quiet = []
    for change in changes:
        verdict = change.after if kind == "new" else change.before
        if verdict in _BAD:
            yield f"{kind.upper():<6} {verdict}  {_named(change)}  {plain(change.title)}"
        else:
            quiet.append(_named(change))
    if quiet:
        text = f"{kind.upper():<6} not failing: {', '.join(quiet)}"
        yield from textwrap.wrap(
            text, _WIDTH, subsequent_indent="       ", break_long_words=False, break_on_hyphens=False
        )
