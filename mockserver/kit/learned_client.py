"""The reference client for any provider: it learns the API from the contract that it is given.

    mockserver conform --contracts DIR --provider NAME -- python -m mockserver.kit.learned_client

MOCKSERVER_CONTRACT names the file of the contract: one OpenAPI document, as `contracts bundle` writes it.
"""

from __future__ import annotations

import copy
import json
import os
import sys
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import httpx

from mockserver.contract.pointer import put
from mockserver.kit import reference_client
from mockserver.kit.learned_api import LearnedApi, learn_submits, with_model
from mockserver.kit.learned_document import Json
from mockserver.kit.reference_client import (
    BROKEN,
    DONE,
    FAILED,
    LINKS,
    LOOKS,
    LOST,
    MESSAGES,
    REASONS,
    TRIES,
    ApiReply,
    ApiRequest,
    Client,
    JobCancelled,
    JobFailed,
    MissingLink,
    ProviderApi,
    Refused,
    SubmitUncertain,
)
from mockserver.kit.reference_client import _text as text_at

APIS: dict[str, tuple[LearnedApi, ...]] = {}
"""What was learned of each provider, by its name: one for each of its submits."""


class LearnedClient(Client):
    """A client of a provider that was introduced by `meet`."""

    _model = ""
    _picture = False

    @property
    def _learned(self) -> LearnedApi:
        if self.provider not in APIS:
            raise Refused(f"the provider must be one that was learned: {', '.join(APIS) or 'none was'}")
        return suited(APIS[self.provider], self._model, picture=self._picture)

    @property
    def _provider(self) -> ProviderApi:
        api = self._learned
        return ProviderApi("", api.ids, api.read, api.lookup)

    async def _generate(self, *values: Any, **options: Any) -> Path:
        self._model, self._picture = options.get("model") or "", bool(values[1])
        self._model = self._model or self._usual_model(picture=self._picture)
        options["model"] = self._model
        self._api.headers.pop("Authorization")
        self._api.headers.update(self._learned.headers)
        self._api.headers.update(
            {name: value.replace("{}", self.key) for name, value in self._learned.key_headers.items()}
        )
        return await super()._generate(*values, **options)

    def _usual_model(self, *, picture: bool) -> str:
        models = self._learned.models
        return next((model for model, takes in models.items() if takes or not picture), next(iter(models)))

    def _body(self, prompt: str, picture: str, **fields: Any) -> Json:
        api = self._learned
        kind = picture.partition(";")[0].removeprefix("data:")
        if api.bare and picture.startswith("data:"):
            picture = picture.partition(",")[2]
        body: Json = copy.deepcopy(api.fixed)
        values = {"model": fields.pop("model", ""), "prompt": prompt, "image": picture}
        values["callback_url"] = fields.pop("callback_url", "")
        for name, value in values.items():
            if value and name in api.places:
                put(body, _names(api.places[name]), value)
        for place, value in api.beside.items():
            if picture:
                put(body, _names(place), value)
        for place, words in api.kinds.items():
            if picture:
                put(body, _names(place), kind if kind in words else words[0])
        return body | fields

    def _state(self, file: str | Path | None, body: Json, job_id: str | None) -> Json:
        state = super()._state(file, body, job_id)
        if "own_id" in self._learned.places:
            put(body, _names(self._learned.places["own_id"]), state["own_id"])
        return state

    async def _look_up(self, body: Json, submitted_at: float, reason: str = "it was stopped") -> str:
        api = self._learned
        own = quote(str(_at(body, api.places.get("own_id", ""))), safe="")
        request = ApiRequest("GET", api.lookup.replace("{}", own))
        for attempt in range(1, LOOKS * bool(api.lookup) + 1):
            await self.sleep(self._pause(attempt))
            reply = await self._send(request)
            jobs = [reply.body]
            if api.listed:
                jobs = _recent(api, reply, body, submitted_at)
            if reply.status == 200 and len(jobs) == 1 and (job_id := text_at(jobs[0], api.ids)):
                return job_id
        raise SubmitUncertain(f"a job may have been made and paid for, but it cannot be found ({reason})")

    async def _poll(self, job_id: str) -> Json:
        """The body that says that the job has succeeded, with clip and thumbnail where our own code looks."""
        body, api = await super()._poll(job_id), self._learned
        if api.result:
            path = api.result.replace("{}", quote(text_at(body, api.result_ids) or job_id, safe=""))
            reply = await self._send_patiently(ApiRequest("GET", path), tries=TRIES)
            if reply.status != 200:
                raise JobFailed(self._message(reply), job_id)
            body = reply.body
        link = text_at(body, (*api.links, *LINKS), "http")
        if api.content:
            link = self.base_url.rstrip("/") + self._filled(api.content).replace("{}", quote(job_id, safe=""))
        return {"outcome": {"video_url": link, "thumbnail_image_url": text_at(body, api.stills, "http")}}

    def _succeeded(self, body: Json, job_id: str) -> bool:
        api = self._learned
        if text_at(body, api.ids) not in ("", job_id):
            return False
        state = text_at(body, (*api.states, "task_status", "status", "state")).strip().lower()
        end = end_of(api, state, body)
        if end in ("failed", "cancelled"):
            kind = JobFailed
            if end == "cancelled" or state.startswith("cancel"):
                kind = JobCancelled
            reason = self._message(ApiReply(200, body), (*api.reasons, *REASONS), "no reason given")
            raise kind(f"{state or end}: {reason}", job_id)
        if (
            end == "done"
            and not (api.content or api.result)
            and not text_at(body, (*api.links, *LINKS), "http")
        ):
            raise MissingLink("succeeded without a link", job_id)
        return end == "done"

    async def _send(self, request: ApiRequest) -> ApiReply:
        if request.method == "POST":
            request = request._replace(url=self._learned.submit)
        if not request.file:
            return await super()._send(request._replace(url=self._keyed(self._filled(request.url))))
        connected = self
        if self._learned.content or (self._learned.guarded and self._is_ours(request.url)):
            connected = copy.copy(self)
            connected._media = self._api
            request = request._replace(url=self._keyed(request.url))
        return await super(LearnedClient, connected)._send(request)

    def _keyed(self, url: str) -> str:
        """The URL with the key in its query, where the provider takes it there."""
        query = urlencode(dict.fromkeys(self._learned.key_query, self.key))
        return f"{url}{'&' if '?' in url else '?'}{query}" if query else url

    def _is_ours(self, link: str) -> bool:
        """Whether a link leads to the API itself, which alone may have the key."""
        return link.startswith(str(httpx.URL(self.base_url).copy_with(raw_path=b"/")))

    def _message(self, reply: ApiReply, places: tuple[str, ...] = MESSAGES, default: str = "") -> str:
        if places == MESSAGES:
            places = (*self._learned.messages, *MESSAGES)
        return super()._message(reply, places, default)

    def _filled(self, path: str) -> str:
        path = with_model(self._learned, path, self._model)
        if self._learned.named:
            return path.replace("%2F", "/")
        return path

    def _reply(self, response: httpx.Response, content: bytes) -> ApiReply:
        reply, api = super()._reply(response, content), self._learned
        if api.spent and all(text_at(reply.body, (place,)) == str(value) for place, value in api.spent):
            return reply._replace(status=402)
        code = text_at(reply.body, (api.code,))
        if not api.code or not code or reply.status not in (200, LOST):
            return reply
        status = api.codes.get(code, 400)
        return reply._replace(status=min(status, BROKEN))


