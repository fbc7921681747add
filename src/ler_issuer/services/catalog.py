"""The catalogue of achievements: drafted, published as immutable versions, listed, and served to anybody."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ler_issuer import jsontext
from ler_issuer.badges import AchievementDefinition, achievement_resource, unmatched_pointers
from ler_issuer.errors import Missing, Place, Unacceptable
from ler_issuer.services import deciding, definitions, idempotency, keyring, signing
from ler_issuer.services.marking import Cause
from ler_issuer.stacking import Policy
from ler_issuer.store import achievements, issuers, journal, learners, results, stacking
from ler_issuer.store.achievements import ANY_SOURCE, Achievement, Feed, Picture, Version
from ler_issuer.store.failures import again_if_entangled
from ler_issuer.store.journal import Deed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ler_issuer.runtime import Runtime
    from ler_issuer.services.access import Caller
    from ler_issuer.store.db import Db
    from ler_issuer.store.issuers import Issuer
    from ler_issuer.types import JsonObject


LEARNERS_AT_ONCE = 20
"""How many learners are looked at again in one transaction."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One version of an achievement as its issuer sees it."""

    id: str
    key: str
    uri: str
    version: int
    state: str
    definition: AchievementDefinition
    digest: str
    published_at: datetime | None
    in_force_from: datetime | None

    @property
    def name(self) -> str:
        """Give the name that people read."""
        return self.definition.name


def draft(rt: Runtime, caller: Caller, wanted: AchievementDefinition) -> Entry:
    """Draft an achievement, or the next version of one that has the same key; an open draft is replaced.

    Raises:
        Conflict: the Idempotency-Key was used for another request.
    """
    now = rt.now()
    with rt.db.begin() as db:
        answered = idempotency.answered(db, caller)
        if answered is not None:
            return _entry_of(db, answered)
        entry = draft_step(db, rt, caller, wanted, now)
        idempotency.remember(db, caller, {"version_id": entry[1].id}, now)
        return _entry(*entry)


def draft_step(
    db: Db, rt: Runtime, caller: Caller, wanted: AchievementDefinition, now: datetime
) -> tuple[Achievement, Version]:
    """Keep a definition as the open draft of its achievement."""
    issuer = issuers.get(db, caller.issuer_id)
    db.advisory_lock([f"achievement {issuer.id} {wanted.key}"])
    achievement = achievements.by_key(db, issuer.id, wanted.key)
    if achievement is None:
        new_id = rt.new_id()
        achievement = Achievement(new_id, issuer.id, wanted.key, f"{issuer.public_url}/achievements/{new_id}", now)
        achievements.add(db, achievement)
    versions = achievements.versions(db, achievement.id)
    said = wanted.model_dump(mode="json", exclude_none=True)
    fresh = Version(
        id=rt.new_id(),
        achievement_id=achievement.id,
        version=len(versions) + 1,
        definition=said,
        digest=jsontext.digest(said),
        image_digest=_keep_image(db, wanted),
        drafted_at=now,
        published_at=None,
        in_force_from=wanted.in_force_from,
    )
    if versions and versions[-1].published_at is None:
        fresh = replace(fresh, id=versions[-1].id, version=versions[-1].version)
        achievements.change_draft(db, fresh)
    else:
        achievements.add_version(db, fresh)
    _announce(db, rt, caller, "achievement.drafted", fresh)
    return achievement, fresh


def publish(rt: Runtime, caller: Caller, achievement_id: str) -> Entry:
    """Publish the open draft of an achievement: from now on it never changes. Publishing again changes nothing.

    Results that were recorded before may earn it: they are looked at again once it is published, some learners at a
    time. Killed in between, it is simply published again.

    Raises:
        Missing: no such achievement of the caller's issuer.
        Unacceptable: the new version does not fit the ones before it, or would always show what no credential has.
        Conflict: the Idempotency-Key was used for another request.
    """
    entry = _publish(rt, caller, achievement_id)
    _catch_up(rt, caller, entry.id)
    return entry


@again_if_entangled
def _publish(rt: Runtime, caller: Caller, achievement_id: str) -> Entry:
    now = rt.now()
    with rt.db.begin() as db:
        answered = idempotency.answered(db, caller)
        if answered is not None:
            return _entry_of(db, answered)
        achievement = achievements.owned_by(db, achievement_id, caller.issuer_id)
        version = publish_step(db, rt, caller, achievement, now)
        idempotency.remember(db, caller, {"version_id": version.id}, now)
        return _entry(achievement, version)


