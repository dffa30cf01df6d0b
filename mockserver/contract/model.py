"""The records of a loaded contract. Everything in them is read-only once loaded."""

# A contract, its operations and their answers are compared and hashed by identity, so that caches can use
# them as keys: their fields hold mappings, which cannot be hashed, and a large document, which is slow to
# compare. The small records stay tuples, because each dataclass adds about 0.4 ms to the start.

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from mockserver.contract.answer_template import AnswerTemplate
from mockserver.contract.credential import Credential
from mockserver.contract.formats import Measure
from mockserver.contract.lifecycle import StateWord
from mockserver.contract.media_places import MediaPlaces
from mockserver.contract.other_ids import OtherId
from mockserver.contract.parameters import Parameters
from mockserver.contract.pointer import ABSENT, follow
from mockserver.contract.submit_body import Body
from mockserver.contract.template import Render
from mockserver.contract.validate import Validator
from mockserver.contract.wait_rule import WaitRule
from mockserver.terms import IdKind, Role

Path = tuple[str, ...]

Place = tuple[str, str]
"""Where a value stands beside a body: `path`, `query` or `header`, and its name there."""


class ClipDefaults(NamedTuple):
    """The clip that a model makes by default: `height` is the shorter side in px, `seconds` the length."""

    height: int
    fps: int
    seconds: float
    ratio: str


class Price(NamedTuple):
    """What a job costs: `amount` of `unit` for the job, or for each second of its clip."""

    amount: float
    unit: str
    per: Literal["job", "second"]


class Model(NamedTuple):
    """A model: the schema of its parameters, and what it makes by mode (`default` for all others): clips, and
    images, which have no length and no rate. One of both may be empty.
    """

    id: str
    title: str
    about: str
    payload: Mapping[str, Any]
    clips: Mapping[str, ClipDefaults]
    provenance: str
    price: Price | None
    images: Mapping[str, ClipDefaults]


class Callback(NamedTuple):
    """What is sent to a callback URL when the state changes: `render` makes the body, `schema` checks it.

    `signature` names the way in which the provider signs it; empty where it documents none. `on` are the
    phases that it tells of; a submit may list words at `filter_at`, each of which stands for some phases.
    """

    render: Render
    schema: Validator | None
    signature: str
    on: frozenset[str]
    filter_at: Path | None
    words: Mapping[str, Sequence[str]]

    def phases(self, body: Any) -> frozenset[str]:
        """The phases that the submitter of a body is told of."""
        listed = ABSENT if self.filter_at is None else follow(body, self.filter_at)
        if not isinstance(listed, list):
            return self.on
        return frozenset(phase for word in listed for phase in self.words.get(str(word), ()))


class Paging(NamedTuple):
    """The pages of a list: the query parameters of page number and size, the largest page, and the parameters
    of the cursor, which is the id of the last job of the page before, of the order, `asc` or `desc`, and of
    the offset, which says how many jobs stand before the page.
    """

    number: str | None
    size: str | None
    most: int
    cursor: str | None
    order: str | None
    offset: str | None


class ClipSource(NamedTuple):
    """The clip from which a submit goes on: where the body has its job's id, which submits may have made it
    (None stands for all), the seconds that are added to it, and those that the whole may have.
    """

    video: Path
    of: tuple[str, ...] | None
    adds: float
    most: float


class ContentFile(NamedTuple):
    """Which file of its job an operation sends: by the word at a place of the request, the first of `of`
    where there is none. Files are `video`, `thumbnail`, `watermarked` and `image`.
    """

    at: Place | None
    of: Mapping[str, str]


class UploadRule(NamedTuple):
    """What a place for a file takes: where the body names its kind, the content type of each kind, and for
    how many seconds it is open.
    """

    kind: Path
    types: Mapping[str, str]
    seconds: float


