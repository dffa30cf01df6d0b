"""The reference client survives what providers, networks and time do to it, and pays for one job at most."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from mockserver.control_client import ControlClient
from mockserver.jobs.clock import ManualClock
from mockserver.kit import reference_client as rc
from mockserver.settings import Settings, read_pace
from tests.serving import ROOT, Running, running_app

BASES: Final = {"gmicloud": "/api/v1/apikey", "aimlapi": "", "kkiai": "/kling"}
PROVIDERS: Final = sorted(BASES)
KEY: Final = "sk-very-secret"
TOKEN: Final = "token"
PICTURE: Final = "https://example.com/a.jpg"
PROMPT: Final = "Ein Drachen über dem Meer 凧 🪁"
FINDS: Final = ("gmicloud", "kkiai")
"""Providers where a job can be looked up without its id."""


@dataclass
class World:
    """A server, a client of one provider, and a time that passes only when the client waits."""

    server: Running
    mock: ControlClient
    provider: str
    folder: Path
    how: str = "sync"
    now: float = 0.0
    waits: list[float] = field(default_factory=list)
    accepted: list[str] = field(default_factory=list)

    async def sleep(self, seconds: float) -> None:
        """Wait, in no time."""
        self.now += seconds
        self.waits.append(seconds)
        self.server.clock.advance(seconds)

    @property
    def output(self) -> Path:
        """Where the clip goes."""
        return self.folder / "out" / "clip.mp4"

    def client(self, **more: Any) -> rc.Client:
        """A client that waits as this world does."""
        told: dict[str, Any] = {
            "sleep": self.sleep,
            "clock": lambda: self.now,
            "on_accepted": self.accepted.append,
            "deadline": 300.0,
        }
        url = self.server.url + BASES[self.provider]
        return rc.Client(self.provider, url, KEY, **(told | more))

    def run(self, prompt: str = PROMPT, client: rc.Client | None = None, **more: Any) -> Path:
        """One generate, in the way that is to be tried."""
        client = client or self.client()
        more = {"image": PICTURE, "output": self.output, **more}
        if self.how == "sync":
            return client.generate(prompt, **more)
        return asyncio.run(client.agenerate(prompt, **more))

    def rule(
        self, fault: str, times: int | None = None, when: dict[str, Any] | None = None, **settings: Any
    ) -> None:
        """Let a fault happen."""
        self.mock.add_rule(fault, when=when, settings=settings, times=times)

    def jobs(self) -> int:
        """How many were made, so paid."""
        return len(self.mock.jobs())

    def calls(self, role: str) -> list[Any]:
        """Exchanges of a role."""
        return [one for one in self.server.app.services.journal.entries() if one.role == role]

    def whole(self) -> None:
        """The clip is there, nothing else is, and one job was paid for."""
        assert self.output.read_bytes()[4:8] == b"ftyp"
        assert [path.name for path in self.output.parent.iterdir()] == ["clip.mp4"]
        assert self.jobs() == 1

    def nothing(self) -> None:
        """No file is left over."""
        assert not self.output.parent.exists() or not list(self.output.parent.iterdir())


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Clips are made once for all tests: with a seed, ids repeat."""
    return tmp_path_factory.mktemp("clips")


Start = Callable[..., Any]


@pytest.fixture
def world(tmp_path: Path, clips: Path) -> Iterator[Start]:
    """`with world("kkiai", pace="polls:3") as w:`."""

    @contextmanager
    def start(provider: str, how: str = "sync", pace: str = "polls:3", **settings: Any) -> Iterator[World]:
        chosen = Settings(
            seed=1, small_clips=True, cache_dir=clips, token=TOKEN, pace=read_pace(pace), **settings
        )
        clock = ManualClock(round(time.time() * 1000))
        with running_app(chosen, clock) as server, ControlClient(server.url, TOKEN) as mock:
            yield World(server, mock, provider, tmp_path, how)

    yield start  # noqa: PT022


each = pytest.mark.parametrize("provider", PROVIDERS)
both = pytest.mark.parametrize(
    ("provider", "how"), [*((provider, "sync") for provider in PROVIDERS), ("gmicloud", "async")]
)


