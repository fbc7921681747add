"""Stacking rules: drafted, tried on made-up learners, published as immutable versions, retired, served to anybody."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ler_issuer import jsontext
from ler_issuer.errors import Conflict, Missing, Place, Unacceptable
from ler_issuer.services import admitting, back_awarding, idempotency, naming, standpoints
from ler_issuer.services.admitting import Draft, Publication
from ler_issuer.services.back_awarding import Progress
from ler_issuer.stacking.versions import Transition
from ler_issuer.store import achievements, back_awards, issuers, journal, stacking
from ler_issuer.store.failures import again_if_entangled
from ler_issuer.store.journal import Deed
from ler_issuer.store.stacking import Rule, Version

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ler_issuer.runtime import Runtime
    from ler_issuer.services.access import Caller
    from ler_issuer.stacking.foreseeing import Stack
    from ler_issuer.stacking.rules import StackDefinition
    from ler_issuer.store.back_awards import BackAward
    from ler_issuer.store.db import Db
    from ler_issuer.store.issuers import Issuer


@dataclass(frozen=True, slots=True)
class Entry:
    """One version of a rule as its issuer sees it; `achievement` is the key of what it earns."""

    id: str
    key: str
    uri: str
    achievement: str
    version: int
    state: str
    definition: StackDefinition
    digest: str
    text_digest: str | None
    transition: str | None
    grace_until: datetime | None
    drafted_at: datetime
    tested_at: datetime | None
    published_at: datetime | None
    in_force_from: datetime | None
    retired_at: datetime | None


@dataclass(frozen=True, slots=True)
class Published:
    """A version that is published, and how far it was applied to those who earned its parts before."""

    entry: Entry
    back_award: Progress


# ── Drafting and trying ──────────────────────────────────────────────────────────────────────────────────────────────
def draft(rt: Runtime, caller: Caller, wanted: StackDefinition) -> Entry:
    """Draft a rule, or the next version of one that has the same key; an open draft is replaced and is untried again.

    Raises:
        Unacceptable: there is no such achievement, or published versions earn another one.
        Conflict: the Idempotency-Key was used for another request.
    """
    now = rt.now()
    with rt.db.begin() as db:
        answered = idempotency.answered(db, caller)
        if answered is not None:
            return _entry_of(db, answered["version_id"])
        issuer = _locked(db, caller)
        drafted = _keep_draft(db, rt, caller, compose(db, rt, issuer, wanted, now))
        idempotency.remember(db, caller, {"version_id": drafted.version.id}, now)
        return _entry(db, drafted.rule, drafted.version)


def compose(
    db: Db, rt: Runtime, issuer: Issuer, wanted: StackDefinition, now: datetime, others: Sequence[Stack] | None = None
) -> Draft:
    """Make a draft without keeping it, for the rule of its key or for a new one.

    `others` are the issuer's rules, when they are not just as they are published.

    Raises:
        Unacceptable: there is no such achievement, or published versions earn another one.
    """
    achievement = achievements.named(db, issuer.id, wanted.achievement)
    if achievement is None:
        raise _unacceptable("/achievement", "unknown_achievement", f"there is no achievement {wanted.achievement!r}")
    rule = stacking.by_key(db, issuer.id, wanted.key)
    if rule is None:
        new_id = rt.new_id()
        rule = Rule(new_id, issuer.id, wanted.key, f"{issuer.public_url}/rules/{new_id}", achievement.id, now)
    versions = stacking.versions(db, rule.id)
    before = [one for one in versions if one.published_at is not None]
    if before and rule.achievement_id != achievement.id:
        earned = achievements.get(db, rule.achievement_id).key
        detail = f"the versions before earn {earned!r}; another achievement takes another rule"
        raise _unacceptable("/achievement", "changes_achievement", detail)
    said = wanted.model_dump(mode="json", exclude_none=True)
    is_open = bool(versions) and versions[-1].published_at is None
    fresh = Version(
        id=versions[-1].id if is_open else rt.new_id(),
        rule_id=rule.id,
        version=len(before) + 1,
        state="draft",
        definition=said,
        digest=jsontext.digest(said),
        text={},
        text_digest="",
        transition=None,
        grace_until=None,
        drafted_at=now,
        tested_at=None,
        published_at=None,
        in_force_from=None,
        retired_at=None,
    )
    stacks = standpoints.of_issuer(db, issuer.id) if others is None else others
    in_use = [one for one in before if one.state == "published"]
    return Draft(issuer, replace(rule, achievement_id=achievement.id), fresh, in_use, stacks)


def _keep_draft(db: Db, rt: Runtime, caller: Caller, drafted: Draft) -> Draft:
    rule, version = drafted.rule, drafted.version
    if stacking.by_key(db, rule.issuer_id, rule.key) is None:
        stacking.add(db, rule)
    stacking.aim(db, rule.id, rule.achievement_id)
    if any(one.id == version.id for one in stacking.versions(db, rule.id)):
        stacking.change_draft(db, version)
    else:
        stacking.add_version(db, version)
    _announce(db, rt, caller, "rule.drafted", version, version.drafted_at)
    return drafted


def test(rt: Runtime, caller: Caller, rule_id: str) -> Entry:
    """Try the open draft on the learners that it brings as examples, and note that all came out as expected.

    Raises:
        Missing: no such rule of the caller's issuer.
        Conflict: there is no open draft.
        Unacceptable: an example comes out otherwise, or there is none.
    """
    now = rt.now()
    with rt.db.begin() as db:
        issuer = _locked(db, caller)
        rule = stacking.owned_by(db, rule_id, caller.issuer_id)
        version = open_draft(db, rule)
        wrong = admitting.failing(db, issuer, admitting.definition_of(version))
        if wrong:
            raise Unacceptable(f"{len(wrong)} of the examples do not come out as expected", problems=wrong)
        tried = replace(version, state="tested", tested_at=now)
        stacking.change_draft(db, tried)
        _announce(db, rt, caller, "rule.tested", tried, now)
        return _entry(db, rule, tried)


# ── Publishing ───────────────────────────────────────────────────────────────────────────────────────────────────────
def publish(rt: Runtime, caller: Caller, rule_id: str, how: Publication) -> Published:
    """Publish the open draft of a rule: from now on it never changes. Publishing again changes nothing.

    Whoever earned its parts before is looked at again: the first ones at once, the others by the worker. Killed in
    between, it is simply published again.

    Raises:
        Missing: no such rule of the caller's issuer.
        Unacceptable: the draft cannot be published; every reason is named.
        Conflict: the Idempotency-Key was used for another request.
    """
    version_id, run_id = _publish(rt, caller, rule_id, how)
    run = back_awarding.go_on(rt, run_id, learners_at_most=back_awarding.AT_ONCE)
    with rt.db.read() as db:
        progress = back_awarding.progress_of(stacking.version(db, version_id), run)
        return Published(_entry_of(db, version_id), progress)


@again_if_entangled
def _publish(rt: Runtime, caller: Caller, rule_id: str, how: Publication) -> tuple[str, str]:
    now = rt.now()
    with rt.db.begin() as db:
        answered = idempotency.answered(db, caller)
        if answered is not None:
            return answered["version_id"], answered["run_id"]
        stacking.let_none_be_issued(db)
        issuer = _locked(db, caller)
        rule = stacking.owned_by(db, rule_id, caller.issuer_id)
        version = stacking.versions(db, rule.id)[-1]
        if version.published_at is None:
            drafted = compose(db, rt, issuer, admitting.definition_of(version), now)
            version = _publish_step(db, rt, caller, replace(drafted, version=version), how, now)
        run = _run_of(db, rule, version)
        idempotency.remember(db, caller, {"version_id": version.id, "run_id": run.id}, now)
        return version.id, run.id


def publish_file(
    rt: Runtime, caller: Caller, wanted: Sequence[StackDefinition], how: Publication
) -> list[tuple[Entry, str]]:
    """Draft, try and publish several rules, all or none; give each with the id of its back-award, parts first.

    What stands published already is left alone. The back-awards are begun, and for `back_awarding.go_on` to carry out.

    Raises:
        Unacceptable: one of them cannot be published; every reason is named by its place in that rule.
    """
    return _publish_all(rt, caller, wanted, how)


@again_if_entangled
def _publish_all(
    rt: Runtime, caller: Caller, wanted: Sequence[StackDefinition], how: Publication
) -> list[tuple[Entry, str]]:
    now = rt.now()
    published = []
    with rt.db.begin() as db:
        stacking.let_none_be_issued(db)
        issuer = _locked(db, caller)
        for one in naming.parts_first(db, issuer, wanted):
            drafted = compose(db, rt, issuer, one, now)
            if admitting.same_as_last(drafted, how):
                version = drafted.before[-1]
            else:
                version = _publish_step(db, rt, caller, _keep_draft(db, rt, caller, drafted), how, now)
            published.append((_entry(db, drafted.rule, version), _run_of(db, drafted.rule, version).id))
    return published


def _publish_step(db: Db, rt: Runtime, caller: Caller, drafted: Draft, how: Publication, now: datetime) -> Version:
    """Freeze a draft, or drop it and give the last version when that says the same."""
    if admitting.same_as_last(drafted, how):
        stacking.drop_draft(db, drafted.version.id)
        return drafted.before[-1]
    version = admitting.admit(db, drafted, how, now)
    stacking.change_draft(db, version)
    if how.transition is Transition.MIGRATE:
        stacking.retire(db, [one.id for one in drafted.before], now)
    back_awarding.begin_step(db, rt, caller, version, now)
    _announce(db, rt, caller, "rule.published", version, now)
    return version


def retire(rt: Runtime, caller: Caller, rule_id: str) -> Entry:
    """Take a rule out of use: nobody earns anything by it any more; credentials that are out stay, and so do its texts.

    Retiring again changes nothing; publishing a new version puts the rule into use again.

    Raises:
        Missing: no such rule of the caller's issuer.
        Conflict: no version of it was ever published.
    """
    now = rt.now()
    with rt.db.begin() as db:
        _locked(db, caller)
        rule = stacking.owned_by(db, rule_id, caller.issuer_id)
        published = [one for one in stacking.versions(db, rule.id) if one.published_at is not None]
        if not published:
            raise Conflict("no version of the rule was ever published; there is nothing to retire")
        in_use = [one for one in published if one.state == "published"]
        if in_use:
            stacking.retire(db, [one.id for one in in_use], now)
            back_awarding.stop_step(db, rule.id, now)
            _announce(db, rt, caller, "rule.retired", in_use[-1], now)
        return _entry_of(db, published[-1].id)


# ── Looking ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def list_entries(rt: Runtime, caller: Caller, *, after: str | None, limit: int) -> list[Entry]:
    """Give the newest version of each of the issuer's rules, by key, from the one after `after`."""
    with rt.db.read() as db:
        found = stacking.of_issuer(db, caller.issuer_id, after=after, limit=limit)
        return [_entry(db, one, stacking.versions(db, one.id)[-1]) for one in found]


