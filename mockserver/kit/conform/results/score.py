"""The score: a number from 0 to 100 for some results, and how it is computed.

It says how much of what the cases demand a client fulfils. A known failure costs as much as any other: to
know of it does not mend it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import Field

from mockserver.kit.conform.judges.base import Level
from mockserver.kit.conform.results.result import Result, Verdict
from mockserver.numerals import plural

WEIGHTS: Final[dict[Level, int]] = {"MUST": 5, "SHOULD": 2, "MAY": 1}
COSTS: Final[dict[Verdict, int]] = {
    "fail": WEIGHTS["MUST"],
    "weak": WEIGHTS["SHOULD"],
    "remark": 0,
    "pass": 0,
}
"""Points that a case loses by its verdict. The other verdicts say nothing about the client."""
CAP: Final = 89
"""The highest score while a MUST is broken: 90 and more means that no MUST is."""
FORMULA: Final = (
    "A case is worth 5 points (MUST), 2 (SHOULD) or 1 (MAY). A broken MUST costs 5, a broken SHOULD 2, "
    "never more than the case is worth; a remark costs nothing. Score = 100 x points kept / points possible, "
    f"rounded down, and at most {CAP} while a MUST is broken. "
    "Cases that are not applicable or could not run are left out."
)


@dataclass(frozen=True, slots=True)
class Score:
    """The number (None if nothing was judged) and all that it is made of.

    `earned` (`kept` in JSON) and `possible` are points; `cases` how many were judged. `must_failed` counts
    cases in which a MUST is broken, `known` those of them that the file of known failures names. The cases
    of the other two counts were left out.
    """

    number: int | None
    earned: Annotated[int, Field(alias="kept")]
    possible: int
    cases: int
    must_failed: int
    known: int
    not_applicable: int
    could_not_run: int
    formula: str = FORMULA

    @property
    def shown(self) -> str:
        """`97 %`, or `none`."""
        return "none" if self.number is None else f"{self.number} %"

    @property
    def line(self) -> str:
        """`97 % · 0 MUST failed`, and how many cases could not run where some could not."""
        known = f" ({self.known} known)" if self.known else ""
        missing = f" · {self.could_not_run} could not run" if self.could_not_run else ""
        return f"{self.shown} · {self.must_failed} MUST failed{known}{missing}"

    @property
    def sum(self) -> str:
        """The formula with its numbers, and what was left out."""
        out = f"left out: {self.not_applicable} not applicable, {self.could_not_run} could not run"
        if not self.possible:
            return f"nothing was judged; {out}"
        raw = 100 * self.earned // self.possible
        capped = f", at most {CAP} as a MUST is broken" if self.must_failed and raw > CAP else ""
        cases = plural(self.cases, "case")
        return f"100 x {self.earned} / {self.possible} = {raw}{capped}; {cases} judged; {out}"


def score(results: Iterable[Result]) -> Score:
    """The score of some results, in whatever order."""
    every = list(results)
    judged = [result for result in every if result.verdict in COSTS]
    failed = [result for result in judged if result.verdict == "fail"]
    earned = sum(map(_earned, judged))
    possible = sum(WEIGHTS[result.case.level] for result in judged)
    return Score(
        number=_number(earned, possible, capped=bool(failed)),
        earned=earned,
        possible=possible,
        cases=len(judged),
        must_failed=len(failed),
        known=sum(bool(result.excused) for result in failed),
        not_applicable=sum(result.verdict == "not applicable" for result in every),
        could_not_run=sum(result.verdict == "could not run" for result in every),
    )


def _earned(result: Result) -> int:
    return max(0, WEIGHTS[result.case.level] - COSTS[result.verdict])


def _number(earned: int, possible: int, *, capped: bool) -> int | None:
    if not possible:
        return None
    number = 100 * earned // possible
    if capped:
        return min(number, CAP)
    return number