@both
@pytest.mark.parametrize("profile", ["documented", "vendor", "observed"])
def test_a_job_goes_from_prompt_to_file(world: Start, provider: str, how: str, profile: str) -> None:
    with world(provider, how, profile=profile, strict=True, keys=(KEY,)) as w:
        assert w.run() == w.output
        w.whole()
        job = w.mock.job(provider, w.accepted[0])
        assert PROMPT in json.dumps(job["request"], ensure_ascii=False)
        assert len(w.calls("read")) == 3, "it polls until the end and not after it"


@each
@pytest.mark.parametrize("name", ["legal.png", "legal.jpg"])
def test_a_picture_file_goes_in_the_form_that_the_provider_takes(
    world: Start, provider: str, name: str
) -> None:
    with world(provider, strict=True) as w:
        w.run(image=str(ROOT / "fixtures" / "images" / name))
        w.whole()


@pytest.mark.parametrize("overlay", ["r1", "r2", "empty"])
def test_a_relay_of_any_family_is_understood(world: Start, overlay: str) -> None:
    with world("kkiai", overlays=(f"kkiai/{overlay}",)) as w:
        w.run()
        w.whole()


SURVIVED: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "lost once": ("reset", {"when": {"role": "read", "poll": 1}}),
    "lost thrice": ("lost-answer", {"when": {"role": "read", "poll": "1-3"}}),
    "page 502": ("gateway-page", {"when": {"role": "read", "poll": 1}, "status": 502}),
    "page 504": ("gateway-page", {"when": {"role": "read", "poll": 2}, "status": 504}),
    "malformed": ("malformed", {"when": {"role": "read", "poll": 2}}),
    "truncated": ("truncated", {"when": {"role": "read", "poll": 2}}),
    "empty": ("empty", {"when": {"role": "read", "poll": 1}}),
    "error on read": ("upstream-error", {"when": {"role": "read", "poll": 1}}),
    "too many reads": ("too-many", {"when": {"role": "read", "poll": 1}}),
    "replica lag": ("missing-for-a-while", {"reads": 5}),
    "straight": ("straight-to-success", {}),
    "at once": ("straight-to-success", {"at_once": True}),
    "step back": ("step-back", {}),
    "unknown word": ("unknown-state", {"word": "reviewing"}),
    "upper": ("other-spelling", {"style": "upper"}),
    "title": ("other-spelling", {"style": "title"}),
    "related": ("other-spelling", {"style": "related"}),
    "wrapped": ("wrapped", {"when": {"role": "read"}, "key": "data"}),
    "several links": ("several-links", {"when": {"role": "read"}}),
    "progress": ("falling-progress", {"when": {"role": "read"}, "values": [60, 30]}),
    "skew": ("clock-skew", {"when": {"role": ["submit", "read"]}}),
    "other id key": ("id-elsewhere", {"when": {"role": "submit"}}),
    "slow submit": ("delay", {"when": {"role": "submit"}, "seconds": 0.05}),
    "429 silent": ("too-many", {"when": {"role": "submit"}, "times": 3, "retry_after": "none"}),
    "expired link": ("expired-link", {"links": 1}),
    "redirect": ("redirect", {"times": 1}),
    "cut file": ("cut-file", {"size": 1000, "times": 1}),
    "wrong length": ("wrong-length", {"by": 100, "times": 1}),
    "html file": ("html-page", {"when": {"operation": "*.mp4"}, "times": 2}),
    "no bytes": ("zero-bytes", {"when": {"operation": "*.mp4"}, "times": 1}),
    "odd type": ("wrong-type", {"when": {"operation": "*.mp4"}, "type": "text/plain"}),
    "no ranges": ("no-ranges", {"how": "refused"}),
    "no thumbnail": ("no-thumbnail", {}),
}  # fmt: skip


