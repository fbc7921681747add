"""Definitions: what the stored versions of an achievement say, as the rules and the credentials read it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from ler_issuer import jsontext
from ler_issuer.badges import AchievementDefinition, PublishedAchievement
from ler_issuer.store import achievements

if TYPE_CHECKING:
    from ler_issuer.store.achievements import Achievement, Version
    from ler_issuer.store.db import Db
    from ler_issuer.store.issuers import Issuer
    from ler_issuer.types import JsonObject


@dataclass(frozen=True, slots=True)
class _Frozen:
    """A definition under its digest, which alone tells it from others."""

    digest: str
    definition: JsonObject = field(compare=False)


def of(version: Version) -> AchievementDefinition:
    """Give the definition that a version holds."""
    return _parsed(_Frozen(version.digest, version.definition))


@lru_cache(maxsize=4096)
def _parsed(frozen: _Frozen) -> AchievementDefinition:
    return AchievementDefinition.model_validate(frozen.definition)


def rule_digest(version: Version) -> str:
    """Give the SHA-256 of the award rule that a version holds, or of `null` when it has none."""
    return _rule_digest(_Frozen(version.digest, version.definition))


@lru_cache(maxsize=4096)
def _rule_digest(frozen: _Frozen) -> str:
    award = _parsed(frozen).award
    return jsontext.digest(None if award is None else award.model_dump(mode="json"))


def in_force(db: Db, achievement_id: str) -> list[Version]:
    """Give the published versions of an achievement, the first to be in force first."""
    return db.once(
        ("in force", achievement_id),
        lambda: [one for one in achievements.versions(db, achievement_id) if one.published_at is not None],
    )


def feeds(db: Db, achievement_id: str) -> list[str]:
    """Give the assessments that feed an achievement."""
    return db.once(("feeds", achievement_id), lambda: achievements.assessments_of(db, achievement_id))


def published(issuer: Issuer, achievement: Achievement, version: Version) -> PublishedAchievement:
    """Give a version as credentials carry it, with its public addresses."""
    return PublishedAchievement(
        id_url=achievement.uri,
        version=str(version.version),
        version_url=f"{achievement.uri}/versions/{version.version}",
        definition=of(version),
        image_url=None if version.image_digest is None else f"{issuer.public_url}/images/{version.image_digest}",
    )
