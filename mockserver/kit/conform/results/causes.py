"""What a run comes to in a few sentences: what to mend first, and how many cases it explains."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from mockserver.kit.conform.case import PLAIN
from mockserver.kit.conform.results.result import INTERRUPTED, CaseBreach, Result, Verdict
from mockserver.numerals import plural

READING_ORDER: Final[tuple[Verdict, ...]] = (
    "fail", "weak", "could not run", "remark", "pass", "not applicable",
)  # fmt: skip
"""In which order a report shows results: first what the client got wrong."""
TO_MEND: Final[tuple[Verdict, ...]] = ("fail", "weak", "could not run")
_MOST: Final = 5
"""The most causes that are named."""


@dataclass(frozen=True, slots=True)
class Cause:
    """What several cases have in common: a sentence, what to do about it, and the ids of the cases."""

    sentence: str
    advice: str
    cases: tuple[str, ...]


def find_causes(results: Sequence[Result]) -> tuple[Cause, ...]:
    """The causes of all that is not as it should be, that of most failures first; at most five.

    What is wrong where nothing goes wrong is wrong everywhere, so that the baseline case stands first, with
    the cases that went wrong in the same way.
    """
    judged = [result for result in results if result.reason != INTERRUPTED]
    bad = sorted((result for result in judged if result.verdict in TO_MEND), key=_reading_rank)
    plain = next((result for result in bad if result.case.id == PLAIN), None)
    if plain is None:
        return tuple([*_common_causes(bad)][:_MOST])
    same = [result for result in bad if result is not plain and _problem(result) == _problem(plain)]
    others = [result for result in bad if result not in (plain, *same) and result.verdict != "could not run"]
    return (_baseline_cause(plain, same), *[*_common_causes(others)][: _MOST - 1])


def in_reading_order(results: Sequence[Result]) -> list[Result]:
    """The results as a report shows them."""
    return sorted(results, key=_reading_rank)


def _reading_rank(result: Result) -> int:
    return READING_ORDER.index(result.verdict)


def _baseline_cause(plain: Result, same: Sequence[Result]) -> Cause:
    if plain.verdict == "could not run":
        sentence = f"No case could be judged: {plain.reason}."
        return Cause(sentence, "Check the command, and that it is given MOCKSERVER_BASE_URL.", (PLAIN,))
    sentence = (
        f"The client fails where nothing goes wrong, so that most other cases fail too: {_problem(plain)}."
    )
    if same:
        sentence += f" The same in {plural(len(same), 'other case')}."
    return Cause(sentence, plain.case.advice, (PLAIN, *(result.case.id for result in same)))


def _common_causes(bad: Sequence[Result]) -> Iterator[Cause]:
    """One for each rule that is broken in a family, the commonest first."""
    groups: dict[tuple[str, str], list[Result]] = {}
    for result in bad:
        groups.setdefault((_rule(result), result.case.family), []).append(result)
    for (rule, family), results in sorted(groups.items(), key=_commonness):
        first = results[0]
        names = tuple(result.case.id for result in results)
        where = names[0] if len(names) == 1 else f"{len(names)} {family} cases, such as {names[0]}"
        yield Cause(f"{rule} Not so in {where}: {_problem(first)}.", _advice(first), names)


def _commonness(group: tuple[tuple[str, str], list[Result]]) -> tuple[int, int]:
    """The place of a group: failures before all else, and of those the most common."""
    return _reading_rank(group[1][0]), -len(group[1])


def _rule(result: Result) -> str:
    breach = _worst(result)
    return breach.rule if breach else "Each case comes as far as what it is about."


def _problem(result: Result) -> str:
    breach = _worst(result)
    text = f"expected {breach.expected}, but {breach.actual}" if breach else result.reason
    return text.rstrip(".")


def _advice(result: Result) -> str:
    if result.verdict == "could not run":
        return "Let the client get as far as that, or leave these cases out with --case or --family."
    return result.case.advice


def _worst(result: Result) -> CaseBreach | None:
    levels = ("MUST", "SHOULD", "MAY")
    new = [breach for breach in result.breaches if not breach.in_baseline]
    return min(new, key=lambda breach: levels.index(breach.level), default=None)
