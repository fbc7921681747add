"""The issuing ceremony: nothing is signed that was not written down, checked, and given a status entry first.

1. a random status position, so that whatever gets signed can be revoked;  2. compose;  3. conformance: schema and
probes; 4. prepare: closed contexts, no dropped term, the hash fixed;  5. seal;  6. judge with our own verifier;  7.
keep the exact bytes, with audit, event and log leaf;  8. the transaction commits, and only then may anything leave. A
crash before 8 leaves no trace but a signature that nobody ever saw.

For badges of a shape that is known, 2 to 5 are done by template (ADR 20): the same bytes, or else the long way. Step 6
is then done for all badges of the transaction together, just before 8 (ADR 28).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

from ler_issuer import jsontext
from ler_issuer.assessments import Disclosure, ExperienceKind
from ler_issuer.badges import (
    AwardFacts,
    Circumstances,
    HashedIdentifier,
    Subject,
    draft,
    identity_hash,
    pseudonym,
    valid_until,
)
from ler_issuer.services import definitions, holdings, keyring, publishing, weighing
from ler_issuer.store import credentials, issuers, journal, learners, results, sections, status
from ler_issuer.store.credentials import Credential
from ler_issuer.store.journal import Deed
from ler_issuer.vc import entry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ler_issuer.assessments import Decision
    from ler_issuer.badges import AchievementDefinition, Derivation
    from ler_issuer.runtime import Runtime
    from ler_issuer.services.signing import Press
    from ler_issuer.services.weighing import Recorded
    from ler_issuer.store.achievements import Achievement, Version
    from ler_issuer.store.db import Db
    from ler_issuer.store.issuers import Issuer
    from ler_issuer.store.learners import Held, Learner
    from ler_issuer.types import JsonObject


@dataclass(frozen=True, slots=True)
class Earned:
    """An award that is to become a credential: what was decided, for whom, under which version, on whose act.

    `derivation` says of a stacked credential what it was derived from; `participation_id` and `section_id` say where
    the deciding result came from.
    """

    award_id: str
    decision_id: str
    learner: Learner
    achievement: Achievement
    version: Version
    facts: AwardFacts
    import_id: str | None
    actor: str
    at: datetime
    derivation: Derivation | None = None
    participation_id: str | None = None
    section_id: str | None = None


NEVER_HASHED = frozenset({"name", "nationalIdentityNumber"})
"""Identifiers that do not go into credentials even as a salted hash: there are too few of them to hide among."""


def unissuable(
    db: Db, learner: Learner, definition: AchievementDefinition, assessed_at: datetime, at: datetime
) -> str | None:
    """Say why an award cannot become a credential now, or None."""
    if learners.did_of(db, learner.id) is None and _nameable(db, _issuer(db, learner.issuer_id), learner) is None:
        return "no identifier of the learner may stand in a credential"
    ends = valid_until(definition.validity, assessed_at=assessed_at, issued_at=at)
    return "its validity period has ended" if ends is not None and ends <= at else None


def _issuer(db: Db, issuer_id: str) -> Issuer:
    return db.once(("issuer", issuer_id), partial(issuers.get, db, issuer_id))


def issue(db: Db, rt: Runtime, press: Press, earned: Earned, *, replaces: Credential | None) -> Credential:
    """Carry an award through the ceremony and keep its credential; that it is out is for the caller to note.

    Raises:
        Unacceptable, Unsignable, NonconformingError: as `signing.sign` raises them.
    """
    issuer = _issuer(db, earned.achievement.issuer_id)
    definition = definitions.of(earned.version)
    suspendable = definition.suspendable or (replaces is not None and replaces.state == "suspended")
    purposes = ("revocation", "suspension") if suspendable else ("revocation",)
    taken = status.take(
        db,
        issuer.id,
        purposes,
        new_id=rt.new_id,
        draw=rt.draw,
        open_list=partial(publishing.new_list, rt, issuer),
        at=earned.at,
    )
    credential_id = taken.credential_id
    entries = [entry(target.url, place.position, place.purpose) for target, place in taken.places]
    published = definitions.published(issuer, earned.achievement, earned.version)
    subject = _subject(db, issuer, earned.learner)
    assert subject is not None  # noqa: S101 - `unissuable` saw to it
    if earned.derivation is not None:
        subject = replace(subject, further=_named_in_parts(db, earned.derivation, subject))
    drafted = draft(
        earned.facts,
        achievement=published,
        issuer=keyring.profile(issuer),
        subject=subject,
        entries=entries,
        credential_id=f"urn:uuid:{credential_id}",
        now=earned.at,
        derivation=earned.derivation,
    )
    sealed = press(db, rt, issuer, drafted, earned.at)
    credential = Credential(
        id=credential_id,
        issuer_id=issuer.id,
        award_id=earned.award_id,
        decision_id=earned.decision_id,
        learner_id=earned.learner.id,
        achievement_id=earned.achievement.id,
        achievement_version_id=earned.version.id,
        signing_key_id=sealed.signing_key_id,
        replaces_id=None if replaces is None else replaces.id,
        import_id=earned.import_id,
        format="ldp_vc",
        subject_binding="did" if subject.did is not None else "identity_hash",
        state="current",
        valid_from=earned.at,
        valid_until=valid_until(definition.validity, assessed_at=earned.facts.assessed_at, issued_at=earned.at),
        created_at=earned.at,
        updated_at=earned.at,
        body=sealed.body,
        digest=hashlib.sha256(sealed.body).hexdigest(),
        log_salt=rt.random(16),
    )
    credentials.add(db, credential)
    holdings.keep(
        db, credential, sealed.document, participation_id=earned.participation_id, section_id=earned.section_id
    )
    _announce(db, rt, credential, earned)
    return credential


def _announce(db: Db, rt: Runtime, credential: Credential, earned: Earned) -> None:
    deed = Deed(
        issuer_id=credential.issuer_id,
        actor=earned.actor,
        act="credential.issued",
        object_id=credential.id,
        at=earned.at,
        data={
            "award_id": earned.award_id,
            "achievement_id": earned.achievement.id,
            "learner_id": earned.learner.id,
            "replaces_id": credential.replaces_id,
        },
    )
    journal.announce(db, deed, rt.new_row_id())
    journal.add_leaf(db, credential.issuer_id, leaf_of(credential.log_salt, credential.body))


def leaf_of(salt: bytes, said: bytes) -> str:
    """Give the leaf that stands in the log for an act: SHA-256 over salt and bytes, so that nobody can guess it."""
    return hashlib.sha256(salt + said).hexdigest()


def status_entry(db: Db, rt: Runtime, issuer: Issuer, purpose: str, credential_id: str, at: datetime) -> JsonObject:
    """Give a credential that is about to be signed its place in a status list, as `credentialStatus` tells it."""
    target, place = status.allocate(
        db,
        issuer.id,
        purpose,
        credential_id,
        draw=rt.draw,
        open_list=lambda ordinal: publishing.new_list(rt, issuer, purpose, ordinal),
        at=at,
    )
    return entry(target.url, place.position, purpose)


def _subject(db: Db, issuer: Issuer, learner: Learner) -> Subject | None:
    """Name the learner by the DID that is bound, otherwise by a salted hash of an identifier that may be."""
    did = learners.did_of(db, learner.id)
    if did is not None:
        return Subject(did=did)
    chosen = _nameable(db, issuer, learner)
    if chosen is None:
        return None
    hashed = HashedIdentifier(chosen.type, identity_hash(chosen.value, learner.salt), learner.salt)
    return Subject(identifier=hashed)


def _nameable(db: Db, issuer: Issuer, learner: Learner) -> Held | None:
    """Choose the identifier by which a credential may name the learner, in its normalised form."""
    held = [one for one in learners.identifiers_of(db, learner.id) if one.type not in NEVER_HASHED]
    preferred = [one for kind in issuer.hashed_identifier_types for one in held if one.type == kind]
    return next(iter(preferred or held), None)


def _named_in_parts(db: Db, derivation: Derivation, subject: Subject) -> tuple[HashedIdentifier, ...]:
    """Give the other identifiers by which the parts of a stack name the learner, from before a wallet or a merge.

    With them everybody can see that the parts are about the same person as the stack.
    """
    told = [jsontext.parse(credentials.get(db, part.id).body)["credentialSubject"] for part in derivation.parts]
    named = [one for each in told for one in each.get("identifier", ())]
    known = dict.fromkeys(HashedIdentifier(one["identityType"], one["identityHash"], one["salt"]) for one in named)
    return tuple(one for one in known if one != subject.identifier)


def recorded(db: Db, result_id: str, at_hand: Mapping[str, Recorded]) -> Recorded:
    """Give a result as it was recorded, from those that lie at hand or from the database."""
    return at_hand.get(result_id) or weighing.recorded(db, results.get(db, result_id))


def told(
    db: Db, learner: Learner, decision: Decision, at_hand: Mapping[str, Recorded] = MappingProxyType({})
) -> AwardFacts:
    """Give what a credential tells about a decision that was met: from it, and from the results that it rests on."""
    deciding = decision.deciding
    assert deciding is not None  # noqa: S101 - a decision that was met has a result that decided it
    used = {fact.id: recorded(db, fact.id, at_hand) for fact in decision.used}
    return AwardFacts(
        assessed_at=deciding.assessed_at,
        overall=decision.overall,
        levels=decision.levels,
        score=decision.score,
        circumstances=_circumstances(db, learner, used[deciding.id]),
        evidence=tuple(
            dict.fromkeys(
                item
                for one in used.values()
                for item in one.said.evidence
                if item.disclosure is Disclosure.IN_CREDENTIAL
            )
        ),
    )


def _circumstances(db: Db, learner: Learner, result: Recorded) -> Circumstances:
    """Tell how the deciding result came about; other persons and organisations appear as pseudonyms."""
    deciding, said = result.stored, result.said
    key = bytes.fromhex(learner.pseudonym_key)
    assessor = said.assessor.id or said.assessor.name
    told = Circumstances(
        assessment=said.assessment,
        assessor_kind=said.assessor.kind,
        assessor=None if assessor is None else pseudonym("assessor", f"{said.source}\0{assessor}", key=key),
    )
    if deciding.section_id is not None and said.section is not None:  # classes are no persons, and keep their ids
        place = sections.completed(db, deciding.section_id, said.section)
        told = replace(
            told, course=place.course, section=place.section, session=place.session, term=place.session_title
        )
    part = said.participation
    if deciding.participation_id is None or part is None:
        return told
    setting = results.setting_of(db, deciding.participation_id)
    return replace(
        told,
        role=part.role,
        started_on=part.started_on,
        ended_on=part.ended_on,
        hours=part.hours,
        experience_kind=ExperienceKind(setting.kind),
        experience=pseudonym("experience", setting.experience_id, key=key),
        partner=None if setting.partner_id is None else pseudonym("partner", setting.partner_id, key=key),
    )
