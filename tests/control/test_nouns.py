"""Rules, faults, quotas, usage, tenants and the documentation, over a real socket."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.control_client import ControlError
from mockserver.jobs.ids import tenant_of
from tests.control.conftest import TOKEN, Bench
from tests.engine.test_lifecycle import SUBMITS
from tests.serving import KEY


def test_the_catalogue_tells_every_fault_with_its_settings(bench: Bench) -> None:
    found = bench.mock.faults()
    assert {row["seam"] for row in found["faults"]} >= {"plan", "wire", "media"}
    assert all(row["about"] and row["settings"]["type"] == "object" for row in found["faults"])
    assert all(row["name"] and row["about"] for row in found["predicates"])


def _plan_fault(bench: Bench) -> str:
    return next(str(row["name"]) for row in bench.mock.faults()["faults"] if row["name"] == "fail")


def test_rules_come_are_replaced_and_go(bench: Bench) -> None:
    fault = _plan_fault(bench)
    first = bench.mock.add_rule(fault, rule_id="one", when={"provider": "gmicloud"})
    second = bench.mock.add_rule(fault, times=2, rule_id="two")
    assert [rule["id"] for rule in bench.mock.rules()] == [first["id"], second["id"]]
    bench.mock.add_rule(fault, rule_id="one", when={"provider": "kkiai"})
    assert [rule["when"] for rule in bench.mock.rules() if rule["id"] == "one"] == [{"provider": "kkiai"}]
    assert bench.mock.drop_rule("one") == 1
    with pytest.raises(ControlError) as caught:
        bench.mock.drop_rule("one")
    assert caught.value.status == 404
    assert bench.mock.drop_rule() == 1
    assert bench.mock.rules() == []


def test_a_rule_bends_a_job_and_explain_names_it(bench: Bench) -> None:
    bench.mock.add_rule(_plan_fault(bench), rule_id="bad-day")
    job = bench.submit()
    bench.mock.advance(8)
    assert bench.state(job) == "failed"
    told = bench.mock.explain("gmicloud", job)
    assert told["job"]["faults"] == ["bad-day"]
    assert all("bad-day" in entry["cause"] for entry in told["timeline"] if entry["what"] == "state")


def test_a_rule_by_key_is_about_that_tenant_only(bench: Bench) -> None:
    bench.open_client(key=KEY).add_rule(_plan_fault(bench))
    mine, other = bench.submit(), bench.submit(key="other")
    bench.mock.advance(8)
    assert (bench.state(mine), bench.state(other, key="other")) == ("failed", "success")


@pytest.mark.parametrize(
    "rule",
    [
        {},
        {"fault": "no-such-fault"},
        {"fault": "fail", "when": {"no-such-predicate": 1}},
        {"fault": "fail", "settings": {"no-such-setting": 1}},
        {"fault": "fail", "times": 0},
        {"fault": "fail", "when": {"provider": []}},
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(bench: Bench, rule: dict[str, Any]) -> None:
    with pytest.raises(ControlError) as caught:
        bench.mock.call("POST", "/rules", rule)
    assert caught.value.status == 422
    assert bench.mock.rules() == []


def test_the_scenario_schema_is_published(bench: Bench) -> None:
    schema = bench.mock.call("GET", "/scenario.schema.json")
    assert "rules" in schema["properties"]


def test_quotas_are_set_and_lifted(bench: Bench) -> None:
    mine = bench.open_client(key=KEY)
    assert mine.quota() is None
    bench.mock.set_quota(parallel=9)
    mine.set_quota(requests=3, window=10)
    assert mine.quota() == {"requests": 3, "window": 10.0, "parallel": None, "credits": None}
    assert bench.mock.quota() == {"requests": None, "window": 60.0, "parallel": 9, "credits": None}
    mine.drop_quota()
    everybodys = mine.quota()
    assert everybodys is not None
    assert everybodys["parallel"] == 9
    bench.mock.drop_quota()
    assert bench.mock.quota() is None


@pytest.mark.parametrize("limits", [{"requests": -1}, {"window": 0}, {"parallel": "many"}, {"money": 1}])
def test_limits_that_make_no_sense_are_refused(bench: Bench, limits: dict[str, Any]) -> None:
    with pytest.raises(ControlError) as caught:
        bench.mock.set_quota(**limits)
    assert caught.value.status == 422


def test_a_quota_counts_requests_on_the_tenants_clock(bench: Bench) -> None:
    mine = bench.open_client(key=KEY)
    mine.set_clock(now=1_900_000_000_000, mode="frozen")
    mine.set_quota(requests=2, window=10)
    with bench.running.client() as client, bench.running.client("other") as other:
        statuses = [client.get("/api/v1/apikey/models").status_code for _ in range(3)]
        assert statuses[:2] == [200, 200]
        assert statuses[2] >= 400
        assert other.get("/api/v1/apikey/models").status_code == 200
        mine.advance(10)
        assert client.get("/api/v1/apikey/models").status_code == 200


def test_usage_counts_calls_and_jobs(bench: Bench) -> None:
    job = bench.submit()
    bench.submit("kkiai", key="other")
    bench.state(job)
    bench.state(job)
    used = {(row["tenant"], row["provider"]): row for row in bench.mock.usage()}
    assert set(used) == {(tenant_of(KEY), "gmicloud"), (tenant_of("other"), "kkiai")}
    mine = used[tenant_of(KEY), "gmicloud"]
    assert mine["calls"] == {"submit": 1, "read": 2}
    assert mine["jobs"] == {"queued": 1}
    assert mine["cost"] >= 0
    assert [row["provider"] for row in bench.open_client(key="other").usage()] == ["kkiai"]


def test_a_fresh_key_is_a_fresh_tenant_and_a_reset_touches_one_only(bench: Bench) -> None:
    bench.submit()
    kept = bench.submit(key="other")
    mine = bench.open_client(key=KEY)
    mine.advance(5)
    mine.set_quota(requests=1000)
    assert {row["tenant"] for row in bench.mock.tenants()} == {tenant_of(KEY), tenant_of("other")}
    assert mine.reset() == 1
    assert mine.jobs() == []
    assert mine.quota() is None
    assert not mine.clock()["own"]
    assert [row["id"] for row in bench.mock.jobs()] == [kept]
    assert [row["tenant"] for row in bench.mock.usage()] == [tenant_of("other")]
    assert bench.mock.reset() == 1
    assert bench.mock.tenants() == []


def test_a_reset_of_everybody_takes_rules_and_clock_along(bench: Bench) -> None:
    bench.mock.add_rule(_plan_fault(bench))
    bench.mock.freeze()
    bench.mock.reset()
    assert bench.mock.rules() == []
    assert bench.mock.clock()["mode"] == "real"


def test_a_snapshot_brings_a_tenant_back(bench: Bench) -> None:
    mine = bench.open_client(key=KEY)
    job = bench.submit()
    mine.set_clock(mode="frozen")
    mine.advance(2)
    mine.force("gmicloud", job, "processing")
    snapshot = mine.snapshot()
    mine.reset()
    other = bench.submit(key="other")
    assert mine.restore(snapshot) == 1
    assert bench.state(job) == "processing"
    assert mine.clock()["mode"] == "frozen"
    assert bench.state(other, key="other") == "queued"
    mine.reset()
    third = bench.open_client(key="third")
    assert third.restore(snapshot) == 1
    assert bench.state(job, key="third") == "processing"
    with pytest.raises(ControlError) as caught:
        mine.restore(snapshot)
    assert caught.value.status == 409


@pytest.mark.parametrize("document", [{}, {"jobs": 1}, {"jobs": [{}]}, {"format": "other"}])
def test_what_is_no_snapshot_is_refused_and_changes_nothing(bench: Bench, document: dict[str, Any]) -> None:
    job = bench.submit()
    with pytest.raises(ControlError) as caught:
        bench.open_client(key=KEY).restore(document)
    assert caught.value.status == 422
    assert bench.state(job) == "queued"


def test_every_noun_has_operations_with_descriptions(bench: Bench) -> None:
    document = bench.mock.call("GET", "/openapi.json")
    silent = [
        f"{verb} {path}"
        for path, verbs in document["paths"].items()
        for verb, operation in verbs.items()
        if not operation.get("description") or not operation.get("tags")
    ]
    assert not silent


def test_a_path_with_a_slash_too_many_is_no_path(bench: Bench) -> None:
    with bench.running.client("the-token") as client:
        assert client.get("/__mock/jobs/").status_code == 404


def test_the_index_lists_what_can_be_had(bench: Bench) -> None:
    control = bench.mock.call("GET", "")["control"]
    assert f"{bench.running.url}/__mock/clock" in control
    assert f"{bench.running.url}/__mock/docs" in control
    with bench.running.client(TOKEN) as client:
        for address in control:
            with client.stream("GET", address.removeprefix(bench.running.url)) as answer:
                assert answer.status_code != 405, address
    assert [address for address in control if "{" in address] == []
    assert control == sorted(control)


def test_every_contract_is_listed_and_can_be_had(bench: Bench) -> None:
    rows = bench.mock.call("GET", "/contracts")

    assert {row["provider"] for row in rows} == set(bench.mock.call("GET", "")["providers"])
    row = next(row for row in rows if row["provider"] == "gmicloud")
    document = bench.mock.call("GET", row["document"].removeprefix("/__mock"))
    assert (row["title"], row["profile"], row["overlays"]) == (document["x-job"]["title"], "documented", [])
    assert row["models"] == list(document["x-job"]["models"])
    assert row["states"] == list(document["x-job"]["states"])
    with pytest.raises(ControlError, match="no provider 'nobody'; providers: ") as caught:
        bench.mock.call("GET", "/contracts/nobody")
    assert caught.value.status == 404


def test_the_page_has_no_other_files(bench: Bench) -> None:
    with pytest.raises(ControlError, match=r"the page has no file 'nothing\.js'") as caught:
        bench.mock.call("GET", "/page/nothing.js")
    assert caught.value.status == 404


def test_a_reset_says_whose_jobs_went(bench: Bench) -> None:
    bench.submit()
    bench.submit(key="other")

    tenant = tenant_of("other")
    assert bench.mock.call("POST", "/tenants/reset?key=other") == {"tenant": tenant, "jobs": 1}
    assert bench.mock.call("POST", "/tenants/reset") == {"tenant": None, "jobs": 1}


def test_a_rule_may_go_by_the_seconds_that_a_job_is_old(bench: Bench) -> None:
    bench.mock.add_rule("missing-for-a-while", settings={"seconds": 5})
    job = bench.submit()
    path = SUBMITS["gmicloud"][3].replace("{id}", job)
    with bench.running.client() as client:
        statuses = []
        for seconds in (0, 4, 1):
            bench.running.clock.advance(seconds)
            statuses.append(client.get(path).status_code)

    assert statuses == [404, 404, 200]
