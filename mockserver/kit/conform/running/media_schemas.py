"""What the bodies of a model's submits may say of a clip: schemas of the places that `x-job.media` names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mockserver.contract.model import Contract, Model
from mockserver.contract.pointer import ABSENT
from mockserver.contract.schema_places import schema_in_part
from mockserver.kit.strategies.submit_requests import reaches


def media_schemas(contract: Contract, model: Model, name: str) -> Iterator[Any]:
    """The schemas of the places of a property of the clip, of those that the model's payload has."""
    submits = (operation for operation in contract.operations.values() if operation.role == "submit")
    taking = (submit for submit in submits if reaches(contract, submit, model.id))
    for path in dict.fromkeys(path for submit in taking for path in submit.media.paths(name)):
        schema = schema_in_part(contract.document, model.payload, path)
        if schema is not ABSENT:
            yield schema
