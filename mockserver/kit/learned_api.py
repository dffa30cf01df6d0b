"""Reads in a contract what a client needs: paths, and where each fact stands.

A place is names between dots, such as `data.videos.0.url`; an empty one is nowhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

from mockserver.kit.learned_keys import learned_keys
from mockserver.kit.template_places import (
    as_list,
    place_of,
    places_of_constants,
    places_of_facts,
    places_of_lists,
)

Json = dict[str, Any]
ID_NAMES = ("task_id", "id", "generation_id")  # under which providers and their relays show a job's id


class LearnedApi(NamedTuple):
    """One provider's API. Paths have `{}` where the id goes, and `{NAME}` where a part of the model does.

    `places` are those of a submit: model, prompt, image, own_id, callback_url. `fixed` is what each submit
    has to have besides. `words` gives each word of a state its end, `ended` for several. `codes` are
    statuses by the codes of bodies, at `code`. `lookup` finds a job by the caller's own id, or lists those at
    `listed`, which have in `shown` what a place of the submit had. `result` shows the link where `read`
    shows the state alone, `content` has a clip behind the key. With `named` an id is a path of the API.
    """

    submit: str
    headers: Mapping[str, str]
    read: str
    ids: tuple[str, ...]
    places: Mapping[str, str]
    fixed: Json
    models: Mapping[str, bool]
    parts: tuple[str, ...]
    bare: bool
    key_headers: Mapping[str, str]
    key_query: tuple[str, ...]
    states: tuple[str, ...]
    words: Mapping[str, str]
    links: tuple[str, ...]
    stills: tuple[str, ...]
    reasons: tuple[str, ...]
    messages: tuple[str, ...]
    code: str
    codes: Mapping[str, int]
    lookup: str
    listed: str
    made: str
    shown: tuple[tuple[str, str], ...]
    content: str
    result: str
    named: bool


def learn(document: Json) -> LearnedApi:
    """What the bundled contract says. Raises KeyError or StopIteration where it has no submit or no read."""
    return _Reader(document).api()


class _Reader:
    def __init__(self, document: Json) -> None:
        self.document = document
        self.job = document["x-job"]
        self.operations = list(self._operations())

    def _operations(self) -> Iterator[tuple[str, Json]]:
        for path, item in self.document["paths"].items():
            for method, operation in item.items():
                if isinstance(operation, dict) and "x-job" in operation and method != "parameters":
                    yield path, operation

    def of_role(self, role: str) -> list[tuple[str, Json]]:
        return [entry for entry in self.operations if entry[1]["x-job"].get("role") == role]

    def resolve(self, node: Any) -> Any:
        while isinstance(node, dict) and isinstance(node.get("$ref"), str):
            target: Any = self.document
            for step in node["$ref"].removeprefix("#/").split("/"):
                target = target[step.replace("~1", "/").replace("~0", "~")]
            node = target
        return node

    def templates(self, operation: Json, good: bool = True) -> Iterator[tuple[int, Any]]:
        """Status and template of each answer of an operation: of the good ones, or of the refusals."""
        for status, response in operation.get("responses", {}).items():
            answers = self.resolve(response).get("x-job", [])
            for answer in as_list(answers):
                if (int(status) < 300) == good:
                    yield int(status), answer.get("body")

    def facts(self, operation: Json) -> dict[str, tuple[str, ...]]:
        """The places of each fact in the good answers of an operation."""
        places: dict[str, tuple[str, ...]] = {}
        for _, template in self.templates(operation):
            for place, name in places_of_facts(template):
                if place not in places.get(name, ()):
                    places[name] = (*places.get(name, ()), place)
        return places

    def api(self) -> LearnedApi:
        submit_path, submit = self.of_role("submit")[0]
        own = submit["x-job"]
        read_path, read = self.read_of(submit["operationId"])
        facts = self.facts(read)
        ids = (*self.facts(submit).get("job.id", ()), *facts.get("job.id", ()))
        names = self.facts(submit).get("name", ()) * (not ids)
        ids = ids or names
        places = self.places(own)
        model = own.get("model")
        parts = [text.partition(".")[2] for text in (as_list(model or ""))]
        content = [(path, op) for path, op in self.of_role("content") if _finds(op, submit["operationId"])]
        code, codes = self.codes(submit)
        key_headers, key_query = learned_keys(self.document, submit)
        lookup, listed, made, shown = self.look_up(submit, read_path, read)
        return LearnedApi(
            submit=self.path(submit_path, submit),
            headers=dict(pair for path, op in self.operations for pair in self.demanded(path, op, "header")),
            read=self.with_key(read_path, read, named=bool(names)),
            named=bool(names),
            result=self.result(submit["operationId"], facts),
            ids=tuple(dict.fromkeys((*ids, *(place.rpartition(".")[2] for place in ids), *ID_NAMES))),
            places=places,
            fixed=self.fixed(submit, places),
            models={name: self.takes_picture(entry) for name, entry in self.job["models"].items()},
            parts=tuple(filter(None, parts)),
            bare=self.is_bare(submit, places.get("image", "")),
            key_headers=key_headers,
            key_query=key_query,
            states=facts.get("job.state", ()),
            words=self.words(),
            links=self.shown("media.video", submit["operationId"]),
            stills=self.shown("media.thumbnail", submit["operationId"]),
            reasons=facts.get("job.reason", ()),
            messages=self.messages(submit, read),
            code=code,
            codes=codes,
            lookup=lookup,
            listed=listed,
            made=made,
            shown=shown,
            content=next((self.with_key(*entry) for entry in content if "media.video" not in facts), ""),
        )

    def read_of(self, submit: str) -> tuple[str, Json]:
        """The read that finds the submit's jobs and shows most, the state first."""
        reads = [entry for entry in self.of_role("read") if _finds(entry[1], submit)]

        def worth(entry: tuple[str, Json]) -> int:
            facts = self.facts(entry[1])
            return ("media.video" in facts) + 2 * ("job.state" in facts)

        return max(reads, key=worth)

    def with_key(self, path: str, operation: Json, *, named: bool = False) -> str:
        """The path with `{}` for the job's id; of one that is named by its path, that alone."""
        where, _, name = operation["x-job"]["key"].partition(".")
        if named:
            return "/{}"
        if where == "path":
            return self.path(path, operation).replace(f"{{{name}}}", "{}")
        return self.path(path, operation, f"{name}={{}}")

    def path(self, path: str, operation: Json, *first: str) -> str:
        """The path with the query that it has to have."""
        pairs = self.demanded(path, operation, "query")
        query = "&".join((*first, *(f"{name}={quote(value)}" for name, value in pairs)))
        return f"{path}?{query}".rstrip("?")

    def demanded(self, path: str, operation: Json, where: str) -> Iterator[tuple[str, str]]:
        """Name and value of each parameter that has to be there and can have one value only."""
        shared = self.document["paths"][path].get("parameters", [])
        for parameter in map(self.resolve, (*shared, *operation.get("parameters", []))):
            schema = self.resolve(parameter.get("schema", {}))
            if parameter["in"] == where and parameter.get("required") and "const" in schema:
                yield parameter["name"], str(schema["const"])

    def shown(self, name: str, submit: str) -> tuple[str, ...]:
        """The places of a fact in all reads that find the submit's jobs."""
        reads = [operation for _, operation in self.of_role("read") if _finds(operation, submit)]
        return tuple(dict.fromkeys(place for read in reads for place in self.facts(read).get(name, ())))

    def result(self, submit: str, facts: Mapping[str, Any]) -> str:
        """The path of another read, which shows the link where the facts of the usual one have none."""
        reads = [entry for entry in self.of_role("read") if _finds(entry[1], submit)]
        shown = [self.with_key(*entry) for entry in reads if "media.video" in self.facts(entry[1])]
        return next((path for path in shown if "media.video" not in facts), "")

    def places(self, own: Json) -> dict[str, str]:
        media = {**self.job["media"], **own.get("media", {})}
        named = {"model": own.get("model"), "prompt": media.get("prompt"), "image": media.get("first")}
        named |= {"own_id": own.get("alias"), "callback_url": own.get("callback")}
        first = {name: as_list(value)[0] for name, value in named.items()}
        return {name: place_of(value) for name, value in first.items() if value and value.startswith("/")}

    def schema(self, operation: Json) -> Json:
        content = self.resolve(operation.get("requestBody", {})).get("content", {})
        media: Json = content.get("application/json") or next(iter(content.values()), {})
        return {**media, "schema": self.resolve(media.get("schema", {}))}

    def fixed(self, submit: Json, places: Mapping[str, str]) -> Json:
        """What an example has of the members that a submit must have and that a client is not told."""
        media = self.schema(submit)
        covered = {place.split(".")[0] for place in places.values()}
        required = [name for name in media["schema"].get("required", ()) if name not in covered]
        shown = (self.resolve(entry)["value"] for entry in media.get("examples", {}).values())
        example: Json = next((body for body in shown if all(name in body for name in required)), {})
        return {name: example[name] for name in required if name in example}

    def words(self) -> dict[str, str]:
        """The end of each state's word, `ended` for a word of several ends."""
        words: dict[str, str] = {}
        for name, state in self.job["states"].items():
            word, end = str(state.get("word", name)).lower(), _END.get(state["phase"], "")
            words[word] = ("ended", end)[words.get(word, end) == end]
        return words

    def takes_picture(self, model: Json) -> bool:
        first = self.job["media"].get("first", "")
        name = as_list(first)[0].rpartition("/")[2]
        return bool(name) and name in self.resolve(model["payload"]).get("properties", {})

    def is_bare(self, submit: Json, place: str) -> bool:
        node = self.schema(submit)["schema"]
        for name in filter(None, place.split(".")):
            node = self.resolve(node)
            node = node.get("properties", {}).get(name, node.get("items", {}))
        forms = self.resolve(node).get("x-image", {}).get("forms", ())
        return bool(forms) and "data-uri" not in forms

    def codes(self, submit: Json) -> tuple[str, dict[str, int]]:
        """Where bodies have a code that says whether they are refusals, and the status of each code."""
        refusals = [(status, dict(places_of_constants(body))) for status, body in self.refusals(submit)]
        plain = dict(pair for _, body in self.templates(submit) for pair in places_of_constants(body))
        for place, value in plain.items():
            codes = {str(body[place]): status for status, body in refusals if place in body}
            if codes and str(value) not in codes:
                return place, codes | {str(value): 200}
        return "", {}

    def refusals(self, submit: Json) -> Iterator[tuple[int, Any]]:
        yield from self.templates(submit, good=False)
        for entry in self.job.get("answers", {}).values():
            answers = self.resolve(entry["response"]).get("x-job", [])
            for answer in as_list(answers):
                yield entry["status"], answer.get("body")

    def messages(self, submit: Json, read: Json) -> tuple[str, ...]:
        """Where refusals say what is wrong, and reads of other statuses why a job failed."""
        bodies = [body for _, body in (*self.refusals(submit), *self.templates(read, good=False))]
        shown = (fact for body in bodies for fact in places_of_facts(body))
        return tuple(dict.fromkeys(place for place, name in shown if name in ("error.message", "job.reason")))

    def look_up(
        self, submit: Json, read_path: str, read: Json
    ) -> tuple[str, str, str, tuple[tuple[str, str], ...]]:
        """How a job without an id is found: path, and where a list has jobs, their time and their request."""
        if submit["x-job"].get("alias") and "alias" in read["x-job"].get("by", ()):
            return self.with_key(read_path, read), "", "", ()
        for path, operation in self.of_role("list"):
            if not _finds(operation, submit["operationId"]):
                continue
            for _, template in self.templates(operation):
                for listed, entry in places_of_lists(template):
                    facts = {name: place for place, name in reversed(list(places_of_facts(entry)))}
                    shown = [(place, _shown(name, submit["x-job"])) for name, place in facts.items()]
                    return path, listed, facts.get("job.created_at", ""), tuple(p for p in shown if p[1])
        return "", "", "", ()


_END = {"succeeded": "done", "failed": "failed", "cancelled": "cancelled"}


def _finds(operation: Json, submit: str) -> bool:
    return submit in operation["x-job"].get("of", [submit])


def _shown(name: str, submit: Json) -> str:
    """The place of a submit whose value a fact shows; empty where it shows none."""
    pointer = name.removeprefix("job.request#")
    if name == "job.model":
        pointer = str(submit.get("model", ""))
    return place_of(pointer) * pointer.startswith("/")
