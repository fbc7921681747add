"""Further forms of our credentials: the same credential as a signed token, or with a proof to derive others from.

A form says what the credential says, under the same id and with the same status entry, so that revoking the one
revokes the other. It is signed when it is first asked for, judged with our own verifier, and kept as the exact bytes:
whoever asks again gets the same, unless the key that signed it was revoked. Then nobody would believe it, and it is
signed anew with the key that stands; log and audit still tell of the first. A credential that was revoked or replaced
can be had so too; its status says how it stands.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Literal, TypeAlias

from ler_issuer import jsontext
from ler_issuer.badges import mandatory_for
from ler_issuer.errors import Place, Unacceptable
from ler_issuer.services import definitions, keyring, signing
from ler_issuer.services.discrepancies import Discrepancy
from ler_issuer.services.issuing import leaf_of
from ler_issuer.store import achievements, forms, issuers, journal, keys
from ler_issuer.store.failures import again_if_entangled
from ler_issuer.store.forms import Form
from ler_issuer.store.journal import Deed
from ler_issuer.vc import without_proof

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ler_issuer.badges import Disclosure
    from ler_issuer.runtime import Runtime
    from ler_issuer.store.credentials import Credential
    from ler_issuer.store.db import Db
    from ler_issuer.store.issuers import Issuer


Signed: TypeAlias = Literal["jwt", "ldp_sd"]
"""As a token; or with a base proof, for the learner and the issuer alone, who show to others what they derive of it."""


@again_if_entangled
def in_form(rt: Runtime, credential: Credential, wanted: Signed, *, actor: str) -> bytes:
    """Give a credential in a form that is signed: the one that is kept, or a new one, which is kept.

    Raises:
        Unacceptable: learners cannot show parts of this achievement (`not_disclosable`), or the issuer has no key for
            that, or has had none since its own was revoked (`key_revoked`); or in production, the issuer's public
            address is plain http or local.
        NonconformingError: our own verifier does not find authentic what was signed, or what is derived from it.
        KeyLocked: the passphrase is not the one that sealed the key.
    """
    with rt.db.read() as db:
        kept = forms.find(db, credential.id, wanted)
    if kept is not None:
        return kept.body
    with rt.db.begin() as db:
        return _step(db, rt, credential, wanted, actor=actor)


def _step(db: Db, rt: Runtime, credential: Credential, wanted: Signed, *, actor: str) -> bytes:
    db.advisory_lock([f"form {credential.id}"])
    kept = forms.find(db, credential.id, wanted)
    if kept is not None:
        return kept.body
    now, issuer = rt.now(), issuers.get(db, credential.issuer_id)
    if forms.forget(db, credential.id, wanted):
        _require_standing_key(db, issuer, wanted)
    document = without_proof(jsontext.parse(credential.body))
    if wanted == "jwt":
        made = signing.enclose(db, rt, issuer, document, now)
        body, key_id = made.token.encode(), made.signing_key_id
    else:
        mandatory = mandatory_for(document, _disclosure(db, credential).mandatory)
        sealed = signing.disclose(db, rt, issuer, document, mandatory, now)
        body, key_id = sealed.body, sealed.signing_key_id
    form = Form(credential.id, wanted, key_id, body, hashlib.sha256(body).hexdigest(), now)
    forms.add(db, form)
    deed = Deed(
        issuer_id=issuer.id,
        actor=actor,
        act="credential.form_signed",
        object_id=credential.id,
        at=now,
        data={"format": form.format, "digest": form.digest},
    )
    journal.audit(db, deed)
    journal.add_leaf(db, issuer.id, leaf_of(credential.log_salt, body))
    return body


def _require_standing_key(db: Db, issuer: Issuer, wanted: Signed) -> None:
    """Refuse what can no more be had: the key that signed it was revoked, and there is no other that could."""
    key = keys.find_in_use(db, issuer.id, "jwt" if wanted == "jwt" else "sd")
    key = keys.find_in_use(db, issuer.id, "assertion") if key is None else key
    if key is None or (wanted == "ldp_sd" and key.kind != keyring.SD_KIND):
        detail = "the key that signed this was revoked, and the issuer has no other to sign it with"
        raise Unacceptable(detail, problems=[Place("", "key_revoked", detail)])


def _disclosure(db: Db, credential: Credential) -> Disclosure:
    found = definitions.of(achievements.version(db, credential.achievement_version_id)).disclosure
    if found is None:
        detail = "the achievement does not let learners show parts of its credentials"
        raise Unacceptable(detail, problems=[Place("", "not_disclosable", detail)])
    return found


def check(db: Db, credential: Credential) -> Iterator[Discrepancy]:
    """Hold the kept forms of a credential against their digests and the log."""
    for form in forms.of_credential(db, credential.id):
        if hashlib.sha256(form.body).hexdigest() != form.digest:
            yield Discrepancy("bytes_altered", credential.id, f"the stored bytes of its form {form.format} are others")
        if not journal.has_leaf(db, credential.issuer_id, leaf_of(credential.log_salt, form.body)):
            yield Discrepancy("leaf_missing", credential.id, f"the log has no leaf for its form {form.format}")
