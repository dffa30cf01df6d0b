"""A case as a sequence diagram: a lane for each role, time from left to right, a mark for each exchange.

Widths are in percent and heights in pixels, so the diagram fits a phone, a screen and paper without scaling
its text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Final, Literal, NamedTuple, get_args

from mockserver.kit.conform.results.result import Result, TimelineStep
from mockserver.numerals import plural
from mockserver.terms import RequestRole

Sign = Literal["fine", "moved", "refused", "broken", "silent"]
Anchor = Literal["start", "middle", "end"]
ROLES: Final = get_args(RequestRole)
LEFT: Final = 17.0
RIGHT: Final = 98.0
"""Marks stand between these percents of the width; the lane's name is to the left of them."""
NARROW: Final = 300
ROOMY: Final = 680
"""The widths in pixels that labels are fitted to: a phone's, and that of anything wider."""
CHARACTER: Final = 6.2
"""The width of a label's character in pixels, roughly."""
LINE: Final = 28
ROW: Final = 13
DRAWN: Final = 100
"""The most marks in a diagram: of more, the first half and the last half of this number."""
_PAUSE: Final = 0.6
"""If one pause takes more than this share of the time, the rest has no room: marks then stand evenly."""


@dataclass(frozen=True, slots=True)
class Mark:
    """An exchange at `x`, `width` percent long. `shows` says that a breach names it."""

    x: float
    width: float
    sign: Sign
    fault: bool
    shows: bool
    title: str


@dataclass(frozen=True, slots=True)
class Label:
    """A text below a mark, in line 0 or 1. A `roomy` one is only for wide screens."""

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
    """All lanes. `first` and `last` are the moments at both ends, `description` is for screen readers."""

    lanes: tuple[Lane, ...]
    height: int
    first: str
    last: str
    scale: str
    description: str


class _Place(NamedTuple):
    """Where a mark stands, and how long it is, in percent."""

    x: float
    width: float


def draw(result: Result) -> SequenceDiagram | None:
    """The exchanges of a case; None if it has none."""
    if not result.steps:
        return None
    steps = _drawn(result.steps)
    even = _stand_evenly(steps)
    places = _even_places(steps) if even else _timed_places(steps)
    shown = {number for breach in result.breaches for number in breach.exchanges}
    lanes, top = [], 0
    for role in _roles(steps):
        lane = _lane(role, top, [step for step in steps if _role(step) == role], places, shown)
        lanes.append(lane)
        top += LINE + ROW + ROW * (1 + max((label.line for label in lane.labels), default=0))
    first, last = f"{steps[0].at:.2f} s", f"{_end(steps):.2f} s"
    return SequenceDiagram(
        lanes=tuple(lanes),
        height=top,
        first=first,
        last=last,
        scale=_scale(result, even=even),
        description=f"{plural(len(result.steps), 'exchange')} from {first} to {last}: {_description(steps)}",
    )


def _drawn(steps: Sequence[TimelineStep]) -> Sequence[TimelineStep]:
    """The exchanges that are drawn."""
    half = DRAWN // 2
    if len(steps) <= DRAWN:
        return steps
    return (*steps[:half], *steps[-half:])


def _scale(result: Result, *, even: bool) -> str:
    scale = "evenly spaced, not by time" if even else "by time"
    left_out = len(result.steps) - len(_drawn(result.steps))
    if left_out:
        scale += f"; {left_out} more in the middle"
    if result.virtual:
        scale += "; the clock was moved"
    return scale


def _role(step: TimelineStep) -> str:
    return step.role or "other"


def _roles(steps: Sequence[TimelineStep]) -> list[str]:
    roles = {_role(step) for step in steps}
    return [role for role in ROLES if role in roles] + sorted(roles.difference(ROLES))


def _end(steps: Sequence[TimelineStep]) -> float:
    return max(step.at + step.took for step in steps)


def _stand_evenly(steps: Sequence[TimelineStep]) -> bool:
    span = _end(steps) - steps[0].at
    if span <= 0:
        return True
    pauses = [later.at - step.at for step, later in pairwise(steps)]
    return len(steps) > 3 and max(pauses) > _PAUSE * span


def _even_places(steps: Sequence[TimelineStep]) -> dict[int, _Place]:
    """The places by the exchange's number."""
    gap = (RIGHT - LEFT) / max(1, len(steps) - 1)
    return {step.number: _Place(round(LEFT + gap * index, 2), 0.0) for index, step in enumerate(steps)}


