"""Golden exchanges and parameter rows: how fixtures/ is read, sent and compared."""

from __future__ import annotations

import base64
import io
import itertools
import json
import random
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import quote

import httpx
from PIL import Image

from mockserver.contract.carriage import usual_carriage
from mockserver.contract.source import merge_patch
from mockserver.jobs.clock import ManualClock
from mockserver.kit.contracts import load

FIXTURES: Final = Path(__file__).resolve().parents[2] / "fixtures"
FOLDERS: Final = {
    "gmicloud": FIXTURES / "gmicloud",
    "aimlapi": FIXTURES / "aimlapi",
    "kkiai": FIXTURES / "kkiai",
    "orbit": FIXTURES / "orbit" / "goldens",
    "openai": FIXTURES / "openai",
    "replicate": FIXTURES / "replicate",
    "veo": FIXTURES / "veo",
    "fal": FIXTURES / "fal",
}
ROWS: Final = "rows"
"""How the names of files begin that hold rows and no golden."""
ID_AT: Final = {
    "gmicloud": "/request_id",
    "aimlapi": "/id",
    "kkiai": "/data/task_id",
    "orbit": "/id",
    "openai": "/id",
    "replicate": "/id",
    "veo": "/name",
    "fal": "/request_id",
}
"""Where each provider's answer to a submit holds the job's id."""
_IS: Final[Mapping[str, Any]] = {
    "any": lambda value: True,
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "uuid": lambda value: (
        isinstance(value, str) and re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", value)
    ),
    "base36": lambda value: isinstance(value, str) and re.fullmatch(r"[0-9a-z]+", value),
    "url": lambda value: isinstance(value, str) and value.startswith(("http://", "https://")),
    "seconds": lambda value: isinstance(value, int) and 10**9 <= value < 10**10,
    "milliseconds": lambda value: isinstance(value, int) and 10**12 <= value < 10**13,
    "iso8601": lambda value: (
        isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", value)
    ),
}


@dataclass(frozen=True, slots=True)
class Golden:
    """One file of fixtures/PROVIDER: steps to take at moments, and what must be answered."""

    provider: str
    name: str
    profile: str
    overlays: tuple[str, ...]
    steps: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One example for a parameter row of a documentation page; `says` is None where it is accepted.

    `before` is a step to take first, of whose answer something is kept.
    """

    provider: str
    page: str
    row: str
    profile: str
    overlays: tuple[str, ...]
    base: dict[str, Any]
    request: dict[str, Any]
    status: int | None
    says: tuple[str, ...] | None
    before: Mapping[str, Any] | None = None

    @property
    def name(self) -> str:
        """What a test report shows."""
        return f"{self.page}-{self.row}-{'accepted' if self.says is None else 'refused'}"


@dataclass(slots=True)
class Player:
    """Plays goldens against a server with a clock that stands still."""

    client: httpx.Client
    clock: ManualClock
    headers: Mapping[str, str]
    captured: dict[str, Any] = field(default_factory=dict)

    def play(self, golden: Golden) -> None:
        """Take every step and compare. Raises AssertionError with step and JSON pointer."""
        start = self.clock()
        for number, step in enumerate(golden.steps):
            self.clock.advance(max(0, start + step.get("at", 0) * 1000 - self.clock()) / 1000)
            answer = self.send(step["request"])
            where = f"{golden.name} step {number}"
            self.compare(step["expect"], answer, where)
            self.keep(step, answer)

    def keep(self, step: Mapping[str, Any], answer: httpx.Response) -> None:
        """Keep what a step names of its answer."""
        for name, at in step.get("keep", {}).items():
            self.captured[name] = _at(answer.json(), at)

    def send(self, request: Mapping[str, Any]) -> httpx.Response:
        """One request of a fixture, with this player's key unless it brings its own header."""
        headers = {**self.headers, **request.get("headers", {})}
        content: bytes | None = None
        if "json" in request or "text" in request:
            headers = {"Content-Type": "application/json"} | headers
            text = request.get("text")
            body = expand(request.get("json"), self.captured)
            content = text.encode() if text is not None else json.dumps(body).encode()
        path = re.sub(
            r"\{(\w+)\}", lambda place: quote(str(self.captured[place[1]]), safe="/:?="), request["path"]
        )
        return self.client.request(
            request["method"],
            path,
            content=content,
            headers={name: value for name, value in headers.items() if value is not None},
            params={name: self._filled(value) for name, value in request.get("query", {}).items()} or None,
        )

    def _filled(self, value: Any) -> Any:
        return self.captured[value[1:-1]] if isinstance(value, str) and value.startswith("{") else value

    def compare(self, expect: Mapping[str, Any], answer: httpx.Response, where: str) -> None:
        """Status, headers and body as the fixture says."""
        assert answer.status_code == expect["status"], f"{where}: {answer.status_code} {answer.text[:800]}"
        for name, value in expect.get("headers", {}).items():
            problem = match(value, answer.headers.get(name), self.captured)
            assert not problem, f"{where}: header {name}: {problem}"
        if "json" in expect:
            problem = match(expect["json"], answer.json(), self.captured)
            assert not problem, f"{where}: {problem}\n{answer.text[:800]}"


def key_headers(provider: str, key: str) -> Mapping[str, str]:
    """The headers by which the provider is given a key."""
    contract = load(provider, folders=[FIXTURES / "orbit"])
    return usual_carriage(contract.operations.values(), key).headers


def goldens(provider: str) -> list[Golden]:
    """Every golden of a provider, sorted by name."""
    problems = []
    for path in sorted(FOLDERS[provider].glob("*.json")):
        if not path.name.startswith(ROWS):
            content = json.loads(path.read_text("utf-8"))
            overlays = tuple(content.get("overlays", ()))
            profile = content.get("profile", "documented")
            problems.append(Golden(provider, path.stem, profile, overlays, tuple(content["steps"])))
    return problems