def _end_by_facts(api: LearnedApi, body: Json) -> str:
    if text_at(body, api.links, "http"):
        return "done"
    if text_at(body, api.reasons):
        return "failed"
    marked = {end for place, value, end in api.marks if _at(body, place) == value}
    return next((end for end in ("done", "cancelled", "failed") if end in marked), "failed" * bool(marked))


def end_of(api: LearnedApi, state: str, body: Json) -> str:
    """How the job has ended: done, failed or cancelled; empty while it goes on."""
    if not api.states:  # nothing names the state: the clip's link or the failure's reason ends the job
        return _end_by_facts(api, body)
    if api.words.get(state) == "ended":
        return _end_by_facts(api, body) or "done" * bool(api.result)
    if state in api.words:
        return api.words[state]
    if state in DONE:
        return "done"
    return "failed" * (state in FAILED)


def suited(apis: Sequence[LearnedApi], model: str, *, picture: bool) -> LearnedApi:
    """The first submit that takes a named model, and a picture or none; the first of all where none does."""
    for api in apis:
        models = [takes for name, takes in api.models.items() if model in ("", name)]
        if model and len(model.split("/")) < len(api.parts):
            continue  # its path has more places than the model has parts
        if models and (any(models) if picture else not api.pictured):
            return api
    return apis[0]


def meet(document: Json, provider: str = "") -> str:
    """Learn a provider from its bundled contract; gives the name by which clients are made."""
    name = provider or str(document["x-job"]["provider"])
    APIS[name] = learn_submits(document)
    return name


def _names(place: str) -> tuple[str, ...]:
    return tuple(place.split("."))


def _at(body: Any, place: str) -> Any:
    for key in filter(None, place.split(".")):
        if not isinstance(body, dict):
            return None
        body = body.get(key)
    return body


def _recent(api: LearnedApi, reply: ApiReply, body: Json, submitted_at: float) -> list[Json]:
    """The jobs of a list that asked for the same and are no older than the submit, by the server's clock."""
    oldest = reply.server_time - (time.time() - submitted_at) - 300
    jobs = [job for job in _at(reply.body, api.listed) or [] if isinstance(job, dict)]
    jobs = [job for job in jobs if not api.made or _moment(_at(job, api.made)) >= oldest]
    return [job for job in jobs if all(_agree(_at(body, sent), _at(job, at)) for at, sent in api.shown)]


def _agree(sent: Any, shown: Any) -> bool:
    if isinstance(sent, dict) and isinstance(shown, dict):
        return sent.items() <= shown.items()
    return sent is None or bool(sent == shown)


def _moment(value: Any) -> float:
    """The Unix time of a number of seconds or milliseconds, or of a text in ISO 8601."""
    try:
        number = float(value or 0)
    except (TypeError, ValueError):
        return datetime.fromisoformat(str(value)).timestamp()
    if number > 1e11:
        return number / 1000
    return number


def main() -> int:
    """As the reference client's, with the contract in the file that MOCKSERVER_CONTRACT names."""
    name = os.environ["MOCKSERVER_PROVIDER"]
    meet(json.loads(Path(os.environ["MOCKSERVER_CONTRACT"]).read_text("utf-8")), name)
    callbacks = {name for api in APIS[name] if "callback_url" in api.places}
    return reference_client.main(LearnedClient, callbacks)


if __name__ == "__main__":
    sys.exit(main())
