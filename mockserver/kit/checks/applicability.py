"""Which families of checks have something to judge in a call: a check that merely ran judged nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from mockserver.contract.pointer import ABSENT
from mockserver.kit.checks import envelope
from mockserver.kit.checks.fetched_files import fetched_files
from mockserver.kit.findings.account import CALLBACKS, FILES, NO_OPERATION
from mockserver.kit.traffic import contract_locations
from mockserver.kit.traffic.call import Call
from mockserver.kit.traffic.credentials import is_ordinary, key_state, sent_secrets
from mockserver.kit.traffic.exchange import NOT_FOLLOWED, REDACTED
from mockserver.kit.traffic.history import History

Applies = Callable[[Call, History], bool]
_LINKS: Final = ("media.video", "media.watermarked", "media.thumbnail", "media.image")
_MOMENTS: Final = ("job.created_at", "job.updated_at")
_SERVER_ERROR: Final = 500


def _auth(call: Call, history: History) -> bool:
    operation, status = call.operation, call.exchange.status
    if operation is None or not 0 < status < _SERVER_ERROR:
        return False
    if operation.credential is None:
        return True
    if key_state(call) in ("none", "wrong"):
        return status != 429
    return any(secret and REDACTED not in secret for secret in sent_secrets(call))


def _callbacks(call: Call, history: History) -> bool:
    """A callback, or an answer about a job of which callbacks came."""
    jobs = (history.jobs.get(sighting.job_id or "") for sighting in call.sightings)
    return call.callback_of is not None or any(job is not None and job.callbacks for job in jobs)


def _envelope(call: Call, history: History) -> bool:
    exchange = call.exchange
    if exchange.callback or exchange.cut or exchange.status == 0 or exchange.method == "HEAD":
        return False
    clause = envelope.response_clause(call)
    if call.response_json is not ABSENT or (exchange.status >= 400 and not clause):
        return call.path_known
    content = contract_locations.follow(call.contract, f"{clause}/content")[1] if clause else None
    return isinstance(content, dict) and contract_locations.JSON_TYPE in content


def _isolation(call: Call, history: History) -> bool:
    """A job of another caller was there to be shown."""
    caller = call.exchange.caller
    if not caller or not is_ordinary(call):
        return False
    if call.role == "list":
        return any(job.caller and job.caller != caller for job in history.jobs.values())
    job = history.job_of(call)
    return job is not None and bool(job.caller) and job.caller != caller


def _lifecycle(call: Call, history: History) -> bool:
    return call.role != "list" and any(sighting.job_id is not None for sighting in call.sightings)


def _lists(call: Call, history: History) -> bool:
    return call.role == "list" and is_ordinary(call) and call.succeeded


def _media(call: Call, history: History) -> bool:
    if any(fetched_files(call, history)):
        return call.exchange.status > 0 and not call.exchange.error.startswith(NOT_FOLLOWED)
    return any(sighting.text(name) for sighting in call.sightings for name in _LINKS)


def _moments(call: Call, history: History) -> bool:
    return any(name in sighting.facts for sighting in call.sightings for name in _MOMENTS)


def _schema(call: Call, history: History) -> bool:
    if call.exchange.cut or call.exchange.callback or call.response_json is ABSENT:
        return False
    return any(answer.schema is not None for answer in call.answers)


def _status(call: Call, history: History) -> bool:
    """An operation is answered by a documented status, a method that is not documented is refused."""
    return call.operation is not None or (call.path_known and call.exchange.status > 0)


APPLIES: Final[Mapping[str, Applies]] = MappingProxyType(
    {
        "auth": _auth,
        "callbacks": _callbacks,
        "envelope": _envelope,
        "isolation": _isolation,
        "lifecycle": _lifecycle,
        "lists": _lists,
        "media": _media,
        "moments": _moments,
        "schema": _schema,
        "status": _status,
    }
)
"""A family of checks to the question whether one of its checks applies to a call not yet in the history."""


def families_of(call: Call, history: History) -> Iterator[str]:
    """The families of which at least one check applies to a call that is not yet in the history."""
    for family, applies in APPLIES.items():
        try:
            applied = applies(call, history)
        except Exception:  # an answer may be anything; a check that stumbles over it says so itself
            applied = False
        if applied:
            yield family


def label(call: Call) -> str:
    """What a call asks, in a word of which there are few: a server can make up any number of paths."""
    if call.operation is not None:
        return call.operation.id
    if call.exchange.callback:
        return CALLBACKS
    return NO_OPERATION if call.path_known else FILES
