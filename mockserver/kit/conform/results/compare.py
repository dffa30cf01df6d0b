"""Two runs compared, before and after: what got better, what worse, what is new, what is gone."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

from mockserver.kit.conform.results.comparison_table import client
from mockserver.kit.conform.results.result import SHADES, Matrix, Result, Shade
from mockserver.kit.conform.results.score import COSTS, Score, score
from mockserver.kit.report.formatting import plain

Kind = Literal["worse", "better", "new", "gone", "same"]
KINDS: Final[tuple[Kind, ...]] = ("worse", "better", "new", "gone", "same")
_BAD: Final = ("could not run", "fail", "weak")
_WIDTH: Final = 110
Pair = tuple[Matrix | None, Matrix | None]


@dataclass(frozen=True, slots=True)
class ResultChange:
    """A case before and after; None where it was not there.

    `broken` are rules that are broken now and were not, `mended` those that no longer are.
    """

    kind: Kind
    case: str
    title: str
    provider: str
    client: str
    before: Shade | None
    after: Shade | None
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
        return any(one.kind == "worse" for one in self.changes)

    def of(self, kind: Kind) -> list[ResultChange]:
        """The changes of a kind."""
        return [one for one in self.changes if one.kind == kind]

    def document(self) -> dict[str, Any]:
        """For JSON; cases that are the same are only counted."""
        told = [asdict(one) for one in self.changes if one.kind != "same"]
        return {
            "worse": self.worse,
            "counts": {kind: len(self.of(kind)) for kind in KINDS},
            "before": asdict(self.before),
            "after": asdict(self.after),
            "changes": told,
        }


def compare(before: Sequence[Matrix], after: Sequence[Matrix]) -> Comparison:
    """What became of each case. Runs of one provider and profile are compared whatever the client is called,
    unless there are several; then by its name.
    """
    changes = [change for pair in _pairs(before, after) for change in _changes(*pair)]
    return Comparison(tuple(changes), _score(before), _score(after))


def _score(matrices: Sequence[Matrix]) -> Score:
    return score(one for matrix in matrices for one in matrix.results)


def _pairs(before: Sequence[Matrix], after: Sequence[Matrix]) -> Iterator[Pair]:
    for key in dict.fromkeys(map(_where, (*before, *after))):
        old, new = ([one for one in side if _where(one) == key] for side in (before, after))
        if len(old) == len(new) == 1:
            yield old[0], new[0]
            continue
        olds, news = _by_name(old), _by_name(new)
        for name in dict.fromkeys((*olds, *news)):
            yield olds.get(name), news.get(name)


def _where(matrix: Matrix) -> tuple[str, str]:
    return matrix.provider, matrix.profile


def _by_name(matrices: Sequence[Matrix]) -> dict[tuple[str, int], Matrix]:
    """By the client's name, and which one of that name it is."""
    found: dict[tuple[str, int], Matrix] = {}
    seen: Counter[str] = Counter()
    for one in matrices:
        found[client(one), seen[client(one)]] = one
        seen[client(one)] += 1
    return found


def _changes(before: Matrix | None, after: Matrix | None) -> Iterator[ResultChange]:
    about = after or before
    assert about is not None
    olds, news = _results(before), _results(after)
    for name in dict.fromkeys((*news, *olds)):
        old, new = olds.get(name), news.get(name)
        was, now = _broken(old), _broken(new)
        case = new or olds[name]
        yield ResultChange(
            kind=_kind(old, new),
            case=name,
            title=case.title,
            provider=about.provider,
            client=client(about),
            before=old.shade if old else None,
            after=new.shade if new else None,
            broken=tuple(sorted(now - was)),
            mended=tuple(sorted(was - now)),
        )


def _results(matrix: Matrix | None) -> Mapping[str, Result]:
    return {one.case: one for one in matrix.results} if matrix else {}


def _broken(result: Result | None) -> set[str]:
    """The rules that count and are broken in it."""
    found = result.breaches if result else ()
    return {f"{one.judge} ({one.level})" for one in found if one.level != "MAY" and not one.as_ever}


def _kind(before: Result | None, after: Result | None) -> Kind:
    """A verdict that is lost because the set-up fails is worse: a gate must not fall silent."""
    old, new = before and before.shade, after and after.shade
    if old not in COSTS:
        return "new" if new in COSTS or before is None else "same"
    if new is None or new == "not applicable":
        return "gone"
    if old != new:
        return "worse" if SHADES.index(new) < SHADES.index(old) else "better"
    was, now = _broken(before), _broken(after)
    return "worse" if now - was else "better" if was - now else "same"


def tell(comparison: Comparison) -> str:
    """The comparison as text, the worst first."""
    return "\n".join(_lines(comparison))


def _lines(comparison: Comparison) -> Iterator[str]:
    yield f"score  {comparison.before.line}  ->  {comparison.after.line}"
    for one in (*comparison.of("worse"), *comparison.of("better")):
        yield f"{one.kind.upper():<6} {one.before} -> {one.after}  {_named(one)}  {plain(one.title)}"
        yield from _rules(one)
    yield from _listed("new", comparison.of("new"))
    yield from _listed("gone", comparison.of("gone"))
    yield ", ".join(f"{len(comparison.of(kind))} {kind}" for kind in KINDS)
    yield f"score: {comparison.after.formula}"


def _named(change: ResultChange) -> str:
    return f"{plain(change.case)} [{plain(change.provider)}]"


def _rules(change: ResultChange) -> Iterator[str]:
    for word, rules in (("now broken", change.broken), ("no longer broken", change.mended)):
        if rules:
            yield f"       {word}: {', '.join(map(plain, rules))}"


def _listed(kind: Kind, changes: Iterable[ResultChange]) -> Iterator[str]:
    """A line for what is bad, and the rest by name."""
    quiet = []
    for one in changes:
        shown = one.after if kind == "new" else one.before
        if shown in _BAD:
            yield f"{kind.upper():<6} {shown}  {_named(one)}  {plain(one.title)}"
        else:
            quiet.append(_named(one))
    if quiet:
        text = f"{kind.upper():<6} not failing: {', '.join(quiet)}"
        yield from textwrap.wrap(
            text, _WIDTH, subsequent_indent="       ", break_long_words=False, break_on_hyphens=False
        )
