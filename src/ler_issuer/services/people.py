"""Learners as their issuer knows them: found again, shown with whom they were merged, and enrolled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ler_issuer.errors import Conflict, Missing, Place, Unacceptable
from ler_issuer.store import achievements, enrolments, journal, learners
from ler_issuer.store.enrolments import Enrolment, Expected
from ler_issuer.store.failures import again_if_entangled
from ler_issuer.store.journal import Deed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from ler_issuer.assessments import Identifier
    from ler_issuer.runtime import Runtime
    from ler_issuer.services.access import Caller
    from ler_issuer.store.achievements import Achievement
    from ler_issuer.store.db import Db
    from ler_issuer.store.learners import Held, Learner
    from ler_issuer.types import Did, Pointer

Programme = Enrolment


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of one learner; `merged_into` says whom they were merged into, `did` what their wallet is."""

    learner_id: str
    merged_into: str | None
    identifiers: tuple[Held, ...]
    did: Did | None
    on_hold: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Known:
    """A learner, and everybody who was merged into them; `root_id` is who stands for them all."""

    root_id: str
    profile: Profile
    merged: tuple[Profile, ...]


@dataclass(frozen=True, slots=True)
class Assessed:
    """An achievement, by key, id or URL, that a learner is being assessed on, until a day if it is known."""

    achievement: str
    ends_on: date | None = None


@dataclass(frozen=True, slots=True)
class Enrolments:
    """All that a learner is enrolled in: programmes, and the achievements that they are being assessed on."""

    programmes: tuple[Programme, ...] = ()
    achievements: tuple[Assessed, ...] = ()


def find_learner(rt: Runtime, caller: Caller, identifiers: Sequence[Identifier]) -> str:
    """Give the id of the learner of the caller's issuer who has any of these identifiers: the root, if merged.

    Raises:
        Missing: nobody has.
        Conflict: different persons have.
    """
    with rt.db.read() as db:
        found = {learners.root_of(db, one) for one in learners.ids_of(db, caller.issuer_id, identifiers)}
    if not found:
        raise Missing("no learner has any of these identifiers")
    if len(found) > 1:
        raise Conflict("the identifiers belong to different learners")
    return found.pop()


def get_learner(rt: Runtime, caller: Caller, learner_id: str) -> Known:
    """Give what is known of a learner, and of everybody merged into them.

    Raises:
        Missing: no such learner of the caller's issuer.
    """
    with rt.db.read() as db:
        learner = learners.owned_by(db, learner_id, caller.issuer_id)
        _, *absorbed = learners.with_absorbed(db, learner.id)
        merged = tuple(_profile(db, learners.get(db, one)) for one in absorbed)
        return Known(learners.root_of(db, learner.id), _profile(db, learner), merged)


def _profile(db: Db, learner: Learner) -> Profile:
    return Profile(
        learner_id=learner.id,
        merged_into=learner.merged_into_id,
        identifiers=tuple(learners.identifiers_of(db, learner.id)),
        did=learners.own_did(db, [learner.id]),
        on_hold=learner.award_hold is not None,
        created_at=learner.created_at,
    )


def get_enrolments(rt: Runtime, caller: Caller, learner_id: str) -> Enrolments:
    """Give what a learner is enrolled in; of one who was merged, what that very learner is.

    Raises:
        Missing: no such learner of the caller's issuer.
    """
    with rt.db.read() as db:
        learner = learners.owned_by(db, learner_id, caller.issuer_id)
        expected = enrolments.expected_of(db, [learner.id])
        named = ((achievements.get(db, one.achievement_id).key, one.ends_on) for one in expected)
        programmes = tuple(enrolments.of_learner(db, [learner.id]))
        return Enrolments(programmes, tuple(Assessed(*one) for one in sorted(named)))


@again_if_entangled
def set_enrolments(rt: Runtime, caller: Caller, learner_id: str, wanted: Enrolments) -> None:
    """Put enrolments in the place of all that a learner had.

    Versions of stacking rules that were chosen for the learner stay chosen.

    Raises:
        Missing: no such learner of the caller's issuer.
        Unacceptable: a programme ends before it starts, something is named twice, or an achievement is not there.
    """
    now = rt.now()
    with rt.db.begin() as db:
        learner = learners.owned_by(db, learner_id, caller.issuer_id)
        learners.lock(db, [learner.id])
        found = [achievements.named(db, caller.issuer_id, one.achievement) for one in wanted.achievements]
        problems = [*_wrong_programmes(wanted.programmes), *_wrong_names(found)]
        if problems:
            raise Unacceptable("the enrolments break a rule", problems=problems)
        pairs = zip(found, wanted.achievements, strict=True)
        expected = [Expected(known.id, one.ends_on) for known, one in pairs if known is not None]
        enrolments.replace_all(db, learner, wanted.programmes, expected, rt.new_id)
        deed = Deed(
            issuer_id=caller.issuer_id,
            actor=caller.actor,
            act="learner.enrolled",
            object_id=learner.id,
            at=now,
            data={"programmes": len(wanted.programmes), "achievements": [one.achievement_id for one in expected]},
        )
        journal.announce(db, deed, rt.new_row_id())


def _wrong_programmes(programmes: Sequence[Programme]) -> list[Place]:
    places = _named_twice([(one.programme, one.catalog_year) for one in programmes], "/programmes/{}/programme")
    for number, one in enumerate(programmes):
        if one.started_on is not None and one.ended_on is not None and one.ended_on < one.started_on:
            places.append(Place(f"/programmes/{number}/ended_on", "before_start", "lies before started_on"))
    return places


def _wrong_names(found: Sequence[Achievement | None]) -> list[Place]:
    pointer = "/achievements/{}/achievement"
    unknown = [
        Place(pointer.format(number), "unknown_achievement", "no achievement of this issuer has this key, id or URL")
        for number, one in enumerate(found)
        if one is None
    ]
    return unknown + _named_twice(found, pointer)


def _named_twice(named: Sequence[object], pointer: Pointer) -> list[Place]:
    return [
        Place(pointer.format(number), "named_twice", "stands there before")
        for number, one in enumerate(named)
        if one is not None and one in named[:number]
    ]
