"""Everything that can be said against a provider's folder, at once and not only the first.

The loader refuses what it cannot serve; this also refuses what would mislead a reader or another tool.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import jsonschema_rs

from mockserver.contract import fields, nodes, pointer, provenance, source
from mockserver.contract.extension import LONGEST, faults
from mockserver.contract.formats import Measure
from mockserver.contract.loader import compile_contract
from mockserver.contract.model import Contract, Operation
from mockserver.contract.model import Path as Steps
from mockserver.contract.nodes import NodePlace
from mockserver.contract.source import DOCUMENT, Source
from mockserver.contract.validate import DIALECT, Home, Validator
from mockserver.errors import ContractError

KEYWORDS: Final = ("x-job", "x-provenance", "x-image", "x-rule", "x-expected")
JSON: Final = ("content", "application/json")
_BASE: Final = "contract:///"
_METASCHEMA: Final = jsonschema_rs.Draft202012Validator({"$ref": DIALECT})


@dataclass(frozen=True, slots=True, order=True)
class ContractProblem:
    """One thing that is wrong: the provider's folder, the file in it, the JSON pointer in that, and what."""

    provider: str
    file: str
    pointer: str
    message: str

    def text(self) -> str:
        """As one line."""
        return f"{self.provider}/{self.file}#{self.pointer}: {self.message}"


@dataclass(frozen=True, slots=True)
class ProfileReading:
    """One way to read the folder: a profile, or `documented` with one overlay more."""

    label: str
    profile: str
    overlays: tuple[str, ...] = ()


Fault = tuple[NodePlace, str]


def check_folder(folder: Path, measure: Measure) -> list[ContractProblem]:
    """What is wrong with a provider's folder, in every profile and with every overlay alone."""
    try:
        return check_source(source.read_source(folder), measure)
    except ContractError as error:
        return [ContractProblem(folder.resolve().name, error.file, error.pointer, error.message)]


def check_source(files: Source, measure: Measure) -> list[ContractProblem]:
    """`check_folder` for files that are already read."""
    found: dict[Fault, str] = {}
    reached: set[str] = set()
    for reading in readings(files):
        for place, message in _check_reading(files, reading, measure, reached):
            found.setdefault((place, message), reading.label)
    for fault in _check_reached(files, reached):
        found.setdefault(fault, "")
    return sorted(
        ContractProblem(files.name, place.file, place.pointer, f"{message} ({label})" if label else message)
        for (place, message), label in found.items()
    )


def readings(files: Source) -> list[ProfileReading]:
    """The documented one first, as what is wrong there is wrong everywhere."""
    profiles = pointer.follow(files.files[DOCUMENT], ("x-job", "profiles"))
    names = [name for name in profiles if name != "documented"] if isinstance(profiles, dict) else []
    return [
        ProfileReading("", "documented"),
        *(ProfileReading(f"profile {name}", name) for name in names),
        *(ProfileReading(f"overlay {name}", "documented", (name,)) for name in files.overlays()),
    ]


def _check_reading(
    files: Source, reading: ProfileReading, measure: Measure, reached: set[str]
) -> Iterator[Fault]:
    contract = None
    try:
        contract = compile_contract(
            files, measure=measure, profile=reading.profile, overlays=reading.overlays
        )
    except ContractError as error:
        yield NodePlace(error.file, error.pointer), error.message
    laid = _laid(files, reading)
    if laid is None:
        return
    reached.update(schema.place.file for schema in nodes.schemas(laid, nodes.roots(laid)))
    for check in CHECKS:
        yield from check(laid)
    if contract is not None:
        yield from check_pointers(contract)
        yield from check_examples(laid, contract, measure)


def _laid(files: Source, reading: ProfileReading) -> Source | None:
    """The files as the reading has them, even where they make no contract; None if even that fails."""
    overlays = pointer.follow(files.files[DOCUMENT], ("x-job", "profiles", reading.profile))
    names = [*overlays, *reading.overlays] if isinstance(overlays, list) else [*reading.overlays]
    if not all(isinstance(_patch(files, name), dict) for name in names):
        return None
    try:
        return source.lay(files, names)
    except ContractError:
        return None


