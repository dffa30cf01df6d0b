"""Writes what the files of a draft hold."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from mockserver.contract import pointer
from mockserver.contract.extension import definitions
from mockserver.contract.unchecked import list_in, object_in
from mockserver.kit.draft import finder, submits, vocabulary
from mockserver.kit.draft.answers import AnswerWriter
from mockserver.kit.draft.description import DescribedOperation, Description
from mockserver.kit.draft.dialect import modern
from mockserver.kit.draft.facts import Facts, moment_form
from mockserver.kit.draft.identity import GuessedId, guess_id
from mockserver.kit.draft.operations import OperationWriter, path_of, paths_at
from mockserver.kit.draft.refusals import Refusals
from mockserver.kit.draft.roles import GuessedRole
from mockserver.kit.draft.schema_files import SchemaFiles
from mockserver.kit.draft.security import guess_security
from mockserver.kit.draft.states import SECONDS, GuessedState, guess_states, successors
from mockserver.kit.draft.submits import SubmitBody
from mockserver.kit.draft.todo import Draft, Todo, todo

_CODE: Final = "D1"
_VARIABLE: Final = re.compile(r"\{([^}]*)\}")
_SECONDS: Final = 5


class _Parts(NamedTuple):
    """What is guessed of a document, from which its contract is written."""

    name: str
    description: Description
    guesses: Sequence[GuessedRole]
    states: Sequence[GuessedState]
    identity: GuessedId
    time: str
    bodies: Mapping[str, SubmitBody]
    source: str


def assemble(name: str, description: Description, guesses: Sequence[GuessedRole]) -> Draft:
    """The contract `name` of the operations that were guessed."""
    parts = _parts(name, description, guesses)
    files = SchemaFiles(description)
    operations = [guess.operation for guess in guesses]
    read = next(guess.operation for guess in guesses if guess.role == "read")
    ids = _operation_ids(guesses)
    facts = _facts(parts, ids)
    security = guess_security(description, operations)
    refusals = Refusals(description, files, operations, parts.source)
    answers = AnswerWriter(description, facts)
    writer = OperationWriter(description, files, answers, refusals, parts.source, security.headers)
    paths: dict[str, Any] = {}
    for guess in guesses:
        body = parts.bodies.get(guess.operation.path) if guess.role == "submit" else None
        node = writer.write(guess, ids[guess.operation.name], body, _default_model(parts, body))
        if body is not None and body.callback:
            node |= writer.callback(body.callback, read, (*paths_at(guess.operation), "callbacks"))
        paths.setdefault(path_of(guess.operation), {})[guess.operation.method] = node
    _own_media(parts, paths)
    shared, assumed = refusals.shared()
    components: dict[str, Any] = {"responses": refusals.components}
    if security.schemes:
        components["securitySchemes"] = dict(security.schemes)
    document = {
        "openapi": "3.1.0",
        "info": {"title": _title(description), "version": _version(description)},
        "servers": _servers(description),
        "security": list(security.requirement),
        "x-job": {**_job(parts, paths, facts.code), **shared, "x-provenance": parts.source},
        "paths": paths,
        "components": components,
    }
    contents = {"openapi.json": document, **{f"schemas/{path}": body for path, body in files.files.items()}}
    lost = [
        todo((), f"{text} leads to what is not here, so it takes anything: put the file there and draft anew")
        for text in dict.fromkeys(files.lost)
    ]
    todos = [*_doubts(parts), *_code_doubt(facts.code), *security.todos, *assumed, *writer.todos, *lost]
    return Draft(name, contents, [*_reasons(parts)], todos, _left_out(description, operations))


def _parts(name: str, description: Description, guesses: Sequence[GuessedRole]) -> _Parts:
    read = next(guess for guess in guesses if guess.role == "read")
    answers = [guess.operation.answer for guess in guesses if guess.role in ("submit", "read", "cancel")]
    listed = next((guess.operation.answer for guess in guesses if guess.role == "list"), None)
    jobs = finder.list_field(description, listed) if listed is not None else None
    if jobs is not None:
        answers.append(finder.items_of(description, jobs.schema))
    states = guess_states(description, [answer for answer in answers if answer is not None])
    words = frozenset(definitions()["media"]["properties"])
    bodies = {
        guess.operation.path: submits.read_body(description, guess.operation, words)
        for guess in guesses
        if guess.role == "submit"
    }
    field = finder.id_field(description, read.operation.answer, read.key.partition(".")[2])
    places = [entry for entry in read.operation.parameters if read.key.endswith(f".{entry.get('name')}")]
    shown = [modern(entry.get("schema", {}), old=description.origin.old) for entry in places]
    if field is not None:
        shown += [field.schema, {"examples": [*_values(description, answers, field.path)]}]
    identity = guess_id(description, {"allOf": shown})
    made = finder.named(
        description, read.operation.answer, vocabulary.CREATED, frozenset({"string", "integer", "number"})
    )
    time = moment_form(description.branches(made.schema)[0]) if made else "iso8601"
    source = f"{description.origin.tag} {_CODE}"
    return _Parts(name, description, guesses, states, identity, time, bodies, source)


def _values(description: Description, answers: Sequence[Any], path: tuple[str, ...]) -> Iterator[Any]:
    """What whole examples of answers have at a field's path."""
    for answer in answers:
        for example in description.shown(answer):
            yield pointer.follow(example, path)


