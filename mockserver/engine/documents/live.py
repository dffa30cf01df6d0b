"""Clocks, quotas and rules as the store has them: they can change while the server runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from mockserver.jobs.clock import ClockMode, ClockSetting
from mockserver.jobs.reading import MOST, choice, members, moment, number, whole
from mockserver.stores.base import StoredDocument
from mockserver.terms import EVERYBODY

if TYPE_CHECKING:
    from mockserver.faults.rule import Rule

FASTEST: Final = 1_000_000.0
"""The highest rate of a clock: a year in half a minute."""
SHORTEST_WINDOW: Final = 0.001
LONGEST_WINDOW: Final = 31_622_400.0
"""Seconds of a quota's window: from the clock's own step to a year."""
ONLY: Final = "-"
"""The name of a document of which a tenant has one."""
_CLOCK: Final = frozenset(ClockSetting._fields)
_MODES: Final[frozenset[ClockMode]] = frozenset({"real", "scaled", "frozen"})
_NOTHING: Final[frozenset[str]] = frozenset()


class Quota(NamedTuple):
    """What a tenant may do: requests in a window of seconds, jobs at a time, credits; None is no limit."""

    requests: int | None = None
    window: float = 60.0
    parallel: int | None = None
    credits: float | None = None


def read_clock(stored: StoredDocument) -> ClockSetting:
    """A clock. Raises ValueError that begins with the place."""
    _check_only(stored)
    record = members(stored.document, "", _CLOCK, _NOTHING)
    mode: ClockMode = choice(record["mode"], "mode", _MODES)
    rate = number(record["rate"], "rate", 0, FASTEST)
    if mode != "frozen" and rate <= 0:
        raise ValueError(f"rate: {rate:g} is not above 0, and the clock is {mode}")
    return ClockSetting(
        mode, rate, moment(record["real_at"], "real_at"), moment(record["virtual_at"], "virtual_at")
    )


def read_quota(stored: StoredDocument) -> Quota:
    """A quota. Raises ValueError that begins with the place."""
    _check_only(stored)
    record = Quota(**members(stored.document, "", _NOTHING, frozenset(Quota._fields)))
    return Quota(
        None if record.requests is None else whole(record.requests, "requests", 0, MOST),
        number(record.window, "window", SHORTEST_WINDOW, LONGEST_WINDOW),
        None if record.parallel is None else whole(record.parallel, "parallel", 0, MOST),
        None if record.credits is None else number(record.credits, "credits", 0, MOST),
    )


def read_rule(stored: StoredDocument) -> Rule:
    """A rule of everybody's. Raises ValueError that begins with the place."""
    # Imported here, as a server without rules needs none of it.
    from pydantic import ValidationError

    from mockserver.faults.rule import Rule, describe_errors

    if stored.tenant != EVERYBODY:
        raise ValueError("rules are everybody's; a tenant has none of its own")
    try:
        rule = Rule.model_validate(stored.document).read()
    except ValidationError as error:
        raise ValueError("; ".join(describe_errors(error))) from None
    if not rule.id or rule.id != stored.name:
        raise ValueError(f"id: {rule.id!r} is not its name")
    return rule


def _check_only(stored: StoredDocument) -> None:
    if stored.name != ONLY:
        raise ValueError(f"a {stored.kind} has the name {ONLY!r}, not {stored.name[:60]!a}")