def _patch(files: Source, name: Any) -> Any:
    return pointer.follow(files.files, (f"overlays/{name}.json", "patch"))


def check_schemas(files: Source) -> Iterator[Fault]:
    """Each schema against the 2020-12 metaschema, and each file as somebody else would use it: alone."""
    inline = [place for place in nodes.roots(files) if place.file == DOCUMENT]
    whole = [NodePlace(file, "") for file in files.files if file.startswith("schemas/")]
    for place in (*inline, *whole):
        broken = list(_check_against_metaschema(place, nodes.follow(files, place)))
        yield from broken
        if not broken and not place.pointer:
            yield from _check_alone(files, place)


def _check_against_metaschema(place: NodePlace, node: Any) -> Iterator[Fault]:
    if node is pointer.ABSENT or _METASCHEMA.is_valid(node):
        return
    errors = _METASCHEMA.iter_errors(node)
    by_path = {pointer.write(error.instance_path): error for error in errors}
    for at, error in by_path.items():
        known = isinstance(error.kind, jsonschema_rs.ValidationErrorKind.AnyOf)
        message = f"{error.instance!r} is no type that JSON Schema knows" if known else error.message
        yield NodePlace(place.file, place.pointer + at), message[:LONGEST]


def _check_alone(files: Source, place: NodePlace) -> Iterator[Fault]:
    content = files.files[place.file]
    if content.get("$schema") != DIALECT:
        yield place.child("$schema"), f"must be {DIALECT!r}, so that the file can be used alone"
    try:
        jsonschema_rs.Draft202012Validator(
            content,
            base_uri=_BASE + place.file,
            retriever=lambda uri: _retrieve(files, uri),
            validate_formats=False,
        )
    except jsonschema_rs.ValidationError as error:
        at = NodePlace(place.file, pointer.write(error.instance_path))
        yield at, f"cannot be used alone: {error.message.splitlines()[0]}"
    except jsonschema_rs.ReferencingError as error:
        yield place, f"cannot be used alone: {error}"


def _retrieve(files: Source, uri: str) -> Any:
    path = urlsplit(uri).path.lstrip("/")
    if not uri.startswith(_BASE) or path not in files.files:
        raise KeyError(f"there is no file {path}")
    return files.files[path]


def check_keywords(files: Source) -> Iterator[Fault]:
    """Our own keywords in schemas: what x-image holds, words that look like ours, and `$id`."""
    for schema in nodes.schemas(files, nodes.roots(files)):
        if "$id" in schema.node:
            yield schema.place.child("$id"), "must go: it would turn every reference of the file elsewhere"
        if "x-image" in schema.node:
            for at, message in faults(schema.node["x-image"], "image"):
                yield NodePlace(schema.place.file, f"{schema.place.pointer}/x-image{at}"), message
        for key in schema.node:
            near = difflib.get_close_matches(key, KEYWORDS, 1, 0.8) if key.startswith("x-") else []
            if near and key not in KEYWORDS:
                yield schema.place.child(key), f"{key!r} is no keyword; {near[0]!r} is one"


def check_openapi(files: Source) -> Iterator[Fault]:
    """What OpenAPI itself demands and the loader does not need."""
    document = NodePlace(DOCUMENT, "")
    for name in ("title", "version"):
        if not isinstance(nodes.follow(files, document.child("info", name)), str):
            yield document.child("info"), f"OpenAPI demands a {name}"
    responses = [document.child("components", "responses")]
    responses += [operation.child("responses") for operation in nodes.operations(files)]
    for place in responses:
        for key in _keys(files, place):
            at = nodes.resolve(files, place.child(key))
            if not isinstance(nodes.follow(files, at.child("description")), str):
                yield at, "OpenAPI demands a description of each response"


