"""A client of three paid video APIs that pays for a job at most once. Copy this file: it needs only httpx.

    generate("gmicloud", BASE_URL, KEY, "A kite at dusk", output="kite.mp4", state_file="kite.job")

* It submits again only when nothing was sent or the answer was 429. In every other doubt it looks the job up.
* The job's id is in every error and, before the first poll, in `state_file`: the same call resumes a crash.
* Only the provider's word ends a job. After a lost or broken answer the client asks again.
* The key goes to the API alone, never to a media link. A file gets its name when it is whole.

Stable are the names in `__all__`, and the arguments, variables, exit codes and state file that they read.
"""

import asyncio
import base64
import copy
import json
import os
import random
import sys
import time
import uuid
from collections.abc import Awaitable, Callable, Set
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import httpx

__all__ = ["Client", "GenerationError", "JobFailed", "Refused", "agenerate", "generate", "main"]
__all__ += ["BadResult", "GaveUp", "JobCancelled", "JobLost", "JobTimeout", "MissingLink", "SubmitUncertain"]

Json = dict[str, Any]
FilePath = str | Path


class ProviderApi(NamedTuple):
    """Where an API takes submits, shows a job, and finds a job whose id is not known."""

    path: str
    id_keys: tuple[str, ...]  # names that the id may have in a body, the usual one first
    read: str = "/{}"  # after the path, for a job's id
    lookup: str = ""  # after the path, for what the submitter knows; empty where there is no look-up


PROVIDERS = {
    "gmicloud": ProviderApi("/requests", lookup="?model_id={}", id_keys=("request_id", "id", "task_id")),
    "aimlapi": ProviderApi(
        "/v2/generate/video/kling/generation",
        read="?generation_id={}",
        id_keys=("id", "generation_id", "task_id", "request_id"),
    ),
    "kkiai": ProviderApi("/v1/videos/image2video", lookup="/{}", id_keys=("task_id", "id", "generation_id")),
}

# Providers and their relays differ in words and places, so the client understands all of them from each.
DONE = {"success", "succeed", "succeeded", "complete", "completed", "done", "finished"}
FAILED = {"failed", "failure", "fail", "error", "expired", "rejected", "aborted", "cancelled", "canceled"}
DOCUMENTED_LINKS = ("outcome.video_url", "video.url", "task_result.videos.url", "outcome.media_urls.url")
LINKS = (*DOCUMENTED_LINKS, "videos.url", "metadata.url", "result_url", "video_url", "url")
REASONS = ("outcome.error", "error.message", "error.name", "error", "task_status_msg", "fail_reason")
MESSAGES = ("error.message", "message", "error", "detail", "title")
CODES = {  # the HTTP status that says the same as these codes in kkiai's bodies
    402: {"1101", "1102"},
    403: {"1100", "1304"},
    404: {"1203", "task_not_exist"},
    429: {"1302", "1303"},
    500: {"5000", "5001", "5002"},
}
UNSENT, LOST, BROKEN = -1, 0, 500  # the server never saw it; no whole answer came; any status from 500 on
PASSING = frozenset({UNSENT, LOST, 408, 425, 429, BROKEN})  # the next try may go better
NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol, httpx.InvalidURL)
TRIES, MISSES, LOOKS = 7, 8, 4  # of a submit or a download; of polls for 404; for a job without an id


class GenerationError(Exception):
    """There is no clip. `job_id` is the job to resume or to ask about, or None if no job is known."""

    def __init__(self, text: str, job_id: str | None = None) -> None:
        super().__init__(f"job {job_id}: {text}" if job_id else text)
        self.job_id = job_id


class GaveUp(GenerationError):
    """The client gave up. The provider did not say that the job failed."""


class Refused(GenerationError):
    """The provider refused, in the words of the error, or the request could not be made."""


class SubmitUncertain(GaveUp):
    """A job may have been made and paid for. Look for it before you submit again."""


class JobFailed(GenerationError):
    """The provider reports that the job failed, for the reason in the error."""


class JobCancelled(JobFailed):
    """Somebody cancelled the job."""