@both
@pytest.mark.parametrize("case", SURVIVED)
def test_it_survives(world: Start, provider: str, how: str, case: str) -> None:
    fault, settings = SURVIVED[case]
    with world(provider, how, pace="polls:5") as w:
        w.rule(fault, **settings)
        w.run(thumbnail=w.folder / "still.jpg")
        w.whole()


@each
@pytest.mark.parametrize(
    ("fault", "settings"),
    [
        ("lost-answer", {}),
        ("reset", {"accepted": True}),
        ("truncated", {}),
        ("malformed", {}),
        ("no-id", {}),
        ("empty", {}),
        ("server-error-after", {"status": 500, "body": "json"}),
        ("server-error-after", {"status": 503}),
        ("server-error-after", {"status": 504, "body": "empty"}),
    ],
)
def test_a_submit_whose_answer_is_lost_is_looked_up_and_never_repeated(
    world: Start, provider: str, fault: str, settings: dict[str, Any]
) -> None:
    with world(provider) as w:
        w.rule(fault, when={"role": "submit"}, **settings)
        if provider in FINDS:
            w.run()
            w.whole()
        else:
            with pytest.raises(rc.SubmitUncertain):
                w.run()
            w.nothing()
        assert len(w.calls("submit")) == w.jobs() == 1


@each
@pytest.mark.parametrize("fault", ["gateway-page", "reset", "upstream-error"])
def test_a_submit_that_made_no_job_is_not_repeated_blindly_either(
    world: Start, provider: str, fault: str
) -> None:
    with world(provider) as w:
        w.rule(fault, when={"role": "submit"})
        with pytest.raises(rc.SubmitUncertain):
            w.run()
        assert len(w.calls("submit")) <= 1
        assert w.jobs() == 0


def test_one_of_two_same_jobs_is_not_guessed(world: Start) -> None:
    with world("gmicloud", pace="manual") as w:
        with pytest.raises(rc.JobTimeout):
            w.run(client=w.client(deadline=5.0))
        w.rule("lost-answer", when={"role": "submit"})
        with pytest.raises(rc.SubmitUncertain):
            w.run()


REFUSALS: Final[dict[str, tuple[str, dict[str, Any], str]]] = {
    "401": ("unauthorized", {}, ""),
    "credit": ("unpaid", {}, ""),
    "403": ("forbidden", {}, ""),
    "model": ("not-found", {}, ""),
    "422": (
        "answer",
        {"of": "invalid", "status": 422, "message": "duration must be 5"},
        "duration must be 5",
    ),
    "policy": ("answer", {"of": "policy", "message": "not in this house"}, "not in this house"),
}


@both
@pytest.mark.parametrize("case", REFUSALS)
def test_a_refusal_is_told_in_the_providers_words_and_not_repeated(
    world: Start, provider: str, how: str, case: str
) -> None:
    fault, settings, words = REFUSALS[case]
    settings = dict(settings)
    if "of" in settings:
        settings["when"] = settings.pop("of")
    with world(provider, how) as w:
        w.mock.add_rule(fault, when={"role": "submit"}, settings=settings)
        with pytest.raises(rc.Refused, match=words or None):
            w.run(state_file=w.folder / "job")
        assert len(w.calls("submit")) == 1
        assert w.jobs() == 0
        assert not (w.folder / "job").exists()
        w.nothing()


def test_a_business_code_in_a_200_is_a_refusal(world: Start) -> None:
    with world("kkiai") as w:
        w.rule("business-code", when={"role": "submit"}, code=1201)
        with pytest.raises(rc.Refused, match="invalid"):
            w.run()
        assert len(w.calls("submit")) == 1


def test_a_business_code_that_says_too_fast_is_waited_for(world: Start) -> None:
    with world("kkiai") as w:
        w.rule("business-code", times=1, when={"role": "submit"}, code=1302)
        w.run()
        w.whole()


@each
@pytest.mark.parametrize("form", ["seconds", "date"])
def test_retry_after_is_obeyed(world: Start, provider: str, form: str) -> None:
    with world(provider) as w:
        w.rule("too-many", times=1, when={"role": "submit"}, retry_after=form, seconds=20)
        w.run()
        w.whole()
        assert 18 <= w.waits[0] <= 25


