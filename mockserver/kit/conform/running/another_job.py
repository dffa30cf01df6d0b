"""An answer about another job: one that failed, of another caller, read from the server itself."""

from __future__ import annotations

import secrets
from typing import Any, Final
from urllib.parse import quote

import httpx

from mockserver.contract.carriage import usual_carriage
from mockserver.contract.model import Contract
from mockserver.control_client import ControlClient
from mockserver.errors import KitError
from mockserver.kit.conform.running.files import NO_AUTHORITIES
from mockserver.kit.conform.running.situations import learned
from mockserver.kit.examples import example
from mockserver.kit.learned_api import with_model
from mockserver.kit.reference_client import _text as text_at
from mockserver.kit.server import Server

PLACEHOLDER: Final = "{another-job}"
"""Stands in a rule's settings for the text of such an answer."""


def answer_about_another(server: Server, contract: Contract, model: str) -> str:
    """The body of a read of a failed job. Raises KitError where none can be made."""
    key = f"sk-another-{secrets.token_hex(12)}"
    api, carried = learned(contract), usual_carriage(contract.operations.values(), key)
    request = example(contract, model)
    with (
        ControlClient(server.control, server.token, key=key) as control,
        httpx.Client(trust_env=False, verify=NO_AUTHORITIES) as http,
    ):
        made = http.request(
            request.method,
            server.url + request.path,
            params={**request.query, **carried.query},
            headers={**request.headers, **carried.headers},
            json=request.body,
        )
        jobs = control.jobs()
        if not jobs:
            raise KitError(
                f"no job of another caller could be made: HTTP {made.status_code} {made.text[:200]}"
            )
        job = jobs[0]["id"]
        failed = next(name for name, state in contract.states.items() if state.phase == "failed")
        control.force(contract.provider, job, failed, "this is another job")
        shown = text_at(made.json(), api.ids)
        path = with_model(api, api.read, request.model).replace("{}", quote(shown, safe="/" * api.named))
        url = carried.url(server.base(contract.provider) + path)
        read = http.get(url, headers=carried.headers)
        control.clear_journal()
    return read.text


def with_answer(settings: dict[str, Any], text: str) -> dict[str, Any]:
    """The settings of a rule with the answer in the placeholder's place."""
    return {name: text if value == PLACEHOLDER else value for name, value in settings.items()}
