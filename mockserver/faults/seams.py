"""The records that pass between the engine and its faults. Cheap to import, as every server does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

Seam = Literal["plan", "wire", "media", "callback"]
DisconnectMode = Literal["", "lost", "reset"]
Ranges = Literal["served", "ignored", "refused"]


class RequestFacts(NamedTuple):
    """What a rule can look at: one request that has passed the door.

    `role` is submit, read, list, cancel, models, model or media; `prompt` the submitted one, also when
    the job is read later; `number` how many requests of this tenant, provider and role came before,
    this one included; `chance` a number from 0 to 1 drawn from the seed for this request. `operation`
    is the contract's, for media the file's name: video.mp4, watermarked.mp4 or thumbnail.jpg.
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
    """A provider's vocabulary: its default way as (word, phase, milliseconds) each, the first word of
    each phase, and the texts of failures by their names.
    """

    way: tuple[tuple[str, str, int], ...]
    endings: Mapping[str, str]
    reasons: Mapping[str, str]


class PlanDraft(NamedTuple):
    """A plan as faults bend it: steps of (word, phase, milliseconds), the reason of a failure, quirks.

    Quirks are noted on the job and change what its answers show: see QUIRKS.
    """

    steps: tuple[tuple[str, str, int], ...]
    reason: str | None = None
    quirks: frozenset[str] = frozenset()


QUIRKS: Mapping[str, str] = {
    "no-link": "a success tells of no video and no thumbnail",
    "no-thumbnail": "a success tells of no thumbnail",
    "no-reason": "a failure tells no reason",
    "off-contract": "the job uses words that the contract does not have, so no self-check",
}


# Without comparison and repr, which nobody asks for: writing them would cost every start.
@dataclass(slots=True, eq=False, repr=False)
class Reply:
    """An answer on its way out. `body` is whole; the rest says how it reaches the client.

    `delay` is in seconds of real time before the first byte; `drip` bytes a second, 0 for at once;
    `cut` sends only so many bytes of the body while the length promises all; `gone` drops the
    connection: `lost` closes it without a byte, `reset` with a TCP reset. `job_id` is the job that the
    answer is about, or empty.
    """

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes
    delay: float = 0.0
    drip: int = 0
    cut: int | None = None
    gone: DisconnectMode = ""
    job_id: str = ""


class Replacement(NamedTuple):
    """An answer in place of the real one; the request is not carried out.

    With `when`, the contract's own answer of that name, or of the first in `otherwise` that the
    operation has, in the provider's envelope and about `message`. Where there is none, or without
    `when`, `body` as it is. `status`, if given, is sent instead of the answer's own (200 for a body);
    `headers` replace those of the same name and `without` removes some. With `gone` nothing is sent:
    the connection drops as Reply says.
    """

    when: str | None = None
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    message: str | None = None
    otherwise: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    gone: DisconnectMode = ""


@dataclass(slots=True, eq=False, repr=False)
class Asset:
    """A clip or thumbnail that is about to be sent: an answer to be changed before it is.

    `kind` is video, watermarked or thumbnail, `size` the file's bytes, `url` the address asked for.
    `link` tells which of the job's links it is, 1 being the one that the first answer of its success
    showed, and `age` how many seconds ago it was shown; None where that is not known.

    `headers` replace those of the same name; `body` None means the file as it is. `length` is what the
    answer promises, and no more than that is sent; `cut` sends only so many bytes of what is promised.
    `stall` waits so many seconds of real time when half is sent. `ranges` says what becomes of a Range
    header: `ignored` sends the whole, `refused` answers 416. `other` asks for another job's file.
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
    """A callback: the `number`-th state a job enters after its first, told to `url`.

    `at` is when it is due, `submitted` when the job was, in Unix milliseconds; `copy` tells the second of
    two apart. `early` sends it before the submit's own answer; `forged` signs it with a wrong secret.
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