def check_pointers(contract: Contract) -> Iterator[Fault]:
    """Pointers of x-job into a submitted body, which must each lead to a field of one."""
    named: set[str] = set()
    pointers: list[tuple[str, Steps]] = [
        (f"/x-job/media/{what}", path) for what, path in contract.media.items()
    ]
    for entry in contract.operations.values():
        if entry.body is not None:
            node = contract.document["paths"][entry.path][entry.method.lower()]
            schema = node["requestBody"][JSON[0]][JSON[1]]["schema"]
            named |= {field.name for field in fields.of_body(contract.document, schema)}
            at = pointer.write(("paths", entry.path, entry.method.lower(), "x-job"))
            wanted = {"model": entry.model_at, "alias": entry.alias_at, "callback": entry.callback_at}
            pointers += [(f"{at}/{what}", path) for what, path in wanted.items() if path]
    for at, path in pointers:
        if pointer.dotted(pointer.write(path)) not in named:
            yield NodePlace(DOCUMENT, at), f"{pointer.write(path)!r} leads to no field of a submitted body"


def check_examples(files: Source, contract: Contract, measure: Measure) -> Iterator[Fault]:
    """Examples of bodies, answers and parameters against their own schemas."""
    by_place = {(entry.path, entry.method.lower()): entry for entry in contract.operations.values()}
    for place in nodes.operations(files):
        path, method = pointer.parts(place.pointer)[-2:]
        operation = by_place.get((path, method)) if len(pointer.parts(place.pointer)) == 3 else None
        bearers = [nodes.resolve(files, place.child("requestBody")).child(*JSON)]
        responses, parameters = place.child("responses"), place.child("parameters")
        bearers += [
            nodes.resolve(files, responses.child(key)).child(*JSON) for key in _keys(files, responses)
        ]
        bearers += [nodes.resolve(files, parameters.child(key)) for key in _keys(files, parameters)]
        for number, bearer in enumerate(bearers):
            yield from _check_bearer(files, contract, bearer, None if number else operation, measure)


def _check_bearer(
    files: Source, contract: Contract, place: NodePlace, operation: Operation | None, measure: Measure
) -> Iterator[Fault]:
    examples = list(_examples(files, place))
    if not examples or nodes.follow(files, place.child("schema")) is pointer.ABSENT:
        return
    if operation is not None and operation.body is not None:
        explain: Callable[[Any], list[Any]] = operation.body.explain
    else:
        validator = Validator(
            Home(contract.document, contract.sources, measure), place.child("schema").pointer
        )

        def explain(value: Any) -> list[Any]:
            return validator.explain(value)

    for at, value in examples:
        for violation in explain(value):
            said = violation.text().replace("the body is", "it is", 1)
            yield at, f"the example is not valid: {said}"


def _examples(files: Source, place: NodePlace) -> Iterator[tuple[NodePlace, Any]]:
    single = nodes.follow(files, place.child("example"))
    if single is not pointer.ABSENT:
        yield place.child("example"), single
    for name in _keys(files, place.child("examples")):
        at = nodes.resolve(files, place.child("examples", name)).child("value")
        value = nodes.follow(files, at)
        if value is not pointer.ABSENT:
            yield at, value


def _keys(files: Source, place: NodePlace) -> list[Any]:
    node = nodes.follow(files, place)
    if isinstance(node, list):
        return list(range(len(node)))
    return list(node) if isinstance(node, dict) else []


def _check_reached(files: Source, reached: set[str]) -> Iterator[Fault]:
    """A schema file that no reading leads to, unless NOTES.md speaks of it."""
    path = files.folder / provenance.NOTES
    notes = path.read_text(encoding="utf-8") if path.is_file() else ""
    for file in files.files:
        name = file.removeprefix("schemas/")
        if file.startswith("schemas/") and file not in reached and name not in notes:
            yield NodePlace(file, ""), f"nothing leads to it, and {provenance.NOTES} does not speak of it"


CHECKS: Final[tuple[Callable[[Source], Iterator[Fault]], ...]] = (
    check_openapi,
    check_schemas,
    check_keywords,
    provenance.missing,
    provenance.misread,
)
