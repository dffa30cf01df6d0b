"""A case as a picture: a lane for each role, time from left to right, a mark for each exchange.

Across it is measured in percent and down in pixels, so it fits a phone, a screen and paper without scaling
its text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal

from mockserver.kit.conform.results.result import Result, TimelineStep

Sign = Literal["fine", "moved", "refused", "broken", "silent"]
Anchor = Literal["start", "middle", "end"]
ROLES: Final = ("submit", "read", "list", "cancel", "models", "model", "media")
LEFT: Final = 17.0
RIGHT: Final = 98.0
"""Percent of the width between which marks stand; to the left of them is the lane's name."""
NARROW: Final = 300
ROOMY: Final = 680
"""Pixels of a phone, and of what is more than that, that labels are fitted to."""
CHARACTER: Final = 6.2
"""Pixels of a character of a label, about."""
LINE: Final = 28
ROW: Final = 13
DRAWN: Final = 100
"""Marks of a picture: of more, the first and the last half."""
_PAUSE: Final = 0.6
"""A pause of this share of all the time leaves no room for the rest: then marks stand evenly."""


@dataclass(frozen=True, slots=True)
class Mark:
    """An exchange at `x`, as long as `width` percent. `shows` says that a breach names it."""

    x: float
    width: float
    sign: Sign
    fault: bool
    shows: bool
    title: str


@dataclass(frozen=True, slots=True)
class Label:
    """What is written below a mark, in line 0 or 1; `roomy` ones only where there is more room."""

    x: float
    line: int
    anchor: Anchor
    text: str
    fault: bool
    roomy: bool


@dataclass(frozen=True, slots=True)
class Lane:
    """A role; `top` is in pixels."""

    name: str
    top: int
    marks: tuple[Mark, ...]
    labels: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class SequenceDiagram:
    """All of it. `first` and `last` are the moments at both ends, `said` is all of it in a sentence."""

    lanes: tuple[Lane, ...]
    height: int
    first: str
    last: str
    scale: str
    said: str


def picture(result: Result) -> SequenceDiagram | None:
    """The exchanges of a case; None where there was none."""
    if not result.steps:
        return None
    steps, left_out = _drawn(result.steps)
    at, even = _places(steps)
    shown = {number for breach in result.breaches for number in breach.exchanges}
    lanes, top = [], 0
    for name in _lanes(steps):
        lane = _lane(name, top, [one for one in steps if _role(one) == name], at, shown)
        lanes.append(lane)
        top += LINE + ROW + ROW * (1 + max((one.line for one in lane.labels), default=0))
    first, last = steps[0].at, _end(steps)
    scale = "evenly spaced, not by time" if even else "by time"
    moved = "; the clock was moved" if result.virtual else ""
    scale += f"; {left_out} more in the middle" if left_out else ""
    said = f"{len(result.steps)} exchanges from {first:.2f} s to {last:.2f} s: {_told(steps)}"
    return SequenceDiagram(tuple(lanes), top, f"{first:.2f} s", f"{last:.2f} s", f"{scale}{moved}", said)


def _drawn(steps: Sequence[TimelineStep]) -> tuple[Sequence[TimelineStep], int]:
    """The exchanges that are drawn, and how many between them are not."""
    half = DRAWN // 2
    return (steps, 0) if len(steps) <= DRAWN else ((*steps[:half], *steps[-half:]), len(steps) - 2 * half)


def _role(step: TimelineStep) -> str:
    return step.role or "other"


def _lanes(steps: Sequence[TimelineStep]) -> list[str]:
    met = {_role(one) for one in steps}
    return [one for one in ROLES if one in met] + sorted(met.difference(ROLES))


def _end(steps: Sequence[TimelineStep]) -> float:
    return max(one.at + one.took for one in steps)


def _places(steps: Sequence[TimelineStep]) -> tuple[dict[int, tuple[float, float]], bool]:
    """Place and width in percent by the exchange's number, and whether they stand evenly."""
    first, span = steps[0].at, _end(steps) - steps[0].at
    pauses = [later.at - one.at for one, later in pairwise(steps)]
    even = span <= 0 or (len(steps) > 3 and max(pauses) > _PAUSE * span)
    room = RIGHT - LEFT
    if even:
        gap = room / max(1, len(steps) - 1)
        return {one.number: (round(LEFT + gap * place, 2), 0.0) for place, one in enumerate(steps)}, True
    return {
        one.number: (
            round(LEFT + room * max(0.0, one.at - first) / span, 2),
            round(room * max(0.0, one.took) / span, 2),
        )
        for one in steps
    }, False


