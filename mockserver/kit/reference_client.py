"""A client of three paid video APIs that survives the real world. Copy this file: it needs only httpx.

    generate("gmicloud", BASE_URL, KEY, "A kite at dusk", output="kite.mp4", state_file="kite.job")

A submit is repeated only when nothing was sent or the answer was 429; else the job is looked up. The id is in
every error and, before the first poll, in `state_file`; the same call resumes a crash. Only the provider
says that a job has ended, no error on the way. The key goes to the API alone. A file has its name when whole.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import random
import sys
import time
import uuid
from collections.abc import Awaitable, Callable, Set
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import httpx

# fmt: off
Json = dict[str, Any]
ROUTES = {  # submit, read, look a job up by what its submitter knows, and what its id may be called
    "gmicloud": ("/requests", "/requests/{}", "/requests?model_id={}", ("request_id", "id", "task_id")),
    "aimlapi": ("/v2/generate/video/kling/generation", "/v2/generate/video/kling/generation?generation_id={}",
                "", ("id", "generation_id", "task_id", "request_id")),
    "kkiai": ("/v1/videos/image2video", "/v1/videos/image2video/{}", "/v1/videos/image2video/{}",
              ("task_id", "id", "generation_id"))}
DONE = {"success", "succeed", "succeeded", "complete", "completed", "done", "finished"}
FAILED = {"failed", "failure", "fail", "error", "expired", "rejected", "aborted", "cancelled", "canceled"}
LINKS = ("outcome.video_url", "video.url", "task_result.videos.url", "outcome.media_urls.url",
         "videos.url", "metadata.url", "result_url", "video_url", "url")
REASONS = ("outcome.error", "error.message", "error.name", "error", "task_status_msg", "fail_reason")
MESSAGES = ("error.message", "message", "error", "detail", "title")
CODES = {"1100": 403, "1101": 402, "1102": 402, "1203": 404, "1302": 429, "1303": 429, "1304": 403,
         "5000": 500, "5001": 500, "5002": 500, "task_not_exist": 404}  # kkiai's, as what they mean
UNSENT, LOST, BROKEN = -1, 0, 500  # never seen by the server; no whole answer; any status from 500 on
PASSING = frozenset({UNSENT, LOST, 408, 425, 429, BROKEN})  # it may be otherwise the next time
NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol, httpx.InvalidURL)
TRIES, MISSES, LOOKS = 7, 8, 4
class GenerationError(Exception):
    """There is no clip. `job_id` is the job to resume or to ask about, where one is known."""
    def __init__(self, text: str, job_id: str | None = None) -> None:
        super().__init__(f"job {job_id}: {text}" if job_id else text)
        self.job_id = job_id
class GaveUp(GenerationError): ...  # not for a reason of the provider's
class Refused(GenerationError): ...  # the provider said no, in these words, or the request could not be made
class SubmitUncertain(GaveUp): ...  # a job may have been paid for: look before you submit again
class JobFailed(GenerationError): ...  # the provider reports a failure, for this reason
class JobCancelled(JobFailed): ...  # somebody cancelled the job
class JobLost(GaveUp): ...  # the provider does not know the job, for good
class JobTimeout(GaveUp): ...  # patience is at its end, the job may still finish: resume it
class MissingLink(GaveUp): ...  # the job succeeded and shows no link
class BadResult(GaveUp): ...  # the file cannot be had, or is no MP4

class ApiReply(NamedTuple):
    """What came back: a status to act on, the body's object, Retry-After in seconds, the server's time."""
    status: int
    body: Json = {}  # noqa: RUF012
    told: float = 0.0
    moment: float = 0.0

@dataclass
class Client:
    """One provider's API. Seconds: `timeout` is a server's longest silence, `deadline` the wait for a job."""
    provider: str
    base_url: str
    key: str = field(repr=False)
    interval: float = 2.0
    deadline: float = 1200.0
    timeout: float = 30.0
    on_accepted: Callable[[str], object] = str
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
    clock: Callable[[], float] = time.monotonic
    _http: Any = field(default=None, repr=False)

    def generate(self, prompt: str, image: str | None = None, **more: Any) -> Path:
        """Pay for one job at most, give its clip. `image`: URL, data URI or file; `more`: see `_generate`."""
        return asyncio.run(self.agenerate(prompt, image, **more))

    async def agenerate(self, prompt: str, image: str | None = None, **more: Any) -> Path:
        """As `generate`, within asyncio."""
        if self.provider not in ROUTES or not (self.key and self.key.isascii() and self.key.isprintable()):
            raise Refused(f"needed: a provider of {', '.join(ROUTES)} and a key that a header can carry")
        api = httpx.AsyncClient(timeout=self.timeout, headers={"Authorization": f"Bearer {self.key}"})
        async with api, httpx.AsyncClient(timeout=self.timeout, follow_redirects=True) as media:
            return await replace(self, _http=(api, media))._generate(prompt, image, **more)
    def resume(self, job_id: str, **more: Any) -> Path:
        """Give the clip of a job that was submitted before."""
        return self.generate("", job_id=job_id, **more)
    async def _generate(
        self, prompt: str, image: str | None, output: str | Path = "video.mp4", *, job_id: str | None = None,
        state_file: str | Path | None = None, thumbnail: str | Path | None = None, **asked: Any,
    ) -> Path:
        """`asked`: model, duration (seconds), and further fields as the provider names them."""
        body = self._body(prompt, _picture(image, bare=self.provider == "kkiai"), **asked)
        wanted = uuid.uuid5(uuid.NAMESPACE_OID, json.dumps([self.provider, body])).hex
        kept = json.loads(Path(state_file).read_text()) if state_file and Path(state_file).exists() else {}
        if kept.get("wanted", wanted) != wanted:
            raise Refused(f"{state_file} is about another request", kept["job_id"])
        facts = {"wanted": wanted, "at": time.time(), "own_id": uuid.uuid4().hex, "job_id": job_id} | kept
        if self.provider == "kkiai":
            body.setdefault("external_task_id", facts["own_id"])
        Path(output).parent.mkdir(parents=True, exist_ok=True)
        try:
            if not facts["job_id"]:
                _save(state_file, facts)
                find = self._look_up if kept else self._submit
                facts["job_id"] = await find(body, facts["at"])
                _save(state_file, facts)
                self.on_accepted(facts["job_id"])
            await self._collect(facts["job_id"], Path(output), thumbnail)
        except (Refused, JobFailed) as error:
            if isinstance(error, JobFailed) or not error.job_id:
                _save(state_file, None)
            raise
        _save(state_file, None)
        return Path(output)
    def _body(self, prompt: str, picture: str, *, model: str = "", duration: int = 5, **fields: Any) -> Json:
        linked = self.provider == "aimlapi"
        pictured = {"image_url" if linked else "image": picture} if picture else {}
        body = {"prompt": prompt, **pictured, "duration": duration if linked else str(duration), **fields}
        if linked:
            return {"model": model or "kling-video/v1.6/pro/image-to-video", **body}
        if self.provider == "kkiai":
            return {"model_name": model or "kling-v1-6", "mode": "std", **body}
        usual = "Kling-Image2Video-V1.6-Pro" if picture else "Kling-Text2Video-V1.6-Standard"
        return {"model": model or usual, "payload": body}
    async def _submit(self, body: Json, at: float) -> str:
        answer = await self._ask("POST", ROUTES[self.provider][0], body, again={UNSENT, 429}, tries=TRIES)
        if answer.status == 200 and (job_id := _text(answer.body, ROUTES[self.provider][3])):
            return job_id
        said = self._said(answer)
        if answer.status in (LOST, 200, 408, BROKEN):
            return await self._look_up(body, at, said)
        raise Refused("cannot connect" if answer.status == UNSENT else said)
    async def _look_up(self, body: Json, at: float, why: str = "it was stopped") -> str:
        """The id of the job that a submit at `at` may have made, although no answer said so."""
        find = ROUTES[self.provider][2].format(quote(body.get("external_task_id") or body["model"], safe=""))
        for tries in range(1, LOOKS + 1 if find else 1):
            await self.sleep(self._pause(tries))
            answer = await self._send("GET", find)
            found = [answer.body] if answer.status == 200 else []
            if self.provider == "gmicloud":  # by the server's clock, give or take five minutes
                since, wanted = answer.moment - (time.time() - at) - 300, body["payload"].items()
                found = [one for one in answer.body.get("requests") or [] if one["model"] == body["model"]
                         and wanted <= one["payload"].items() and one["created_at"] >= since]
            if len(found) == 1 and (job_id := _text(found[0], ROUTES[self.provider][3])):
                return job_id
        raise SubmitUncertain(f"a job may have been made and paid for, and is not to be found ({why})")
    async def _watch(self, job_id: str) -> Json:
        """What the provider says of the job when it has succeeded."""
        until, polls, misses = self.clock() + self.deadline, 0, 0
        read = ROUTES[self.provider][1].format(quote(job_id, safe=""))
        while True:
            answer = await self._ask("GET", read, until=until)
            if answer.status == 200 and self._ended(answer.body, job_id):
                return answer.body
            if answer.status == 404 and misses == MISSES:
                raise JobLost("the provider does not know it", job_id)
            if answer.status not in PASSING | {200, 404}:
                raise Refused(self._said(answer), job_id)
            left = until - self.clock()
            if answer.status in PASSING or left <= 0:
                raise JobTimeout(f"not finished within {self.deadline:g} s", job_id)
            polls, misses = (polls, misses + 1) if answer.status == 404 else (polls + 1, 0)
            await self.sleep(min(left, self._pause(misses) if misses else self._pause(polls, 1.2, 5)))
    def _ended(self, body: Json, job_id: str) -> bool:
        ours = _text(body, ROUTES[self.provider][3]) in ("", job_id)  # a cache may mix answers up
        word = _text(body, ("task_status", "status", "state")).strip().lower() if ours else ""
        if word in FAILED:
            kind = JobCancelled if word.startswith("cancel") else JobFailed
            raise kind(f"{word}: {self._said(ApiReply(200, body), REASONS, 'no reason given')}", job_id)
        if word in DONE and not _text(body, LINKS, "http"):
            raise MissingLink("succeeded without a link", job_id)
        return word in DONE
    async def _collect(self, job_id: str, output: Path, thumbnail: str | Path | None) -> None:
        part = output.with_name(f".{output.name}.{uuid.uuid4().hex[:8]}.part")
        try:
            for _ in range(2):  # the second time with a fresh link
                body = await self._watch(job_id)
                file = "GET", _text(body, LINKS, "http"), None, part, b"ftyp"
                answer = await self._ask(*file, tries=TRIES, until=float("inf"))
                if answer.status not in (401, 403, 404, 410):
                    break
            if answer.status != 200:
                raise BadResult(f"no whole MP4 to be had, at last: status {answer.status or 'none'}", job_id)
            part.replace(output)
            still = thumbnail and _text(body, ("outcome.thumbnail_image_url",), "http")
            if thumbnail and still and (await self._send("GET", still, None, part)).status == 200:
                part.replace(thumbnail)
        finally:
            part.unlink(missing_ok=True)
    async def _ask(self, *what: Any, again: Set[int] = PASSING, tries: int = 0, until: float = 0) -> ApiReply:
        """An answer whose status is not one of `again`, or else the last one."""
        n, until = 1, until or self.clock() + self.deadline
        while (answer := await self._send(*what)).status in again:
            wait = max(answer.told, self._pause(n))
            if n == tries or self.clock() + wait > until:
                break
            await self.sleep(wait)
            n += 1
        return answer
    async def _send(self, method: str, url: str, body: Json | None = None,
                    file: Path | None = None, magic: bytes = b"") -> ApiReply:
        """To the API, at a path below `base_url`; with `file` a download from anywhere, without the key."""
        http, url = self._http[bool(file)], url if file else self.base_url.rstrip("/") + url
        try:
            limit = asyncio.timeout((20 if file else 2) * self.timeout)
            async with limit, http.stream(method, url, json=body) as got:
                if not file:
                    return self._answer(got, await got.aread())
                with file.open("w+b") as sink:
                    async for chunk in got.aiter_bytes():
                        sink.write(chunk)
                    sink.seek(4)
                    return self._answer(got, b'{"whole": true}' if sink.read(4).startswith(magic) else b"")
        except (httpx.RequestError, httpx.InvalidURL, TimeoutError) as error:
            return ApiReply(UNSENT if isinstance(error, NOT_SENT) else LOST)
    def _answer(self, got: httpx.Response, content: bytes) -> ApiReply:
        try:
            body = dict(json.loads(content))
        except (ValueError, TypeError, RecursionError):
            body = {}
        status = 200 if got.is_success else min(got.status_code, BROKEN)
        code = _text(body, ("code",)) if self.provider == "kkiai" else ""
        if code not in ("", "0", "success"):
            status = CODES.get(code, max(status, 400))
        elif status == 200 and not body:
            status = LOST
        now = _moment(got.headers.get("date", "")) or time.time()
        told = got.headers.get("retry-after", "").strip()
        return ApiReply(status, body, float(told) if told.isdecimal() else max(0.0, _moment(told) - now), now)
    def _pause(self, n: int, growth: float = 2.0, most: float = 32.0) -> float:
        return self.interval * min(growth ** min(n - 1, 99), most) * random.uniform(1, 1.25)  # noqa: S311
    def _said(self, answer: ApiReply, places: tuple[str, ...] = MESSAGES, otherwise: str = "") -> str:
        text = _text(answer.body, places) or otherwise or f"status {answer.status}"
        return " ".join(text.replace(self.key, "***").split())[:500]
def _text(body: Any, places: tuple[str, ...], start: str = "") -> str:
    """The first text or integer at one of `places` in the body or an envelope; of a list, in its first."""
    levels = [body]
    while isinstance(levels[-1], dict):
        levels.append(next((levels[-1][k] for k in ("data", "result", "response") if k in levels[-1]), None))
    for place, value in [(place, level) for place in places for level in levels]:
        for key in place.split("."):
            value = value.get(key) if isinstance(value, dict) else None
            value = value[0] if isinstance(value, list) and value else value
        if type(value) in (int, str) and str(value).strip() and str(value).startswith(start):
            return str(value)
    return ""
def _moment(text: str) -> float:
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, OverflowError, OSError):
        return 0.0
def _picture(image: str | None, *, bare: bool) -> str:
    if image and not image.startswith(("http://", "https://", "data:")):
        content = Path(image).read_bytes()
        kind = "png" if content.startswith(b"\x89PNG") else "jpeg"
        image = f"data:image/{kind};base64,{base64.b64encode(content).decode()}"
    return image.partition(",")[2] if bare and image and image.startswith("data:") else image or ""
def _save(file: str | Path | None, facts: Json | None) -> None:
    if file and facts:
        Path(f"{file}.new").write_text(json.dumps(facts))
        Path(f"{file}.new").replace(file)
    elif file:
        Path(file).unlink(missing_ok=True)

def generate(provider: str, base_url: str, key: str, *asked: Any, **more: Any) -> Path:
    """As `Client.generate`."""
    return Client(provider, base_url, key).generate(*asked, **more)
async def agenerate(provider: str, base_url: str, key: str, *asked: Any, **more: Any) -> Path:
    """As `Client.agenerate`."""
    return await Client(provider, base_url, key).agenerate(*asked, **more)

def main() -> int:
    """Do as MOCKSERVER_... say. 0: the file is there, 1: the job failed, 2: gave up, 3: refused."""
    env = {k[11:].lower(): text for k, text in os.environ.items() if text and k.startswith("MOCKSERVER_")}
    fields = ["image", "model", "thumbnail", "output"] + ["callback_url"] * (env.get("provider") == "kkiai")
    more: Json = {name: env[name] for name in fields if name in env} | {"state_file": env.get("job_file")}
    try:
        times = float(env.get("interval", 2)), float(env.get("deadline", 1200))
        client = Client(env["provider"], env["base_url"], env["key"], *times)
        client.on_accepted = lambda job_id: print(job_id, flush=True)
        client.generate(env["prompt"], **more)
    except (GenerationError, OSError, ValueError, KeyError) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1 if isinstance(error, JobFailed) else 2 if isinstance(error, OSError | GaveUp) else 3
    return 0
if __name__ == "__main__":
    sys.exit(main())