def get_entry(rt: Runtime, caller: Caller, rule_id: str, version: int | None) -> Entry:
    """Give one version of a rule to its issuer, drafts included; the newest when none is named.

    Raises:
        Missing: no such rule or version of the caller's issuer.
    """
    with rt.db.read() as db:
        rule = stacking.owned_by(db, rule_id, caller.issuer_id)
        return _entry(db, rule, _chosen(stacking.versions(db, rule.id), version))


def back_awards_of(rt: Runtime, caller: Caller, rule_id: str) -> list[Progress]:
    """Give how far each published version was applied to those who earned its parts before, the newest first.

    Raises:
        Missing: no such rule of the caller's issuer.
    """
    with rt.db.read() as db:
        rule = stacking.owned_by(db, rule_id, caller.issuer_id)
        versions = {one.id: one for one in stacking.versions(db, rule.id)}
        found = back_awards.of_rule(db, rule.id)
        return [back_awarding.progress_of(versions[one.rule_version_id], one) for one in found]


def text(rt: Runtime, rule_id: str, version: int | None) -> bytes:
    """Give the text of a rule byte for byte as it was published: the newest version, or exactly the one named.

    Raises:
        Missing: no such rule, or not published.
    """
    with rt.db.read() as db:
        rule = stacking.get(db, rule_id)
        published = [one for one in stacking.versions(db, rule.id) if one.published_at is not None]
        return jsontext.canonical(_chosen(published, version).text)


