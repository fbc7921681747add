"""Results in: recorded once, decided on at once, and answered with a receipt that never changes.

The same result again gives the first receipt. The same identity with other content is a conflict that names what
differs. A higher revision supersedes the lower; what rested on the old one is looked at again in the same transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, ParamSpec

from ler_issuer import jsontext
from ler_issuer.assessments import Result, ResultStatus, check, misspelt_addresses
from ler_issuer.badges import AwardState, Consequence
from ler_issuer.errors import Conflict, Place, Refusal, Unacceptable
from ler_issuer.services import deciding, definitions, signing, weighing
from ler_issuer.services.deciding import Change
from ler_issuer.services.marking import Cause
from ler_issuer.store import achievements, credentials, issuers, journal, learners, results, sections
from ler_issuer.store.journal import Deed
from ler_issuer.store.learners import Learner
from ler_issuer.store.results import StoredResult

if TYPE_CHECKING:
    from ler_issuer.runtime import Runtime
    from ler_issuer.services.access import Caller
    from ler_issuer.services.signing import Press
    from ler_issuer.store.achievements import Achievement
    from ler_issuer.store.db import Db
    from ler_issuer.store.issuers import Issuer
    from ler_issuer.types import JsonObject, Pointer

Given = ParamSpec("Given")

CLOCKS_DIFFER_BY = timedelta(days=1)
"""How far ahead of our clock a time of assessment may lie: other clocks, and dates in zones ahead of ours."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a result: `awarded`, `not_yet`, `pending`, `superseded` or `recorded`; and why."""

    result_id: str
    outcome: str
    duplicate: bool
    credential_id: str | None
    trace: JsonObject | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """A result with what came along: the raw row it was read from, the import, and how its revision is found."""

    result: Result
    raw: JsonObject | None = None
    by_content: bool = False


def as_sent(result: Result) -> Delivery:
    """Give a result that came over REST with its raw form: what was said, in the words in which it was said."""
    return Delivery(result, raw=result.model_dump(mode="json", exclude_unset=True))


@dataclass(frozen=True, slots=True)
class Desk:
    """Where results are taken in: for which issuer, on whose act, with which press, in which import."""

    issuer: Issuer
    caller: Caller
    press: Press
    at: datetime
    import_id: str | None = None


def open_desk(
    db: Db, rt: Runtime, caller: Caller, *, press: Press = signing.sign, import_id: str | None = None
) -> Desk:
    """Get ready to take in results for the caller's issuer."""
    return Desk(issuers.get(db, caller.issuer_id), caller, press, rt.now(), import_id)


def lock(db: Db, desk: Desk, coming: Sequence[Result]) -> None:
    """Hold everybody whom these results may concern until the transaction ends, in an order that is the same for all.

    First the names of all that could be made, then the learners themselves: those named, and those whom earlier
    revisions of the same results were about.
    """
    if db.is_sqlite or not coming:  # SQLite: the transaction holds the write lock already
        return
    issuer_id = desk.issuer.id
    names = [name for result in coming for name in learners.lock_names(issuer_id, result.learner)]
    db.advisory_lock(names + results.lock_names(db, issuer_id, coming))
    concerned = {*learners.ids_of(db, issuer_id, [one for result in coming for one in result.learner.identifiers])}
    concerned.update(results.learners_of(db, issuer_id, ((one.source, one.source_id) for one in coming)))
    learners.lock(db, concerned)


def await_all(db: Db, desk: Desk, coming: Sequence[Result]) -> None:
    """Lock everybody whom these results may concern, and look up at once what would be asked for each of them."""
    credentials.show_that_we_issue(db)
    lock(db, desk, coming)
    results.foresee(db, desk.issuer.id, coming)
    learners.foresee(db, desk.issuer.id, [one.learner for one in coming])


def or_refuse(db: Db, step: Callable[Given, Receipt], *args: Given.args, **kwargs: Given.kwargs) -> Receipt | Refusal:
    """Do one of many steps; one that is refused leaves no trace and does not disturb the others."""
    try:
        with db.savepoint():
            return step(*args, **kwargs)
    except Refusal as refusal:
        return refusal


def record_step(db: Db, rt: Runtime, desk: Desk, delivery: Delivery) -> Receipt:
    """Record one result and decide what follows; its learner is locked already."""
    result = delivery.result
    content = result.content(desk.issuer.zone)
    digest = jsontext.digest(content)
    revisions = results.revisions(db, desk.issuer.id, result.source, result.source_id)
    if delivery.by_content:
        result = _by_content(result, digest, revisions)
    for known in revisions:
        if known.revision == result.revision:
            return _again(known, result, content, digest)
    stored = _keep(db, rt, desk, replace(delivery, result=result), content, digest)
    concerned = concerned_by(db, stored)
    if revisions and revisions[0].revision > stored.revision:
        results.supersede(db, stored.id, revisions[0].id)
        return _answer(db, rt, stored, "superseded", None)
    if revisions:
        results.supersede(db, revisions[0].id, stored.id)
        concerned |= concerned_by(db, revisions[0])
    return _decide(db, rt, desk, stored, concerned)


