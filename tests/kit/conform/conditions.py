"""A few cases of the tests' own, one for each thing that the core can do, and a folder of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from mockserver.kit.conform.case import PLAIN, Case
from tests.kit.conform.environments import case


def _case(name: str, *rules: dict[str, Any], **more: Any) -> Case:
    setup = {"rules": list(rules), **more.pop("setup", {})}
    return case(id=name, family=name.partition("-")[0], setup=setup, **more)


def _fault(name: str, times: int | None = None, **when: Any) -> dict[str, Any]:
    return {"fault": name, "when": when, "times": times}


_RESUMED: Final[dict[str, Any]] = {
    "judged": [{"judge": "jobs-made"}, {"judge": "keeps-id"}],
    "needs": ["resume"],
}
_EVERY: Final = (
    _case(PLAIN, judged=[{"judge": "prompt-arrives"}, {"judge": "image-arrives"}]),
    _case(
        "submit-lost",
        _fault("lost-answer", 1, role="submit"),
        outcome="either",
        judged=[{"judge": "jobs-made"}],
    ),
    _case("poll-gateway", _fault("gateway-page", role="read", poll=2)),
    _case("poll-stuck", _fault("stuck-waiting"), outcome="gives-up", client={"deadline": 2}, budget=8),
    _case(
        "poll-failed",
        _fault("fail"),
        outcome="gives-up",
        judged=[{"judge": "tells-reason", "level": "SHOULD"}],
    ),
    _case("result-redirect", _fault("redirect"), judged=[{"judge": "key-not-to-media"}]),
    _case("result-expired", _fault("expired-link"), judged=[{"judge": "asks-for-fresh-link"}]),
    _case("secrets-refused", _fault("unauthorized"), outcome="gives-up"),
    _case(
        "process-killed",
        setup={"pace": "time"},
        client={"kill_after": {"role": "read", "count": 2}},
        **_RESUMED,
    ),
    _case(
        "callback-never",
        _fault("callback-never"),
        setup={"pace": "time"},
        client={"callback": True},
        needs=["callback"],
        not_for={"gmicloud": "it has none", "aimlapi": "it has none"},
    ),
    _case("evolution-any", setup={"vary": {"variants": 3}}),
)
CASES: Final = {one.id: one for one in _EVERY}


def write(folder: Path, *ids: str) -> Path:
    """Those cases, or all, as files of a new folder."""
    folder.mkdir()
    for name in ids or CASES:
        (folder / f"{name}.json").write_text(CASES[name].model_dump_json(by_alias=True), "utf-8")
    return folder