def publish_step(db: Db, rt: Runtime, caller: Caller, achievement: Achievement, now: datetime) -> Version:
    """Freeze the open draft, or give the last version when there is none to freeze."""
    db.advisory_lock([f"achievement {achievement.issuer_id} {achievement.key}"])
    *before, last = achievements.versions(db, achievement.id)
    if last.published_at is not None:
        return last
    wanted = definitions.of(last)
    in_force_from = None  # the first version applies to whatever was assessed before, too
    if before:
        _require_successor(before[-1], wanted, now)
        in_force_from = wanted.in_force_from or now
    _require_fit_for_rules(db, achievement, wanted)
    _require_parts(db, issuers.get(db, achievement.issuer_id), achievement, last)
    published = replace(last, published_at=now, in_force_from=in_force_from)
    achievements.publish(db, published, _feeds(achievement, wanted))
    _announce(db, rt, caller, "achievement.published", published)
    return published


def _feeds(achievement: Achievement, wanted: AchievementDefinition) -> list[Feed]:
    """Name the assessments that feed an achievement; without an award rule none does."""
    if wanted.award is None:
        return []
    source = wanted.award.source or ANY_SOURCE
    return [Feed(achievement.issuer_id, assessment, source, achievement.id) for assessment in wanted.award.each_of]


def publish_file(rt: Runtime, caller: Caller, wanted: Sequence[AchievementDefinition]) -> list[Entry]:
    """Draft and publish several achievements together, all or none; what stands published already is left alone.

    As with `publish`, results that were recorded before are looked at again.

    Raises:
        Unacceptable: a new version does not fit the ones before it.
    """
    entries = _publish_all(rt, caller, wanted)
    for entry in entries:
        _catch_up(rt, caller, entry.id)
    return entries


@again_if_entangled
def _publish_all(rt: Runtime, caller: Caller, wanted: Sequence[AchievementDefinition]) -> list[Entry]:
    now = rt.now()
    entries = []
    with rt.db.begin() as db:
        for one in wanted:
            achievement = achievements.by_key(db, caller.issuer_id, one.key)
            last = achievements.versions(db, achievement.id)[-1] if achievement else None
            digest = jsontext.digest(one.model_dump(mode="json", exclude_none=True))
            if achievement and last and last.published_at is not None and last.digest == digest:
                entries.append(_entry(achievement, last))
                continue
            achievement, _ = draft_step(db, rt, caller, one, now)
            entries.append(_entry(achievement, publish_step(db, rt, caller, achievement, now)))
    return entries


def _catch_up(rt: Runtime, caller: Caller, achievement_id: str) -> None:
    after: str | None = ""
    while after is not None:
        after = _catch_up_some(rt, caller, achievement_id, after)


@again_if_entangled
def _catch_up_some(rt: Runtime, caller: Caller, achievement_id: str, after: str) -> str | None:
    """Look again at the next learners whose results the newest version may apply to; None when those were the last."""
    now = rt.now()
    with rt.db.begin() as db:
        achievement = achievements.get(db, achievement_id)
        feeds = definitions.feeds(db, achievement.id)
        since = definitions.in_force(db, achievement.id)[-1].in_force_from
        some = results.learners_for(db, achievement, feeds, since=since, after=after, limit=LEARNERS_AT_ONCE)
        learners.lock(db, some)
        for learner_id in some:
            deciding.reconsider(db, rt, signing.sign, learner_id, achievement, Cause(caller.actor, now))
    return some[-1] if len(some) == LEARNERS_AT_ONCE else None


def list_entries(rt: Runtime, caller: Caller, *, after: str | None, limit: int) -> list[Entry]:
    """Give the newest version of each of the issuer's achievements, by key, from the one after `after`."""
    with rt.db.read() as db:
        found = achievements.of_issuer(db, caller.issuer_id, after=after, limit=limit)
        return [_entry(one, achievements.versions(db, one.id)[-1]) for one in found]


def get_entry(rt: Runtime, caller: Caller, achievement_id: str, version: int | None) -> Entry:
    """Give one version of an achievement to its issuer, drafts included; the newest when none is named.

    Raises:
        Missing: no such achievement or version of the caller's issuer.
    """
    with rt.db.read() as db:
        achievement = achievements.owned_by(db, achievement_id, caller.issuer_id)
        versions = achievements.versions(db, achievement.id)
        if version is not None:
            versions = [one for one in versions if one.version == version]
        if not versions:
            raise Missing("no such version")
        return _entry(achievement, versions[-1])


