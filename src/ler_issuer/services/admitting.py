"""Admitting: what a stacking rule must be like before a version of it is published, and what then is published.

Nothing here writes. A preview admits a draft as publishing does, and is refused for the same reasons.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from ler_issuer import jsontext
from ler_issuer.errors import Place, Unacceptable
from ler_issuer.services import definitions, naming, standpoints
from ler_issuer.stacking import check_publishable, evaluate
from ler_issuer.stacking.foreseeing import Stack, circle
from ler_issuer.stacking.rules import Policy, StackDefinition
from ler_issuer.stacking.versions import YEAR_BEGINS, Transition, leading_year
from ler_issuer.store import achievements

if TYPE_CHECKING:
    from ler_issuer.badges import AchievementDefinition
    from ler_issuer.store.achievements import Achievement
    from ler_issuer.store.db import Db
    from ler_issuer.store.issuers import Issuer
    from ler_issuer.store.stacking import Rule, Version
    from ler_issuer.types import JsonObject


@dataclass(frozen=True, slots=True)
class Publication:
    """How a version is published: what becomes of those who started under an older one."""

    transition: Transition = Transition.PIN
    grace_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft with what it stands on: its rule, the versions before it that are in use, the issuer's other rules.

    `stacks` are the rules as they would be when this one is published; so several can be published after one another.
    """

    issuer: Issuer
    rule: Rule
    version: Version
    before: Sequence[Version]
    stacks: Sequence[Stack]


def definition_of(version: Version) -> StackDefinition:
    """Give the definition that a version holds."""
    return StackDefinition.model_validate(version.definition)


def admit(db: Db, draft: Draft, how: Publication, now: datetime) -> Version:
    """Give a draft as it would stand published.

    Raises:
        Unacceptable: it cannot be published; every reason is named by its place.
    """
    definition = definition_of(draft.version)
    achievement = achievements.get(db, draft.rule.achievement_id)
    named, unknown = naming.resolved(db, draft.issuer, definition)
    starts = _starts(draft, definition, now)
    problems = [
        *unknown,
        *_not_earnable(db, draft, definition, achievement),
        *check_publishable(named.text()),
        *_circles(db, draft, named, achievement),
        *_badly_timed(draft, definition, how, starts, now),
        *(failing(db, draft.issuer, definition) if not unknown else ()),
    ]
    if problems:
        raise Unacceptable(f"the rule {draft.rule.key!r} cannot be published", problems=problems)
    text = _text(draft, named, achievement, definitions.of(achievements.versions(db, achievement.id)[-1]).name)
    return replace(
        draft.version,
        state="published",
        text=text,
        text_digest=jsontext.digest(text),
        transition=how.transition.value,
        grace_until=how.grace_until,
        tested_at=draft.version.tested_at or now,
        published_at=now,
        in_force_from=starts if draft.before else None,
    )


def failing(db: Db, issuer: Issuer, definition: StackDefinition) -> list[Place]:
    """Try a definition on the learners that it brings as examples; give those that do not come out as expected."""
    if not definition.examples:
        detail = "bring at least one learner made up to try the rule, and say whether they should meet it"
        return [Place("/examples", "no_example", detail)]
    named, _ = naming.resolved(db, issuer, definition)
    wrong = []
    for number, example in enumerate(named.examples):
        trace = evaluate(named.text(), naming.as_issued(db, issuer, example.holdings), example.at)
        if trace.met is not example.met:
            expected = "to be met" if example.met else "not to be met"
            detail = f"{example.name}: expected {expected}, but: {trace.sentence}"
            wrong.append(Place(f"/examples/{number}", "example_failed", detail))
    return wrong


def same_as_last(draft: Draft, how: Publication) -> bool:
    """Say whether publishing a draft would change nothing: what it says is published, and in the same way.

    The same definition may be published once more to bring everybody under it who was left under an older one.
    """
    if not draft.before or draft.before[-1].digest != draft.version.digest:
        return False
    last = draft.before[-1]
    return len(draft.before) == 1 or (last.transition, last.grace_until) == (how.transition.value, how.grace_until)