@dataclass(frozen=True, eq=False, repr=False)
class Operation:
    """One operation. `key` and `filters` say where values arrive: (`path` or `query`, name).

    `of` names the submit operations whose jobs it finds, None stands for all;
    `model_at`, `alias_at` and `callback_at` are places in a body, the others beside it: the texts at
    `model_places`, joined by slashes, are the model. A job keeps what its submit had at `noted`;
    `spans` names the places of the path that may hold slashes;
    `media` are the JSON pointers into a submitted body, as the contract's with its own laid over them;
    `credits` is what an account may spend where no quota says;
    `credential` is None where it needs no key; `credentials` are all that will do, those in a header first;
    `answers` has one for every `when` that can occur, and those of the phases that have their own.
    """

    id: str
    method: str
    path: str
    role: Role
    credential: Credential | None
    credentials: Sequence[Credential]
    parameters: Parameters
    body: Body | None
    answers: Mapping[str, AnswerTemplate]
    key: Place | None
    by: Sequence[str]
    of: tuple[str, ...] | None
    model_at: Path
    default_model: str | None
    alias_at: Path | None
    callback_at: Path | None
    model_places: Sequence[Place]
    alias_place: Place | None
    callback_place: Place | None
    noted: Sequence[Place]
    spans: Sequence[str]
    callback: Callback | None
    filters: Mapping[str, str]
    page: Paging
    media: MediaPlaces
    source: ClipSource | None
    makes_images: bool
    credits: float
    upload: UploadRule | None
    file: ContentFile | None
    wait: WaitRule | None

    def answer(self, when: str, phase: str) -> AnswerTemplate:
        """The answer of a case; where it went well, that of the job's phase, if it has one of its own.

        `phase` is empty where no job is shown. Raises KeyError for a case without an answer.
        """
        if when == "default" and phase in self.answers:
            return self.answers[phase]
        return self.answers[when]


class Route(NamedTuple):
    """A path template under one prefix, with its operations by method."""

    template: str
    operations: Mapping[str, Operation]


@dataclass(frozen=True, eq=False, repr=False)
class Contract:
    """A provider as one profile reads it.

    `document` is the bundled OpenAPI document; `prefixes` the path parts of its servers; `default_path`
    the states of a job that nothing goes wrong with;
    `media` JSON pointers into a submitted body; `reasons` the texts a failed job gives; `unknown_path` the
    answer where a path below a prefix is not documented, None where the contract has none;
    `words` are what answers show in the place of a state's own word;
    `ids` are the further ids of a job by name; `codes` those of reasons by their text, the default one's by
    the empty text; `measure` reads a picture's header;
    `parallel_per_model` says that a limit of jobs at a time holds for each model by itself;
    `masks_reason` is the text with which jobs fail whose masks differ, empty where they do not fail.
    """

    provider: str
    title: str
    profile: str
    overlays: tuple[str, ...]
    document: Mapping[str, Any]
    prefixes: tuple[str, ...]
    operations: Mapping[str, Operation]
    states: Mapping[str, StateWord]
    words: Mapping[str, str]
    default_path: tuple[StateWord, ...]
    models: Mapping[str, Model]
    media: MediaPlaces
    reasons: Mapping[str, str]
    id_kind: IdKind
    id_length: int
    id_prefix: str
    ids: Mapping[str, OtherId]
    codes: Mapping[str, str | int]
    measure: Measure
    time: str
    sources: Mapping[str, str]
    profiles: Mapping[str, tuple[str, ...]]
    unknown_path: AnswerTemplate | None
    parallel_per_model: bool
    masks_reason: str

    def source_of(self, operation_id: str) -> ClipSource | None:
        """The clip from which that submit goes on, if it is such a one."""
        operation = self.operations.get(operation_id)
        return None if operation is None else operation.source

    def media_of(self, operation_id: str) -> MediaPlaces:
        """Where bodies of that submit say what to show; the contract's own places for an unknown one."""
        operation = self.operations.get(operation_id)
        return self.media if operation is None else operation.media
