"""Parts of small documents: what an operation sends and answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mockserver.kit.draft.description import Description
from mockserver.kit.draft.document import Origin

ID: Final = {"type": "string"}
JOB: Final = {"properties": {"id": ID, "status": {"enum": ["queued", "running", "strange"]}}}
CLIP: Final = "/clips/{id}"


def answering(schema: Any = None, media: str = "application/json", **more: Any) -> dict[str, Any]:
    content = {media: {"schema": schema}} if schema is not None else {}
    return {"responses": {"200": {"content": content}}, **more}


def sending(schema: Any) -> dict[str, Any]:
    return {"requestBody": {"content": {"application/json": {"schema": schema}}}}


def query(name: str) -> dict[str, Any]:
    return {"parameters": [{"name": "page", "in": "query"}, {"name": name, "in": "query"}]}


def described(paths: Mapping[str, Any], **more: Any) -> Description:
    return Description(Origin({"paths": paths, **more}, "DOCUMENTED", "a document", old=False))