# ── Steps ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def _locked(db: Db, caller: Caller) -> Issuer:
    """Give the caller's issuer, whose rules are now changed by one at a time: they are checked against each other."""
    db.advisory_lock([f"rules {caller.issuer_id}"])
    return issuers.get(db, caller.issuer_id)


def _chosen(versions: Sequence[Version], number: int | None) -> Version:
    wanted = [one for one in versions if number in {None, one.version}]
    if not wanted:
        raise Missing("no such rule version")
    return wanted[-1]


def open_draft(db: Db, rule: Rule) -> Version:
    """Give the version of a rule that is not published yet.

    Raises:
        Conflict: there is none.
    """
    last = stacking.versions(db, rule.id)[-1]
    if last.published_at is not None:
        raise Conflict("there is no open draft of the rule")
    return last


def _run_of(db: Db, rule: Rule, version: Version) -> BackAward:
    return next(one for one in back_awards.of_rule(db, rule.id) if one.rule_version_id == version.id)


def _unacceptable(pointer: str, code: str, detail: str) -> Unacceptable:
    return Unacceptable("the rule cannot be drafted", problems=[Place(pointer, code, detail)])


def _announce(db: Db, rt: Runtime, caller: Caller, act: str, version: Version, at: datetime) -> None:
    data = {"version": version.version, "digest": version.digest}
    if version.transition is not None:
        data["transition"] = version.transition
    deed = Deed(issuer_id=caller.issuer_id, actor=caller.actor, act=act, object_id=version.rule_id, at=at, data=data)
    journal.announce(db, deed, rt.new_row_id())


def _entry(db: Db, rule: Rule, version: Version) -> Entry:
    return Entry(
        id=rule.id,
        key=rule.key,
        uri=rule.uri,
        achievement=achievements.get(db, rule.achievement_id).key,
        version=version.version,
        state=version.state,
        definition=admitting.definition_of(version),
        digest=version.digest,
        text_digest=version.text_digest or None,
        transition=version.transition,
        grace_until=version.grace_until,
        drafted_at=version.drafted_at,
        tested_at=version.tested_at,
        published_at=version.published_at,
        in_force_from=version.in_force_from,
        retired_at=version.retired_at,
    )


def _entry_of(db: Db, version_id: str) -> Entry:
    version = stacking.version(db, version_id)
    return _entry(db, stacking.get(db, version.rule_id), version)
