"""Standpoints: the stacking rules of an issuer, and what is known about persons when they are looked at.

What is read here from the database is all that `stacking.judge` and `stacking.foresee` go by, for one person whose
holding has just changed as well as for everybody in a preview.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

from ler_issuer.stacking.foreseeing import Had, Person, Stack, in_order
from ler_issuer.stacking.rules import Policy, StackingRule
from ler_issuer.stacking.versions import Pin, RuleVersion, Transition, catalog_year, leading_year
from ler_issuer.store import achievements, awards, back_awards, enrolments, issuers, stacking
from ler_issuer.store.back_awards import StackAward
from ler_issuer.store.stacking import StoredPin

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from ler_issuer.stacking.foreseeing import Judgement
    from ler_issuer.stacking.holdings import Holding
    from ler_issuer.store.db import Db
    from ler_issuer.store.stacking import Version
    from ler_issuer.types import JsonObject

Row = TypeVar("Row", StoredPin, StackAward)

EVALUATED = ("rule", "levels", "equivalences", "names")
"""Members of a rule's text that are evaluated; the others say whose it is."""


# ── Rules ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def of_issuer(db: Db, issuer_id: str) -> tuple[Stack, ...]:
    """Give an issuer's rules as far as they are published, those that build on others after them."""
    return of_rules(db, [one.id for one in stacking.published(db, issuer_id)])


def of_rules(db: Db, rule_ids: Iterable[str]) -> tuple[Stack, ...]:
    """Give these rules with their published versions, those that build on others after them."""
    return in_order(_stack(db, one, found) for one, found in stacking.in_use(db, sorted(set(rule_ids))).items())


def _stack(db: Db, rule_id: str, versions: Sequence[Version]) -> Stack:
    rule = stacking.get(db, rule_id)
    zone = db.once(("issuer", rule.issuer_id), lambda: issuers.get(db, rule.issuer_id)).zone
    uri = achievements.get(db, rule.achievement_id).uri
    return Stack(rule_id, uri, tuple(version_of(one, zone) for one in versions))


def version_of(version: Version, zone: ZoneInfo) -> RuleVersion:
    """Give a version that is published, or as if it were, as it is chosen and evaluated."""
    published_at = version.published_at
    assert published_at is not None  # noqa: S101 - the caller's promise
    named = leading_year(version.definition.get("catalog_year"))
    began = (version.in_force_from or published_at).astimezone(zone).date()
    return RuleVersion(
        id=version.id,
        number=version.version,
        text=evaluated(version.text, version.text_digest),
        policy=Policy(version.definition["policy"]),
        published_at=published_at,
        in_force_from=version.in_force_from,
        catalog_year=catalog_year(began) if named is None else named,
        names_year=named is not None,
        transition=Transition(version.transition or Transition.PIN),
        grace_until=version.grace_until,
    )


@dataclass(frozen=True, slots=True)
class _Frozen:
    """A text under its digest, which alone tells it from others."""

    digest: str
    text: JsonObject = field(compare=False)


def evaluated(text: JsonObject, digest: str) -> StackingRule:
    """Give the part of a rule's text that is evaluated; `digest` is that of the text."""
    return _parsed(_Frozen(digest, text))


@lru_cache(maxsize=1024)
def _parsed(frozen: _Frozen) -> StackingRule:
    return StackingRule.model_validate({name: frozen.text[name] for name in EVALUATED})


# ── Persons ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def person(
    db: Db, members: Sequence[str], holdings: Iterable[Holding], stacks: Sequence[Stack], at: datetime
) -> Person:
    """Give what it takes to `judge` rules for one person; `members` are learners merged into one, the root first."""
    return _persons(db, [members], {members[0]: holdings}, stacks, at)[members[0]]


