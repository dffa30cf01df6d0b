"""Reads in a contract what a client needs: paths, and where each fact stands.

A place is names between dots, such as `data.videos.0.url`; an empty one is nowhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain, zip_longest
from typing import Any, NamedTuple
from urllib.parse import quote

from mockserver.contract.pointer import ABSENT, parts
from mockserver.contract.schema_places import schema_in_part
from mockserver.contract.unchecked import object_in, one_or_more
from mockserver.kit.learned_document import END, Json, ReadDocument
from mockserver.kit.learned_keys import learned_keys
from mockserver.kit.learned_picture import PictureNeeds, needs_of
from mockserver.kit.template_places import (
    place_of,
    places_of_constants,
    places_of_facts,
    places_of_lists,
    places_of_phases,
)

ID_NAMES = ("task_id", "id", "generation_id")  # under which providers and their relays show a job's id


class LearnedApi(NamedTuple):
    """One provider's API. Paths have `{}` where the id goes, and `{NAME}` where a part of the model does.

    `places` are those of a submit: model, prompt, image, own_id, callback_url. `fixed` is what each submit
    has to have besides. `words` gives each word of a state its end, `ended` for several. `codes` are statuses
    by the codes of bodies, at `code`. `lookup` finds a job by the caller's own id, or lists those at
    `listed`, which have in `shown` what a place of the submit had. `result` shows the link where `read` shows
    the state alone, by the id at `result_ids` where that is another, `content` has a clip behind the key.
    With `named` an id is a path of the API, with `guarded` the links to clips ask for the key. `kinds` are
    the words for a picture's type by place, `beside` what else has to stand beside one. With `pictured` no
    submit goes without one. `marks` are values of a read that only an end has, each with its place and that
    end, `spent` those of a refusal that only the lack of credit has.
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
    result_ids: tuple[str, ...]
    named: bool
    guarded: bool
    kinds: Mapping[str, tuple[str, ...]]
    beside: Json
    pictured: bool
    marks: tuple[tuple[str, Any, str], ...]
    spent: tuple[tuple[str, Any], ...]


def learn(document: Json) -> LearnedApi:
    """What the bundled contract says for its first submit. Raises IndexError where no job can be read."""
    return learn_submits(document)[0]


def learn_submits(document: Json) -> tuple[LearnedApi, ...]:
    """What the bundled contract says for each submit whose jobs can be read."""
    reader = _Reader(document)
    submits = [entry for entry in reader.of_role("submit") if reader.reads(entry[1]["operationId"])]
    return tuple(reader.api(*entry) for entry in submits)