# ── What it earns ────────────────────────────────────────────────────────────────────────────────────────────────────
def _not_earnable(db: Db, draft: Draft, definition: StackDefinition, achievement: Achievement) -> Iterator[Place]:
    said = [one for one in achievements.versions(db, achievement.id) if one.published_at is not None]
    if not said:
        yield Place("/achievement", "not_published", f"{achievement.key!r} is a draft; publish the achievement first")
        return
    earned: AchievementDefinition = definitions.of(said[-1])
    if earned.award is not None:
        detail = f"{achievement.key!r} has an award rule of its own; results earn it"
        yield Place("/achievement", "has_award_rule", detail)
    if definition.policy is Policy.SUSPEND and not earned.suspendable:
        detail = f"the policy suspend needs a suspendable achievement; {achievement.key!r} is not"
        yield Place("/policy", "not_suspendable", detail)
    if any(one.achievement == achievement.uri and one.rule_id != draft.rule.id for one in draft.stacks):
        detail = f"another rule earns {achievement.key!r} already; retire that one, or join them with `any`"
        yield Place("/achievement", "earned_by_other_rule", detail)


def _circles(db: Db, draft: Draft, named: StackDefinition, achievement: Achievement) -> Iterator[Place]:
    builds_on = {one.achievement: one.mentions for one in draft.stacks if one.rule_id != draft.rule.id}
    way = circle(builds_on | {achievement.uri: named.mentions()}, achievement.uri)
    if way is not None:
        keys = " -> ".join(naming.key_of(db, draft.issuer, one) for one in way)
        yield Place("/rule", "cycle", f"the rule builds on what it earns: {keys}")


# ── Since when ───────────────────────────────────────────────────────────────────────────────────────────────────────
def _starts(draft: Draft, definition: StackDefinition, now: datetime) -> datetime:
    """Give the time from which a version is in force: what it says, or the start of its catalog year, or now."""
    year = leading_year(definition.catalog_year)
    if definition.in_force_from is not None:
        return definition.in_force_from
    return now if year is None else datetime(year, *YEAR_BEGINS, tzinfo=draft.issuer.zone)


def _badly_timed(
    draft: Draft, definition: StackDefinition, how: Publication, starts: datetime, now: datetime
) -> Iterator[Place]:
    grace = how.transition is Transition.GRACE
    if grace and how.grace_until is None:
        yield Place("/grace_until", "missing", "say until when the version before will do, too")
    elif grace and how.grace_until is not None and how.grace_until <= now:
        yield Place("/grace_until", "not_in_future", "must lie ahead")
    elif not grace and how.grace_until is not None:
        yield Place("/grace_until", "without_grace", "goes with the transition grace only")
    if not draft.before:
        return
    place = "/catalog_year" if definition.in_force_from is None and definition.catalog_year else "/in_force_from"
    if how.transition is not Transition.PIN and starts > now:
        yield Place(place, "not_in_force", f"with {how.transition.value} a version is in force from its publication")
    floor = standpoints.version_of(draft.before[-1], draft.issuer.zone)
    says_when = definition.in_force_from is not None or definition.catalog_year is not None
    if floor.in_force_from is not None and (starts <= floor.in_force_from if says_when else now < floor.in_force_from):
        yield Place(place, "before_predecessor", "must be after that of the version before")
    year = leading_year(definition.catalog_year)
    if len(draft.before) > 1 and year is not None and year < floor.catalog_year:
        yield Place("/catalog_year", "before_predecessor", "must not be before that of the version before")


def _text(draft: Draft, named: StackDefinition, achievement: Achievement, name: str) -> JsonObject:
    """Give what is served for ever under the address of a version: names resolved, nothing but what is evaluated."""
    said = named.text().model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    text = {"levels": [], "equivalences": [], "names": {}} | said
    return {
        "id": f"{draft.rule.uri}/versions/{draft.version.version}",
        "type": "StackingRule",
        "issuer": draft.issuer.did,
        "achievement": achievement.uri,
        "version": draft.version.version,
        "name": name,
        **text,
    }
