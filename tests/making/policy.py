"""Variants of policy.toml for tests that would otherwise wait or run out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from app.policy import ActionLimit, PlanPolicy, Rate

if TYPE_CHECKING:
    from app.settings import Settings

MANY = 1000


def with_policy(settings: Settings, **tables: dict[str, Any]) -> Settings:
    """Change some numbers of some tables of the policy."""
    policy = settings.policy
    changed = {name: replace(getattr(policy, name), **numbers) for name, numbers in tables.items()}
    return replace(settings, policy=replace(policy, **changed))


def with_analyses(settings: Settings, count: int = MANY) -> Settings:
    """Let the free plan have so many analyses a month, and as many uploads an hour."""
    policy = settings.policy
    plans = {**policy.plans, "free": PlanPolicy(analyses=count, messages=policy.plans["free"].messages)}
    often = ActionLimit(account=Rate(count=MANY, seconds=3600))
    return replace(settings, policy=replace(policy, plans=plans, limits={**policy.limits, "upload": often}))


def with_short_lease(settings: Settings) -> Settings:
    """Let a lost run be found after about three seconds."""
    return with_policy(settings, analysis={"lease_seconds": 2.0, "heartbeat_seconds": 0.5, "reconcile_seconds": 0.5})
