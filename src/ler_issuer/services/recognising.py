"""Recognising: what somebody earned or learnt elsewhere stands for an achievement of ours, on the word of our people.

The credential is our own and says what it rests on, so that rules can ask for it and nobody takes it for an assessment.
A foreign badge is verified before it is recognised, and kept as it was. A recognition belongs to the learner that it
names, whomever they are merged with.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING

from ler_issuer import jsontext
from ler_issuer.assessments import plain
from ler_issuer.badges import AwardState, exhibit, holding_of
from ler_issuer.errors import Conflict, Place, Unacceptable
from ler_issuer.services import advancing, definitions, idempotency, intake, recognised, signing, verifying
from ler_issuer.services.marking import Cause
from ler_issuer.services.verifying import Asked
from ler_issuer.store import achievements, credentials, issuers, journal, learners, recognitions
from ler_issuer.store.failures import again_if_entangled
from ler_issuer.store.journal import Deed
from ler_issuer.store.recognitions import Recognition
from ler_issuer.vc import Outcome, Standing, Verdict, stamp

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    from ler_issuer.runtime import Runtime
    from ler_issuer.services.access import Caller
    from ler_issuer.services.marking import Reason
    from ler_issuer.stacking.holdings import RecognitionKind
    from ler_issuer.store.db import Db
    from ler_issuer.types import Json, JsonObject
    from ler_issuer.vc import Report

PRIVATE = "note"
"""The member of a recognition's content that is for the issuer's people, and makes no other recognition of it."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What is to be recognised: as which achievement (by key, id or URL), earned when, at which level, for how much.

    `credential` is the badge that shows it, if there is one.
    """

    kind: RecognitionKind
    achievement: str
    awarded_at: datetime
    level: str | None = None
    credits: Decimal | None = None
    credential: Json = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Recognised:
    """A recognition with what became of it; `state` is that of its award, `credential_id` what tells of it now."""

    id: str
    learner_id: str
    achievement_id: str
    content: JsonObject
    digest: str
    state: str
    credential_id: str | None
    recorded_at: datetime
    withdrawn_at: datetime | None
    duplicate: bool = False


@dataclass(frozen=True, slots=True)
class _Foreign:
    """A badge of somebody else's that proved good: its exact form, and what it was awarded for."""

    body: bytes
    achievement: str
    issuer: str

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.body).hexdigest()


# ── Use cases ────────────────────────────────────────────────────────────────────────────────────────────────────────
def recognise(rt: Runtime, caller: Caller, learner_id: str, claim: Claim) -> Recognised:
    """Recognise something for a learner, and issue our own credential that tells of it.

    The same recognition again gives the first one.

    Raises:
        Missing: no such learner of the caller's issuer.
        Unacceptable: the achievement is not published, the level is none of its own, or the badge does not verify.
        Conflict: the same badge was recognised for the same achievement, and otherwise.
    """
    with rt.db.read() as db:
        learners.owned_by(db, learner_id, caller.issuer_id)
        own = issuers.get(db, caller.issuer_id).did
    foreign = None if claim.credential is None else _verified(rt, claim.credential, own)
    return _recognise(rt, caller, learner_id, claim, foreign)


@again_if_entangled
def _recognise(rt: Runtime, caller: Caller, learner_id: str, claim: Claim, foreign: _Foreign | None) -> Recognised:
    with rt.db.begin() as db:
        answered = idempotency.answered(db, caller)
        if answered is not None:
            return _told(db, recognitions.get(db, answered["recognition_id"]), duplicate=answered["duplicate"])
        cause = Cause(caller.actor, rt.now())
        learners.lock(db, [learners.owned_by(db, learner_id, caller.issuer_id).id])
        wanted = _read(db, rt, caller, learner_id, claim, foreign, cause)
        known = _known(db, wanted)
        if known is None:
            recognitions.add(db, wanted)
            _announce(db, rt, wanted, "recognition.recorded", cause)
            recognised.award_step(db, rt, wanted, None, cause)
            advancing.advance(db, rt, signing.sign, learner_id, [wanted.achievement_id], cause)
        duplicate = known is not None
        idempotency.remember(db, caller, {"recognition_id": (known or wanted).id, "duplicate": duplicate}, cause.at)
        return _told(db, known or wanted, duplicate=duplicate)


def list_recognitions(rt: Runtime, caller: Caller, learner_id: str) -> list[Recognised]:
    """Give what was recognised for a learner and whoever is merged with them, the oldest first.

    Raises:
        Missing: no such learner of the caller's issuer.
    """
    with rt.db.read() as db:
        learner = learners.owned_by(db, learner_id, caller.issuer_id)
        return [_told(db, one) for one in recognitions.of_learner(db, learners.person(db, learner.id))]


@again_if_entangled
def withdraw(rt: Runtime, caller: Caller, recognition_id: str, reason: Reason) -> Recognised:
    """Take a recognition back for good, and revoke the credential that tells of it.

    Raises:
        Missing: no such recognition of the caller's issuer.
        Conflict: it is withdrawn already.
    """
    with rt.db.begin() as db:
        found = recognitions.owned_by(db, recognition_id, caller.issuer_id)
        learners.lock(db, [found.learner_id])
        found = recognitions.get(db, found.id)
        if found.withdrawn_at is not None:
            raise Conflict("the recognition is withdrawn already")
        cause = Cause(caller.actor, rt.now())
        recognitions.withdraw(db, found.id, caller.actor, cause.at)
        _announce(db, rt, found, "recognition.withdrawn", cause, reason_code=reason.code)
        recognised.take_back_step(db, rt, found, reason, cause)
        advancing.advance(db, rt, signing.sign, found.learner_id, [found.achievement_id], cause)
        return _told(db, recognitions.get(db, found.id))


