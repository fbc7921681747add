"""The issuing ceremony: nothing is signed that was not written down, checked, and given a status entry first.

1. a random status position, so that whatever gets signed can be revoked;  2. compose;  3. conformance: schema and
probes; 4. prepare: closed contexts, no dropped term, the hash fixed;  5. seal;  6. judge with our own verifier;  7.
keep the exact bytes, with audit, event and log leaf;  8. the transaction commits, and only then may anything leave. A
crash before 8 leaves no trace but a signature that nobody ever saw.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from ler_issuer import jsontext
from ler_issuer.assessments import Evidence, ExperienceKind, Identifier, Result
from ler_issuer.badges import (
    AwardFacts,
    AwardState,
    Circumstances,
    Subject,
    compose,
    judge_proof,
    nonconformities,
    pseudonym,
    valid_until,
)
from ler_issuer.errors import Unacceptable
from ler_issuer.hosts import is_local
from ler_issuer.services import definitions, keyring, publishing
from ler_issuer.store import awards, credentials, issuers, journal, learners, results, status
from ler_issuer.store.credentials import Credential
from ler_issuer.store.journal import Deed
from ler_issuer.vc import Found, entry, prepare, seal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ler_issuer.assessments import Decision
    from ler_issuer.badges import AchievementDefinition
    from ler_issuer.runtime import Runtime
    from ler_issuer.store.achievements import Achievement, Version
    from ler_issuer.store.db import Db
    from ler_issuer.store.issuers import Issuer
    from ler_issuer.store.learners import Learner
    from ler_issuer.types import JsonObject


class NonconformingError(Exception):
    """A document of our own making failed our own checks: a bug here, and nothing was signed or nothing left."""


@dataclass(frozen=True, slots=True)
class Earned:
    """An award that is to become a credential: what was decided, for whom, under which version, on whose act."""

    award_id: str
    decision_id: str
    learner: Learner
    achievement: Achievement
    version: Version
    decision: Decision
    import_id: str | None
    actor: str
    at: datetime


class Press(Protocol):
    """What turns a composed document into a sealed one; that of a rehearsal checks everything and signs nothing."""

    def __call__(self, db: Db, rt: Runtime, issuer: Issuer, document: JsonObject, at: datetime) -> Sealed:
        """Check, sign and judge a document."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A signed document that our own verifier found authentic, and the key that signed it."""

    document: JsonObject
    signing_key_id: str


def sign(db: Db, rt: Runtime, issuer: Issuer, document: JsonObject, at: datetime) -> Sealed:
    """Prepare, seal and judge a document with the issuer's key.

    Raises:
        NonconformingError: our own verifier does not find the result authentic.
        KeyLocked: the passphrase is not the one that sealed the key.
    """
    key, signer = db.once(("signer", issuer.id), partial(keyring.signer, db, rt, issuer))
    prepared = prepare(document, verification_method=signer.verification_method, created=at, contexts=rt.rules.contexts)
    sealed = seal(prepared, signer)
    keys = db.once(("did document", issuer.id), partial(keyring.did_document, db, issuer))
    proved = judge_proof(sealed, {issuer.did: Found(keys)}, rules=rt.rules, now=at)
    if not proved.authentic:
        raise NonconformingError(f"what was just signed does not verify: {proved.findings}")
    return Sealed(sealed, key.id)


def rehearse(db: Db, rt: Runtime, issuer: Issuer, document: JsonObject, at: datetime) -> Sealed:
    """Do everything that `sign` does but sign: for dry runs."""
    key, signer = db.once(("signer", issuer.id), partial(keyring.signer, db, rt, issuer))
    prepare(document, verification_method=signer.verification_method, created=at, contexts=rt.rules.contexts)
    return Sealed(document, key.id)


def unissuable(definition: AchievementDefinition, decision: Decision, at: datetime) -> str | None:
    """Say why an award cannot become a credential, or None: its validity period may have ended long ago."""
    if decision.deciding is None:
        return None
    ends = valid_until(definition.validity, assessed_at=decision.deciding.assessed_at, issued_at=at)
    return "its validity period has ended" if ends is not None and ends <= at else None


