"""Stacking rules: drafts that may change, published versions that never do, and who is pinned to which."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from ler_issuer.errors import Missing
from ler_issuer.store import learners, tables
from ler_issuer.store.db import Db
from ler_issuer.store.statements import Statement, columns, given, listed, row_of

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from ler_issuer.types import JsonObject, Url


@dataclass(frozen=True, slots=True)
class Rule:
    """A stacking rule: the issuer's own key for it, its address, and what it earns, the same in all versions."""

    id: str
    issuer_id: str
    key: str
    uri: Url
    achievement_id: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a rule; immutable once it is published. States: `draft`, `tested`, `published`, `retired`.

    `definition` is what the administrator wrote, `text` what is served and evaluated, empty until it is published.
    """

    id: str
    rule_id: str
    version: int
    state: str
    definition: JsonObject
    digest: str
    text: JsonObject
    text_digest: str
    transition: str | None
    grace_until: datetime | None
    drafted_at: datetime
    tested_at: datetime | None
    published_at: datetime | None
    in_force_from: datetime | None
    retired_at: datetime | None


@dataclass(frozen=True, slots=True)
class StoredPin:
    """The version that a learner was found to be under, why, and when."""

    learner_id: str
    rule_id: str
    rule_version_id: str
    because: str
    pinned_at: datetime


_RULE = sa.select(*columns(tables.stacking_rule, Rule))
_VERSION = sa.select(*columns(tables.stacking_rule_version, Version))
_R, _V = tables.stacking_rule.c, tables.stacking_rule_version.c
_OPEN = ("draft", "tested")
_USED = _RULE.where(_R.id.in_(sa.select(_V.rule_id).where(_V.state == "published"))).order_by(_R.key)
_EARNING = Statement(_USED.where(_R.achievement_id == given("achievement_id")))
_PUBLISHED = Statement(_USED.where(_R.issuer_id == given("issuer_id")))
_EVER_PUBLISHED = Statement(
    sa.select(_V.id)
    .join(tables.stacking_rule, _R.id == _V.rule_id)
    .where(_R.issuer_id == given("issuer_id"), _V.published_at.is_not(None))
    .limit(1)
)


# ── Rules ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def add(db: Db, rule: Rule) -> None:
    """Keep a new rule, without any version yet."""
    db.keep(tables.stacking_rule, rule)


def aim(db: Db, rule_id: str, achievement_id: str) -> None:
    """Change what a rule earns that was never published."""
    db.run(sa.update(tables.stacking_rule).where(_R.id == rule_id).values(achievement_id=achievement_id))


def get(db: Db, rule_id: str) -> Rule:
    """Give a rule by id.

    Raises:
        Missing: there is none.
    """
    found = db.first(Rule, _RULE.where(_R.id == rule_id))
    if found is None:
        raise Missing("no such rule")
    return found


def owned_by(db: Db, rule_id: str, issuer_id: str) -> Rule:
    """Give a rule of this issuer.

    Raises:
        Missing: there is none, or it is another issuer's.
    """
    found = get(db, rule_id)
    if found.issuer_id != issuer_id:
        raise Missing("no such rule")
    return found


def ever_published(db: Db, issuer_id: str) -> bool:
    """Say whether the issuer has a rule that was published once, in use or retired."""
    return db.scalar(_EVER_PUBLISHED, issuer_id=issuer_id) is not None


def by_key(db: Db, issuer_id: str, key: str) -> Rule | None:
    """Give the issuer's rule with this key, or None."""
    return db.first(Rule, _RULE.where(_R.issuer_id == issuer_id, _R.key == key))


def of_issuer(db: Db, issuer_id: str, *, after: str | None, limit: int) -> list[Rule]:
    """Give the issuer's rules by key, from the one after `after`."""
    statement = _RULE.where(_R.issuer_id == issuer_id).order_by(_R.key).limit(limit)
    return db.all(Rule, statement if after is None else statement.where(_R.key > after))


def earning(db: Db, achievement_id: str) -> list[Rule]:
    """Give the rules with a published version that earn an achievement."""
    return db.all(Rule, _EARNING, achievement_id=achievement_id)


def published(db: Db, issuer_id: str) -> list[Rule]:
    """Give the issuer's rules that have a published version, by key."""
    return db.all(Rule, _PUBLISHED, issuer_id=issuer_id)


def knows_achievement(db: Db, uri: Url) -> bool:
    """Say whether an achievement of any issuer here has this address."""
    row = tables.achievement.c
    return db.scalar(sa.select(row.id).where(row.uri == uri)) is not None


