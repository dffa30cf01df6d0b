"""A provider's folder becomes a Contract, or a ContractError that says where and what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from mockserver.contract import pointer, source
from mockserver.contract.bundled import Bundled
from mockserver.contract.extension import conform
from mockserver.contract.formats import Measure
from mockserver.contract.lifecycle import StateWord, way
from mockserver.contract.model import ClipDefaults, Contract, Model, Price
from mockserver.contract.operations import Operations
from mockserver.errors import ContractError
from mockserver.terms import ENDED


def load_contract(
    folder: Path, *, measure: Measure, profile: str = "documented", overlays: Sequence[str] = ()
) -> Contract:
    """Read, check and compile the contract in `folder` as `profile` reads it, plus `overlays`.

    `measure` reads a picture's header. Raises ContractError at the first thing that is wrong.
    """
    return compile_contract(source.read_source(folder), measure=measure, profile=profile, overlays=overlays)


def compile_contract(
    files: source.Source,
    *,
    measure: Measure,
    profile: str = "documented",
    overlays: Sequence[str] = (),
    sound: bool = False,
) -> Contract:
    """`load_contract` for files that are already read.

    Those of which it is known that they are `sound` are examined only where they do not compile, and their
    validators are compiled when first used: half of the time of a start.
    """
    if sound:
        with suppress(Exception):
            return _compiled(files, (*_laid_by(files, profile), *overlays), measure, profile, sound=True)
    chosen = (*profile_overlays(files, profile), *overlays)
    for name in files.overlays():
        conform(files.files[f"overlays/{name}.json"], "overlay", f"overlays/{name}.json", "")
    return _compiled(files, chosen, measure, profile, sound=False)


def _compiled(
    files: source.Source, overlays: tuple[str, ...], measure: Measure, profile: str, *, sound: bool
) -> Contract:
    laid = source.lay(files, overlays)
    document = source.bundle(laid, sound=True) if sound else _examined(laid)
    return _Compiler(Bundled(laid, document, overlays, measure, sound=sound), profile).contract()


def _examined(laid: source.Source) -> dict[str, Any]:
    """The bundled document, found to be made as the compiler expects."""
    from mockserver.contract import shape

    shape.check(laid)
    document = source.bundle(laid, shape.check_image)
    conform(document["x-job"], "document", source.DOCUMENT, "/x-job")
    return document


def _laid_by(files: source.Source, profile: str) -> tuple[str, ...]:
    return tuple(files.files[source.DOCUMENT]["x-job"]["profiles"][profile])


def profile_overlays(files: source.Source, profile: str) -> tuple[str, ...]:
    """The overlays that a profile lays. Raises ContractError for a profile the contract lacks."""
    document = files.files[source.DOCUMENT]
    if not isinstance(document.get("x-job"), dict):
        raise ContractError("x-job is missing: no job's life is described", file=source.DOCUMENT)
    conform(document["x-job"], "document", source.DOCUMENT, "/x-job")
    profiles = document["x-job"]["profiles"]
    if profile not in profiles:
        known = ", ".join(profiles)
        raise ContractError(
            f"has no profile {profile!r}; profiles: {known}", file=source.DOCUMENT, pointer="/x-job/profiles"
        )
    return _laid_by(files, profile)


class _Compiler:
    """Turns one bundled document into a Contract."""

    def __init__(self, bundled: Bundled, profile: str) -> None:
        self.bundled = bundled
        self.document = bundled.document
        self.job = bundled.job
        self.profile = profile

    def contract(self) -> Contract:
        job = self.job
        states, operations = self.states(), Operations(self.bundled)
        return Contract(
            provider=job["provider"],
            title=job["title"],
            profile=self.profile,
            overlays=self.bundled.overlays,
            document=self.document,
            prefixes=self.prefixes(),
            operations=operations.operations(),
            states=states,
            way=way(states),
            models={name: self.model(name, entry) for name, entry in job["models"].items()},
            media={name: pointer.parts(at) for name, at in job["media"].items()},
            reasons={name: entry["text"] for name, entry in job.get("reasons", {}).items()},
            id_kind=job["id"]["kind"],
            id_length=job["id"].get("length", 21),
            id_prefix=job["id"].get("prefix", ""),
            time=job["time"],
            sources=job["sources"],
            profiles={name: tuple(entry) for name, entry in job["profiles"].items()},
        )

    def prefixes(self) -> tuple[str, ...]:
        servers = self.document.get("servers") or [{"url": "/"}]
        paths = [urlsplit(server["url"]).path.rstrip("/") for server in servers]
        return tuple(dict.fromkeys(paths))

    def states(self) -> dict[str, StateWord]:
        states = {
            word: StateWord(
                word,
                entry["phase"],
                tuple(entry["next"]),
                round(entry.get("seconds", 0) * 1000),
                entry["x-provenance"],
            )
            for word, entry in self.job["states"].items()
        }
        for state in states.values():
            self._check_successors(state, states)
        if way(states)[-1].phase != "succeeded":
            raise self.bundled.fail(
                "the way by the first entries of `next` does not end in success", "/x-job/states"
            )
        if not any(state.phase == "failed" for state in states.values()):
            raise self.bundled.fail("no state has the phase failed", "/x-job/states")
        return states

    def _check_successors(self, state: StateWord, states: Mapping[str, StateWord]) -> None:
        at = f"/x-job/states{pointer.write((state.word,))}/next"
        for word in state.next:
            if word not in states:
                raise self.bundled.fail(f"{word!r} is none of the states {', '.join(states)}", at)
        if (state.phase in ENDED) != (not state.next):
            said = (
                "an ended state has no successor"
                if state.next
                else "a state that has not ended needs a successor"
            )
            raise self.bundled.fail(f"{state.word!r}: {said}", at)

    def model(self, name: str, entry: dict[str, Any]) -> Model:
        clips = entry.get("clips") or {"default": entry["clip"]}
        return Model(
            id=name,
            title=entry.get("title", name),
            about=entry.get("about", ""),
            payload=source.resolve(self.document, entry["payload"]),
            clips={
                mode: ClipDefaults(
                    clip["height"], clip["fps"], clip.get("seconds", 5.0), clip.get("ratio", "16:9")
                )
                for mode, clip in clips.items()
            },
            provenance=entry["x-provenance"],
            price=_price(entry["price"]) if "price" in entry else None,
        )


def _price(entry: Mapping[str, Any]) -> Price:
    return Price(entry["amount"], entry["unit"], entry["per"])