@each
def test_without_retry_after_each_wait_is_longer(world: Start, provider: str) -> None:
    with world(provider) as w:
        w.rule("too-many", times=5, when={"role": "submit"}, retry_after="none")
        w.run()
        assert w.waits[:5] == sorted(w.waits[:5])
        assert w.waits[4] >= 8 * w.waits[0]


@each
def test_told_to_wait_for_too_long_it_gives_up_at_once(world: Start, provider: str) -> None:
    with world(provider) as w:
        w.rule("too-many", when={"role": "submit"}, seconds=100_000)
        with pytest.raises(rc.Refused):
            w.run()
        assert w.waits == []
        assert len(w.calls("submit")) == 1


@each
def test_a_connection_refused_is_tried_again(tmp_path: Path, provider: str) -> None:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    client = rc.Client(provider, "http://127.0.0.1:9", KEY, sleep=sleep)
    with pytest.raises(rc.Refused, match="connect"):
        client.generate("x", PICTURE, output=tmp_path / "a.mp4")
    assert len(waits) == rc.TRIES - 1


ENDS: Final[dict[str, tuple[str, dict[str, Any], type[rc.GenerationError], str]]] = {
    "failed": ("fail", {"reason": "the picture was refused"}, rc.JobFailed, "the picture was refused"),
    "late": ("late-failure", {"factor": 3}, rc.JobFailed, ""),
    "silent": ("no-reason", {}, rc.JobFailed, "no reason given|GenerationError"),
    "cancelled": ("cancel", {}, rc.JobFailed, ""),
    "expired": ("unknown-state", {"word": "expired", "place": "end"}, rc.JobFailed, ""),
    "no link": ("no-link", {}, rc.MissingLink, ""),
    "waiting": ("stuck-waiting", {}, rc.JobTimeout, ""),
    "running": ("stuck-running", {}, rc.JobTimeout, ""),
    "only errors": ("gateway-page", {"when": {"role": "read"}}, rc.JobTimeout, ""),
    "forgotten": ("not-found", {"when": {"role": "read", "poll": ">=2"}}, rc.JobLost, ""),
    "locked out": ("unauthorized", {"when": {"role": "read", "poll": ">=2"}}, rc.Refused, ""),
    "always expired": ("expired-link", {"links": 0}, rc.BadResult, ""),
    "always a page": ("html-page", {}, rc.BadResult, ""),
    "always cut": ("cut-file", {"size": 1000}, rc.BadResult, ""),
}  # fmt: skip


@both
@pytest.mark.parametrize("case", ENDS)
def test_an_end_without_a_clip_names_the_job_and_why(
    world: Start, provider: str, how: str, case: str
) -> None:
    fault, settings, error, words = ENDS[case]
    with world(provider, how) as w:
        w.rule(fault, **settings)
        with pytest.raises(error, match=words or None) as caught:
            w.run()
        assert w.accepted == [caught.value.job_id]
        assert w.accepted[0] in str(caught.value)
        assert KEY not in repr(caught.value)
        assert w.jobs() == 1
        w.nothing()


def test_a_cancelled_job_is_told_from_a_failed_one(world: Start) -> None:
    with world("gmicloud") as w:
        w.rule("cancel")
        with pytest.raises(rc.JobCancelled):
            w.run()


@each
def test_a_run_that_gave_up_goes_on_by_its_state_file_or_by_its_id(world: Start, provider: str) -> None:
    with world(provider, pace="manual") as w:
        note = w.folder / "job"
        with pytest.raises(rc.JobTimeout):
            w.run(state_file=note)
        w.mock.pace(provider, w.accepted[0], "immediate")
        w.run(state_file=note)
        w.whole()
        assert not note.exists()
        again = w.folder / "again.mp4"
        assert w.client().resume(w.accepted[0], output=again) == again
        assert again.read_bytes() == w.output.read_bytes()
        assert len(w.calls("submit")) == 1