def resource(rt: Runtime, achievement_id: str, version: int | None) -> JsonObject:
    """Give the public Open Badges document of an achievement: the newest published version, or exactly the one named.

    Raises:
        Missing: no such achievement, or not published.
    """
    with rt.db.read() as db:
        achievement = achievements.get(db, achievement_id)
        versions = [one for one in achievements.versions(db, achievement.id) if one.published_at is not None]
        if version is not None:
            versions = [one for one in versions if one.version == version]
        if not versions:
            raise Missing("no such achievement version")
        return achievement_resource(
            definitions.published(issuers.get(db, achievement.issuer_id), achievement, versions[-1])
        )


def image(rt: Runtime, digest: str) -> Picture:
    """Give a picture by the digest of its bytes.

    Raises:
        Missing: there is none.
    """
    with rt.db.read() as db:
        return achievements.image(db, digest)


def _keep_image(db: Db, wanted: AchievementDefinition) -> str | None:
    if wanted.image is None:
        return None
    body = wanted.image.bytes()
    digest = hashlib.sha256(body).hexdigest()
    achievements.add_image(db, digest, wanted.image.media_type, body)
    return digest


def _require_successor(before: Version, wanted: AchievementDefinition, now: datetime) -> None:
    """Refuse a version that would come into force before its predecessor, or that changes what `earned` means."""
    problems = []
    floor = before.in_force_from
    if floor is not None and (now < floor if wanted.in_force_from is None else wanted.in_force_from <= floor):
        problems.append(Place("/in_force_from", "before_predecessor", "must be after that of the version before"))
    if definitions.of(before).earned is not wanted.earned:
        problems.append(Place("/earned", "changes_basis", "cannot change between versions; use another achievement"))
    if problems:
        raise Unacceptable("the new version does not fit the ones before it", problems=problems)


def _require_fit_for_rules(db: Db, achievement: Achievement, wanted: AchievementDefinition) -> None:
    """Refuse a version that the published stacking rule which earns the achievement cannot do with."""
    problems = []
    for rule in stacking.earning(db, achievement.id):
        if wanted.award is not None:
            detail = f"the stacking rule {rule.key!r} earns it; retire that one first"
            problems.append(Place("/award", "earned_by_rule", detail))
        policies = {one.definition["policy"] for one in stacking.in_use(db, [rule.id])[rule.id]}
        if Policy.SUSPEND.value in policies and not wanted.suspendable:
            detail = f"the stacking rule {rule.key!r} has the policy suspend"
            problems.append(Place("/suspendable", "not_suspendable", detail))
    if problems:
        raise Unacceptable("the new version does not fit the rule that earns the achievement", problems=problems)


def _require_parts(db: Db, issuer: Issuer, achievement: Achievement, version: Version) -> None:
    """Refuse a version that would always show parts which none of its credentials could have, or that never has any."""
    wanted = definitions.of(version)
    if wanted.disclosure is None:
        return
    if keyring.can_never_disclose(db, issuer):
        detail = "the issuer is a did:key of another kind, which can never sign credentials of which parts are shown"
        raise Unacceptable(detail, problems=[Place("/disclosure", "key_missing", f"{detail}; use a did:web")])
    absent = {*unmatched_pointers(definitions.published(issuer, achievement, version), keyring.profile(issuer))}
    problems = [
        Place(f"/disclosure/mandatory/{number}", "pointer_unmatched", f"no credential of it has anything at {pointer}")
        for number, pointer in enumerate(wanted.disclosure.mandatory)
        if pointer in absent
    ]
    if problems:
        raise Unacceptable("the achievement would always show what its credentials do not have", problems=problems)


def _announce(db: Db, rt: Runtime, caller: Caller, act: str, version: Version) -> None:
    deed = Deed(
        issuer_id=caller.issuer_id,
        actor=caller.actor,
        act=act,
        object_id=version.achievement_id,
        at=version.published_at or version.drafted_at,
        data={"version": version.version, "digest": version.digest},
    )
    journal.announce(db, deed, rt.new_row_id())


def _entry(achievement: Achievement, version: Version) -> Entry:
    return Entry(
        id=achievement.id,
        key=achievement.key,
        uri=achievement.uri,
        version=version.version,
        state="draft" if version.published_at is None else "published",
        definition=definitions.of(version),
        digest=version.digest,
        published_at=version.published_at,
        in_force_from=version.in_force_from,
    )


def _entry_of(db: Db, answer: JsonObject) -> Entry:
    version = achievements.version(db, answer["version_id"])
    return _entry(achievements.get(db, version.achievement_id), version)
