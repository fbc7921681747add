"""Achievements and their versions: a stable id, drafts that may change, published versions that never do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from ler_issuer.errors import Missing
from ler_issuer.store import tables
from ler_issuer.store.db import Db
from ler_issuer.store.statements import Statement, columns, given, row_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from ler_issuer.types import JsonObject, Url


@dataclass(frozen=True, slots=True)
class Achievement:
    """What a credential is about. `uri` is the `achievement.id` of Open Badges, stable over all versions."""

    id: str
    issuer_id: str
    key: str
    uri: Url
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Version:
    """One version of an achievement; immutable once it is published."""

    id: str
    achievement_id: str
    version: int
    definition: JsonObject
    digest: str
    image_digest: str | None
    drafted_at: datetime
    published_at: datetime | None
    in_force_from: datetime | None


@dataclass(frozen=True, slots=True)
class Picture:
    """The image of an achievement."""

    media_type: str
    body: bytes


_ACHIEVEMENT = sa.select(*columns(tables.achievement, Achievement))
_VERSION = sa.select(*columns(tables.achievement_version, Version))
_ROW = tables.achievement.c
_BY_ID = Statement(_ACHIEVEMENT.where(_ROW.id == given("achievement_id")))
_NAMED = Statement(
    _ACHIEVEMENT.where(
        _ROW.issuer_id == given("issuer_id"),
        sa.or_(_ROW.key == given("name"), _ROW.id == given("name"), _ROW.uri == given("name")),
    )
)
_VERSIONS = Statement(
    _VERSION.where(tables.achievement_version.c.achievement_id == given("achievement_id")).order_by(
        tables.achievement_version.c.version
    )
)
_FEEDING = Statement(
    sa.select(tables.assessment_feed.c.assessment)
    .distinct()
    .where(tables.assessment_feed.c.achievement_id == given("achievement_id"))
)


def add(db: Db, achievement: Achievement) -> None:
    """Keep a new achievement, without any version yet."""
    db.keep(tables.achievement, achievement)


def add_version(db: Db, version: Version) -> None:
    """Keep a new draft."""
    db.keep(tables.achievement_version, version)


def change_draft(db: Db, version: Version) -> None:
    """Give a draft another definition; published versions are out of reach."""
    row = tables.achievement_version
    db.run(sa.update(row).where(row.c.id == version.id, row.c.published_at.is_(None)).values(**row_of(version)))


ANY_SOURCE = "*"
"""Stands for a source where assessments of every source feed an achievement; no source is called so."""


@dataclass(frozen=True, slots=True)
class Feed:
    """An assessment that feeds an achievement from now on: by its name, in one source or in any."""

    issuer_id: str
    assessment: str
    source: str
    achievement_id: str


def publish(db: Db, version: Version, feeds: Iterable[Feed]) -> None:
    """Freeze a draft, and note what feeds the achievement from now on."""
    change_draft(db, version)
    for feed in feeds:
        db.keep_new(tables.assessment_feed, feed)


def by_key(db: Db, issuer_id: str, key: str) -> Achievement | None:
    """Give the issuer's achievement with this key, or None."""
    row = tables.achievement.c
    return db.first(Achievement, _ACHIEVEMENT.where(row.issuer_id == issuer_id, row.key == key))


def named(db: Db, issuer_id: str, name: str) -> Achievement | None:
    """Give the issuer's achievement that a result names by key, id or URL, or None."""
    return db.first(Achievement, _NAMED, issuer_id=issuer_id, name=name)


def get(db: Db, achievement_id: str) -> Achievement:
    """Give an achievement by id.

    Raises:
        Missing: there is none.
    """
    found = db.first(Achievement, _BY_ID, achievement_id=achievement_id)
    if found is None:
        raise Missing("no such achievement")
    return found


def owned_by(db: Db, achievement_id: str, issuer_id: str) -> Achievement:
    """Give an achievement of this issuer.

    Raises:
        Missing: there is none, or it is another issuer's.
    """
    found = get(db, achievement_id)
    if found.issuer_id != issuer_id:
        raise Missing("no such achievement")
    return found


def of_issuer(db: Db, issuer_id: str, *, after: str | None, limit: int) -> list[Achievement]:
    """Give the issuer's achievements by key, from the one after `after`."""
    row = tables.achievement.c
    statement = _ACHIEVEMENT.where(row.issuer_id == issuer_id).order_by(row.key).limit(limit)
    return db.all(Achievement, statement if after is None else statement.where(row.key > after))


def fed_by(db: Db, issuer_id: str, source: str, assessment: str) -> list[Achievement]:
    """Give the achievements whose award rules name this assessment of a source, by key."""
    feed, row = tables.assessment_feed.c, tables.achievement.c
    return db.all(
        Achievement,
        _ACHIEVEMENT.join(tables.assessment_feed, feed.achievement_id == row.id)
        .distinct()
        .where(feed.issuer_id == issuer_id, feed.assessment == assessment, feed.source.in_((source, ANY_SOURCE)))
        .order_by(row.key),
    )


def assessments_of(db: Db, achievement_id: str) -> list[str]:
    """Give the assessments that feed an achievement."""
    return [assessment for (assessment,) in db.rows(_FEEDING, achievement_id=achievement_id)]


def versions(db: Db, achievement_id: str) -> list[Version]:
    """Give all versions, the first one first; at most the last is a draft."""
    return db.all(Version, _VERSIONS, achievement_id=achievement_id)


def version(db: Db, version_id: str) -> Version:
    """Give a version by id.

    Raises:
        Missing: there is none.
    """
    found = db.first(Version, _VERSION.where(tables.achievement_version.c.id == version_id))
    if found is None:
        raise Missing("no such version")
    return found


def add_image(db: Db, digest: str, media_type: str, body: bytes) -> None:
    """Keep a picture under the digest of its bytes."""
    db.add_new(tables.image, digest=digest, media_type=media_type, body=body)


def image(db: Db, digest: str) -> Picture:
    """Give a picture by the digest of its bytes.

    Raises:
        Missing: there is none.
    """
    found = db.first(Picture, sa.select(*columns(tables.image, Picture)).where(tables.image.c.digest == digest))
    if found is None:
        raise Missing("no such image")
    return found
