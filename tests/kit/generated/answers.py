"""The answers of a design: what is said of a job, and every way to say no."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from tests.kit.generated.design import Design

BY: Final = {"x-provenance": "DOCUMENTED D1"}
MOMENTS: Final = {
    "iso8601": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z$"},
    "seconds": {"type": "integer"},
    "milliseconds": {"type": "integer"},
}
LINK: Final = {"type": "string", "pattern": "^https?://", **BY}
Json = dict[str, Any]


def _record(properties: Json, *optional: str) -> Json:
    return {
        "type": "object",
        "required": [name for name in properties if name not in optional],
        "properties": {name: {**schema, **BY} for name, schema in properties.items()},
        **BY,
    }


class Answers:
    """Responses, each with its schema and template."""

    CASES: ClassVar = {
        "invalid": (400, 2013),
        "malformed": (400, 2014),
        "media-type": (415, 2015),
        "too-large": (413, 2016),
        "unauthenticated": (401, 1004),
        "unknown": (404, 2020),
        "unknown-model": (404, 2021),
        "conflict": (409, 2030),
        "method": (405, 2040),
        "limited": (429, 1002),
    }
    """The status of each refusal, and the provider's own number."""

    def __init__(self, design: Design) -> None:
        self.design = design

    def status(self, when: str) -> int:
        """The status of a refusal."""
        return 200 if self.design.refusal == "ok-code" else self.CASES[when][0]

    def refusal(self, when: str) -> Json:
        """The response to a refused request."""
        message, number = {"$": "error.message"}, self.CASES[when][1]
        text, digits = {"type": "string"}, {"type": "integer", "minimum": 1000}
        match self.design.refusal:
            case "ok-code":
                schema, body = (
                    _record({"code": digits, "message": text}),
                    {"code": number, "message": message},
                )
            case "nested":
                inner = {"code": text, "message": text}
                schema = _record({"error": _record(inner)})
                body = {"error": {"code": when, "message": message}}
            case "text":
                schema, body = _record({"detail": text}), {"detail": message}
            case _:
                schema, body = _record({"code": text, "message": text}), {"code": when, "message": message}
        return self._response({"when": [when], "body": body}, schema)

    def responses(self, given: Json, *cases: str) -> Json:
        """An operation's responses by status; refusals of one status are one response of several answers."""
        status, default = given["status"], given["response"]
        responses: Json = {str(status): default}
        if self.design.refusal == "shared":
            return responses
        for when in dict.fromkeys(cases):
            at, refusal = str(self.status(when)), self.refusal(when)
            if at in responses:
                responses[at] = self._together(responses[at], refusal)
            else:
                responses[at] = refusal
        return responses

    def _together(self, first: Json, other: Json) -> Json:
        jobs = [*(first["x-job"] if isinstance(first["x-job"], list) else [first["x-job"]]), other["x-job"]]
        schemas = [response["content"]["application/json"]["schema"] for response in (first, other)]
        schema = schemas[0] if schemas[0] == schemas[1] else self._either(*schemas)
        return {**first, "content": {"application/json": {"schema": schema}}, "x-job": jobs}

    def _either(self, first: Json, other: Json) -> Json:
        listed = first.get("anyOf", [first])
        return first if other in listed else {"anyOf": [*listed, other]}

    def job(self, status: int) -> Json:
        """The answer that shows one job."""
        return self._given(status, self._wrapped(self._job_schema()), self._wrapped_body(self._job()))

    def _wrapped(self, schema: Json) -> Json:
        if self.design.naming == "nested":
            schema = _record({"data": _record({"task": schema})})
        return self._coded(schema)

    def _coded(self, schema: Json) -> Json:
        if self.design.refusal != "ok-code":
            return schema
        properties = {"code": {"const": 0, **BY}, **schema["properties"]}
        return {**schema, "required": ["code", *schema["required"]], "properties": properties}

    def _wrapped_body(self, body: Json) -> Json:
        if self.design.naming == "nested":
            body = {"data": {"task": body}}
        return self._coded_body(body)

    def _coded_body(self, body: Json) -> Json:
        return {"code": 0, **body} if self.design.refusal == "ok-code" else body

    def _job_schema(self) -> Json:
        moment = MOMENTS[self.design.time]
        texts = {name: {"type": "string"} for name in ("id", "model")}
        words = ["queued", "working", "done", "broken"]
        if self.design.cancel == "state":
            words.append("stopped")
        if self.design.words == "one":
            words = ["open", "closed"]
        properties = {
            **texts, "state": {"type": "string", "enum": words}, "made": moment, "changed": moment,
            "seconds": {"type": "integer"}, "video": LINK, "why": {"type": "string"},
        }  # fmt: skip
        return _record(properties, "seconds", "video", "why")

    def _job(self) -> Json:
        word: Json = {"$": "job.state"}
        if self.design.words == "one":
            word = {"$when": ["waiting", "running"], "$then": "open", "$else": "closed"}
        return {
            "id": {"$": "job.id"},
            "model": {"$": "job.model"},
            "state": word,
            "made": {"$": "job.created_at"},
            "changed": {"$": "job.updated_at"},
            "seconds": {"$": "job.request#/seconds"},
            "video": {"$when": ["succeeded"], "$then": {"$": "media.video"}},
            "why": {"$when": ["failed"], "$then": {"$": "job.reason"}},
        }

    def jobs(self) -> Json:
        """The answer that lists jobs."""
        schema = _record(
            {"jobs": {"type": "array", "items": self._job_schema()}, "total": {"type": "integer"}}
        )
        body = {"jobs": {"$each": "jobs", "$do": self._job()}, "total": {"$": "jobs.count"}}
        return self._given(200, self._coded(schema), self._coded_body(body))

    def models(self) -> Json:
        """The answer that lists models."""
        schema = _record({"models": {"type": "array", "items": {"type": "string"}}})
        return self._given(200, self._coded(schema), self._coded_body({"models": {"$": "models.ids"}}))

    def model(self) -> Json:
        """The answer that shows a model."""
        schema = _record({"name": {"type": "string"}})
        return self._given(200, self._coded(schema), self._coded_body({"name": {"$": "model.id"}}))

    def empty(self) -> Json:
        """The answer without a body."""
        job = {"when": ["default"], "body": None}
        return {"status": 204, "response": {"description": "Done.", "x-job": job, **BY}}

    def callback(self) -> Json:
        """The operation that tells a receiver."""
        schema = self._job_schema()
        return {
            "operationId": "told",
            "requestBody": {"content": {"application/json": {"schema": schema}}},
            "responses": {"200": {"description": "Thanks."}},
            "x-job": {"body": {name: at for name, at in self._job().items() if name != "seconds"}},
            **BY,
        }

    def _given(self, status: int, schema: Json, body: Json) -> Json:
        return {"status": status, "response": self._response({"when": ["default"], "body": body}, schema)}

    def _response(self, job: Json, schema: Json) -> Json:
        content = {"application/json": {"schema": schema}}
        return {"description": job["when"][0], "content": content, "x-job": job, **BY}