# ── Reading what is claimed ──────────────────────────────────────────────────────────────────────────────────────────
def _verified(rt: Runtime, credential: Json, own: str) -> _Foreign:
    """Verify a foreign badge, and read what it was awarded for.

    Raises:
        Unacceptable: it is not authentic, does not stand now, is no badge for an achievement, or is one of our own.
    """
    report = verifying.verify(rt, credential, asked=Asked(refresh=False))  # what is recognised is what was shown
    if not report.authentic or report.standing is not Standing.CURRENT or report.verdict is Verdict.REJECTED:
        raise Unacceptable(f"the badge cannot be recognised: {report.summary}", problems=_reasons(report))
    try:
        told = holding_of(exhibit(credential).document)
    except ValueError:
        raise _unfit("not_an_achievement", "is no badge that says which achievement it was awarded for") from None
    if told.issuer == own:
        raise _unfit("own_credential", "was issued here: what it stands for counts by itself")
    return _Foreign(jsontext.canonical(credential), told.achievement, told.issuer)


def _unfit(code: str, detail: str) -> Unacceptable:
    return Unacceptable(f"the badge {detail}", problems=[Place("/credential", code, detail)])


def _reasons(report: Report) -> list[Place]:
    """Give what the verifier has against a badge, as places of the request."""
    return [
        Place(f"/credential{one.pointer}", one.code, one.message)
        for one in report.checks
        if one.outcome in {Outcome.FAIL, Outcome.INDETERMINATE} or one.code == report.standing.value
    ]


def _read(  # noqa: PLR0917 - a recognition is made of what all of these say
    db: Db, rt: Runtime, caller: Caller, learner_id: str, claim: Claim, foreign: _Foreign | None, cause: Cause
) -> Recognition:
    """Give the recognition that a claim amounts to, once it is held against the achievement."""
    if claim.awarded_at > cause.at + intake.CLOCKS_DIFFER_BY:
        problem = Place("/awarded_at", "in_the_future", "lies in the future")
        raise Unacceptable("what is recognised lies in the future", problems=[problem])
    achievement = achievements.named(db, caller.issuer_id, claim.achievement)
    if achievement is None or not definitions.in_force(db, achievement.id):
        detail = f"no achievement {claim.achievement!r} is published by this issuer"
        raise Unacceptable(detail, problems=[Place("/achievement", "unknown_achievement", detail)])
    rubric = definitions.of(recognised.version_of(db, achievement.id, claim.awarded_at)).rubric
    if claim.level is not None and claim.level not in {one.id for one in (rubric.levels if rubric else ())}:
        detail = f"the achievement {achievement.key!r} has no level {claim.level!r}"
        raise Unacceptable(detail, problems=[Place("/level", "unknown_level", detail)])
    content = {
        "kind": claim.kind.value,
        "achievement": achievement.uri,
        "awarded_at": stamp(claim.awarded_at),
        "level": claim.level,
        "credits": None if claim.credits is None else plain(claim.credits),
        "recognised_achievement": None if foreign is None else foreign.achievement,
        "recognised_issuer": None if foreign is None else foreign.issuer,
        "document": None if foreign is None else foreign.digest,
        PRIVATE: claim.note,
    }
    content = {name: value for name, value in content.items() if value is not None}
    return Recognition(
        id=rt.new_id(),
        issuer_id=caller.issuer_id,
        learner_id=learner_id,
        achievement_id=achievement.id,
        kind=claim.kind.value,
        content=content,
        digest=jsontext.digest(content),
        document=None if foreign is None else foreign.body,
        awarded_at=claim.awarded_at.astimezone(UTC).replace(microsecond=0),
        recorded_at=cause.at,
        recorded_by=cause.actor,
        withdrawn_at=None,
        withdrawn_by=None,
    )


def _known(db: Db, wanted: Recognition) -> Recognition | None:
    """Give the recognition that stands and says the same, or is about the same badge; None when there is none.

    Raises:
        Conflict: the same badge is recognised for the same achievement, and otherwise.
    """
    content = _public(wanted)
    for one in recognitions.of_learner(db, learners.person(db, wanted.learner_id)):
        if one.withdrawn_at is not None or one.achievement_id != wanted.achievement_id:
            continue
        if _public(one) == content:
            return one
        if wanted.document is not None and one.content.get("document") == content["document"]:
            raise Conflict(
                "this badge was recognised for this achievement already, and otherwise; withdraw that first",
                problems=[
                    Place(place, "differs", "differs from what was recognised")
                    for place in intake.differences(_public(one), content)
                ],
            )
    return None


def _public(recognition: Recognition) -> JsonObject:
    return {name: value for name, value in recognition.content.items() if name != PRIVATE}


# ── Telling ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def _told(db: Db, recognition: Recognition, *, duplicate: bool = False) -> Recognised:
    award = recognised.award_of(db, recognition)
    standing = None if award is None else credentials.standing_of(db, award.id)
    return Recognised(
        id=recognition.id,
        learner_id=recognition.learner_id,
        achievement_id=recognition.achievement_id,
        content=recognition.content,
        digest=recognition.digest,
        state=AwardState.WITHDRAWN.value if award is None else award.state,
        credential_id=None if standing is None else standing.id,
        recorded_at=recognition.recorded_at,
        withdrawn_at=recognition.withdrawn_at,
        duplicate=duplicate,
    )


def _announce(db: Db, rt: Runtime, recognition: Recognition, act: str, cause: Cause, **data: str) -> None:
    about = {"learner_id": recognition.learner_id, "achievement_id": recognition.achievement_id, **data}
    deed = Deed(
        issuer_id=recognition.issuer_id, actor=cause.actor, act=act, object_id=recognition.id, at=cause.at, data=about
    )
    journal.announce(db, deed, rt.new_row_id())
