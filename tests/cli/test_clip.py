"""`mockserver clip` says which job a file is from, what was wanted, and whether it is whole."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mockserver.cli.clip import command
from mockserver.media import lettering
from mockserver.media.sound import ffmpeg
from mockserver.media.spec import VideoSpec
from mockserver.media.synth import make_video

SPEC = VideoSpec(
    "kkiai", "kling-v1", "6f1c9a44-1111-2222-3333-444455556666", "a boat", 1.0, 320, 180, 10,
    camera=(("zoom", 2.0),), wanted=(("cfg_scale", "0.5"),), request="0123456789abcdef",
)  # fmt: skip


@pytest.fixture
def file(tmp_path: Path) -> Path:
    make_video(SPEC, tmp_path / "clip.mp4")
    return tmp_path / "clip.mp4"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(command, [str(argument) for argument in arguments])


def test_a_file_says_its_job_and_what_was_wanted(file: Path) -> None:
    result = run(file)

    assert result.exit_code == 0
    for text in (SPEC.job_id, "kkiai", "kling-v1", SPEC.request, "3 of 3 frames", "a boat", "zoom 2.0"):
        assert text in result.output


def test_what_would_write_the_letters_of_the_prompt_is_told(
    file: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    make_video(replace(SPEC, prompt="猫"), tmp_path / "cat.mp4")
    command_line = "pip install 'videogen-mockserver[scripts]'"

    assert command_line not in run(tmp_path / "cat.mp4").output
    monkeypatch.setattr(lettering, "typesetter", lambda: None)
    assert run(tmp_path / "cat.mp4").output.endswith(f"to have them written: {command_line}\n")
    assert command_line not in run(file).output


def test_as_json(file: Path) -> None:
    report = json.loads(run(file, "--json").output)

    assert report.pop("wanted") == {
        "prompt": "a boat", "seconds": 1.0, "width": 320, "height": 180, "fps": 10,
        "camera": {"zoom": 2.0}, "wanted": {"cfg_scale": "0.5"},
    }  # fmt: skip
    assert report == {
        "job": SPEC.job_id, "provider": "kkiai", "model": "kling-v1", "request": SPEC.request,
        "marks": "3 of 3 frames", "whole": True, "fault": "",
    }  # fmt: skip


@pytest.mark.parametrize("left", [0.99, 0.5])
def test_a_file_that_is_cut_off_is_told(left: float, file: Path) -> None:
    data = file.read_bytes()
    file.write_bytes(data[: int(left * len(data))])

    result = run(file, "--json")

    assert result.exit_code == 1
    report = json.loads(result.output)
    assert report["job"] == SPEC.job_id
    assert report["fault"] == f"it is cut off: {int(left * len(data))} of {len(data)} bytes"


def test_a_file_with_another_byte_is_told(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[-20] ^= 1
    file.write_bytes(data)

    result = run(file, "--json")

    assert result.exit_code == 1
    assert "its samples have another checksum" in json.loads(result.output)["fault"]


def test_a_clip_that_was_encoded_anew_says_its_job_by_its_marks(file: Path) -> None:
    again = file.with_name("again.mp4")
    subprocess.run(
        [ffmpeg(), "-v", "error", "-i", file, "-map_metadata", "-1", "-crf", "35", again], check=True
    )

    result = run(again, "--json")

    report = json.loads(result.output)
    assert (report["job"], report["request"]) == (SPEC.job_id, SPEC.request)
    assert report["marks"] == "3 of 3 frames"


def test_a_clip_of_somebody_else_is_none_of_ours(tmp_path: Path) -> None:
    other = tmp_path / "other.mp4"
    subprocess.run(
        [ffmpeg(), "-v", "error", "-f", "lavfi", "-i", "testsrc2=d=0.5:s=160x90", other], check=True
    )

    result = run(other, "--json")

    assert result.exit_code == 1
    assert json.loads(result.output)["fault"] == "nothing in it says that it is a clip of a mock server"


@pytest.mark.parametrize("content", [b"", b"hello", bytes(100)])
def test_what_is_no_clip_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").write_bytes(content)

    result = run(tmp_path / "clip.mp4")

    assert result.exit_code == 2
    assert "is not an MP4 file" in result.output