def rows(provider: str) -> Iterator[Row]:
    """Every example of a provider's rows.json, and of rows-ROUTE.json."""
    files = sorted(FOLDERS[provider].glob(f"{ROWS}*.json"))
    for page in itertools.chain.from_iterable(json.loads(path.read_text("utf-8")) for path in files):
        for row in page["rows"]:
            for patch in row["accepted"]:
                yield _row(
                    provider, page, row, {"patch": patch} if not _is_request(patch) else patch, accepted=True
                )
            for entry in row["refused"]:
                yield _row(provider, page, row, entry, accepted=False)


def _is_request(entry: Mapping[str, Any]) -> bool:
    return bool(entry.keys() & {"patch", "headers", "query", "path", "method"}) and not entry.keys() - {
        "patch", "headers", "query", "path", "method", "status", "says", "profile", "overlays",
    }  # fmt: skip


def _row(
    provider: str, page: dict[str, Any], row: dict[str, Any], entry: dict[str, Any], *, accepted: bool
) -> Row:
    method = entry.get("method", row.get("method", page.get("method", "POST")))
    request: dict[str, Any] = {"method": method, "path": entry.get("path", row.get("path", page["path"]))}
    request["headers"] = entry.get("headers", {})
    if "query" in entry:
        request["query"] = entry["query"]
    if method == "POST":
        request["json"] = merge_patch(page["base"], entry.get("patch", {}))
    return Row(
        provider,
        page["page"],
        row["row"],
        entry.get("profile", page.get("profile", "documented")),
        tuple(entry.get("overlays", page.get("overlays", ()))),
        {"method": "POST", "path": page["path"], "json": page["base"]},
        request,
        entry.get("status"),
        None if accepted else tuple(entry.get("says", ())),
        page.get("before"),
    )


def expand(value: Any, captured: Mapping[str, Any] = MappingProxyType({})) -> Any:
    """A fixture's body with its `$text`, `$image` and `$kept` places filled."""
    if isinstance(value, list):
        return [expand(item, captured) for item in value]
    if not isinstance(value, dict):
        return value
    if "$text" in value:
        text, times = value["$text"]
        return text * times
    if "$kept" in value:
        return captured[value["$kept"]]
    if "$image" in value:
        return picture(value["$image"], value["as"])
    return {key: expand(item, captured) for key, item in value.items()}


def picture(name: str, form: str) -> str:
    """A file of fixtures/images as Base64 or data URI; `too-big.png` is made here."""
    data = _too_big() if name == "too-big.png" else (FIXTURES / "images" / name).read_bytes()
    text = base64.b64encode(data).decode()
    kind = "jpeg" if name.endswith(".jpg") else name.rpartition(".")[2]
    return f"data:image/{kind};base64,{text}" if form == "data-uri" else text


def _too_big() -> bytes:
    """A PNG of noise, a little over 10 MiB."""
    side = 1880
    noise = random.Random(1).randbytes(side * side * 3)
    out = io.BytesIO()
    Image.frombytes("RGB", (side, side), noise).save(out, "PNG", compress_level=0)
    assert len(out.getvalue()) > 10 * 1024 * 1024
    return out.getvalue()


def match(expected: Any, actual: Any, captured: Mapping[str, Any], at: str = "") -> str:
    """Empty where `actual` is as expected, else where and how it differs."""
    if isinstance(expected, dict):
        marked = _marked(expected, actual, captured, at)
        return _object(expected, actual, captured, at) if marked is None else marked
    if isinstance(expected, list):
        if not isinstance(actual, list) or len(actual) != len(expected):
            return f"{at}: expected a list of {len(expected)}, got {actual!r}"
        pairs = enumerate(zip(expected, actual, strict=True))
        return _first(match(wanted, value, captured, f"{at}/{index}") for index, (wanted, value) in pairs)
    same = expected == actual and isinstance(expected, bool) == isinstance(actual, bool)
    return "" if same else f"{at}: expected {expected!r}, got {actual!r}"


def _first(differences: Iterable[str]) -> str:
    return next(filter(None, differences), "")


def _marked(expected: dict[str, Any], actual: Any, captured: Mapping[str, Any], at: str) -> str | None:
    problem: str | None = None
    if "$is" in expected:
        problem = "" if _IS[expected["$is"]](actual) else f"{at}: expected {expected['$is']}, got {actual!r}"
    elif "$same" in expected:
        problem = match(captured[expected["$same"]], actual, captured, at)
    elif "$has" in expected:
        held = isinstance(actual, str) and expected["$has"] in actual
        problem = "" if held else f"{at}: expected text with {expected['$has']!r}, got {actual!r}"
    elif "$all" in expected:
        if not isinstance(actual, list) or not actual:
            return f"{at}: expected a list that is not empty, got {actual!r}"
        problem = _first(
            match(expected["$all"], item, captured, f"{at}/{i}") for i, item in enumerate(actual)
        )
    return problem


def _object(expected: dict[str, Any], actual: Any, captured: Mapping[str, Any], at: str) -> str:
    if not isinstance(actual, dict):
        return f"{at}: expected an object, got {actual!r}"
    expected = expand(expected)
    if expected.keys() != actual.keys():
        missing, extra = sorted(expected.keys() - actual.keys()), sorted(actual.keys() - expected.keys())
        return f"{at}: missing {missing}, not expected {extra}"
    return _first(match(value, actual[key], captured, f"{at}/{key}") for key, value in expected.items())


def _at(document: Any, at: str) -> Any:
    for part in at.strip("/").split("/"):
        document = document[int(part)] if isinstance(document, list) else document[part]
    return document
