"""Reports everything that is wrong with a provider's folder, not only the first problem.

The loader refuses what it cannot serve; this also refuses what would mislead a reader or another tool.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from mockserver.contract import fields, nodes, pointer, provenance, source
from mockserver.contract.default_checks import check_defaults
from mockserver.contract.example_checks import check_examples
from mockserver.contract.extension import problems
from mockserver.contract.formats import Measure
from mockserver.contract.idle_checks import check_components, check_idle_schemas, check_states, references
from mockserver.contract.media_places import MediaPlaces
from mockserver.contract.model import Contract
from mockserver.contract.model import Path as FieldPath
from mockserver.contract.nodes import JSON, NodePlace, PlacedMessage, Schema
from mockserver.contract.profile_readings import Loaded, ProfileReading, distinct_readings, load_reading
from mockserver.contract.schema_checks import check_keywords, check_schemas
from mockserver.contract.shared_bodies import check_used, with_bodies
from mockserver.contract.source import DOCUMENT, Source
from mockserver.contract.unchecked import list_in, object_in, one_or_more
from mockserver.contract.word_checks import check_words
from mockserver.errors import ContractError


@dataclass(frozen=True, slots=True, order=True)
class ContractProblem:
    """One problem: the provider's folder, the file in it, the JSON pointer in that, and what is wrong."""

    provider: str
    file: str
    pointer: str
    message: str

    def text(self) -> str:
        """As one line."""
        return f"{self.provider}/{self.file}#{self.pointer}: {self.message}"

    @property
    def is_of_sources(self) -> bool:
        """Whether it only says that a node does not name its source."""
        return self.message.partition(" (")[0].endswith(f"has no {provenance.KEY}")


def check_folder(folder: Path, measure: Measure, loaded: Loaded | None = None) -> list[ContractProblem]:
    """What is wrong with a provider's folder, in every profile and with every overlay alone.

    The readings that load are added to `loaded`.
    """
    try:
        return check_source(source.read_source(folder), measure, loaded)
    except ContractError as error:
        return [ContractProblem(folder.resolve().name, error.file, error.pointer, error.message)]


def check_source(files: Source, measure: Measure, loaded: Loaded | None = None) -> list[ContractProblem]:
    """`check_folder` for files that are already read."""
    labels: dict[PlacedMessage, str] = {}
    walked = _Walked([] if loaded is None else loaded)
    for reading in distinct_readings(files):
        for place, message in _check_reading(files, reading, measure, walked):
            labels.setdefault((place, message), reading.label)
    for problem in (*_check_reached(files, walked.reached_files), *check_used(files, walked.used_bodies)):
        labels.setdefault(problem, "")
    return sorted(
        ContractProblem(files.name, place.file, place.pointer, labelled(message, label))
        for (place, message), label in labels.items()
    )


@dataclass(slots=True)
class _Walked:
    """What the readings so far have shown: which load, what they reach and use, and the first one's files."""

    loaded: Loaded
    reached_files: set[str] = field(default_factory=set)
    used_bodies: set[str] = field(default_factory=set)
    first: Source | None = None


def labelled(message: str, label: str) -> str:
    """The message with the reading that it is true of; a problem of the documented one has no label."""
    return f"{message} ({label})" if label else message


def _check_reading(
    files: Source, reading: ProfileReading, measure: Measure, walked: _Walked
) -> Iterator[PlacedMessage]:
    contract = None
    try:
        contract = load_reading(files, reading, measure)
        walked.loaded.append((reading, contract))
    except ContractError as error:
        yield NodePlace(error.file, error.pointer), error.message
    try:
        overlaid, used = with_bodies(_overlaid(files, reading))
    except ContractError:
        return
    walked.used_bodies.update(used)
    # The walk is most of the work, so the checks share it.
    schemas = tuple(nodes.schemas(overlaid, nodes.roots(overlaid)))
    walked.reached_files.update(schema.place.file for schema in schemas)
    for check in CHECKS:
        yield from check(overlaid)
    for check_all in SCHEMA_CHECKS:
        yield from check_all(overlaid, schemas)
    yield from provenance.malformed(overlaid, walked.first)
    walked.first = walked.first or overlaid
    if contract is not None:
        yield from check_pointers(contract)
        yield from check_examples(overlaid, contract, measure)


def _overlaid(files: Source, reading: ProfileReading) -> Source:
    """The files with the overlays of the reading. Raises ContractError where one is missing or no patch."""
    overlays = pointer.follow(files.files[DOCUMENT], ("x-job", "profiles", reading.profile))
    names = [*list_in(overlays), *reading.overlays]
    if not all(isinstance(_patch(files, name), dict) for name in names):
        raise ContractError("an overlay has no patch", file=DOCUMENT)
    return source.apply_overlays(files, names)


def _patch(files: Source, name: Any) -> Any:
    return pointer.follow(files.files, (f"overlays/{name}.json", "patch"))


def check_openapi(files: Source) -> Iterator[PlacedMessage]:
    """What OpenAPI requires and the loader does not need."""
    document = NodePlace(DOCUMENT, "")
    for name in ("title", "version"):
        if not isinstance(nodes.follow(files, document.child("info", name)), str):
            yield document.child("info"), f"OpenAPI requires a {name}"
    responses = [document.child("components", "responses")]
    responses += [operation.child("responses") for operation in nodes.operations(files)]
    for place in responses:
        for key in nodes.keys(files, place):
            at = nodes.resolve(files, place.child(key))
            if not isinstance(nodes.follow(files, at.child("description")), str):
                yield at, "OpenAPI requires a description of each response"