class JobLost(GaveUp):
    """The provider does not know the job, poll after poll."""


class JobTimeout(GaveUp):
    """The deadline has passed. The job may still finish: resume it."""


class MissingLink(GaveUp):
    """The job succeeded, but the provider shows no link."""


class BadResult(GaveUp):
    """The file cannot be downloaded, or it is not an MP4."""


class ApiRequest(NamedTuple):
    """A request to a path of the API; with `file`, a download of a link into that file."""

    method: str
    url: str
    body: Json | None = None
    file: Path | None = None
    magic: bytes = b""  # what a whole file has from its fifth byte on


class ApiReply(NamedTuple):
    """What came back: a status to act on, the body's object, Retry-After in seconds, the server's time."""

    status: int
    body: Json
    retry_after: float = 0.0
    server_time: float = 0.0


@dataclass
class Client:
    """One provider's API. All times are in seconds."""

    provider: str
    base_url: str
    key: str = field(repr=False)
    interval: float = 2.0  # between polls
    deadline: float = 1200.0  # the longest wait for a job
    timeout: float = 30.0  # the longest silence of a server
    on_accepted: Callable[[str], object] = str  # called with the id of the job
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
    clock: Callable[[], float] = time.monotonic
    _api: httpx.AsyncClient = field(init=False, repr=False, compare=False)
    _media: httpx.AsyncClient = field(init=False, repr=False, compare=False)

    def generate(self, prompt: str, image: str | None = None, **options: Any) -> Path:
        """Pay for one job at most, and return the path of its clip. Raises GenerationError.

        `image` is a URL, a data URI or a file's path. Options: `output`, `thumbnail` (paths), `state_file`
        (holds the job until its clip is there), `job_id`, `model`, `duration` (s), the provider's own fields.
        """
        return asyncio.run(self.agenerate(prompt, image, **options))

    _provider = property(lambda self: PROVIDERS.get(self.provider))

    async def agenerate(self, prompt: str, image: str | None = None, **options: Any) -> Path:
        """As `generate`, within asyncio."""
        if not (self._provider and self.key and self.key.isascii() and self.key.isprintable()):
            raise Refused(f"the provider must be one of {', '.join(PROVIDERS)} or learned, and the key ASCII")
        connected = copy.copy(self)  # one client may run several jobs at a time
        shared: Json = {"timeout": self.timeout, "verify": httpx.create_ssl_context()}  # slow: made once
        connected._api = httpx.AsyncClient(headers={"Authorization": f"Bearer {self.key}"}, **shared)
        connected._media = httpx.AsyncClient(follow_redirects=True, **shared)
        async with connected._api, connected._media:
            return await connected._generate(prompt, image, **options)

    def resume(self, job_id: str, **options: Any) -> Path:
        """Return the clip of a job that was submitted before."""
        return self.generate("", job_id=job_id, **options)

    async def _generate(
        self,
        prompt: str,
        image: str | None,
        output: FilePath = "video.mp4",
        thumbnail: FilePath | None = None,
        state_file: FilePath | None = None,
        job_id: str | None = None,
        **fields: Any,
    ) -> Path:
        body = self._body(prompt, _picture(image, bare=self.provider == "kkiai"), **fields)
        state = self._state(state_file, body, job_id)
        if self.provider == "kkiai":
            body.setdefault("external_task_id", state["own_id"])
        Path(output).parent.mkdir(parents=True, exist_ok=True)
        try:
            if not state["job_id"]:
                await self._obtain_job(body, state, state_file)
            await self._collect(state["job_id"], Path(output), thumbnail)
        except (Refused, JobFailed) as error:
            if isinstance(error, JobFailed) or not error.job_id:
                _save(state_file, None)
            raise
        _save(state_file, None)
        return Path(output)

    def _state(self, file: FilePath | None, body: Json, job_id: str | None) -> Json:
        """What an earlier run left in the state file, or the state of a new job."""
        digest = uuid.uuid5(uuid.NAMESPACE_OID, json.dumps([self.provider, body])).hex
        state = {"wanted": digest, "at": None, "own_id": uuid.uuid4().hex, "job_id": job_id}
        if file and Path(file).exists():
            state |= json.loads(Path(file).read_text())
        if state["wanted"] != digest:
            raise Refused(f"{file} is about another request", state["job_id"])
        return state

    async def _obtain_job(self, body: Json, state: Json, state_file: FilePath | None) -> None:
        """Submit, or look up what an earlier run submitted, and keep the job's id in the state."""
        find = self._look_up if state["at"] else self._submit
        state["at"] = state["at"] or time.time()
        _save(state_file, state)
        state["job_id"] = await find(body, state["at"])
        _save(state_file, state)
        self.on_accepted(state["job_id"])

    def _body(self, prompt: str, picture: str, *, model: str = "", duration: int = 5, **fields: Any) -> Json:
        if self.provider == "aimlapi":
            model = model or "kling-video/v1.6/pro/image-to-video"
            shown = {"image_url": picture} if picture else {}
            return {"model": model, "prompt": prompt, **shown, "duration": duration, **fields}
        shown = {"image": picture} if picture else {}
        content = {"prompt": prompt, **shown, "duration": str(duration), **fields}
        if self.provider == "kkiai":
            return {"model_name": model or "kling-v1-6", "mode": "std", **content}
        usual = "Kling-Image2Video-V1.6-Pro" if picture else "Kling-Text2Video-V1.6-Standard"
        return {"model": model or usual, "payload": content}

    async def _submit(self, body: Json, submitted_at: float) -> str:
        """Make the job, and return its id."""
        request = ApiRequest("POST", self._provider.path, body)
        reply = await self._send_patiently(request, again={UNSENT, 429}, tries=TRIES)
        if reply.status == 200 and (job_id := _text(reply.body, self._provider.id_keys)):
            return job_id
        if reply.status == UNSENT:
            raise Refused("cannot connect")
        if reply.status in (LOST, 200, 408, BROKEN):
            return await self._look_up(body, submitted_at, self._message(reply))
        raise Refused(self._message(reply))

    async def _look_up(self, body: Json, submitted_at: float, reason: str = "it was stopped") -> str:
        """Return the id of the job that a submit has made, although its answer was lost for a `reason`."""
        known = quote(body.get("external_task_id") or body["model"], safe="")
        request = ApiRequest("GET", self._provider.path + self._provider.lookup.replace("{}", known))
        for attempt in range(1, LOOKS + 1 if self._provider.lookup else 1):
            await self.sleep(self._pause(attempt))
            reply = await self._send(request)
            jobs = _recent_jobs(reply, body, submitted_at) if self.provider == "gmicloud" else [reply.body]
            if reply.status == 200 and len(jobs) == 1 and (job_id := _text(jobs[0], self._provider.id_keys)):
                return job_id
        raise SubmitUncertain(f"a job may have been made and paid for, but it cannot be found ({reason})")

    async def _poll(self, job_id: str) -> Json:
        """Poll until the job has succeeded, and return the body that says so."""
        provider = self._provider
        request = ApiRequest("GET", provider.path + provider.read.replace("{}", quote(job_id, safe="")))
        until, polls, misses = self.clock() + self.deadline, 0, 0
        while True:
            reply = await self._send_patiently(request, until=until)
            if reply.status == 200 and self._succeeded(reply.body, job_id):
                return reply.body
            if reply.status == 404 and misses == MISSES:
                raise JobLost("the provider does not know it", job_id)
            if reply.status not in PASSING | {200, 404}:
                raise Refused(self._message(reply), job_id)
            left = until - self.clock()
            if reply.status in PASSING or left <= 0:
                raise JobTimeout(f"not finished within {self.deadline:g} s", job_id)
            # A replica may not know the job yet: misses in a row come at waits of their own.
            polls, misses = (polls, misses + 1) if reply.status == 404 else (polls + 1, 0)
            pause = self._pause(misses) if misses else self._pause(polls, growth=1.2, most=5)
            await self.sleep(min(left, pause))

    def _succeeded(self, body: Json, job_id: str) -> bool:
        if _text(body, self._provider.id_keys) not in ("", job_id):  # a cache may mix answers up
            return False
        state = _text(body, ("task_status", "status", "state")).strip().lower()
        if state in FAILED:
            kind = JobCancelled if state.startswith("cancel") else JobFailed
            raise kind(f"{state}: {self._message(ApiReply(200, body), REASONS, 'no reason given')}", job_id)
        if state in DONE and not _text(body, LINKS, "http"):
            raise MissingLink("succeeded without a link", job_id)
        return state in DONE

    async def _collect(self, job_id: str, output: Path, thumbnail: FilePath | None) -> None:
        """Wait for the job and fetch its files. They get their names when they are whole."""
        part = output.with_name(f".{output.name}.{uuid.uuid4().hex[:8]}.part")
        try:
            for _ in range(2):  # a link may have expired: the second time by a fresh one
                body = await self._poll(job_id)
                request = ApiRequest("GET", _text(body, LINKS, "http"), file=part, magic=b"ftyp")
                reply = await self._send_patiently(request, tries=TRIES, until=float("inf"))
                if reply.status not in (401, 403, 404, 410):
                    break
            if reply.status != 200:
                raise BadResult(f"no whole MP4 arrived (last status: {reply.status or 'none'})", job_id)
            part.replace(output)
            link = _text(body, ("outcome.thumbnail_image_url",), "http")
            if thumbnail and link and (await self._send(ApiRequest("GET", link, file=part))).status == 200:
                part.replace(thumbnail)
        finally:
            part.unlink(missing_ok=True)

    async def _send_patiently(
        self, request: ApiRequest, *, again: Set[int] = PASSING, tries: int = 0, until: float = 0.0
    ) -> ApiReply:
        """The first reply whose status is not one of `again`, or else the last before patience ends."""
        attempt, until = 1, until or self.clock() + self.deadline
        while (reply := await self._send(request)).status in again:
            wait = max(reply.retry_after, self._pause(attempt))
            if attempt == tries or self.clock() + wait > until:
                break
            await self.sleep(wait)
            attempt += 1
        return reply

    async def _send(self, request: ApiRequest) -> ApiReply:
        http, url, wait = self._api, self.base_url.rstrip("/") + request.url, 2 * self.timeout
        if request.file:
            http, url, wait = self._media, request.url, 20 * self.timeout
        try:
            async with asyncio.timeout(wait), http.stream(request.method, url, json=request.body) as response:
                if not request.file:
                    return self._reply(response, await response.aread())
                with request.file.open("w+b") as sink:
                    async for chunk in response.aiter_bytes():
                        sink.write(chunk)
                    sink.seek(4)
                    is_whole = sink.read(4).startswith(request.magic)
                return self._reply(response, b'{"whole": true}' if is_whole else b"")
        except NOT_SENT:
            return ApiReply(UNSENT, {})
        except (httpx.RequestError, TimeoutError):
            return ApiReply(LOST, {})

    def _reply(self, response: httpx.Response, content: bytes) -> ApiReply:
        """What the client acts on. A success without a JSON object counts as lost."""
        try:
            body = dict(json.loads(content))
        except (ValueError, TypeError, RecursionError):
            body = {}
        status = 200 if response.is_success else min(response.status_code, BROKEN)
        code = _text(body, ("code",)) if self.provider == "kkiai" else ""
        if code not in ("", "0", "success"):
            status = next((meant for meant, codes in CODES.items() if code in codes), max(status, 400))
        elif status == 200 and not body:
            status = LOST
        now = _timestamp(response.headers.get("date", "")) or time.time()
        wait = response.headers.get("retry-after", "").strip()
        retry_after = float(wait) if wait.isdecimal() else max(0.0, _timestamp(wait) - now)
        return ApiReply(status, body, retry_after, now)

    def _pause(self, attempt: int, growth: float = 2.0, most: float = 32.0) -> float:
        return self.interval * min(growth ** min(attempt - 1, 99), most) * random.uniform(1, 1.25)  # noqa: S311

    def _message(self, reply: ApiReply, places: tuple[str, ...] = MESSAGES, default: str = "") -> str:
        """The provider's words on one line, without the key."""
        text = _text(reply.body, places) or default or f"status {reply.status}"
        return " ".join(text.replace(self.key, "***").split())[:500]


