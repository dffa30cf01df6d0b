"""Which cases say something about a client: by what it can do, by its model, by what it came to do."""

from __future__ import annotations

from typing import Final

from mockserver.contract.model import Contract
from mockserver.errors import SettingsError
from mockserver.kit import contracts
from mockserver.kit.conform.case import Case
from mockserver.kit.conform.evidence import Evidence
from mockserver.kit.conform.judges.messages import last_line
from mockserver.kit.conform.judges.outcome import ended
from mockserver.kit.conform.running.client import ClientUnderTest
from mockserver.kit.conform.running.models import ModelChoice
from mockserver.kit.traffic.answer_templates import names_of

NO_PROGRAM: Final = (126, 127)
"""The exit codes of a shell that finds no such program."""
_OF_LINKS: Final = frozenset({"no-link", "expired-link", "redirect"})
_SIZES: Final = frozenset({"media.seconds", "media.width", "media.height"})
OTHER_KEY: Final = (
    "the client used another key than MOCKSERVER_KEY: send that key as it is, where the "
    "provider takes one, or use --key-pair for a client that signs a token with it"
)


def why_not_for(case: Case, contract: Contract, client: ClientUnderTest, choice: ModelChoice) -> str:
    """Why the case is not for this provider, client or model; empty if it is."""
    if contract.provider in case.not_for:
        return case.not_for[contract.provider]
    missing = [need for need in case.needs if need not in choice.supports]
    if "download" in missing:
        return "for clients that fetch the clip themselves: without --returns-link"
    if missing and not (missing == ["text"] and choice.is_for_text):
        return f"for clients that support {', '.join(missing)}: --supports {','.join(missing)}"
    if is_about_links(case) and not shows_links(contract):
        return "for providers that show a link to the clip: this one sends it itself"
    needs_process = case.client.kill_after is not None or case.client.workers > 1
    if needs_process and not client.killable:
        return "for clients that are a process"
    return choice.why_not(case)


def is_about_links(case: Case) -> bool:
    """Whether the case is about links to files, or about what may be sent to their host."""
    faults = {rule.fault for rule in case.setup.rules}
    judges = {judged.judge for judged in case.judged}
    return not faults.isdisjoint(_OF_LINKS) or "key-not-to-media" in judges


def shows_links(contract: Contract) -> bool:
    """Whether an answer about a job has a link to a file."""
    operations = [each for each in contract.operations.values() if each.role in ("read", "list")]
    names = {name for operation in operations for name in names_of(contract, operation)}
    return any(name.startswith("media.") and name not in _SIZES for name in names)


def check_key_pair(contract: Contract) -> None:
    """Raise SettingsError where the provider takes no tokens that a client has signed."""
    if _takes_tokens(contract):
        return
    others = [
        name for name in contract.profiles if _takes_tokens(contracts.load(contract.provider, profile=name))
    ]
    hint = f"; use --profile {' or '.join(others)}" if others else ""
    raise SettingsError(
        f"--key-pair: {contract.provider} takes no signed tokens in profile {contract.profile}{hint}"
    )


def _takes_tokens(contract: Contract) -> bool:
    credentials = (operation.credential for operation in contract.operations.values())
    return any(credential and credential.caller for credential in credentials)


def why_silent(evidence: Evidence) -> str:
    """Why there is nothing to judge: the client asked the provider for nothing. Empty if it did."""
    if evidence.other_key:
        return OTHER_KEY
    if evidence.exchanges:
        return ""
    first = evidence.runs[0]
    if first.exit_code in NO_PROGRAM:
        return f"exit code {first.exit_code}: {last_line(first.output) or 'the program was not found'}"
    line = last_line(first.output)
    says = f"it says: {line!r}" if line else "it says nothing"
    return f"the client made no request to MOCKSERVER_BASE_URL with its key: {ended(first)}, {says}"


def why_not_met(case: Case, evidence: Evidence) -> str:
    """Why the situation that the case is about never came about; empty if it did.

    A client that did not get as far has passed nothing.
    """
    faults = {rule.fault for rule in case.setup.rules}
    met = {fault for exchange in evidence.exchanges for fault in exchange.faults}
    if faults and faults.isdisjoint(met):
        return f"the client made no request that met what the case is about: {', '.join(sorted(faults))}"
    if not faults and case.outcome == "any" and not evidence.jobs:
        return "no job was made, so there is nothing to judge"
    return ""
