"""A document whose parts stand in files beside it is read with them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from mockserver.cli import group
from mockserver.errors import KitError
from mockserver.kit.draft.document import read_origin
from mockserver.kit.draft.joined import PARTS
from tests.kit.draft.documents import OLD


def _whole(folder: Path) -> dict[str, Any]:
    """The document in one piece, as JSON."""
    (folder / "whole.yaml").write_text(OLD)
    return read_origin(folder / "whole.yaml").document


def _split(folder: Path) -> Path:
    """The document in three files: its schemas in one, a path in another, which refers to the first."""
    document = _whole(folder)
    here = "#/components/schemas/"
    schemas = json.dumps(document["components"].pop("schemas")).replace(here, "#/")
    path = json.dumps(document["paths"].pop("/videos")).replace(here, "../schemas/all.yaml#/")
    path = path.replace("#/components/responses", "../api.yaml#/components/responses")
    whole = json.loads(json.dumps(document).replace(here, "./schemas/all.yaml#/"))
    whole["paths"]["/videos"] = {"$ref": "./paths/videos.json"}
    (folder / "schemas").mkdir()
    (folder / "paths").mkdir()
    (folder / "schemas" / "all.yaml").write_text(yaml.safe_dump(json.loads(schemas)))
    (folder / "paths" / "videos.json").write_text(path)
    (folder / "api.yaml").write_text(yaml.safe_dump(whole))
    return folder / "api.yaml"


def test_a_split_document_is_read_as_one(tmp_path: Path) -> None:
    document = read_origin(_split(tmp_path)).document
    assert document["paths"]["/videos"] == {"$ref": f"#/{PARTS}/videos"}
    assert {*document[PARTS]} == {"videos", "all"}
    submit = document[PARTS]["videos"]["post"]
    schema = submit["requestBody"]["content"]["application/json"]["schema"]
    assert schema == {"$ref": f"#/{PARTS}/all/Ask"}
    assert submit["responses"]["422"] == {"$ref": "#/components/responses/Bad"}
    assert "yaml#" not in json.dumps(document)
    arguments = ["contracts", "new", "vidra", "--from", str(tmp_path / "api.yaml"), "--into", str(tmp_path)]
    result = CliRunner().invoke(group, [*arguments, "--json"])
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["findings"] == []
    made = json.loads((tmp_path / "vidra" / "schemas" / "all-ask.json").read_text())
    assert {"model", "prompt", "duration"} <= {*made["properties"]}


@pytest.mark.parametrize("place", ["./nowhere.yaml", "https://example.com/paths.yaml", "../outside.yaml"])
def test_what_is_not_here_is_left_and_a_path_that_is_not_here_is_refused(tmp_path: Path, place: str) -> None:
    (tmp_path / "outside.yaml").write_text("{}")
    folder = tmp_path / "api"
    folder.mkdir()
    (folder / "api.yaml").write_text(OLD.replace("'#/components/schemas/Ask'", place))
    document = read_origin(folder / "api.yaml").document
    schema = document["paths"]["/videos"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert schema == {"$ref": place}
    whole = _whole(folder)
    whole["paths"]["/videos"] = {"$ref": place}
    (folder / "api.yaml").write_text(yaml.safe_dump(whole))
    with pytest.raises(KitError, match=r"the path /videos stands in .*; join the files first"):
        read_origin(folder / "api.yaml")
