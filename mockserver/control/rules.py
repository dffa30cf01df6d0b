"""Rules: which requests meet which fault, from the next request on, in the order in which they came."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel

from mockserver.control import ROOT
from mockserver.control.dependencies import Tenant, TheServices
from mockserver.errors import NotFoundError
from mockserver.faults.rule import Rule
from mockserver.faults.scenario import scenario_schema

router = APIRouter(prefix=ROOT, tags=["rules"])


class DroppedRules(BaseModel):
    """How many rules are gone."""

    dropped: int


@router.get("/rules")
async def listing(services: TheServices) -> list[Rule]:
    """Every rule in force."""
    await services.live_settings.refresh()
    return services.live_settings.rules


@router.post("/rules", status_code=201)
async def add(rule: Rule, tenant: Tenant, services: TheServices) -> Rule:
    """Add a rule, or replace the one of its id. `key=` or `tenant=` makes it one about that tenant."""
    if tenant:
        rule = rule.model_copy(update={"when": {**rule.when, "tenant": tenant}})
    try:
        rule.read()
    except ValueError as error:
        raise HTTPException(422, str(error)) from None
    await services.live_settings.refresh()
    return await services.live_settings.add_rule(rule)


@router.delete("/rules")
async def clear(services: TheServices) -> DroppedRules:
    """Remove every rule."""
    await services.live_settings.refresh()
    rules = services.live_settings.rules
    return DroppedRules(dropped=sum([await services.live_settings.drop_rule(rule.id) for rule in rules]))


@router.delete("/rules/{rule_id}")
async def drop(rule_id: str, services: TheServices) -> DroppedRules:
    """Remove one rule."""
    await services.live_settings.refresh()
    if not await services.live_settings.drop_rule(rule_id):
        raise NotFoundError(f"no rule {rule_id!r}")
    return DroppedRules(dropped=1)


@router.get("/scenario.schema.json")
def schema() -> dict[str, Any]:
    """The JSON Schema of a scenario file, for `serve --scenario` and for editors."""
    return scenario_schema()
