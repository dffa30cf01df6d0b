"""The records that pass between the engine and its faults. Every server imports this: keep it cheap."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

Seam = Literal["plan", "wire", "media", "callback"]
DisconnectMode = Literal["", "lost", "reset"]
Ranges = Literal["served", "ignored", "refused"]


class RequestFacts(NamedTuple):
    """The facts of an admitted request that a rule can test.

    `role` is that of the operation, or media; `prompt` the submitted one, also for later reads of the job;
    `number` how many requests of this tenant, provider and role came before, this one included; `chance` a
    number from 0 to 1 drawn from the seed for this request. `operation` is the contract's, for media the
    file's name: video.mp4, watermarked.mp4 or thumbnail.jpg.
    `reads` is how many reads the job has seen, this one included, `age` its age in seconds, both 0
    without a job; `now` the moment of the request in Unix milliseconds.
    """

    provider: str
    operation: str
    role: str
    tenant: str
    model: str
    prompt: str
    job_id: str
    number: int
    chance: float
    reads: int = 0
    age: float = 0.0
    now: int = 0


class Vocabulary(NamedTuple):
    """A provider's state words: the default path as steps of (word, phase, milliseconds), the first word
    of each phase, and the texts of failures by their names.
    """

    default_path: tuple[tuple[str, str, int], ...]
    endings: Mapping[str, str]
    reasons: Mapping[str, str]


class PlanDraft(NamedTuple):
    """A plan before faults and while they change it: steps of (word, phase, milliseconds), the reason of a
    failure, quirks.

    Quirks are stored with the job and change what its answers show: see QUIRKS.
    """

    steps: tuple[tuple[str, str, int], ...]
    reason: str | None
    quirks: frozenset[str]


QUIRKS: Mapping[str, str] = {
    "no-link": "a success shows no video and no thumbnail",
    "no-thumbnail": "a success shows no thumbnail",
    "no-reason": "a failure shows no reason",
    "off-contract": "the job uses states that the contract does not have, so its answers are not checked",
}


# Comparison and repr are not used: generating them would cost every start.
@dataclass(slots=True, eq=False, repr=False)
class Reply:
    """An answer before it is sent. `body` is the whole body; the rest says how it reaches the client.

    `delay` is in seconds of real time before the first byte; `drip` bytes a second, 0 for at once;
    `cut` sends only so many bytes of the body while the length promises all; `disconnect` drops the
    connection: `lost` closes it without a byte, `reset` with a TCP reset. `job_id` is the job that the
    answer is about, or empty.
    """

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes
    delay: float = 0.0
    drip: int = 0
    cut: int | None = None
    disconnect: DisconnectMode = ""
    job_id: str = ""


class Replacement(NamedTuple):
    """An answer in place of the real one; the request is not carried out.

    With `when`, the contract's own answer of that name, or of the first in `fallbacks` that the
    operation has, in the provider's envelope with `message`. Where there is none, or without `when`,
    `body` as it is. `status`, if given, is sent instead of the answer's own (200 for a body);
    `headers` replace those of the same name; `removed_headers` are left out. With `disconnect` nothing
    is sent: the connection drops as Reply says.
    """

    when: str | None = None
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    message: str | None = None
    fallbacks: tuple[str, ...] = ()
    removed_headers: tuple[str, ...] = ()
    disconnect: DisconnectMode = ""


@dataclass(slots=True, eq=False, repr=False)
class Asset:
    """A clip or thumbnail before it is sent.

    `kind` is video, watermarked or thumbnail, `size` the file's bytes, `url` the requested address.
    `link` is its number among the links that the job's answers showed, from 1, and `age` how many seconds
    ago it was shown; None where that is not known.

    `headers` replace those of the same name; `body` None means the file as it is. `length` is what the
    answer promises, and no more than that is sent; `cut` sends only so many bytes of what is promised.
    `stall` is a pause in seconds of real time when half is sent. `ranges` says what becomes of a Range
    header: `ignored` sends the whole, `refused` answers 416. `other` sends another job's file.
    """

    kind: str
    status: int = 200
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes | None = None
    cut: int | None = None
    length: int | None = None
    stall: float = 0.0
    ranges: Ranges = "served"
    other: bool = False
    size: int = 0
    url: str = ""
    link: int | None = None
    age: float | None = None


class Delivery(NamedTuple):
    """A callback to `url` about the `number`-th state that a job enters after its first.

    `at` is when it is due, `submitted` when the job was, in Unix milliseconds; `copy` distinguishes a
    repetition. `early` sends it before the submit's own answer; `forged` signs it with a wrong secret.
    """

    job_id: str
    number: int
    state: str
    at: int
    submitted: int
    url: str
    body: bytes
    copy: int = 0
    early: bool = False
    forged: bool = False
