"""Previewing: who would gain and who would lose a stacked credential if rules were published, with nothing written.

The whole history is looked at, some persons at a time, each by `stacking.foresee`: what it says of one of them is what
publishing and its back-award then do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from ler_issuer.badges import valid_until
from ler_issuer.services import (
    admitting,
    back_awarding,
    definitions,
    issuing,
    naming,
    portfolios,
    stacks,
    standpoints,
)
from ler_issuer.stacking.foreseeing import Follow, Outcome, Stack, foresee, in_order
from ler_issuer.stacking.holdings import Holding
from ler_issuer.stacking.versions import Transition
from ler_issuer.store import achievements, back_awards, issuers, learners, stacking

if TYPE_CHECKING:
    from datetime import datetime

    from ler_issuer.runtime import Runtime
    from ler_issuer.services.access import Caller
    from ler_issuer.services.admitting import Publication
    from ler_issuer.stacking.rules import StackDefinition
    from ler_issuer.store.achievements import Version as AchievementVersion
    from ler_issuer.store.db import Db
    from ler_issuer.store.issuers import Issuer
    from ler_issuer.store.stacking import Version

CHUNK = 250
"""How many learners are looked at in one transaction, and held in memory at once."""

UNKNOWN = "unknown"
"""Stands for the unit where it is not known whose course the last part was earned in."""

Told: TypeAlias = Callable[[int, int], None]
"""Is told after each chunk how many learners were looked at, and how many there are to look at."""


def _unheard(_: int, __: int) -> None:
    """Let a preview go on without anybody being told."""


@dataclass(frozen=True, slots=True)
class Change:
    """A person who would gain or lose a stacked credential.

    `achievement` and `rule` are keys, `version` that of the rule that applies. `unit` is the one in whose course the
    last part was earned. `policy` says what would happen to a credential that is out and no longer earned.
    """

    learner_id: str
    achievement: str
    rule: str
    version: int
    unit: str
    policy: str | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """What publishing would do: to whom, and how many by achievement and by unit; `learners` were looked at."""

    learners: int
    gain: list[Change] = field(default_factory=list)
    lose: list[Change] = field(default_factory=list)

    @property
    def by_achievement(self) -> dict[str, dict[str, int]]:
        """Count by the key of the achievement."""
        return self._by(lambda one: one.achievement)

    @property
    def by_unit(self) -> dict[str, dict[str, int]]:
        """Count by unit."""
        return self._by(lambda one: one.unit)

    def _by(self, name: Callable[[Change], str]) -> dict[str, dict[str, int]]:
        gains, losses = Counter(map(name, self.gain)), Counter(map(name, self.lose))
        return {one: {"gain": gains[one], "lose": losses[one]} for one in sorted({*gains, *losses})}


def preview(rt: Runtime, caller: Caller, rule_id: str, how: Publication) -> Preview:
    """Say what publishing the open draft of a rule would do.

    Raises:
        Missing: no such rule of the caller's issuer.
        Conflict: there is no open draft.
        Unacceptable: the draft cannot be published; every reason is named.
    """
    with rt.db.read() as db:
        wanted = admitting.definition_of(stacks.open_draft(db, stacking.owned_by(db, rule_id, caller.issuer_id)))
    return preview_file(rt, caller, [wanted], how)


def preview_file(
    rt: Runtime, caller: Caller, wanted: Sequence[StackDefinition], how: Publication, *, told: Told = _unheard
) -> Preview:
    """Say what publishing several rules together would do; nothing is drafted.

    Raises:
        Unacceptable: one of them cannot be published; every reason is named.
    """
    now = rt.now()
    with rt.db.read() as db:
        plan = _plan(db, rt, caller, wanted, how, now)
        total = back_awards.count_concerned(db, caller.issuer_id, plan.concerned) if plan.rule_ids else 0
    found = Preview(total)
    after, looked_at = "", 0
    seen: set[str] = set()
    told(0, total)
    while looked_at < total:
        with rt.db.read() as db:
            some = back_awards.concerned(db, caller.issuer_id, plan.concerned, after=after, limit=CHUNK)
            for change in _changes(db, plan, some, seen, now):
                (found.lose if change.policy else found.gain).append(change)
        if not some:
            break  # some were there when they were counted, and are not any more
        after, looked_at = some[-1], looked_at + len(some)
        told(looked_at, total)
    return found


# ── What would be published ──────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class _Plan:
    """The issuer's rules as they would be, those among them that would be published, and whom that may concern.

    `rule_ids` are the published ones, `concerned` and `read` achievements by id (None: all): whose holders are looked
    at, and which of their holdings.
    """

    issuer: Issuer
    stacks: tuple[Stack, ...]
    rule_ids: frozenset[str]
    keys: dict[str, str]
    anew: bool
    concerned: set[str] | None
    read: set[str] | None


def _plan(
    db: Db, rt: Runtime, caller: Caller, wanted: Sequence[StackDefinition], how: Publication, now: datetime
) -> _Plan:
    issuer = issuers.get(db, caller.issuer_id)
    rules = {one.rule_id: one for one in standpoints.of_issuer(db, issuer.id)}
    keys = {one.id: one.key for one in stacking.published(db, issuer.id)}
    published = set()
    for one in naming.parts_first(db, issuer, wanted):
        drafted = stacks.compose(db, rt, issuer, one, now, others=list(rules.values()))
        if admitting.same_as_last(drafted, how):
            continue
        version = admitting.admit(db, drafted, how, now)
        kept = [] if how.transition is Transition.MIGRATE else drafted.before
        achievement = achievements.get(db, drafted.rule.achievement_id)
        rules[drafted.rule.id] = _as_published(achievement.uri, [*kept, version], issuer)
        keys[drafted.rule.id] = drafted.rule.key
        published.add(drafted.rule.id)
    ordered = in_order(rules.values())
    anew = how.transition is Transition.MIGRATE
    named = [back_awarding.concerned_by(db, issuer.id, rules[one], anew=anew) for one in published]
    read = [back_awarding.concerned_by(db, issuer.id, one, anew=True) for one in _above(ordered, published)]
    return _Plan(issuer, ordered, frozenset(published), keys, anew, _together(named), _together(read))


def _as_published(achievement: str, versions: Sequence[Version], issuer: Issuer) -> Stack:
    return Stack(versions[-1].rule_id, achievement, tuple(standpoints.version_of(one, issuer.zone) for one in versions))


def _above(ordered: Sequence[Stack], published: set[str]) -> Iterator[Stack]:
    """Give the rules that are published, and those that build on them, by however many steps."""
    earned: set[str] = set()
    for one in ordered:
        if one.rule_id in published or one.reads(earned):
            earned.add(one.achievement)
            yield one


def _together(sets: Sequence[set[str] | None]) -> set[str] | None:
    return None if None in sets else set[str]().union(*(one for one in sets if one is not None))


# ── What would follow ────────────────────────────────────────────────────────────────────────────────────────────────
def _changes(db: Db, plan: _Plan, some: Sequence[str], seen: set[str], now: datetime) -> Iterator[Change]:
    """Foresee for the persons behind some learners; each person once, though several of their learners come along."""
    people = _people(db, plan.issuer.id, some, seen)
    held = portfolios.of_people(db, people, plan.read)
    known = standpoints.persons(db, people, held, plan.stacks, now)
    crowd = _crowd(db, plan, people, now)
    told: list[tuple[str, Outcome]] = []
    for members in people:
        issued = partial(crowd.issued, members)
        person = known[members[0]]
        at = portfolios.as_of(person.holdings, now)
        outcomes = foresee(plan.stacks, person, at, rule_ids=plan.rule_ids, anew=plan.anew, issued=issued)
        told.extend((members[0], one) for one in outcomes)
    units = back_awards.units_of(db, {portfolios.bare(one.latest) for _, one in told if one.latest is not None})
    for learner_id, one in told:
        yield Change(
            learner_id=learner_id,
            achievement=naming.key_of(db, plan.issuer, one.achievement),
            rule=plan.keys[one.rule_id],
            version=one.version,
            unit=units.get(portfolios.bare(one.latest or ""), UNKNOWN),
            policy=one.policy.value if one.follow is Follow.LOSE else None,
        )


def _people(db: Db, issuer_id: str, some: Sequence[str], seen: set[str]) -> list[list[str]]:
    """Give the persons behind some learners, the root first; those who were `seen` in an earlier chunk are left out."""
    merged = back_awards.merges(db, issuer_id)
    into = set(merged.values())
    people = []
    for learner_id in some:
        if learner_id not in merged and learner_id not in into:
            people.append([learner_id])
            continue
        members = learners.person(db, learner_id)
        if members[0] not in seen:
            seen.add(members[0])
            people.append(members)
    return people


@dataclass(frozen=True, slots=True)
class _Crowd:
    """Some persons, with what would make their stacked credentials wait: a hold, or no identifier to be named by."""

    db: Db
    plan: _Plan
    now: datetime
    on_hold: set[str]
    nameable: set[str]

    def issued(self, members: Sequence[str], stack: Stack, earned_at: datetime) -> Holding | None:
        """Give what a stacked credential would tell if it were issued now; None when something would make it wait."""
        db, now = self.db, self.now
        version = db.once(("version earned", stack.rule_id), lambda: self._version(stack))
        definition = definitions.of(version)
        if not self.on_hold.isdisjoint(members) or (definition.release_at is not None and definition.release_at > now):
            return None
        ends = valid_until(definition.validity, assessed_at=earned_at, issued_at=now)
        if ends is not None and ends <= now:
            return None
        root = members[0]
        if root not in self.nameable and issuing.unissuable(db, learners.get(db, root), definition, earned_at, now):
            return None
        return Holding(
            id=f"foreseen:{stack.rule_id}",
            achievement=stack.achievement,
            awarded_at=earned_at,
            version=str(version.version),
            issuer=self.plan.issuer.did,
            valid_from=now,
            valid_until=ends,
            credits=definition.credits,
        )

    def _version(self, stack: Stack) -> AchievementVersion:
        achievement = achievements.named(self.db, self.plan.issuer.id, stack.achievement)
        assert achievement is not None  # noqa: S101 - the rule was admitted
        return definitions.in_force(self.db, achievement.id)[-1]


def _crowd(db: Db, plan: _Plan, people: Sequence[Sequence[str]], now: datetime) -> _Crowd:
    everyone = [one for members in people for one in members]
    nameable = back_awards.nameable(db, everyone, issuing.NEVER_HASHED)
    return _Crowd(db, plan, now, back_awards.on_hold(db, everyone), nameable)
