"""Of a record with everything in it, only what a contract knows is judged by it."""

from __future__ import annotations

import json
from collections import Counter
from urllib.parse import urlsplit

import pytest

from mockserver.contract.model import Contract
from mockserver.errors import SettingsError
from mockserver.kit.contracts import load
from mockserver.kit.findings.run import INCOMPLETE, Run
from mockserver.kit.trace.choose import candidates, choose, guess
from mockserver.kit.trace.judge import check_trace
from mockserver.kit.traffic.exchange import Exchange
from tests.kit.trace.recording import PROVIDERS, Har, exchanges


def contracts() -> list[Contract]:
    return [load(name) for name in PROVIDERS]


def of(har: Har, provider: str) -> list[Exchange]:
    return choose(exchanges(har), load(provider)).exchanges


def test_every_exchange_belongs_to_one_provider(recorded: tuple[Har, Har]) -> None:
    chosen = Counter(exchange.number for provider in PROVIDERS for exchange in of(recorded[0], provider))

    assert set(chosen) == {exchange.number for exchange in exchanges(recorded[0])}
    assert set(chosen.values()) == {1}


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_file_is_known_by_the_link_that_led_to_it(recorded: tuple[Har, Har], provider: str) -> None:
    assert sum("/media/" in exchange.url for exchange in of(recorded[0], provider)) == 1


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_provider_is_guessed_from_the_paths(recorded: tuple[Har, Har], provider: str) -> None:
    stranger = exchanges(recorded[0])[0]._replace(url="https://example.com/metrics?x=1")

    assert guess([*of(recorded[0], provider), stranger], contracts()) == provider
    # Among them is one whose places fit almost any path.
    assert guess(of(recorded[0], provider), candidates()) == provider


def test_several_providers_are_listed_and_not_guessed(recorded: tuple[Har, Har]) -> None:
    with pytest.raises(SettingsError, match=r"--provider: gmicloud \(9\), aimlapi \(8\), kkiai \(9\)"):
        guess(exchanges(recorded[0]), contracts())


def test_traffic_of_nobody_is_refused(recorded: tuple[Har, Har]) -> None:
    stranger = exchanges(recorded[0])[0]._replace(url="https://example.com/metrics")

    with pytest.raises(SettingsError, match=r"a path of gmicloud, aimlapi, kkiai; .*--base"):
        guess([stranger], contracts())
    with pytest.raises(SettingsError, match="no exchange has a path of kkiai"):
        check_trace([stranger], load("kkiai"), target="a.har")


@pytest.mark.parametrize("base", ["/gateway/v7", "https://gw.example.com/gateway/v7/"])
def test_a_gateways_prefix_is_taken_off(recorded: tuple[Har, Har], base: str) -> None:
    moved = json.dumps(recorded[0]).replace("/api/v1/ie", "/gateway/v7/api/v1/ie")
    har = json.loads(moved)

    run, _ = check_trace(exchanges(har), load("gmicloud"), target="a.har", base=base)

    assert (run.calls, run.jobs, run.findings) == (10, 1, ())
    assert guess(exchanges(har)[:5], contracts(), base) == "gmicloud"


def test_a_gateway_may_have_a_prefix_instead_of_the_providers(recorded: tuple[Har, Har]) -> None:
    moved = json.dumps(recorded[0]).replace("/api/v1/ie/requestqueue/apikey", "/gmi")

    run, _ = check_trace(
        exchanges(json.loads(moved)), load("gmicloud"), target="a.har", base="https://gw.example.com/gmi"
    )

    assert (run.calls, run.findings) == (10, ())


def test_what_was_left_out_is_said(recorded: tuple[Har, Har]) -> None:
    stranger = exchanges(recorded[0])[0]._replace(url="https://example.com/metrics?x=1")

    note = choose([stranger, stranger], load("gmicloud")).note

    assert note == "2 exchanges are of paths that the contract does not have: example.com/metrics"


def test_a_host_is_chosen_and_calls_to_others_are_told(recorded: tuple[Har, Har]) -> None:
    ours = of(recorded[0], "gmicloud")
    foreign = [exchange._replace(url="https://other.example/api/v1/apikey/models") for exchange in ours[:2]]
    host = ours[0].request_header("host") or "127.0.0.1"

    chosen = choose([*ours, *foreign], load("gmicloud"), host=host)

    assert chosen.exchanges == ours
    assert chosen.others.total() == 2
    assert f"or of other hosts than {host}: other.example/" in chosen.note


def test_calls_to_several_servers_are_no_pass(recorded: tuple[Har, Har]) -> None:
    ours = [exchange for exchange in of(recorded[0], "gmicloud") if "/media/" not in exchange.url]
    host = urlsplit(ours[0].url).netloc

    def at(other: str) -> list[Exchange]:
        return [exchange._replace(url=exchange.url.replace(host, other)) for exchange in ours]

    def judged(exchanges: list[Exchange], host: str = "") -> Run:
        return check_trace(exchanges, load("gmicloud"), target="a.har", host=host)[0]

    doubt = "calls to 2 servers have paths of the contract and were judged as one; choose one with --host: "
    run = judged([*ours, *at("relay.example:8443")[:2]])
    local = host.replace("127.0.0.1", "localhost")
    assert run.not_judged[0] == f"{doubt}{local} ({len(ours)}), relay.example:8443 (2)"
    assert run.exit_code in (1, INCOMPLETE)
    assert not any(doubt in line for line in judged([*ours, *at("relay.example")], host).not_judged)
    for names in ((host, local), ("a.example:80", "a.example"), ("console.gmicloud.ai", "api.example.com")):
        both = [exchange for name in names for exchange in at(name)]
        assert not any("servers have paths" in line for line in judged(both).not_judged)
