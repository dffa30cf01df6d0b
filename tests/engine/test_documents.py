"""The small documents of the store: each member of each kind is read to its bounds or refused by its name."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import pytest

from mockserver.engine.documents.callbacks import WatchedJob
from mockserver.engine.documents.live import FASTEST, LONGEST_WINDOW, SHORTEST_WINDOW, Quota
from mockserver.engine.documents.readers import READERS, check_document, read_document, read_or_skip
from mockserver.engine.documents.uploads import MOST_SIZE, PART_BYTES, Upload, is_upload_id
from mockserver.errors import SettingsError
from mockserver.jobs.clock import ClockSetting
from mockserver.jobs.reading import LATEST, MOST, NAME, TEXT
from mockserver.jobs.records import MOST_NAMES, MOST_SUBMITTED
from mockserver.stores.base import StoredDocument
from mockserver.stores.memory import MemoryStore

ID = "0123456789abcdef" * 2
NAMES = {
    "clock": "-", "quota": "-", "rule": "r", "callback": "orbit/j", "delivery": "d",
    "upload": ID, "upload-part": f"{ID}/1/999999999",
}  # fmt: skip
LATE = {"fault": "callback-late", "settings": {"seconds": 5}}
GOOD: dict[str, dict[str, Any]] = {
    "clock": {"mode": "scaled", "rate": 2.5, "real_at": 10, "virtual_at": 20},
    "quota": {"requests": 3, "window": 5.0, "parallel": 2, "credits": 7.5},
    "rule": {"id": "r", "fault": "slow", "when": {"nth": 2}, "settings": {"factor": 3}, "times": 4},
    "callback": {"base": "http://here", "faults": [LATE], "outcomes": {"1/queued": [5, True]}},
    "delivery": {
        "id": "d", "provider": "orbit", "job": "j", "number": 1, "state": "done", "attempt": 2, "due": 3,
        "at": 4, "url": "http://there", "body": "{}", "signature": None, "headers": {"x-a": "b c"},
        "faults": ["callback-late"], "status": 204, "error": None, "settled": True, "replays": None,
    },
    "upload": {
        "provider": "orbit", "secret": "s", "content_type": "video/mp4", "until": 9, "size": 8, "version": 7,
        "coming": 6,
    },
    "upload-part": {"data": base64.b64encode(b"film").decode()},
}  # fmt: skip
OPTIONAL = {
    "quota": {"requests", "window", "parallel", "credits"},
    "rule": {"when", "settings", "times"},
    "delivery": {"replays"},
}


def stored(kind: str, document: Any, name: str | None = None, tenant: str = "") -> StoredDocument:
    return StoredDocument(tenant, kind, NAMES[kind] if name is None else name, document)


def text(length: int) -> str:
    return "a" * length


NUMBERS = [
    ("clock", "rate", (1e-9, 1, FASTEST), (-1, 0, FASTEST * 1.01, "1", True, float("inf"), float("nan"))),
    *(("clock", name, (0, LATEST), (-1, LATEST + 1, 1.0, True)) for name in ("real_at", "virtual_at")),
    *(("quota", name, (0, MOST, None), (-1, MOST + 1, 1.5, True)) for name in ("requests", "parallel")),
    ("quota", "window", (SHORTEST_WINDOW, LONGEST_WINDOW), (0, 0.0009, LONGEST_WINDOW + 1, None)),
    ("quota", "credits", (0, 0.5, MOST, None), (-0.1, MOST * 1.1, "1")),
    *(("delivery", name, (0, MOST), (-1, MOST + 1, None, 1.0)) for name in ("number", "attempt")),
    *(("delivery", name, (0, LATEST), (-1, LATEST + 1, None)) for name in ("due", "at")),
    ("delivery", "status", (100, 599, None), (99, 600, 200.0, True)),
    ("upload", "until", (0, LATEST), (-1, LATEST + 1, None)),
    ("upload", "version", (0, MOST), (-1, MOST + 1)),
    *(("upload", name, (0, MOST_SIZE), (-1, MOST_SIZE + 1)) for name in ("size", "coming")),
]
TEXTS = [
    ("callback", "base", ("", text(TEXT)), (text(TEXT + 1), None, "\ud800")),
    *(("delivery", name, ("", text(NAME)), (text(NAME + 1), None, 1)) for name in ("provider", "job")),
    ("delivery", "state", (text(TEXT),), (text(TEXT + 1), None)),
    ("delivery", "url", (text(MOST_SUBMITTED),), (text(MOST_SUBMITTED + 1), None)),
    *(
        ("delivery", name, (None, "", text(TEXT)), (text(TEXT + 1), 1))
        for name in ("signature", "replays")
    ),
    ("delivery", "error", (None, text(MOST_SUBMITTED)), (text(MOST_SUBMITTED + 1), 1)),
    ("delivery", "body", ("[]", "1"), ("", "{", "NaN", None, f'"{text(MOST_SUBMITTED)}"')),
    *(
        ("upload", name, ("", text(NAME)), (text(NAME + 1), None))
        for name in ("provider", "secret", "content_type")
    ),
]  # fmt: skip
OTHERS: list[tuple[str, str, tuple[Any, ...], tuple[Any, ...]]] = [
    ("clock", "mode", ("real", "scaled", "frozen"), ("still", None, [])),
    ("rule", "id", (), ("s", "", None)),
    ("rule", "fault", ("slow",), ("nonsense", None)),
    ("rule", "times", (1, None), (0,)),
    (
        "callback", "faults", ([], [LATE] * MOST_NAMES),
        (
            None, {}, [LATE] * (MOST_NAMES + 1), [1], [{"fault": "callback-late"}],
            [{"fault": "slow", "settings": {}}], [{"fault": "callback-late", "settings": []}],
            [{"fault": "callback-late", "settings": {"seconds": -1}}], [{**LATE, "more": 1}],
        ),
    ),
    (
        "callback", "outcomes", ({}, {"a": [0, False], "b": [LATEST, True]}),
        (None, [], {"a": [0]}, {"a": [0, True, 1]}, {"a": [-1, True]}, {"a": [0, 1]}, {"a": None}),
    ),
    ("delivery", "settled", (True, False), (None, 1)),
    ("delivery", "faults", ([], ["a"] * MOST_NAMES), (None, ["a"] * (MOST_NAMES + 1), [1])),
    (
        "delivery", "headers", ({}, {"a": "", text(100): text(TEXT)}, {"a-1": " ~"}),
        (None, [], {"A": "b"}, {"": "b"}, {text(101): "b"}, {"a": "\n"}, {"a": "é"}, {"a": 1},
         {"a": text(TEXT + 1)}),
    ),
    (
        "upload-part", "data",
        (base64.b64encode(bytes(PART_BYTES)).decode(), "YQ=="),
        ("", 7, None, "YQ", "YQ==\n", "é", base64.b64encode(bytes(PART_BYTES + 1)).decode()),
    ),
]  # fmt: skip
VALUES = [*NUMBERS, *TEXTS, *OTHERS]


def identify(value: Any) -> str | None:
    return value if isinstance(value, str) and len(value) < 30 else ""


@pytest.mark.parametrize(("kind", "member", "good", "bad"), VALUES, ids=identify)
def test_a_member_is_read_to_its_bounds_and_refused_by_its_name(
    kind: str, member: str, good: tuple[Any, ...], bad: tuple[Any, ...]
) -> None:
    for value in good:
        assert read_document(stored(kind, {**GOOD[kind], member: value})) is not None
    for value in bad:
        with pytest.raises(ValueError, match=rf"^{member}\b") as refusal:
            read_document(stored(kind, {**GOOD[kind], member: value}))
        assert "\n" not in str(refusal.value)


def test_every_member_of_every_kind_stands_here() -> None:
    assert GOOD.keys() == READERS.keys()
    held = {(kind, member) for kind, member, _, _ in VALUES}
    elsewhere = {("delivery", "id"), ("rule", "when"), ("rule", "settings")}
    assert held | elsewhere == {(kind, member) for kind, document in GOOD.items() for member in document}


@pytest.mark.parametrize("kind", GOOD)
def test_a_member_that_is_missing_or_too_many_is_named(kind: str) -> None:
    for member in GOOD[kind].keys() - OPTIONAL.get(kind, set()):
        left = {name: value for name, value in GOOD[kind].items() if name != member}
        with pytest.raises(ValueError, match=member):
            read_document(stored(kind, left))
    for member in OPTIONAL.get(kind, ()):
        read_document(stored(kind, {name: value for name, value in GOOD[kind].items() if name != member}))
    with pytest.raises(ValueError, match="more"):
        read_document(stored(kind, {**GOOD[kind], "more": 1}))
    wrong: tuple[Any, ...] = ([], None, "{}")
    for document in wrong:
        with pytest.raises(ValueError, match=r"is not an object|valid dictionary|NoneType"):
            read_document(stored(kind, document))


BAD_NAMES: Mapping[str, tuple[str, ...]] = {
    "clock": ("", "a", "--"),
    "quota": ("", "a"),
    "rule": ("", "s"),
    "callback": ("", "orbit", "/", "orbit/", "/j"),
    "delivery": ("", "e"),
    "upload": ("", ID[1:], f"{ID}0", ID.upper(), f"g{ID[1:]}"),
    "upload-part": ("", ID, f"{ID}/1", f"{ID}/1/", f"{ID}//1", f"{ID}/1/1000000000", f"{ID[1:]}/1/1",
                    f"{ID}/1/1/1"),
}  # fmt: skip


@pytest.mark.parametrize("kind", BAD_NAMES)
def test_a_document_has_a_name_of_its_kind(kind: str) -> None:
    read_document(stored(kind, GOOD[kind]))
    for name in BAD_NAMES[kind]:
        with pytest.raises(ValueError, match="name"):
            read_document(stored(kind, GOOD[kind], name))


def test_documents_mean_what_they_say() -> None:
    assert read_document(stored("clock", GOOD["clock"])) == ClockSetting("scaled", 2.5, 10, 20)
    frozen = {"mode": "frozen", "rate": 0, "real_at": 0, "virtual_at": 0}
    assert read_document(stored("clock", frozen)) == ClockSetting("frozen", 0.0, 0, 0)
    assert read_document(stored("quota", GOOD["quota"])) == Quota(3, 5.0, 2, 7.5)
    assert read_document(stored("quota", {})) == Quota(None, 60.0, None, None)
    assert read_document(stored("upload", GOOD["upload"], tenant="ann")) == Upload(
        ID, "ann", "orbit", "s", "video/mp4", 9, 8, 7, 6
    )
    assert read_document(stored("upload-part", GOOD["upload-part"])) == b"film"
    assert read_document(stored("delivery", GOOD["delivery"])) == GOOD["delivery"]
    rule = read_document(stored("rule", GOOD["rule"]))
    assert (rule.id, rule.fault, rule.when, rule.times) == ("r", "slow", {"nth": 2}, 4)
    watched = read_document(stored("callback", GOOD["callback"]))
    assert isinstance(watched, WatchedJob)
    assert (watched.base, watched.outcomes) == ("http://here", {"1/queued": (5, True)})
    assert [(fault.name, fault.model_dump()) for fault in watched.faults] == [
        ("callback-late", {"seconds": 5.0})
    ]
    assert [is_upload_id(name) for name in (ID, ID[1:])] == [True, False]


def test_rules_are_everybodys() -> None:
    with pytest.raises(ValueError, match="rules are everybody's"):
        read_document(stored("rule", GOOD["rule"], tenant="ann"))


def test_a_kind_that_is_not_known_is_refused_with_those_that_are() -> None:
    with pytest.raises(ValueError, match="it knows clock, quota, rule, callback, delivery, upload"):
        read_document(StoredDocument("", "dream", "x", {}))


def test_what_cannot_be_read_is_not_kept_and_noted_where_it_stands() -> None:
    good, bad = stored("quota", GOOD["quota"], tenant="ann"), stored("quota", {"requests": "a"}, tenant="ann")
    check_document(good)
    for document in ({"requests": "a"}, {"requests": {1, 2}}):
        with pytest.raises(SettingsError, match="this quota cannot be kept: "):
            check_document(stored("quota", document))

    store = MemoryStore()
    assert read_or_skip(store, bad) is None
    assert [tuple(row) for row in store.unreadable.of(None)] == [
        ("quota", "ann", "-", "requests: 'a' is not a whole number")
    ]
    assert read_or_skip(store, good) == Quota(3, 5.0, 2, 7.5)
    assert len(store.unreadable) == 0
