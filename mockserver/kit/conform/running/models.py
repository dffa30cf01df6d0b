"""Which model a client is given for a case, and whether a picture goes with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import Any

from mockserver.contract.model import Contract, Model, Operation
from mockserver.contract.pointer import put
from mockserver.errors import KitError, SettingsError
from mockserver.kit.conform.case import Case
from mockserver.kit.conform.running.media_schemas import media_schemas


@dataclass(frozen=True)
class ModelChoice:
    """Chooses model and picture by what the client `supports`. `named` is the model of --model, or empty.

    A client that supports `text` and does not claim `picture` gets no picture where the provider has a model
    that takes none, or where the named one needs none.
    """

    contract: Contract
    supports: tuple[str, ...]
    named: str = ""

    def __post_init__(self) -> None:
        """Raise SettingsError where the provider has no model of that name."""
        if self.named and self.named not in self.contract.models:
            raise SettingsError(_unknown_model(self.contract, self.named))

    @cached_property
    def is_for_text(self) -> bool:
        """Whether the client gets no picture, in no case."""
        if self.named:
            model = self.contract.models[self.named]
            return not _takes_picture(self.contract, model) or (
                self._is_without_picture and makes_from_text(self.contract, model)
            )
        return self._takes_no_picture or (self._is_without_picture and _has_text_model(self.contract))

    @property
    def _takes_no_picture(self) -> bool:
        return not any(_takes_picture(self.contract, model) for model in self.contract.models.values())

    @property
    def _is_without_picture(self) -> bool:
        return "text" in self.supports and "picture" not in self.supports

    def why_not(self, case: Case) -> str:
        """Why the case is not for the model; empty if it is."""
        if self._takes_no_picture and "picture" in case.needs:
            return "it has no model that takes a picture"
        if not self.named:
            return ""
        if "picture" in case.needs and self.is_for_text:
            return f"the model {self.named} takes no picture"
        if "text" in case.needs and not makes_from_text(self.contract, self.contract.models[self.named]):
            return f"the model {self.named} needs a picture"
        return ""

    def takes_picture(self, case: Case) -> bool:
        """Whether the client is given a picture in the case."""
        return case.client.image and not self.is_for_text

    def model(self, case: Case) -> str:
        """The id of the model that the client is given. Raises KitError if no model fits."""
        if self.named:
            return self.named
        if case.client.model and not self.is_for_text:
            return case.client.model
        usual = default_model(self.contract, image=self.takes_picture(case))
        if not case.client.another_model:
            return usual
        image = self.takes_picture(case)
        others = [model for model in fitting_models(self.contract, image=image) if model.id != usual]
        return others[-1].id if others else usual


def granted(supports: Sequence[str], *, returns_link: bool = False) -> tuple[str, ...]:
    """What a client is taken to support: a picture unless it claims text alone, and to fetch its clip."""
    implied = [] if "text" in supports else ["picture"]
    if not returns_link:
        implied.append("download")
    return tuple(dict.fromkeys((*supports, *implied)))


def default_model(contract: Contract, *, image: bool) -> str:
    """The model with the smallest clips, of those that take a picture, or of those that need none.

    A clip is made for every case, so its size decides how long a run takes. Raises KitError if no model fits.
    """
    models = fitting_models(contract, image=image)
    if not models:
        source = "from a picture" if image else "from text alone"
        raise KitError(f"{contract.provider} has no model that makes a clip {source}")
    # A model that takes no picture at all comes first: with it a client cannot be wrong to send none.
    return min(models, key=lambda model: (_takes_picture(contract, model) != image, _clip_size(model))).id


def fitting_models(contract: Contract, *, image: bool) -> list[Model]:
    """The models that make clips from a picture, or from text alone."""
    fitting = _takes_picture if image else makes_from_text
    return [model for model in contract.models.values() if model.clips and fitting(contract, model)]


def _has_text_model(contract: Contract) -> bool:
    """Whether a model takes no picture at all; where one may come, a client is free to leave it out."""
    return not all(_takes_picture(contract, model) for model in contract.models.values())


def _takes_picture(contract: Contract, model: Model) -> bool:
    return next(media_schemas(contract, model, "first"), None) is not None


def makes_from_text(contract: Contract, model: Model) -> bool:
    """Whether the model takes no picture, or the provider takes a submit of its name and a prompt alone."""
    if not _takes_picture(contract, model):
        return True
    submits = (operation for operation in contract.operations.values() if operation.role == "submit")
    return any(
        submit.body is not None and submit.body.is_valid(_body(contract, submit, model)) for submit in submits
    )


def _body(contract: Contract, submit: Operation, model: Model) -> dict[str, Any]:
    body: dict[str, Any] = {}
    if submit.model_at:
        put(body, submit.model_at, model.id)
    if "prompt" in submit.media:
        put(body, submit.media["prompt"], "A boat")
    return body


def _unknown_model(contract: Contract, name: str) -> str:
    known = {model.lower(): model for model in contract.models}
    near = get_close_matches(name.lower(), known, n=3, cutoff=0.5)
    if near:
        hint = f"did you mean {' or '.join(known[word] for word in near)}?"
    else:
        hint = f"models: {', '.join(contract.models)}"
    return f"--model: {contract.provider} has no model {name!r} in profile {contract.profile}; {hint}"


def _clip_size(model: Model) -> float:
    clip = model.clips["default"]
    return clip.height * clip.fps