def issue(db: Db, rt: Runtime, press: Press, earned: Earned, *, replaces: Credential | None) -> Credential:
    """Carry an award through the ceremony and keep its credential.

    Raises:
        Unacceptable: in production, the issuer's public address is plain http or local.
        NonconformingError: the document does not pass our own checks.
        Unsignable: it would lose data in JSON-LD, or breaks the issuer's policy for numbers and characters.
    """
    issuer_id = earned.achievement.issuer_id
    issuer = db.once(("issuer", issuer_id), partial(issuers.get, db, issuer_id))
    credential_id = rt.new_id()
    definition = definitions.of(earned.version)
    suspendable = definition.suspendable or (replaces is not None and replaces.state == "suspended")
    purposes = ("revocation", "suspension") if suspendable else ("revocation",)
    entries = [_entry(db, rt, issuer, purpose, credential_id, earned.at) for purpose in purposes]
    published = definitions.published(issuer, earned.achievement, earned.version)
    subject = _subject(db, issuer, earned.learner)
    document = compose(
        _facts(db, earned),
        achievement=published,
        issuer=keyring.profile(issuer),
        subject=subject,
        entries=entries,
        credential_id=f"urn:uuid:{credential_id}",
        now=earned.at,
    )
    problems = nonconformities(document, rt.rules.schemas)
    if problems:
        raise NonconformingError(f"what was composed does not conform: {problems}")
    sealed = press(db, rt, issuer, document, earned.at)
    body = jsontext.canonical(sealed.document)
    deciding = earned.decision.deciding
    assert deciding is not None  # noqa: S101 - an award is only made when the rule was met
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
        valid_until=valid_until(definition.validity, assessed_at=deciding.assessed_at, issued_at=earned.at),
        created_at=earned.at,
        updated_at=earned.at,
        body=body,
        digest=hashlib.sha256(body).hexdigest(),
        log_salt=rt.random(16),
    )
    credentials.add(db, credential)
    awards.change(db, earned.award_id, earned.at, state=AwardState.ISSUED.value, held_because=None, withdrawn_by=None)
    _announce(db, rt, credential, earned)
    return credential


def _require_public(rt: Runtime, issuer: Issuer) -> None:
    """Refuse to sign, in production, addresses that only a desk can reach: they would stand there for ever."""
    host = urlsplit(issuer.public_url).hostname or ""
    if not rt.development and (not issuer.public_url.startswith("https://") or is_local(host)):
        raise Unacceptable(
            f"the issuer {issuer.slug!r} was founded under {issuer.public_url}, which others cannot reach"
        )


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
    journal.announce(db, deed, rt.new_id())
    journal.add_leaf(db, credential.issuer_id, leaf_of(credential.log_salt, credential.body))


def leaf_of(salt: bytes, said: bytes) -> str:
    """Give the leaf that stands in the log for an act: SHA-256 over salt and bytes, so that nobody can guess it."""
    return hashlib.sha256(salt + said).hexdigest()


def _entry(db: Db, rt: Runtime, issuer: Issuer, purpose: str, credential_id: str, at: datetime) -> JsonObject:
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


def _subject(db: Db, issuer: Issuer, learner: Learner) -> Subject:
    """Name the learner by the DID that is bound, otherwise by a salted hash of the preferred identifier."""
    did = learners.did_of(db, learner.id)
    if did is not None:
        return Subject(did=did)
    held = learners.identifiers_of(db, learner.id)
    preferred = [one for kind in issuer.hashed_identifier_types for one in held if one.type == kind]
    chosen = (preferred or held)[0]
    return Subject.hashed(Identifier(type=chosen.type, value=chosen.value), salt=learner.salt)


def _facts(db: Db, earned: Earned) -> AwardFacts:
    """Tell about an award what its credential carries: from the decision, and from the results that it rests on."""
    decision = earned.decision
    used = [results.get(db, fact.id) for fact in decision.used]
    said = [Result.model_validate({**one.content, "revision": one.revision}) for one in used]
    deciding = decision.deciding
    assert deciding is not None  # noqa: S101 - an award is only made when the rule was met
    return AwardFacts(
        assessed_at=deciding.assessed_at,
        overall=decision.overall,
        levels=decision.levels,
        score=decision.score,
        circumstances=_circumstances(db, earned, said[[one.id for one in used].index(deciding.id)]),
        evidence=_evidence(said),
    )


def _evidence(said: Sequence[Result]) -> tuple[Evidence, ...]:
    return tuple(dict.fromkeys(item for one in said for item in one.evidence))


def _circumstances(db: Db, earned: Earned, said: Result) -> Circumstances:
    """Tell how the deciding result came about; other persons and organisations appear as pseudonyms."""
    key = bytes.fromhex(earned.learner.pseudonym_key)
    deciding = results.get(db, earned.decision.deciding.id) if earned.decision.deciding else None
    assessor = said.assessor.id or said.assessor.name
    told = Circumstances(
        assessment=said.assessment,
        assessor_kind=said.assessor.kind,
        assessor=None if assessor is None else pseudonym("assessor", f"{said.source}\0{assessor}", key=key),
    )
    if deciding is None or deciding.participation_id is None:
        return told
    setting = results.setting_of(db, deciding.participation_id)
    return Circumstances(
        assessment=told.assessment,
        assessor_kind=told.assessor_kind,
        assessor=told.assessor,
        role=setting.role,
        started_on=setting.started_on,
        ended_on=setting.ended_on,
        hours=setting.hours,
        experience_kind=ExperienceKind(setting.kind),
        experience=pseudonym("experience", setting.experience_id, key=key),
        partner=None if setting.partner_id is None else pseudonym("partner", setting.partner_id, key=key),
    )