def generate(provider: str, base_url: str, key: str, *task: Any, **options: Any) -> Path:
    """As `Client.generate`."""
    return Client(provider, base_url, key).generate(*task, **options)


async def agenerate(provider: str, base_url: str, key: str, *task: Any, **options: Any) -> Path:
    """As `Client.agenerate`."""
    return await Client(provider, base_url, key).agenerate(*task, **options)


def main(kind: type[Client] = Client, callbacks: Set[str] = frozenset({"kkiai"})) -> int:
    """Do what MOCKSERVER_... say. Return 0: the clip is there, 1: the job failed, 2: gave up, 3: refused."""
    env = {name[11:].lower(): text for name, text in os.environ.items() if name.startswith("MOCKSERVER_")}
    if kind is Client and env.get("contract") and env.get("provider") not in PROVIDERS:
        return int(import_module("mockserver.kit.learned_client").main())  # it calls this with its own client
    names = ["image", "model", "thumbnail", "output"] + ["callback_url"] * (env.get("provider") in callbacks)
    options = {name: env[name] for name in names if env.get(name)}
    try:
        interval, deadline = float(env.get("interval") or 2), float(env.get("deadline") or 1200)
        client = kind(env["provider"], env["base_url"], env["key"], interval, deadline)
        client.on_accepted = lambda job_id: print(job_id, flush=True)
        client.generate(env["prompt"], state_file=env.get("job_file"), **options)
    except (GenerationError, OSError, ValueError, KeyError) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        codes = {JobFailed: 1, GaveUp: 2, OSError: 2, Exception: 3}
        return next(code for failure, code in codes.items() if isinstance(error, failure))
    return 0


