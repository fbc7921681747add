"""Stacks to test with: skills that results earn, competencies that they add up to, and rules between them."""

from __future__ import annotations

from typing import Any

from ler_issuer.services import back_awarding, stacks
from ler_issuer.services.admitting import Publication
from ler_issuer.stacking import StackDefinition
from ler_issuer.stacking.versions import Transition
from world import award, publish


def skill(rt: Any, tenant: Any, key: str, **changes: Any) -> Any:
    """Publish a skill that one good result earns, for each assessment anew."""
    return publish(rt, tenant, key=key, name=key.capitalize(), earned="per_assessment", **changes)


def competency(rt: Any, tenant: Any, key: str, **changes: Any) -> Any:
    """Publish an achievement that no result earns."""
    return publish(rt, tenant, key=key, name=key.capitalize(), award=None, rubric=None, **changes)


def holding(*keys: str, **more: Any) -> dict[str, Any]:
    return {"type": "holding", "achievements": list(keys), **more}


def all_of(*rules: Any, **more: Any) -> dict[str, Any]:
    return {"type": "all", "rules": list(rules), **more}


NOBODY = {"name": "Nobody", "at": "2026-01-01T00:00:00Z", "met": False}


def rule(rt: Any, tenant: Any, key: str, tree: Any, transition: str = "pin", **changes: Any) -> stacks.Entry:
    """Publish a rule that earns the achievement of the same key, and award it to those who have its parts already."""
    said = {"key": key, "achievement": key, "rule": tree, "examples": [NOBODY], **changes}
    how = Publication(Transition(transition))
    [(entry, run_id)] = stacks.publish_file(rt, tenant.caller, [StackDefinition.model_validate(said)], how)
    back_awarding.go_on(rt, run_id)
    return entry


def earn(rt: Any, tenant: Any, key: str, learner: str = "ada@example.edu", **changes: Any) -> Any:
    """Record a result that earns a skill."""
    return award(rt, tenant, learner, achievement=key, **changes)