def _timed_places(steps: Sequence[TimelineStep]) -> dict[int, _Place]:
    """The places by the exchange's number."""
    first, room = steps[0].at, RIGHT - LEFT
    span = _end(steps) - first
    return {
        step.number: _Place(
            x=round(LEFT + room * max(0.0, step.at - first) / span, 2),
            width=round(room * max(0.0, step.took) / span, 2),
        )
        for step in steps
    }


def _lane(name: str, top: int, steps: list[TimelineStep], places: dict[int, _Place], shown: set[int]) -> Lane:
    marks = tuple(
        Mark(*places[step.number], sign(step), bool(step.faults), step.number in shown, _title(step))
        for step in steps
    )
    return Lane(name, top, marks, tuple(_labels(steps, marks)))


def sign(step: TimelineStep) -> Sign:
    """The kind of response that the client got."""
    if not step.heard or not step.status:
        return "silent"
    if step.status < 300:
        return "fine"
    if step.status < 400:
        return "moved"
    if step.status < 500:
        return "refused"
    return "broken"


def _text(step: TimelineStep) -> str:
    text = "no answer" if sign(step) == "silent" else f"{step.status} {step.state}".strip()
    if step.faults:
        text += f" ({', '.join(step.faults)})"
    return text[:48]


def _title(step: TimelineStep) -> str:
    title = f"#{step.number} at {step.at:.3f} s: {step.method} {step.path}: {_text(step)}"
    if step.note:
        return f"{title}; {step.note}"
    return title


def _labels(steps: Sequence[TimelineStep], marks: Sequence[Mark]) -> list[Label]:
    """As many labels as there is room for."""
    # Greedy: the labels that say most are placed first, so the others have to fit beside them. All are tried
    # at the width of a phone; those that do not fit are tried again at the width of a screen.
    ranks = [_rank(index, steps, marks) for index in range(len(steps))]
    wanted = sorted((index for index, rank in enumerate(ranks) if rank < 3), key=ranks.__getitem__)
    labels: list[Label] = []
    for pixels in (NARROW, ROOMY):
        for index in wanted:
            if all(label.x != marks[index].x for label in labels):
                labels += _placed(marks[index], _text(steps[index]), labels, pixels)
    return labels


def _rank(index: int, steps: Sequence[TimelineStep], marks: Sequence[Mark]) -> int:
    """0 for a fault or breach, 1 for the two ends, 2 for another text than before, 3 for the same text."""
    repeated = index > 0 and _text(steps[index]) == _text(steps[index - 1])
    if marks[index].fault or marks[index].shows:
        if repeated:
            return 2
        return 0
    if index in (0, len(steps) - 1):
        return 1
    if repeated:
        return 3
    return 2


def _placed(mark: Mark, text: str, labels: Sequence[Label], pixels: int) -> list[Label]:
    """The label in the first line that has room for it; empty if none has."""
    anchor = _anchor(mark.x, text)
    start, end = _extent(mark.x, text, anchor, pixels)
    if start < -1 or end > 101:
        return []
    for line in (0, 1):
        beside = [
            _extent(label.x, label.text, label.anchor, pixels) for label in labels if label.line == line
        ]
        if all(end < other_start or start > other_end for other_start, other_end in beside):
            return [Label(mark.x, line, anchor, text, mark.fault, pixels == ROOMY)]
    return []


def _anchor(x: float, text: str) -> Anchor:
    half = 50 * len(text) * CHARACTER / NARROW
    if x - half >= 0 and x + half <= 100:
        return "middle"
    if x < 50:
        return "start"
    return "end"


def _extent(x: float, text: str, anchor: Anchor, pixels: int) -> tuple[float, float]:
    """Where a label begins and ends in percent of that many pixels, with a little air."""
    width = 100 * (len(text) + 1) * CHARACTER / pixels
    start = {"start": x, "middle": x - width / 2, "end": x - width}[anchor]
    return start, start + width


def _description(steps: Sequence[TimelineStep], most: int = 12) -> str:
    """The exchanges as a sentence; the same several times in a row is counted."""
    parts = []
    for text, group in groupby(f"{_role(step)} {_text(step)}" for step in steps):
        count = len(list(group))
        parts.append(f"{text} ({count} times)" if count > 1 else text)
    if len(parts) > most:
        parts[most:] = [f"and {len(parts) - most} more"]
    return ", ".join(parts)