def _lane(
    name: str, top: int, steps: list[TimelineStep], at: dict[int, tuple[float, float]], shown: set[int]
) -> Lane:
    marks = tuple(
        Mark(*at[one.number], sign(one), bool(one.faults), one.number in shown, _title(one)) for one in steps
    )
    return Lane(name, top, marks, tuple(_labels(steps, marks)))


def sign(step: TimelineStep) -> Sign:
    """The kind of answer that the client got."""
    if not step.heard or not step.status:
        return "silent"
    return "fine" if step.status < 300 else "moved" if step.status < 400 else (
        "refused" if step.status < 500 else "broken"
    )  # fmt: skip


def _text(step: TimelineStep) -> str:
    told = "no answer" if sign(step) == "silent" else f"{step.status} {step.state}".strip()
    fault = f" ({', '.join(step.faults)})" if step.faults else ""
    return f"{told}{fault}"[:48]


def _title(step: TimelineStep) -> str:
    note = f"; {step.note}" if step.note else ""
    return f"#{step.number} at {step.at:.3f} s: {step.method} {step.path}: {_text(step)}{note}"


def _labels(steps: Sequence[TimelineStep], marks: Sequence[Mark]) -> list[Label]:
    """As many as there is room for, those first that say most; a phone's, then those of wider places."""
    told = [
        (_weight(place, steps, marks), mark, _text(step))
        for place, (step, mark) in enumerate(zip(steps, marks, strict=True))
    ]
    wanted = [(mark, text) for weight, mark, text in sorted(told, key=lambda one: one[0]) if weight < 3]
    placed: list[Label] = []
    for pixels in (NARROW, ROOMY):
        for mark, text in wanted:
            if all(one.x != mark.x for one in placed):
                placed += _placed(mark, text, placed, pixels)
    return placed


def _weight(place: int, steps: Sequence[TimelineStep], marks: Sequence[Mark]) -> int:
    """0 for what a fault or breach is about, 1 for the ends, 2 for news, 3 for what was said before."""
    if marks[place].fault or marks[place].shows:
        same = place > 0 and _text(steps[place]) == _text(steps[place - 1])
        return 2 if same else 0
    if place in (0, len(steps) - 1):
        return 1
    return 2 if _text(steps[place]) != _text(steps[place - 1]) else 3


def _placed(mark: Mark, text: str, placed: Sequence[Label], pixels: int) -> list[Label]:
    """The label in the first line that has room for it, if one has."""
    anchor = _anchor(mark.x, text)
    start, end = _extent(mark.x, text, anchor, pixels)
    if start < -1 or end > 101:
        return []
    for line in (0, 1):
        beside = [_extent(one.x, one.text, one.anchor, pixels) for one in placed if one.line == line]
        if all(end < other[0] or start > other[1] for other in beside):
            return [Label(mark.x, line, anchor, text, mark.fault, pixels == ROOMY)]
    return []


def _anchor(x: float, text: str) -> Anchor:
    half = 50 * len(text) * CHARACTER / NARROW
    if x - half >= 0 and x + half <= 100:
        return "middle"
    return "start" if x < 50 else "end"


def _extent(x: float, text: str, anchor: Anchor, pixels: int) -> tuple[float, float]:
    """Where it begins and ends in percent of that many pixels, a little air included."""
    width = 100 * (len(text) + 1) * CHARACTER / pixels
    start = {"start": x, "middle": x - width / 2, "end": x - width}[anchor]
    return start, start + width


def _told(steps: Sequence[TimelineStep], most: int = 12) -> str:
    said: list[tuple[str, int]] = []
    for one in steps:
        text = f"{_role(one)} {_text(one)}"
        many = said.pop()[1] if said and said[-1][0] == text else 0
        said.append((text, many + 1))
    parts = [f"{text} ({many} times)" if many > 1 else text for text, many in said]
    more = f", and {len(parts) - most} more" if len(parts) > most else ""
    return ", ".join(parts[:most]) + more