def _by_content(result: Result, digest: str, revisions: Sequence[StoredResult]) -> Result:
    """Give the result the revision that its content calls for: the newest when it says the same, else the next."""
    if not revisions:
        return result
    newest = revisions[0]
    return result.model_copy(update={"revision": newest.revision + (newest.digest != digest)})


def _again(known: StoredResult, result: Result, content: JsonObject, digest: str) -> Receipt:
    if known.digest == digest:
        return receipt_of(known, duplicate=True)
    changed = [_as_sent(pointer, result) for pointer in differences(known.content, content)]
    raise Conflict(
        f"the result {known.source}/{known.source_id} revision {known.revision} was recorded with other content; "
        "a correction needs a higher revision",
        problems=[Place(pointer, "differs", "differs from what was recorded") for pointer in changed],
    )


def _as_sent(pointer: Pointer, result: Result) -> Pointer:
    """Give a place of the content as one of the result as it was sent: content puts ratings and names in order."""
    names = [one.normalised() for one in result.learner.identifiers]
    identifiers = sorted(range(len(names)), key=lambda place: (names[place].type, names[place].value))
    ratings = sorted(range(len(result.ratings)), key=lambda place: result.ratings[place].criterion)
    for prefix, order in (("/ratings/", ratings), ("/learner/identifiers/", identifiers)):
        if pointer.startswith(prefix):
            number, slash, rest = pointer.removeprefix(prefix).partition("/")
            return f"{prefix}{order[int(number)]}{slash}{rest}"
    return pointer


def differences(old: object, new: object, pointer: str = "") -> list[str]:
    """Give JSON Pointers to the members in which two JSON values differ."""
    if isinstance(old, dict) and isinstance(new, dict):
        return [
            place
            for key in sorted(old.keys() | new.keys())
            for place in differences(old.get(key), new.get(key), f"{pointer}/{jsontext.escape(key)}")
        ]
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        return [
            place
            for number, pair in enumerate(zip(old, new, strict=True))
            for place in differences(*pair, f"{pointer}/{number}")
        ]
    return [] if old == new else [pointer]


def _keep(db: Db, rt: Runtime, desk: Desk, delivery: Delivery, content: JsonObject, digest: str) -> StoredResult:
    """Check a result against the scales it is meant for, find whom and what it names, and append it."""
    result, issuer = delivery.result, desk.issuer
    assessed_at = result.instant(issuer.zone)
    if assessed_at > desk.at + CLOCKS_DIFFER_BY:
        problem = Place("/assessed_at", "in_the_future", "lies in the future")
        raise Unacceptable("the time of assessment lies in the future", problems=[problem])
    misspelt = misspelt_addresses(result.learner)
    if misspelt:
        raise Unacceptable("this is no e-mail address, and no person could be found by it", problems=misspelt)
    achievement = _achievement(db, issuer, result, assessed_at)
    learner = learners.match(
        db, issuer.id, result.learner, at=desk.at, fresh=lambda: _fresh_learner(rt, issuer.id, desk.at)
    )
    assessment_id = participation_id = section_id = None
    if result.assessment is not None:
        assessment_id = results.assessment_id(db, issuer.id, result.source, result.assessment, rt.new_id)
    if result.participation is not None:
        participation_id = results.participation_id(
            db, issuer.id, result.source, learner.id, result.participation, rt.new_id
        )
    if result.section is not None:
        section_id = sections.section_id(db, issuer.id, result.section, rt.new_id)
    stored = StoredResult(
        id=rt.new_row_id(),
        issuer_id=issuer.id,
        source=result.source,
        source_id=result.source_id,
        revision=result.revision,
        learner_id=learner.id,
        achievement_id=None if achievement is None else achievement.id,
        assessment_id=assessment_id,
        participation_id=participation_id,
        section_id=section_id,
        assessment=result.assessment,
        attempt=result.attempt,
        assessor_kind=result.assessor.kind.value,
        result_status=result.result_status.value,
        assessed_at=assessed_at,
        content=content,
        digest=digest,
        raw=delivery.raw,
        import_id=desk.import_id,
        recorded_at=desk.at,
        recorded_by=desk.caller.actor,
        superseded_by_id=None,
        voided_at=None,
        outcome=None,
        credential_id=None,
        trace=None,
    )
    results.add(db, stored)
    weighing.remember(db, stored, result)
    return stored


def _fresh_learner(rt: Runtime, issuer_id: str, at: datetime) -> Learner:
    return Learner(
        id=rt.new_row_id(),
        issuer_id=issuer_id,
        salt=rt.random(16).hex(),
        pseudonym_key=rt.random(32).hex(),
        directory_hold=False,
        award_hold=None,
        merged_into_id=None,
        created_at=at,
    )


