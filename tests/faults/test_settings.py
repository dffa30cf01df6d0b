"""What the numbers of faults are unless they are set, and between which bounds they may be set."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from mockserver.faults.catalogue import faults

TINY = 1e-9
NUMBERS: list[tuple[str, str, Any, tuple[Any, ...], tuple[Any, ...]]] = [
    ("answer", "status", None, (200, 599), (199, 600)),
    ("business-code", "code", 1302, (100, 99_999), (99, 100_000)),
    ("business-code", "status", 200, (200, 599), (199, 600)),
    ("callback-late", "seconds", 60, (0,), (-TINY,)),
    ("callback-out-of-order", "seconds", 60, (TINY,), (0,)),
    ("callback-twice", "seconds", 0, (0,), (-TINY,)),
    ("cut-file", "size", 1024, (0,), (-1,)),
    ("delay", "seconds", 1, (0, 3600), (-TINY, 3600.5)),
    ("delay", "most", None, (3600,), (3600.5,)),
    ("drip", "rate", 64, (1,), (0,)),
    ("empty", "status", None, (200, 599), (199, 600)),
    ("expired-link", "links", 1, (0,), (-1,)),
    ("expired-link", "lasts", 0, (0,), (-TINY,)),
    ("html-page", "status", 200, (200, 599), (199, 600)),
    ("late-failure", "factor", 3, (1,), (1 - TINY,)),
    ("missing-for-a-while", "reads", 2, (1,), (0,)),
    ("missing-for-a-while", "seconds", None, (TINY,), (0,)),
    ("several-links", "count", 2, (2, 10), (1, 11)),
    ("slow", "factor", 10, (TINY,), (0,)),
    ("slow", "seconds", None, (0,), (-TINY,)),
    ("stalled", "seconds", 30, (TINY, 3600), (0, 3600.5)),
    ("step-back", "rounds", 1, (1, 100), (0, 101)),
    ("step-back", "seconds", 2, (0,), (-TINY,)),
    ("too-many", "seconds", 1, (0,), (-1,)),
    ("truncated", "size", None, (0,), (-1,)),
    ("unknown-state", "seconds", 2, (0,), (-TINY,)),
    ("upstream-error", "code", 400, (400, 599), (399, 600)),
]
MOMENTS = (
    "created_at", "updated_at", "queued_at", "started_at", "finished_at", "completed_at", "submit_time",
    "start_time", "finish_time", "timestamp",
)  # fmt: skip
OTHERS: list[tuple[str, str, Any, tuple[Any, ...]]] = [
    ("answer", "headers", {}, ()),
    ("callback-early", "every", False, ()),
    ("clock-skew", "keys", MOMENTS, ()),
    ("clock-skew", "seconds", -3600.0, ()),
    ("falling-progress", "key", "progress", ()),
    ("falling-progress", "values", (10, 60, 30, 90), ()),
    ("gateway-page", "status", 502, (502, 503, 504, 524)),
    ("id-elsewhere", "keys", (), ()),
    ("no-id", "keys", (), ()),
    ("no-link", "what", "all", ("all", "thumbnail")),
    ("no-ranges", "how", "ignored", ("ignored", "refused")),
    ("other-spelling", "style", "upper", ("upper", "title", "related")),
    ("other-spelling", "words", {}, ()),
    ("redirect", "status", 302, (301, 302, 303, 307, 308)),
    ("reset", "accepted", False, ()),
    ("server-error-after", "body", "html", ("html", "json", "empty")),
    ("server-error-after", "status", 500, (500, 502, 503, 504)),
    ("straight-to-success", "at_once", False, ()),
    ("too-many", "of", "requests", ("requests", "jobs")),
    ("too-many", "retry_after", "seconds", ("seconds", "date", "none")),
    ("unauthorized", "key", "wrong", ("wrong", "missing")),
    ("unknown-state", "place", "between", ("between", "end")),
    ("unknown-state", "word", "reviewing", ()),
    ("wrapped", "key", "data", ()),
    ("wrong-length", "by", 1024, ()),
    ("wrong-type", "type", "application/octet-stream", ()),
]
"""What a setting without bounds is unless it is set, and between what it can choose, if it is a choice."""


@pytest.mark.parametrize(("name", "setting", "usual", "allowed", "refused"), NUMBERS)
def test_a_number_has_its_bounds(
    name: str, setting: str, usual: Any, allowed: tuple[Any, ...], refused: tuple[Any, ...]
) -> None:
    fault = faults()[name]

    assert fault.model_fields[setting].default == usual
    others = {"seconds": 0} if setting == "most" else {}
    for value in allowed:
        assert getattr(fault.model_validate({**others, setting: value}), setting) == value
    for value in refused:
        with pytest.raises(ValidationError, match=setting):
            fault.model_validate({**others, setting: value})


def test_every_number_with_bounds_stands_here() -> None:
    bounded = {
        (name, setting)
        for name, fault in faults().items()
        for setting, field in fault.model_fields.items()
        if any(hasattr(bound, word) for bound in field.metadata for word in ("ge", "gt", "le", "lt"))
    }

    assert {row[:2] for row in NUMBERS} == bounded


@pytest.mark.parametrize(("name", "setting", "usual", "choices"), OTHERS)
def test_a_setting_without_bounds_has_its_usual_value_and_its_choices(
    name: str, setting: str, usual: Any, choices: tuple[Any, ...]
) -> None:
    fault = faults()[name]

    assert fault.model_fields[setting].get_default(call_default_factory=True) == usual
    for choice in choices:
        assert getattr(fault.model_validate({setting: choice}), setting) == choice
    for value in ("no such choice", 500.5, 1) if choices else ():
        with pytest.raises(ValidationError, match=setting):
            fault.model_validate({setting: value})


def test_what_stands_in_neither_list_is_nothing_unless_it_is_set() -> None:
    listed = {row[:2] for row in (*NUMBERS, *OTHERS)}

    for name, fault in faults().items():
        for setting, field in fault.model_fields.items():
            assert (name, setting) in listed or field.default is None


@pytest.mark.parametrize(
    ("name", "setting"),
    [("falling-progress", "key"), ("unknown-state", "word"), ("wrapped", "key"), ("wrong-type", "type")],
)
def test_a_name_is_not_empty(name: str, setting: str) -> None:
    assert getattr(faults()[name].model_validate({setting: "x"}), setting) == "x"
    with pytest.raises(ValidationError, match=setting):
        faults()[name].model_validate({setting: ""})


@pytest.mark.parametrize("value", ["video/mp4\r\nx: y", "a\nb", "\0", "\x7f", "video/\u2603"])
def test_a_header_that_cannot_be_sent_is_refused(value: str) -> None:
    with pytest.raises(ValidationError, match="cannot be sent"):
        faults()["wrong-type"].model_validate({"type": value})
    with pytest.raises(ValidationError, match="cannot be sent"):
        faults()["answer"].model_validate({"status": 500, "headers": {"x": value}})


def test_progress_falls_through_one_value_at_least() -> None:
    fault = faults()["falling-progress"]
    assert fault.model_fields["values"].default == (10, 60, 30, 90)
    assert fault.model_validate({"values": [5]}).model_dump()["values"] == (5,)
    with pytest.raises(ValidationError, match="values"):
        fault.model_validate({"values": []})