def achievements_at(db: Db, issuer_id: str, uris: Collection[str]) -> dict[str, str]:
    """Give the ids of the issuer's achievements that have one of these addresses, by address."""
    row = tables.achievement.c
    wanted = sa.select(row.uri, row.id).where(row.issuer_id == issuer_id, row.uri.in_(sorted(uris)))
    return {one.uri: one.id for one in db.run(wanted)}


# ── Versions ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def add_version(db: Db, version: Version) -> None:
    """Keep a new draft."""
    db.keep(tables.stacking_rule_version, version)


def change_draft(db: Db, version: Version) -> None:
    """Give a draft another definition or state, or publish it; published versions are out of reach."""
    row = tables.stacking_rule_version
    db.run(sa.update(row).where(_V.id == version.id, _V.state.in_(_OPEN)).values(**row_of(version)))


def drop_draft(db: Db, version_id: str) -> None:
    """Forget a draft; published versions are out of reach."""
    db.run(sa.delete(tables.stacking_rule_version).where(_V.id == version_id, _V.state.in_(_OPEN)))


def let_none_be_issued(db: Db) -> None:
    """Wait for transactions that issue credentials, and keep others from it until this one ends.

    One that is under way may have read the rules as they were: whoever it is about would be missed by all who look. On
    SQLite there is none, because one writes at a time.
    """
    if not db.is_sqlite:
        db.run(sa.text("LOCK TABLE credential IN SHARE MODE"))


def retire(db: Db, version_ids: Collection[str], at: datetime) -> None:
    """Take published versions out of use; their texts stay."""
    row = tables.stacking_rule_version
    wanted = sa.and_(_V.id.in_(sorted(version_ids)), _V.state == "published")
    db.run(sa.update(row).where(wanted).values(state="retired", retired_at=at))


def versions(db: Db, rule_id: str) -> list[Version]:
    """Give all versions, the first one first; at most the last is a draft."""
    return db.all(Version, _VERSION.where(_V.rule_id == rule_id).order_by(_V.version))


def version(db: Db, version_id: str) -> Version:
    """Give a version by id.

    Raises:
        Missing: there is none.
    """
    found = db.first(Version, _VERSION.where(_V.id == version_id))
    if found is None:
        raise Missing("no such version")
    return found


def published_at(db: Db, url: Url) -> Version | None:
    """Give the version whose text is served at an address, in use or retired, or None."""
    uri, _, number = url.rpartition("/versions/")
    if not re.fullmatch(r"[1-9][0-9]{0,6}", number, flags=re.ASCII):
        return None
    named = sa.and_(_R.uri == uri, _V.version == int(number), _V.published_at.is_not(None))
    return db.first(Version, _VERSION.join(tables.stacking_rule, _R.id == _V.rule_id).where(named))


def in_use(db: Db, rule_ids: Collection[str]) -> dict[str, list[Version]]:
    """Give the published versions of some rules, by rule, the first one first."""
    found: dict[str, list[Version]] = {one: [] for one in rule_ids}
    wanted = _VERSION.where(_V.rule_id.in_(sorted(rule_ids)), _V.state == "published").order_by(_V.version)
    for one in db.all(Version, wanted):
        found[one.rule_id].append(one)
    return found


# ── Pins ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
_PIN = tables.stacking_pin.c
_PINS = Statement(
    sa.select(*columns(tables.stacking_pin, StoredPin))
    .where(_PIN.learner_id.in_(listed("learner_ids")), _PIN.rule_id.in_(listed("rule_ids")))
    .order_by(_PIN.pinned_at, _PIN.learner_id)
)


def pins(db: Db, learner_ids: Collection[str], rule_ids: Collection[str]) -> list[StoredPin]:
    """Give what these learners are pinned to of these rules, the earliest choice first."""
    known = [db.memory.get(learners.all_pins(one)) for one in learner_ids]
    if len(known) == 1 and known[0] is not None and len(known[0]) < 2:  # noqa: PLR2004 - the order of several is for the database to say
        return [one for one in known[0] if one.rule_id in rule_ids]
    return db.all(StoredPin, _PINS, learner_ids=sorted(learner_ids), rule_ids=sorted(rule_ids))


def pin(db: Db, chosen: StoredPin) -> None:
    """Remember which version a learner is under, in the place of an earlier choice."""
    row = tables.stacking_pin
    known = db.memory.pop(learners.all_pins(chosen.learner_id), None)
    if known is not None and all(one.rule_id != chosen.rule_id for one in known):
        db.append(row, chosen)
        db.memory[learners.all_pins(chosen.learner_id)] = (*known, chosen)
        return
    if not db.keep_new(row, chosen):
        same = sa.and_(row.c.learner_id == chosen.learner_id, row.c.rule_id == chosen.rule_id)
        db.run(sa.update(row).where(same).values(**row_of(chosen)))