def _facts(parts: _Parts, ids: Mapping[str, str]) -> Facts:
    read = next(guess for guess in parts.guesses if guess.role == "read")
    submits_ = [guess.operation for guess in parts.guesses if guess.role == "submit"]
    field = finder.id_field(parts.description, read.operation.answer, read.key.partition(".")[2])
    if field is None:
        field = finder.id_field(parts.description, submits_[0].answer, read.key.partition(".")[2])
    leads: dict[str, str] = {}
    for guess in parts.guesses:
        leads.setdefault(guess.role, ids[guess.operation.name])
    return Facts(
        field.name if field else "id",
        {state.word: state.phase for state in parts.states},
        parts.time,
        submits.sent_fields(parts.description, submits_),
        leads,
    )


def _operation_ids(guesses: Sequence[GuessedRole]) -> dict[str, str]:
    ids: dict[str, str] = {}
    for guess in guesses:
        own = guess.operation.node.get("operationId")
        words = re.findall(r"[A-Za-z0-9]+", guess.operation.path)
        made = guess.operation.method + "".join(word[:1].upper() + word[1:] for word in words)
        identity = own if isinstance(own, str) and own else made
        while identity in ids.values():
            identity += "2"
        ids[guess.operation.name] = identity
    return ids


def _default_model(parts: _Parts, body: SubmitBody | None) -> str:
    """The model of a submit that names none."""
    if body is None:
        return ""
    return [*body.models, *_all_models(parts)][0]


def _all_models(parts: _Parts) -> list[str]:
    """The models that the submits name; where none names any, one of the provider's name."""
    names = [name for body in parts.bodies.values() for name in body.models]
    return list(dict.fromkeys(names)) or [parts.name]


def _own_media(parts: _Parts, paths: dict[str, Any]) -> None:
    """Further submits say where their own bodies differ from the first's."""
    first = next(iter(parts.bodies.values())).media
    for guess in parts.guesses:
        media = parts.bodies[guess.operation.path].media if guess.role == "submit" else first
        own = {what: place for what, place in media.items() if first.get(what) != place}
        if own:
            paths[path_of(guess.operation)][guess.operation.method]["x-job"]["media"] = own


def _job(parts: _Parts, paths: Mapping[str, Any], code: str | int | None) -> dict[str, Any]:
    following = successors(parts.states)
    assumed = "ASSUMED by the draft"
    reason = {"text": "The generation failed.", **({} if code is None else {"code": code})}
    return {
        "provider": parts.name,
        "title": _title(parts.description),
        "sources": {_CODE: parts.description.origin.label},
        "id": {**parts.identity.node(), "x-provenance": parts.source if parts.identity.is_sure else assumed},
        "time": parts.time,
        "states": {
            state.word: {
                "phase": state.phase,
                "next": following[state.word],
                **({"seconds": SECONDS[state.phase]} if state.phase in SECONDS else {}),
                "x-provenance": f"{parts.source} word; phase guessed" if state.is_listed else assumed,
            }
            for state in parts.states
        },
        "models": _models(parts, paths),
        "media": dict(next(iter(parts.bodies.values())).media),
        "reasons": {"default": {**reason, "x-provenance": assumed}},
        "profiles": {"documented": [], "vendor": [], "observed": []},
    }


