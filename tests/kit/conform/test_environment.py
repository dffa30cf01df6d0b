"""The task that a client gets: what its case asks for, and the secrets of this run alone."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from mockserver.kit.conform.running import environment
from mockserver.kit.conform.running.environment import PROMPT, CaseEnvironment
from mockserver.kit.conform.task import Task

SETUP = {
    "prompt": None, "limit_plus": None, "thumbnail": False, "interval": 0.0, "deadline": 9.0,
    "callback": False,
}  # fmt: skip


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """`made(**setup)` is the task for a case with that setup, of a model whose prompt has 10 characters."""
    monkeypatch.setattr(environment, "_bundled", lambda _: b"{}")
    monkeypatch.setattr(environment, "png", lambda *_: b"picture")
    monkeypatch.setattr(environment, "prompt_limit", lambda _, model: 10 if model == "limited" else None)

    def make(keys: tuple[str, str] = ("", "sk-123456789"), *, model: str = "limited", **setup: Any) -> Task:
        contract = SimpleNamespace(provider="p", models={"limited": "limited", "free": "free"})
        picture = setup.pop("picture", True)
        choice = SimpleNamespace(model=lambda _: model, takes_picture=lambda _: picture)
        running = CaseEnvironment(
            cast(Any, SimpleNamespace(contract=contract)), cast(Any, choice), seed=1, interval=0.5
        )
        case: Any = SimpleNamespace(client=SimpleNamespace(**{**SETUP, **setup}))
        folder = tmp_path / str(len([*tmp_path.iterdir()]))
        folder.mkdir()
        return running._task(case, "http://127.0.0.1:1/v1", keys, folder)

    return make


def test_a_case_that_asks_for_nothing_gets_the_usual_task(made: Any) -> None:
    task = made()

    assert (task.base_url, task.provider, task.model, task.key) == (
        "http://127.0.0.1:1/v1", "p", "limited", "sk-123456789",
    )  # fmt: skip
    assert task.prompt == f"{PROMPT} (456789)"
    assert (task.callback_url, task.thumbnail, task.access_key, task.secret_key) == ("", "", "", "")
    assert (task.interval, task.deadline) == (0.5, 9.0)
    assert Path(task.image).read_bytes() == b"picture"
    assert Path(task.contract).read_bytes() == b"{}"
    assert Path(task.output).parent.is_dir()
    assert not Path(task.job_file).exists()


def test_a_case_gets_what_it_asks_for(made: Any) -> None:
    task = made(callback=True, thumbnail=True, interval=2.0, picture=False)

    assert task.callback_url.startswith("http://127.0.0.1:")
    assert task.callback_url.endswith("/callback")
    assert task.thumbnail.endswith("thumbnail.jpg")
    assert (task.interval, task.image) == (2.0, "")


def test_a_pair_of_keys_is_the_key_and_stands_by_itself(made: Any) -> None:
    task = made(("ak-1", "sk-1"))

    assert (task.key, task.access_key, task.secret_key) == ("ak-1:sk-1", "ak-1", "sk-1")


@pytest.mark.parametrize(
    ("prompt", "plus", "model", "sent"),
    [
        ("abc", None, "limited", "abc"),
        ("", None, "limited", ""),
        ("abc", 0, "limited", "abcabcabca"),
        ("abc", 1, "limited", "abcabcabcab"),
        ("abc", -1, "limited", "abcabcabc"),
        ("abcde", 0, "limited", "abcdeabcde"),
        ("abc", 1, "free", "abc"),
    ],
)
def test_a_prompt_is_as_long_as_the_limit_and_the_case_say(
    made: Any, prompt: str, plus: int | None, model: str, sent: str
) -> None:
    assert made(prompt=prompt, limit_plus=plus, model=model).prompt == sent