def _text(body: Any, places: tuple[str, ...], start: str = "") -> str:
    """The first text or integer at one of the places, in the body or in an envelope; of a list, its first."""
    levels: list[Any] = []
    while isinstance(body, dict):
        levels.append(body)
        body = next((body[key] for key in ("data", "result", "response") if key in body), None)
    for place, value in ((place, level) for place in places for level in levels):
        for key in place.split("."):
            value = value.get(key) if isinstance(value, dict) else None
            value = value[0] if isinstance(value, list) and value else value
        if type(value) in (int, str) and str(value).strip() and str(value).startswith(start):
            return str(value)
    return ""


def _recent_jobs(reply: ApiReply, body: Json, submitted_at: float) -> list[Json]:
    """The jobs of a list that asked for the same and are no older than the submit, by the server's clock."""
    oldest = reply.server_time - (time.time() - submitted_at) - 300  # five minutes of tolerance
    jobs = [job for job in reply.body.get("requests") or [] if job["created_at"] >= oldest]
    jobs = [job for job in jobs if job["model"] == body["model"]]
    return [job for job in jobs if body["payload"].items() <= job["payload"].items()]


def _timestamp(text: str) -> float:
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, OverflowError, OSError):
        return 0.0


def _picture(image: str | None, *, bare: bool) -> str:
    """The image as a URL or a data URI; `bare`, as base64 without the head of the URI."""
    if image and not image.startswith(("http://", "https://", "data:")):
        content = Path(image).read_bytes()
        kind = "png" if content.startswith(b"\x89PNG") else "jpeg"
        image = f"data:image/{kind};base64,{base64.b64encode(content).decode()}"
    return image.partition(",")[2] if bare and image and image.startswith("data:") else image or ""


def _save(file: FilePath | None, state: Json | None) -> None:
    """Write the state file, at once or not at all; without a state, remove it."""
    if file and state:
        Path(f"{file}.new").write_text(json.dumps(state))
        Path(f"{file}.new").replace(file)
    elif file:
        Path(file).unlink(missing_ok=True)


if __name__ == "__main__":
    sys.exit(main())