def _achievement(db: Db, issuer: Issuer, result: Result, assessed_at: datetime) -> Achievement | None:
    """Find the achievement that a result names, if it does, and hold the result against the scales it is meant for."""
    if result.achievement is None:
        fed = [] if result.assessment is None else _fed(db, issuer.id, result.source, result.assessment)
        misfits = [_misfits(db, one, result, assessed_at) for one in fed]
        if misfits and all(misfits):
            detail = "the result fits none of the achievements that its assessment feeds"
            raise Unacceptable(detail, problems=misfits[0])
        return None
    name = result.achievement
    found = db.once(("achievement", issuer.id, name), lambda: achievements.named(db, issuer.id, name))
    if found is None or not definitions.in_force(db, found.id):
        detail = f"no achievement {result.achievement!r} is published by this issuer"
        raise Unacceptable(detail, problems=[Place("/achievement", "unknown_achievement", detail)])
    problems = _misfits(db, found, result, assessed_at)
    if problems:
        raise Unacceptable(f"the result does not fit the achievement {found.key!r}", problems=problems)
    return found


def _misfits(db: Db, achievement: Achievement, result: Result, assessed_at: datetime) -> tuple[Place, ...]:
    """Say why a result cannot count under the version that was in force when it was assessed; nothing when it can."""
    published = definitions.in_force(db, achievement.id)
    in_force = [one for one in published if one.in_force_from is None or one.in_force_from <= assessed_at]
    definition = definitions.of((in_force or published[:1])[-1])
    if definition.award is None:
        named = "/assessment" if result.achievement is None else "/achievement"
        return (Place(named, "not_by_results", f"no result earns {achievement.key!r}: it has no award rule"),)
    return check(result, definition.rubric, definition.score)


def _fed(db: Db, issuer_id: str, source: str, assessment: str) -> list[Achievement]:
    look_up = partial(achievements.fed_by, db, issuer_id, source, assessment)
    return db.once(("fed by", issuer_id, source, assessment), look_up)


def concerned_by(db: Db, stored: StoredResult) -> set[tuple[str, str]]:
    """Give the (learner, achievement) pairs that a result bears on: what it names, or all that its assessment feeds."""
    if stored.achievement_id is not None:
        return {(stored.learner_id, stored.achievement_id)}
    fed = [] if stored.assessment is None else _fed(db, stored.issuer_id, stored.source, stored.assessment)
    return {(stored.learner_id, achievement.id) for achievement in fed}


def _decide(db: Db, rt: Runtime, desk: Desk, stored: StoredResult, concerned: set[tuple[str, str]]) -> Receipt:
    cause = Cause(desk.caller.actor, desk.at, desk.import_id)
    bases = _bases(db, stored)
    whose = learners.root_of(db, stored.learner_id)
    mine: list[Change] = []
    for learner_id, achievement_id in sorted({(learners.root_of(db, who), what) for who, what in concerned}):
        achievement = db.once(("achievement", achievement_id), partial(achievements.get, db, achievement_id))
        changes = deciding.reconsider(db, rt, desk.press, learner_id, achievement, cause)
        mine.extend(one for one in changes if learner_id == whose and one.decision.basis in bases)
    outcome, told = _outcome(stored, mine)
    return _answer(db, rt, stored, outcome, told)


def _bases(db: Db, stored: StoredResult) -> set[str]:
    """Name every basis that a result can belong to, one for each way of earning."""
    own = experience = f"{stored.source}/{stored.source_id}"
    if stored.participation_id is not None:
        experience = results.setting_of(db, stored.participation_id).experience_id
    return {"once", f"assessment:{stored.assessment or own}", f"experience:{experience}"}


def _outcome(stored: StoredResult, changes: Sequence[Change]) -> tuple[str, Change | None]:
    """Put what followed into one word, the best one first."""
    if stored.result_status == ResultStatus.WITHDRAWN.value:
        return "recorded", None
    made = {Consequence.AWARD, Consequence.AMEND, Consequence.REPLACE, Consequence.REISSUE}
    for change in changes:
        if change.state == AwardState.ISSUED and change.consequence in made:
            return "awarded", change
    for change in changes:
        if change.state == AwardState.HELD:
            return "pending", change
    for change in changes:
        if not change.decision.met and change.state != AwardState.ISSUED:
            return "not_yet", change
    return "recorded", changes[0] if changes else None


def _answer(db: Db, rt: Runtime, stored: StoredResult, outcome: str, told: Change | None) -> Receipt:
    """Keep the receipt of a result, and tell whoever follows the events that it was recorded."""
    credential_id = None if told is None else told.credential_id
    trace = None if told is None else told.decision.trace
    if told is not None and told.waiting_for is not None:
        trace = {**told.decision.trace, "held": told.waiting_for}
    results.answer(db, stored, outcome, credential_id, trace)
    deed = Deed(
        issuer_id=stored.issuer_id,
        actor=stored.recorded_by,
        act="result.recorded",
        object_id=stored.id,
        at=stored.recorded_at,
        data={"outcome": outcome, "learner_id": stored.learner_id, "import_id": stored.import_id},
    )
    journal.tell(db, deed, rt.new_row_id())
    return Receipt(stored.id, outcome, duplicate=False, credential_id=credential_id, trace=trace)


def receipt_of(stored: StoredResult, *, duplicate: bool) -> Receipt:
    """Give the receipt that a recorded result got, or gets again."""
    return Receipt(stored.id, stored.outcome or "recorded", duplicate, stored.credential_id, stored.trace)