@each
def test_a_run_that_was_killed_while_it_submitted_does_not_submit_again(world: Start, provider: str) -> None:
    class Killed(BaseException):
        pass

    def kill(job_id: str) -> None:
        raise Killed

    with world(provider) as w:
        note = w.folder / "job"
        with pytest.raises(Killed):
            w.run(client=w.client(on_accepted=kill), state_file=note)
        facts = json.loads(note.read_text())
        note.write_text(json.dumps(facts | {"job_id": None}))
        if provider in FINDS:
            w.run(state_file=note)
            w.whole()
        else:
            with pytest.raises(rc.SubmitUncertain):
                w.run(state_file=note)
        assert len(w.calls("submit")) == 1


def test_a_state_file_of_another_request_is_not_taken_for_this_one(world: Start) -> None:
    with world("aimlapi", pace="manual") as w:
        note = w.folder / "job"
        with pytest.raises(rc.JobTimeout):
            w.run(state_file=note)
        with pytest.raises(rc.Refused, match="another request"):
            w.run("something else", state_file=note)
        assert w.jobs() == 1


@each
def test_polls_come_at_the_interval_and_then_more_seldom(world: Start, provider: str) -> None:
    with world(provider) as w:
        w.rule("stuck-running")
        with pytest.raises(rc.JobTimeout):
            w.run()
        assert 2 <= w.waits[0] <= 2.5
        assert max(w.waits) <= 12.5
        assert 24 <= len(w.calls("read")) <= 60


@each
@pytest.mark.parametrize("fault", ["redirect", "expired-link"])
def test_the_key_goes_to_the_api_alone(
    world: Start, provider: str, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[httpx.Request] = []
    plain = httpx.AsyncClient.send

    async def send(self: httpx.AsyncClient, request: httpx.Request, **more: Any) -> httpx.Response:
        answer = await plain(self, request, **more)
        sent.extend([*(one.request for one in answer.history), answer.request])
        return answer

    monkeypatch.setattr(httpx.AsyncClient, "send", send)
    with world(provider) as w:
        w.rule(fault, times=1)
        w.run()
    media = [one for one in sent if "/media/" in one.url.path]
    assert len(media) >= 2
    assert not any("authorization" in one.headers for one in media)
    assert not any(KEY in str(one.url) for one in sent)
    assert KEY not in repr(w.client())


@pytest.mark.parametrize("key", ["", "key\n", "schlüssel"])
def test_a_key_that_no_header_can_carry_is_refused_unsaid(key: str, tmp_path: Path) -> None:
    with pytest.raises(rc.Refused) as caught:
        rc.generate("kkiai", "http://127.0.0.1:9", key, "x", output=tmp_path / "a")
    assert not key or key not in str(caught.value)


def test_a_thumbnail_comes_where_it_is_asked_for(world: Start) -> None:
    with world("gmicloud") as w:
        w.run(thumbnail=w.folder / "still.jpg")
        assert (w.folder / "still.jpg").read_bytes().startswith(b"\xff\xd8\xff")


@each
@pytest.mark.parametrize(
    ("rule", "code"), [(None, 0), ("fail", 1), ("stuck-waiting", 2), ("unauthorized", 3)]
)
def test_the_command_says_by_its_exit_code_how_it_went(
    world: Start, provider: str, rule: str | None, code: int,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    with world(provider, pace="polls:2") as w:
        if rule:
            w.rule(rule)
        given = {
            "BASE_URL": w.server.url + BASES[provider], "KEY": KEY, "PROVIDER": provider, "PROMPT": "x",
            "IMAGE": PICTURE, "OUTPUT": str(w.output), "INTERVAL": "0.01", "DEADLINE": "1",
            "JOB_FILE": str(w.folder / "job"),
        }  # fmt: skip
        for name, value in given.items():
            monkeypatch.setenv(f"MOCKSERVER_{name}", value)
        assert rc.main() == code
        out, err = capsys.readouterr()
        assert len(err.splitlines()) == (1 if code else 0)
        assert out.split() == [job["id"] for job in w.mock.jobs()]
        assert w.output.exists() == (code == 0)
        assert KEY not in out + err