def check_content(files: Source) -> Iterator[PlacedMessage]:
    """Answers whose template is JSON, though the types that they declare are others."""
    document = NodePlace(DOCUMENT, "")
    places = [document.child("components", "responses", name) for name in _shared_responses(files)]
    for operation in nodes.operations(files):
        responses = operation.child("responses")
        places += [responses.child(status) for status in nodes.keys(files, responses)]
    for place in places:
        node = object_in(nodes.follow(files, place))
        types = list(object_in(node.get("content")))
        entries = one_or_more(node.get("x-job", []))
        has_body = any(object_in(entry).get("body") is not None for entry in entries)
        if types and has_body and not any(name.split(";")[0].endswith("json") for name in types):
            yield place, f"it declares {', '.join(types)}, but its template is sent as application/json"


def _shared_responses(files: Source) -> list[str]:
    return list(object_in(pointer.follow(files.files[DOCUMENT], ("components", "responses"))))


def check_extension(files: Source) -> Iterator[PlacedMessage]:
    """Everything that breaks x-job.schema.json, of which the loader names the first thing only."""
    document = NodePlace(DOCUMENT, "")
    yield from _extended(files, document.child("x-job"), "document")
    for operation in nodes.operations(files):
        if operation.pointer.count("/") == 3:
            yield from _extended(files, operation.child("x-job"), "operation")
        responses = operation.child("responses")
        for status in nodes.keys(files, responses):
            yield from _extended(files, responses.child(status, "x-job"), "response")
    named = set(references(files.files[DOCUMENT]))
    for name in _shared_responses(files):
        place = document.child("components", "responses", name)
        # An overlay may change a response that another one brings: without that it is a part, and unused.
        if f"#{place.pointer}" in named:
            yield from _extended(files, place.child("x-job"), "response")


def _extended(files: Source, place: NodePlace, part: str) -> Iterator[PlacedMessage]:
    node = nodes.follow(files, place)
    if node is pointer.ABSENT:
        return
    if part == "response":
        # Each answer by itself, as the schema of a response only says that there is one or several.
        for index, entry in enumerate(one_or_more(node)):
            at = place.child(index) if isinstance(node, list) else place
            yield from (
                (NodePlace(at.file, at.pointer + inner), message)
                for inner, message in problems(entry, "answer")
            )
        return
    yield from (
        (NodePlace(place.file, place.pointer + inner), message) for inner, message in problems(node, part)
    )


def check_pointers(contract: Contract) -> Iterator[PlacedMessage]:
    """The pointers of x-job into a submitted body: each must lead to a field of one."""
    field_names: set[str] = set()
    pointers: list[tuple[str, FieldPath]] = [
        (f"/x-job/media/{what}", path) for what, path in _every_place(contract.media)
    ]
    for entry in contract.operations.values():
        if entry.body is not None:
            node = contract.document["paths"][entry.path][entry.method.lower()]
            schema = node["requestBody"][JSON[0]][JSON[1]]["schema"]
            field_names |= {field.name for field in fields.of_body(contract.document, schema)}
            at = pointer.write(("paths", entry.path, entry.method.lower(), "x-job"))
            paths = {"model": entry.model_at, "alias": entry.alias_at, "callback": entry.callback_at}
            if entry.callback is not None and entry.callback.filter_at is not None:
                listed = pointer.write(("paths", entry.path, entry.method.lower(), "callbacks"))
                pointers.append((listed, entry.callback.filter_at))
            if entry.source is not None:
                paths["source/video"] = entry.source.video
            pointers += [(f"{at}/{what}", path) for what, path in paths.items() if path]
            own = node["x-job"].get("media", {})
            pointers += [(f"{at}/media/{what}", path) for what, path in _every_place(MediaPlaces(own))]
    for at, path in pointers:
        name = _field_name(path)
        # A field that only some bodies have is listed by what is in it.
        if not any(f"{field}.".startswith((f"{name}.", f"{name}[]")) for field in field_names):
            yield NodePlace(DOCUMENT, at), f"{pointer.write(path)!r} is not a field of any submitted body"


def _every_place(media: MediaPlaces) -> Iterator[tuple[str, FieldPath]]:
    """Each property with each of its places; one of several has its index behind the property."""
    for what, path in media.items():
        listed = media.further.get(what)
        if listed is None:
            yield what, path
        for index, other in enumerate(listed or ()):
            yield f"{what}/{index}", other


def _field_name(path: FieldPath) -> str:
    """The name that a place has among the fields of a body: every item of a list is `[]`."""
    steps = ("*" if step.isdigit() else step for step in path)
    return pointer.dotted(pointer.write(steps)).replace(".*", "[]").removesuffix("[]")


def _check_reached(files: Source, reached_files: set[str]) -> Iterator[PlacedMessage]:
    """The schema files that no reading reaches and NOTES.md does not mention."""
    notes = provenance.read_notes(files.folder)
    for file in files.files:
        name = file.removeprefix("schemas/")
        if file.startswith("schemas/") and file not in reached_files and name not in notes:
            yield NodePlace(file, ""), f"nothing refers to it, and {provenance.NOTES} does not mention it"


CHECKS: Final[tuple[Callable[[Source], Iterator[PlacedMessage]], ...]] = (
    check_extension,
    check_openapi,
    check_content,
    check_schemas,
    check_states,
    check_words,
    check_components,
)
SCHEMA_CHECKS: Final[tuple[Callable[[Source, Sequence[Schema]], Iterator[PlacedMessage]], ...]] = (
    check_keywords,
    check_idle_schemas,
    check_defaults,
    provenance.missing,
)