class _Reader(ReadDocument):
    def __init__(self, document: Json) -> None:
        super().__init__(document)
        self.sending = {f"link.{operation['operationId']}" for _, operation in self.of_role("content")}

    def api(self, submit_path: str, submit: Json) -> LearnedApi:
        own = submit["x-job"]
        read_path, read = self.read_of(submit["operationId"])
        facts = self.facts(read)
        ids = (*self.facts(submit).get("job.id", ()), *facts.get("job.id", ()))
        names = self.facts(submit).get("name", ()) * (not ids)
        ids = ids or names
        places = self.places(own)
        model = own.get("model")
        named = [text.partition(".")[2] for text in one_or_more(model or "")]
        content = [(path, op) for path, op in self.of_role("content") if _finds(op, submit["operationId"])]
        content = [entry for entry in content if "id" in entry[1]["x-job"].get("by", ["id"])]
        code, codes = self.codes(submit)
        key_headers, key_query = learned_keys(self.document, submit)
        lookup, listed, made, shown = self.look_up(submit, read_path, read)
        return LearnedApi(
            submit=self.path(submit_path, submit),
            headers=dict(pair for path, op in self.operations for pair in self.demanded(path, op, "header")),
            read=self.with_key(read_path, read, named=bool(names)),
            named=bool(names),
            **self.result(submit["operationId"], facts),
            ids=tuple(dict.fromkeys((*ids, *(place.rpartition(".")[2] for place in ids), *ID_NAMES))),
            places=places,
            fixed=self.fixed(submit, places),
            models={
                name: self.takes_picture(entry, own)
                for name, entry in self.models(submit, places.get("model", "")).items()
            },
            parts=tuple(filter(None, named)),
            bare=self.is_bare(submit, places.get("image", "")),
            key_headers=key_headers,
            key_query=key_query,
            states=facts.get("job.state", ()),
            words=self.words(),
            links=self.shown_clips(submit["operationId"]),
            guarded=any(name in self.sending for name in facts),
            stills=self.shown("media.thumbnail", submit["operationId"]),
            reasons=facts.get("job.reason", ()),
            messages=self.messages(submit, read),
            code=code,
            codes=codes,
            lookup=lookup,
            listed=listed,
            made=made,
            shown=shown,
            content=next((self.with_key(*entry) for entry in content if not self.clips(facts)), ""),
            **self.picture(submit, own)._asdict(),
            pictured=self.demands(submit, places.get("image", "")),
            marks=tuple(self.marks(read)),
            spent=self.spent(submit),
        )

    def read_of(self, submit: str) -> tuple[str, Json]:
        """The read that finds the submit's jobs and shows most, the state first."""

        def worth(entry: tuple[str, Json]) -> int:
            facts = self.facts(entry[1])
            return bool(self.clips(facts)) + 2 * ("job.state" in facts)

        return max(self.reads(submit), key=worth)

    def reads(self, submit: str) -> list[tuple[str, Json]]:
        return [entry for entry in self.of_role("read") if _finds(entry[1], submit)]

    def clips(self, facts: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
        """The places of links to the clip: to a file, or to an operation that sends it."""
        sent = [places for name, places in facts.items() if name in self.sending]
        return (*facts.get("media.video", ()), *chain.from_iterable(sent))

    def shown_clips(self, submit: str) -> tuple[str, ...]:
        """The places of links to the clip in all reads that find the submit's jobs."""
        names = ("media.video", *self.sending)
        return tuple(dict.fromkeys(chain.from_iterable(self.shown(name, submit) for name in names)))

    def shown(self, name: str, submit: str) -> tuple[str, ...]:
        """The places of a fact in all reads that find the submit's jobs."""
        reads = self.reads(submit)
        return tuple(dict.fromkeys(place for _, read in reads for place in self.facts(read).get(name, ())))

    def result(self, submit: str, facts: Mapping[str, Any]) -> Json:
        """Another read, for the link that the facts of the usual one do not show, and where its id stands."""
        shown = [entry for entry in self.reads(submit) if self.clips(self.facts(entry[1]))]
        if self.clips(facts) or not shown:
            return {"result": "", "result_ids": ()}
        by = one_or_more(shown[0][1]["x-job"].get("by", "id"))[0]
        return {"result": self.with_key(*shown[0]), "result_ids": facts.get(f"job.ids.{by}", ())}

    def places(self, own: Json) -> dict[str, str]:
        media = {**self.job["media"], **own.get("media", {})}
        named = {"model": own.get("model"), "prompt": media.get("prompt"), "image": media.get("first")}
        named |= {"own_id": own.get("alias"), "callback_url": own.get("callback")}
        first = {name: one_or_more(value)[0] for name, value in named.items()}
        return {name: place_of(value) for name, value in first.items() if value and value.startswith("/")}

    def fixed(self, submit: Json, places: Mapping[str, str]) -> Json:
        """What an example has of the members that a submit or a model demands and that no client is told."""
        media = self.schema(submit)
        covered = {place.split(".")[0] for place in places.values()}
        payloads = [object_in(self.resolve(model["payload"])) for model in self.job["models"].values()]
        of_models = chain.from_iterable(payload.get("required", ()) for payload in payloads)
        names = dict.fromkeys((*media["schema"].get("required", ()), *of_models))
        required = [name for name in names if name not in covered]
        shown = [self.resolve(entry)["value"] for entry in media.get("examples", {}).values()]
        example: Json = max(shown, key=lambda body: sum(name in body for name in required), default={})
        return {name: example[name] for name in required if name in example}

    def takes_picture(self, model: Json, own: Json) -> bool:
        media = {**self.job["media"], **own.get("media", {})}
        places = map(parts, one_or_more(media.get("first", [])))
        schemas = (schema_in_part(self.document, model["payload"], place) for place in places)
        return any(schema is not ABSENT for schema in schemas)

    def picture(self, submit: Json, own: Json) -> PictureNeeds:
        media = {**self.job["media"], **own.get("media", {})}
        return needs_of(self.document, self.schema(submit)["schema"], one_or_more(media.get("first", "/"))[0])

    def is_bare(self, submit: Json, place: str) -> bool:
        node = self.schema(submit)["schema"]
        for name in filter(None, place.split(".")):
            node = self.resolve(node)
            node = node.get("properties", {}).get(name, node.get("items", {}))
        forms = self.resolve(node).get("x-image", {}).get("forms", ())
        return bool(forms) and "data-uri" not in forms

    def codes(self, submit: Json) -> tuple[str, dict[str, int]]:
        """Where bodies have a code that tells refusals from jobs, failed ones too; each code's status."""
        refusals = [(status, dict(places_of_constants(body))) for status, body in self.refusals(submit)]
        plain = dict(pair for _, body in self.templates(submit) for pair in places_of_constants(body))
        for place, value in plain.items():
            codes = {str(body[place]): status for status, body in reversed(refusals) if place in body}
            if codes and str(value) not in codes:
                reasons = (str(reason.get("code")) for reason in self.job.get("reasons", {}).values())
                return place, dict.fromkeys(reasons, 200) | codes | {str(value): 200}
        return "", {}

    def marks(self, read: Json) -> Iterator[tuple[str, Any, str]]:
        """What the read has at an end alone; `ended` where several ends have it."""
        for _, template in self.templates(read):
            for place, value, phases in places_of_phases(template):
                ends = {END.get(phase, "") for phase in phases}
                if "" not in ends:
                    yield place, value, ends.pop() if len(ends) == 1 else "ended"

    def spent(self, submit: Json) -> tuple[tuple[str, Any], ...]:
        """What the refusal for want of credit has and that of too many requests has not."""
        unpaid, limited = (dict(self.constants(submit, when)) for when in ("unpaid", "limited"))
        return tuple((place, value) for place, value in unpaid.items() if limited.get(place) != value)

    def messages(self, submit: Json, read: Json) -> tuple[str, ...]:
        """Where refusals say what is wrong, and reads of other statuses why a job failed."""
        bodies = [body for _, body in (*self.refusals(submit), *self.refusals(read, shared=False))]
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


def with_model(api: LearnedApi, path: str, model: str) -> str:
    """A path with the model in its places; the last place has what the others leave."""
    names = model.split("/", max(len(api.parts) - 1, 0))[: len(api.parts)]
    for part, name in zip_longest(api.parts, names, fillvalue=""):
        path = path.replace(f"{{{part}}}", quote(name))
    return path


def _finds(operation: Json, submit: str) -> bool:
    return submit in operation["x-job"].get("of", [submit])


def _shown(name: str, submit: Json) -> str:
    """The place of a submit whose value a fact shows; empty where it shows none."""
    pointer = name.removeprefix("job.request#")
    if name == "job.model":
        pointer = str(submit.get("model", ""))
    return place_of(pointer) * pointer.startswith("/")