def _models(parts: _Parts, paths: Mapping[str, Any]) -> dict[str, Any]:
    models: dict[str, Any] = {}
    for guess in parts.guesses:
        if guess.role != "submit":
            continue
        body = parts.bodies[guess.operation.path]
        node = paths[path_of(guess.operation)][guess.operation.method]
        payload = node["requestBody"]["content"]["application/json"]["schema"]
        for name in body.models or _all_models(parts):
            clip = {"height": 720, "fps": 24, "seconds": _SECONDS, "x-provenance": "ASSUMED by the draft"}
            entry = {"title": name, "payload": payload, "clip": clip, "x-provenance": parts.source}
            models.setdefault(name, entry)
    return models


def _servers(description: Description) -> list[dict[str, Any]]:
    servers = []
    for server in list_in(description.document.get("servers")):
        variables = object_in(object_in(server).get("variables"))
        url = str(object_in(server).get("url", "/"))
        for name in _VARIABLE.findall(url):
            url = url.replace(f"{{{name}}}", str(object_in(variables.get(name)).get("default", name)))
        servers.append({"url": url})
    return servers or [{"url": "/"}]


def _title(description: Description) -> str:
    return str(object_in(description.document.get("info")).get("title") or "Untitled")


def _version(description: Description) -> str:
    return str(object_in(description.document.get("info")).get("version") or "0")


def _reasons(parts: _Parts) -> list[str]:
    lines = [guess.sentence() for guess in parts.guesses]
    by_phase = (f"{state.word} ({state.phase})" for state in parts.states)
    lines.append(f"states: {', '.join(by_phase)}: by the words of the status")
    shape = parts.identity.kind + (f" after {parts.identity.prefix}" if parts.identity.prefix else "")
    lines.append(f"id: {shape}: {'as the document shows it' if parts.identity.is_sure else 'assumed'}")
    for path, body in parts.bodies.items():
        places = [f"{what} at {place}" for what, place in body.media.items()]
        lines.append(f"clip of POST {path}: {', '.join(places) or 'no field is called what a clip shows'}")
        models = ", ".join(body.models[:8]) or parts.name
        lines.append(f"models of POST {path}: {models}: {_of_model(body)}")
    return lines


def _of_model(body: SubmitBody) -> str:
    if not body.model:
        return "no field is called a model, so there is one of the provider's name"
    return f"{body.model} {'shows them' if body.is_open else 'lists them'}"


def _doubts(parts: _Parts) -> list[Todo]:
    """What is guessed on little."""
    at = ("x-job", "states")
    todos = [
        todo((*at, state.word), _doubt(state))
        for state in parts.states
        if not state.is_sure or not state.is_listed
    ]
    if not parts.identity.is_sure:
        todos.append(todo(("x-job", "id"), "the document does not show an id; say its shape"))
    if all(body.is_open for body in parts.bodies.values()):
        text = "the document lists no models; name those that clients send, as others are refused"
        todos.append(todo(("x-job", "models"), text))
    if not any(body.media.get("prompt") for body in parts.bodies.values()):
        todos.append(
            todo(("x-job", "media"), "no field is called a prompt; say where it is, if there is one")
        )
    clip = "the size, rate and length of the clip are assumed"
    return [*todos, todo(("x-job", "models"), clip)]


def _code_doubt(code: str | int | None) -> list[Todo]:
    if code is None:
        return []
    text = f"a failure has a code; {code!r} is one that the document lists, shows, or else our own"
    return [todo(("x-job", "reasons", "default", "code"), text)]


def _doubt(state: GuessedState) -> str:
    if state.is_sure:
        return f"the document does not list {state.word!r}; it only shows it"
    if state.is_listed:
        return f"{state.word!r} is no word that we know, so its phase is a guess: {state.phase}"
    return f"the document has no word for it, so {state.word!r} is assumed"


def _left_out(description: Description, operations: Sequence[DescribedOperation]) -> list[str]:
    return [operation.name for operation in description.operations if operation not in operations]
