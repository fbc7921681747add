"""Stacks to test with: skills that results earn, competencies that they add up to, and rules between them."""

from __future__ import annotations

from typing import Any

from ler_issuer import jsontext
from ler_issuer.stacking import StackDefinition
from ler_issuer.store import achievements, stacking
from world import award, publish

HOLDING = {"type": "holding"}


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


def rule(rt: Any, tenant: Any, key: str, tree: Any, **changes: Any) -> stacking.Rule:
    """Publish a rule that earns the achievement of the same key."""
    said = {"key": key, "achievement": key, "rule": tree, **changes}
    definition = StackDefinition.model_validate(said)
    now = rt.now()
    with rt.db.begin() as db:
        def uri(name):
            found = achievements.by_key(db, tenant.issuer.id, name)
            return name if found is None else found.uri
        def resolve(node):
            if isinstance(node, dict):
                return {k: [uri(x) for x in v] if k == "achievements" else resolve(v) for k, v in node.items()}
            return [resolve(x) for x in node] if isinstance(node, list) else node
        achievement = achievements.by_key(db, tenant.issuer.id, key)
        made = stacking.Rule(rt.new_id(), tenant.issuer.id, key, f"{tenant.issuer.public_url}/rules/{key}", achievement.id, now)
        stacking.add(db, made)
        text = {"id": f"{made.uri}/versions/1", "type": "StackingRule", "issuer": tenant.issuer.did, "achievement": achievement.uri,
                "version": 1, "name": key, "rule": resolve(tree), "levels": [], "equivalences": []}
        said = definition.model_dump(mode="json", exclude_none=True)
        version = stacking.Version(rt.new_id(), made.id, 1, "draft", said, jsontext.digest(said), text, jsontext.digest(text), None, None, now, now, None, None, None)
        stacking.add_version(db, version)
        import dataclasses
        stacking.publish(db, dataclasses.replace(version, state="published", published_at=now), StackDefinition.model_validate({**said, "rule": text["rule"]}).mentions())
    return made


def earn(rt: Any, tenant: Any, key: str, learner: str = "ada@example.edu", **changes: Any) -> Any:
    """Record a result that earns a skill."""
    return award(rt, tenant, learner, achievement=key, **changes)