def persons(
    db: Db,
    people: Sequence[Sequence[str]],
    holdings: Mapping[str, Iterable[Holding]],
    stacks: Sequence[Stack],
    at: datetime,
) -> dict[str, Person]:
    """Give what it takes to `foresee` for some persons, by root; `holdings`, by root too, are what they hold now."""
    made = _by_learner(back_awards.stack_awards(db, [one for members in people for one in members]))
    rules = {one.achievement: one.rule_id for one in stacks}
    found = _persons(db, people, holdings, stacks, at)
    for members in people:
        counting = _counting([one for learner in members for one in made.get(learner, ())], rules)
        had = {rule_id: _had(one) for rule_id, one in counting.items()}
        policies = {rule_id: _policy(db, one) for rule_id, one in counting.items()}
        found[members[0]] = replace(found[members[0]], had=had, policies=policies)
    return found


def _persons(
    db: Db,
    people: Sequence[Sequence[str]],
    holdings: Mapping[str, Iterable[Holding]],
    stacks: Sequence[Stack],
    at: datetime,
) -> dict[str, Person]:
    everyone = [one for members in people for one in members]
    choice = any(len(one.versions) > 1 for one in stacks)  # with one version each it does not matter when they started
    first = back_awards.first_held(db, everyone) if choice else {}
    enrolled = back_awards.enrolled_somewhere(db, everyone)
    pins = _by_learner(stacking.pins(db, everyone, [one.rule_id for one in stacks]))
    found = {}
    for members in people:
        year = None if enrolled.isdisjoint(members) else enrolments.catalog_year(db, list(members), at.date())
        found[members[0]] = Person(
            holdings=tuple(holdings.get(members[0], ())),
            first_held=_earliest([first.get(one, {}) for one in members]),
            catalog_year=leading_year(year),
            pins=_pins([one for learner in members for one in pins.get(learner, ())]),
        )
    return found


def _by_learner(rows: Iterable[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for one in rows:
        found.setdefault(one.learner_id, []).append(one)
    return found


def _earliest(told: Iterable[Mapping[str, datetime]]) -> dict[str, datetime]:
    found: dict[str, datetime] = {}
    for one in told:
        for achievement, at in one.items():
            found[achievement] = min(at, found.get(achievement, at))
    return found


def _pins(stored: Iterable[StoredPin]) -> dict[str, Pin]:
    """Give the pin of each rule: that of the root; of somebody merged into it only where the root has none."""
    found: dict[str, Pin] = {}
    for one in stored:
        found.setdefault(one.rule_id, Pin(one.rule_version_id, one.because, one.pinned_at))
    return found


def _counting(made: Iterable[StackAward], rules: Mapping[str, str]) -> dict[str, StackAward]:
    """Give the award of each rule that counts, when learners were merged who had one each: as `awards` has it."""
    found: dict[str, StackAward] = {}
    for one in sorted(made, key=lambda one: (awards.COUNTS_FIRST[one.state], one.withdrawn_by != "person")):
        if one.achievement_uri in rules:
            found.setdefault(rules[one.achievement_uri], one)
    return found


def _had(award: StackAward) -> Had:
    match award.state:
        case "issued":
            return Had.QUESTIONED if award.open_case else Had.OUT
        case "held":
            return Had.WAITING
        case _:
            return Had.TAKEN_BACK if award.withdrawn_by == "person" else Had.NOTHING


def _policy(db: Db, award: StackAward) -> Policy:
    """Give the policy of the version under which a stack was awarded: later ones do not change it."""
    version = db.once(("rule version", award.rule_version_id), lambda: stacking.version(db, award.rule_version_id))
    return Policy(version.definition["policy"])


def remember(db: Db, learner_id: str, stack: Stack, judged: Judgement, at: datetime) -> None:
    """Pin a learner to the version that applies, when that is something new; `learner_id` is the root's."""
    chosen = judged.applies
    if chosen.to_pin:
        stacking.pin(db, StoredPin(learner_id, stack.rule_id, chosen.own.id, chosen.because.value, at))
